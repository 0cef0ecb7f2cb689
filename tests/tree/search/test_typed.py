"""What is typed is read as people mean it, and nothing that is typed becomes the syntax of the index."""

import re
import sys

import pytest

from tree.graph.folding import PARTS, folded
from tree.search.lucene import Stage, words_query
from tree.search.typed import Typed, read_typed


def _network(text: str) -> str:
    network = read_typed(text).network
    return f"{network[0]} {network[1]}" if network else ""


@pytest.fixture(scope="module")
def nothing_left() -> list[str]:
    """Letters and signs that consist of a blank and an accent, of which nothing is left once accents are removed."""
    letters = re.findall(r"\w", "".join(map(chr, range(sys.maxunicode + 1))))
    return [letter for letter in letters if not PARTS.search(folded(letter))]


@pytest.mark.parametrize("around", ["{}", "a {}", "{} a", "a{}", "{}a"])
def test_characters_of_which_nothing_is_left(around: str, nothing_left: list[str]) -> None:
    assert {"\u037a", "\ufc5e"} <= set(nothing_left)
    for character in nothing_left:
        typed = read_typed(around.format(character))
        assert typed.has_words == ("a" in around), ascii(character)
        assert bool(words_query(typed, Stage.EXACT)) == typed.has_words
        assert set(typed.to_mark) <= {"a"}


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("5550100123", "5550100123"),
        ("+1 (555) 010-0123", "15550100123"),
        ("555.010.0123 ext. 12", "5550100123"),
        ("001 555 010 0123 x7", "15550100123"),
        ("0100123", ""),
        ("10.0.3.197", ""),
        ("12345", ""),
        ("printer 5550100123", ""),
    ],
)
def test_phone_numbers(text: str, digits: str) -> None:
    assert read_typed(text).phone == digits


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.0.3.0/24", "10.0.3.0 10.0.3.255"),
        ("10.0.3.7/24", "10.0.3.0 10.0.3.255"),
        ("10.0.3.*", "10.0.3.0 10.0.3.255"),
        ("10.0.3.", "10.0.3.0 10.0.3.255"),
        ("10.0.3", "10.0.3.0 10.0.3.255"),
        ("10.0.*", "10.0.0.0 10.0.255.255"),
        ("10.0.3.5-20", "10.0.3.5 10.0.3.20"),
        ("10.0.3.5 - 10.0.4.1", "10.0.3.5 10.0.4.1"),
        ("2001:db8::/64", "2001:db8:: 2001:db8::ffff:ffff:ffff:ffff"),
        ("10.0.3.9-4", ""),
        ("10.0.3.7", ""),
        ("300.0.3.*", ""),
        ("3.5", ""),
        ("and/or", ""),
        ("10.0.3.0/99", ""),
    ],
)
def test_networks(text: str, network: str) -> None:
    assert _network(text) == network


def test_filters_and_phrases() -> None:
    typed = read_typed('vpn client:"acme dental" "no route" status:open by:ann since:2026-01 http://x/y')
    assert typed.words == ("vpn", "http://x/y")
    assert typed.phrases == ("no route",)
    assert typed.filters == {"client": ["acme dental"], "status": ["open"], "by": ["ann"], "since": ["2026-01"]}
    assert typed.since == "20260100"
    assert read_typed("since:7d").since.isdecimal()
    assert "is no time" in read_typed("since:yesterday").faults[0]
    assert "is no time" in read_typed("since:9999y").faults[0]
    assert read_typed("client:").filters == {}
    assert read_typed("#40007").number == read_typed("Ticket #40007").number == "40007"


def test_no_more_than_so_many_words_and_characters() -> None:
    assert len(read_typed("a " * 5000).words) == 12
    assert len(read_typed("x" * 1_000_000).text) == 300
    assert read_typed("\u200f\u05d0\u05d1\u202c") == Typed(text="\u05d0\u05d1", words=("\u05d0\u05d1",))
