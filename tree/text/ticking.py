"""Ticking tasks on a rendered page: finds the line of the text that a checkbox belongs to."""

import re

from tree.text.rendering import render

_TASK = re.compile(r"^((?:[ \t]|>)*(?:[-*+]|\d{1,9}[.)])[ \t]+\[)([ xX])(?=\][ \t])", re.MULTILINE)
_BOX = re.compile(r'<input type="checkbox"([^>]*)>')
_TRIED_LINES = 12


class TaskNotFound(Exception):
    """No line of the text could be identified as the one of that checkbox."""


def ticked(text: str, number: int, *, is_done: bool) -> str:
    """The text with the ``number``-th checkbox of its page (from 0) ticked or not; one character changes.

    A line that looks like a task may be part of a code block, which has no checkboxes. So the changed text is
    rendered and accepted only if exactly that checkbox has changed. Raises TaskNotFound.
    """
    wanted = _boxes(text)
    if not 0 <= number < len(wanted):
        raise TaskNotFound
    if wanted[number] == is_done:
        return text
    wanted[number] = is_done
    lines = list(_TASK.finditer(text))
    for line in sorted(lines, key=lambda match: abs(lines.index(match) - number))[:_TRIED_LINES]:
        changed = f"{text[: line.start(2)]}{'x' if is_done else ' '}{text[line.end(2) :]}"
        if _boxes(changed) == wanted:
            return changed
    raise TaskNotFound


def _boxes(text: str) -> list[bool]:
    return ["checked" in match.group(1) for match in _BOX.finditer(render(text))]
