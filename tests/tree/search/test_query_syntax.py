"""What is typed becomes a query that Lucene can read, whatever was typed."""

import re
import sys

import pytest

from tree.search.query_syntax import folded, fulltext_queries, search_words

# Letters and signs that consist of a blank and an accent, of which nothing is left once accents are removed.
NOTHING_LEFT = [
    c for c in map(chr, range(sys.maxunicode + 1)) if re.match(r"\w", c) and not re.search(r"\w", folded(c))
]


def test_there_are_such_characters() -> None:
    assert {"\u037a", "\ufc5e", "\uff9e"} <= set(NOTHING_LEFT)


@pytest.mark.parametrize("around", ["{}", "a {}", "{} a", "a{}", "{}a"])
def test_characters_of_which_nothing_is_left(around: str) -> None:
    for character in NOTHING_LEFT:
        typed = around.format(character)
        assert bool(fulltext_queries(typed)) == ("a" in around), ascii(typed)
        assert set(search_words(typed)) <= {"a"}
