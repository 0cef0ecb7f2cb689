"""No regular expression of ours takes long over a text that somebody wrote to make it slow.

The pieces are repeated, behind beginnings that the expressions look for. An expression whose time grows with the square
of the length needs minutes for such a text, and a linear one milliseconds.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from types import ModuleType
from typing import Any

import pytest

import knowledgetree
import syncing
import tree

CHARACTERS = 50_000
PIECES = (
    *(" ", "\n", "\t", " \n", "\r\n", "a", "a ", "1", "1.", ".", "-", "- ", "_", "*", "#", "|", "|-", ":-", "`", "~"),
    *("<", ">", "<a", "<!--", "-->", "<!-- a -->\n", "<?xml ?>", "<!doctype a>", "</", "&", "&#", ";", ","),
    *(
        "[",
        "]",
        "](",
        "](/node/",
        "](http://a",
        "{{",
        "{{ ",
        "}}",
        "{",
        "(",
        ")",
        '"',
        "'",
        "\\",
        '\\"',
        "/",
        "@",
        "a@",
    ),
    *("r", "h", " - at `$", "Expected `", "<<<<<<< a\n", "> ", "\x00", "é", "\u3000"),
)
BEGINNINGS = ("x", "-", "|-|", "<", "<?xml", "<!doctype", "<!--", '"', "](", "{{", "<<<<<<< ", "- [ ] ", "`")
TEXTS = (
    *(piece * (CHARACTERS // len(piece)) for piece in PIECES),
    *(begin + piece * CHARACTERS + "x" for begin, piece in product(BEGINNINGS, (" ", "\n", "a", "<"))),
)
MATCHED_AT_ONE_PLACE = {  # only, and so in linear time
    "syncing.kinds.declaration.directory._TELLING",
    "tree.files.recognition._BEFORE_THE_ROOT",
    "tree.text.dialect.blocks.BelowParagraphs._DELIMITERS",
    "tree.text.dialect.blocks.UnderlinedHeadings.RE",
    "tree.text.dialect.blocks.UnderlinedHeadings._NO_HEADING",
    "tree.text.dialect.pictures._OURS",
}
Pattern = re.Pattern[str] | re.Pattern[bytes]


def _patterns() -> dict[str, Pattern]:
    """All compiled expressions that stand in our modules and their classes, by name."""
    found: dict[Pattern, str] = {}
    for package in (knowledgetree, tree, syncing):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." not in module.name and not module.name.endswith("__main__"):
                for name, pattern in _patterns_of(importlib.import_module(module.name)):
                    found.setdefault(pattern, f"{module.name}.{name}")
    return {name: pattern for pattern, name in found.items()}


def _patterns_of(holder: ModuleType | type) -> Iterator[tuple[str, Pattern]]:
    for name, value in vars(holder).items():
        values = value.values() if isinstance(value, dict) else [value]
        yield from ((name, one) for one in values if isinstance(one, re.Pattern))
        if isinstance(value, type) and value.__module__ == getattr(holder, "__name__", ""):
            yield from ((f"{value.__name__}.{inner}", pattern) for inner, pattern in _patterns_of(value))


PATTERNS = _patterns()


def test_the_expressions_are_found() -> None:
    assert len(PATTERNS) > 30
    assert PATTERNS.keys() >= MATCHED_AT_ONE_PLACE


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.timeout(60)  # a slow one is a test that hangs
def test_no_text_makes_an_expression_slow(name: str) -> None:
    pattern = PATTERNS[name]
    run: Callable[[Any], Any] = (
        pattern.match if name in MATCHED_AT_ONE_PLACE else partial(pattern.sub, pattern.pattern[:0])
    )
    for text in TEXTS:
        run(text.encode() if isinstance(pattern.pattern, bytes) else text)
