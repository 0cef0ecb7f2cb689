"""Which names are the same, and in which order they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tree.graph.sibling_keys import SEPARATOR, folded, retired_sibling_key, sibling_key, sort_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme", "ACME"),
        ("Acme", " acme "),
        ("Zo\u00eb", "zoe\u0308"),
        ("Straße", "STRASSE"),
        ("ﬁle", "FILE"),
        ("Ａcme", "acme"),
        ("Ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"),
    ],
)
def test_the_same_name(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("a", "b"), ("PC-2", "PC-02"), ("e", "é"), ("a b", "ab"), ("/", "\\")])
def test_another_name(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(st.text())
def test_folding_twice_changes_nothing(name: str) -> None:
    assert folded(folded(name)) == folded(name)


@given(st.text(max_size=500), st.booleans())
def test_keys_fit_into_an_index_entry(name: str, is_folder: bool) -> None:
    for key in (sibling_key("p" * 24, name), sort_key(name, is_folder), retired_sibling_key("p" * 24, name, "u" * 24)):
        assert len(key.encode("utf-8", "surrogatepass")) < 8000


@pytest.mark.parametrize("sign", ["\ufdfa", "𐐀", "İ", "\U0001f468\u200d\U0001f469"])
def test_expanding_names_fit_too_and_stay_apart(sign: str) -> None:
    one, other = sign * 500, sign * 499 + "x"
    assert sibling_key("p", one) != sibling_key("p", other)
    assert len(sibling_key("p", one).encode()) < 8000
    assert len(sort_key(one, is_folder=False).encode()) < 8000


def test_natural_order_with_folders_first() -> None:
    names = ["PC-10", "pc-2", "PC-1", "Äpfel", "apple", "PC-2b"]
    assert sorted(names, key=lambda name: sort_key(name, is_folder=False)) == [
        "apple",
        "PC-1",
        "pc-2",
        "PC-2b",
        "PC-10",
        "Äpfel",
    ]
    assert sort_key("zzz", is_folder=True) < sort_key("aaa", is_folder=False)


def test_no_name_can_forge_a_key() -> None:
    assert sibling_key("a", "b") == f"a{SEPARATOR}b"
    assert retired_sibling_key("a", "b", "u") != sibling_key("a", "b")
    assert retired_sibling_key("a", "b", "u") != retired_sibling_key("a", "b", "v")
