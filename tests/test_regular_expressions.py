"""No regular expression of ours takes long over a text that somebody wrote to make it slow.

The pieces are repeated, behind beginnings that the expressions look for. An expression that can match the same
characters in many ways needs minutes for such a text, or never ends; a linear one takes a millisecond.
"""

import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from types import ModuleType
from typing import Any

import pytest

import knowledgetree
import syncing
import tree
from tests.fault_counts import usual_or_all
from tree.text.html.tags import tags_of

CHARACTERS = usual_or_all(20_000, 50_000)
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
MATCHED_AT_ONE_PLACE = {  # by Python-Markdown, or under another name
    "tree.text.dialect.blocks.UnderlinedHeadings.RE",
}
SEARCHED_IN_A_PART = {"tree.text.html.tags._WITH_COMMENTS": tags_of}
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


def _uses(name: str, pattern: Pattern) -> list[Callable[[Any], Any]]:
    """What our code does with the expression, as far as it costs differently: a search costs most."""
    if name in SEARCHED_IN_A_PART:
        return [SEARCHED_IN_A_PART[name]]
    module, _, variable = name.rpartition(".")
    while module not in sys.modules:  # it is a class
        module = module.rpartition(".")[0]
    called = set(re.findall(rf"\b{variable}\.(\w+)\(", inspect.getsource(sys.modules[module])))
    called |= {"match"} if name in MATCHED_AT_ONE_PLACE else set()
    if called and called <= {"match", "fullmatch"}:
        return [getattr(pattern, use) for use in sorted(called)]
    return [partial(pattern.sub, pattern.pattern[:0])]


def test_the_expressions_are_found() -> None:
    assert len(PATTERNS) > 30
    assert PATTERNS.keys() >= MATCHED_AT_ONE_PLACE | SEARCHED_IN_A_PART.keys()


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.faults
@pytest.mark.timeout(usual_or_all(10, 60))  # a slow one is a test that hangs
def test_no_text_makes_an_expression_slow(name: str) -> None:
    pattern = PATTERNS[name]
    for run, text in product(_uses(name, pattern), TEXTS):
        run(text.encode() if isinstance(pattern.pattern, bytes) else text)
