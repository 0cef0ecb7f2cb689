"""Which kind of block a line begins, as CommonMark has it."""

import re
from collections.abc import Iterable, Iterator

BULLET_OR_NUMBER = re.compile(r"( {0,3})([-*+]|(\d{1,9})([.)]))( +|$)(.*)")
FENCE = re.compile(r" {0,3}(?P<fence>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)")
RULE = re.compile(r" {0,3}(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$")
HEADING = re.compile(r" {0,3}#{1,6}(?: |$)")
QUOTE = re.compile(r" {0,3}>")


def entry(line: str) -> "re.Match[str] | None":
    """The match of BULLET_OR_NUMBER if the line begins an entry of a list."""
    found = BULLET_OR_NUMBER.match(line)
    return None if found is None or RULE.match(line) else found


def ends_paragraph(line: str) -> bool:
    """Whether this line, right below one of a paragraph, begins another block.

    Of lists only those do that begin with 1, and with text: a line of prose may begin with “2020.” or a dash.
    """
    if FENCE.match(line) or HEADING.match(line) or QUOTE.match(line) or RULE.match(line):
        return True
    found = BULLET_OR_NUMBER.match(line)
    return found is not None and found[3] in (None, "1") and bool(found[6].strip())


def closes(line: str, fence: str) -> bool:
    """Whether the line closes the code that ``fence`` opened: a fence of the same character, at least as long."""
    characters = line.strip()
    return len(characters) >= len(fence) and not characters.strip(fence[0]) and indent(line) < 4


def in_code(lines: Iterable[str]) -> Iterator[str]:
    """For each line the fence of the code that it belongs to, the fences' own lines included; empty outside of code."""
    fence = ""
    for line in lines:
        if fence:
            yield fence
            fence = "" if closes(line, fence) else fence
        else:
            opening = FENCE.match(line)
            fence = opening["fence"] if opening else ""
            yield fence


def indent(line: str) -> int:
    """The number of spaces before the text of the line."""
    return len(line) - len(line.lstrip(" "))
