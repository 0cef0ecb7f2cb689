"""Laws of comparing and merging, on made-up texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tree.text.differences import Change, folded, words_changed
from tree.text.merging import has_marks, merge

texts = st.text(alphabet="ab \n\u00e9\U0001f600", max_size=60)
NAME = "ann"


@given(texts, texts)
def test_a_difference_gives_both_texts_back(before: str, after: str) -> None:
    pieces = words_changed(before, after)
    assert "".join(p.text for p in pieces if p.change is not Change.NEW) == before
    assert "".join(p.text for p in pieces if p.change is not Change.GONE) == after


@given(texts, texts)
def test_who_changed_nothing_takes_the_others_text(base: str, changed: str) -> None:
    assert merge(base, changed, base, their_name=NAME).text == changed
    assert merge(base, base, changed, their_name=NAME).text == changed
    assert merge(base, changed, changed, their_name=NAME).text == changed


@given(texts, texts, texts)
def test_no_line_that_either_wrote_is_lost(base: str, mine: str, theirs: str) -> None:
    merged = merge(base, mine, theirs, their_name=NAME)
    kept = set(merged.text.split("\n"))
    for own, other in ((mine, theirs), (theirs, mine)):
        new = set(own.split("\n")) - set(base.split("\n")) - set(other.split("\n"))
        assert new <= kept
    assert has_marks(merged.text) == bool(merged.clashes)


@pytest.mark.parametrize(
    ("mine", "theirs", "merged", "clashes"),
    [
        ("X\n2\n3\n4\n", "1\n2\n3\nY\n", "X\n2\n3\nY\n", 0),
        ("1\n2\n3\n4\n5\n", "0\n1\n2\n3\n4\n", "0\n1\n2\n3\n4\n5\n", 0),
        ("2\n3\n4\n", "1\n2\n3\n4\nY\n", "2\n3\n4\nY\n", 0),
        ("X\n2\n3\n4\n", "Y\n2\n3\n4\n", f"<<<<<<< yours\nX\n=======\nY\n>>>>>>> {NAME}\n2\n3\n4\n", 1),
        ("2\n3\n4\n", "Y\n2\n3\n4\n", f"<<<<<<< yours\n=======\nY\n>>>>>>> {NAME}\n2\n3\n4\n", 1),
    ],
)
def test_merging(mine: str, theirs: str, merged: str, clashes: int) -> None:
    result = merge("1\n2\n3\n4\n", mine, theirs, their_name=NAME)
    assert (result.text, len(result.clashes)) == (merged, clashes)
    for clash in result.clashes:
        assert clash.marked in result.text
        assert clash.theirs in theirs
        assert clash.mine in mine


def test_folding_leaves_out_lines_and_says_how_many() -> None:
    before = "".join(f"{n}\n" for n in range(30))
    pieces = folded(words_changed(before, before.replace("15\n", "x\n")))
    assert [p.skipped for p in pieces if p.skipped] == [12, 11]
    assert sum(p.text.count("\n") for p in pieces if p.change is Change.SAME) + 23 == 30
