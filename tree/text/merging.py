"""Two changes of one text put together, line by line (the method of ``diff3``).

Lines that both left as they were tie the three texts together; between two such ties the one side counts that has
changed something. Where both have, and differently, both stay in the text between marks, for a person to choose.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree.text.differences import Change, compare, lines_of

_OURS, _BETWEEN, _THEIRS = "<<<<<<<", "=======", ">>>>>>>"
_MARKS = re.compile(rf"^(?:{_OURS} .*|{_THEIRS} .*)$", re.MULTILINE)


@dataclass(frozen=True)
class Merge:
    """The merged text, and in how many places a person has to choose."""

    text: str
    clashes: int


def merge(base: str, mine: str, theirs: str, *, their_name: str) -> Merge:
    """Both changes of ``base`` in one text."""
    base_lines, my_lines, their_lines = lines_of(base), lines_of(mine), lines_of(theirs)
    parts: list[str] = []
    clashes = 0
    for b, m, t in _stretches(base_lines, my_lines, their_lines):
        if m in (b, t):
            parts += t
        elif t == b:
            parts += m
        else:
            clashes += 1
            parts += _clash(m, t, their_name)
    return Merge("".join(parts), clashes)


def has_marks(text: str) -> bool:
    """Whether a text still holds marks of both sorts that ``merge`` put there."""
    found = [mark[:7] for mark in _MARKS.findall(text)]
    return _OURS in found and _THEIRS in found


def _clash(mine: Sequence[str], theirs: Sequence[str], name: str) -> list[str]:
    return [
        f"{_OURS} yours\n",
        *_ended(mine),
        f"{_BETWEEN}\n",
        *_ended(theirs),
        f"{_THEIRS} {name}\n",
    ]


def _ended(lines: Sequence[str]) -> list[str]:
    """The lines, the last one with a line end: what stands between marks must not run into them."""
    return [*lines[:-1], lines[-1].removesuffix("\n") + "\n"] if lines else []


def _stretches(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The three texts in pieces that belong together: those between ties, and the ties themselves."""
    b = m = t = 0
    in_mine, in_theirs = _ties(base, mine), _ties(base, theirs)
    for line in [*(n for n in range(len(base)) if n in in_mine and n in in_theirs), len(base)]:
        my_line, their_line = in_mine.get(line, len(mine)), in_theirs.get(line, len(theirs))
        yield list(base[b:line]), list(mine[m:my_line]), list(theirs[t:their_line])
        if line < len(base):
            yield [base[line]], [base[line]], [base[line]]
        b, m, t = line + 1, my_line + 1, their_line + 1


def _ties(base: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    """Number of a line in ``base`` → its number in the other text, for the lines that were left as they were."""
    ties: dict[int, int] = {}
    b = o = 0
    for change, lines in compare(base, other):
        if change is Change.SAME:
            ties |= {b + n: o + n for n in range(len(lines))}
        b += 0 if change is Change.NEW else len(lines)
        o += 0 if change is Change.GONE else len(lines)
    return ties
