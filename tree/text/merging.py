"""Three-way merge of texts, line by line (the method of ``diff3``).

Lines that both sides left unchanged align the three texts. Between two such lines, the side that changed something
wins. If both changed it differently, both versions stay in the text between conflict marks, for a person to choose.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree.text.differences import Change, compare, lines_of

_OURS, _BETWEEN, _THEIRS = "<<<<<<<", "=======", ">>>>>>>"
_MARKS = re.compile(rf"^(?:{_OURS} .*|{_THEIRS} .*)$", re.MULTILINE)


@dataclass(frozen=True)
class Clash:
    """A place that both sides changed differently: the three texts, and the place in the merged text with its marks."""

    base: str
    mine: str
    theirs: str
    marked: str


@dataclass(frozen=True)
class Merge:
    """The merged text, and the places in it, in order, in which a person has to choose."""

    text: str
    clashes: tuple[Clash, ...]


def merge(base: str, mine: str, theirs: str, *, their_name: str, my_name: str = "yours") -> Merge:
    """Merge two changed versions of ``base``. The names label the two in conflict marks."""
    base_lines, my_lines, their_lines = lines_of(base), lines_of(mine), lines_of(theirs)
    parts: list[str] = []
    clashes: list[Clash] = []
    for b, m, t in _stretches(base_lines, my_lines, their_lines):
        if m in (b, t):
            parts += t
        elif t == b:
            parts += m
        else:
            marked = _marked(m, t, my_name, their_name)
            clashes.append(Clash("".join(b), "".join(m), "".join(t), "".join(marked)))
            parts += marked
    return Merge("".join(parts), tuple(clashes))


def has_marks(text: str) -> bool:
    """Whether a text still contains the conflict marks of ``merge``."""
    found = [mark[:7] for mark in _MARKS.findall(text)]
    return _OURS in found and _THEIRS in found


def _marked(mine: Sequence[str], theirs: Sequence[str], my_name: str, their_name: str) -> list[str]:
    return [
        f"{_OURS} {my_name}\n",
        *_ended(mine),
        f"{_BETWEEN}\n",
        *_ended(theirs),
        f"{_THEIRS} {their_name}\n",
    ]


def _ended(lines: Sequence[str]) -> list[str]:
    """The lines, the last of them with a newline, so that a conflict mark starts on a line of its own."""
    return [*lines[:-1], lines[-1].removesuffix("\n") + "\n"] if lines else []


def _stretches(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Corresponding stretches of the three texts: the unchanged lines, and what lies between them."""
    b = m = t = 0
    in_mine, in_theirs = _ties(base, mine), _ties(base, theirs)
    for line in [*(n for n in range(len(base)) if n in in_mine and n in in_theirs), len(base)]:
        my_line, their_line = in_mine.get(line, len(mine)), in_theirs.get(line, len(theirs))
        yield list(base[b:line]), list(mine[m:my_line]), list(theirs[t:their_line])
        if line < len(base):
            yield [base[line]], [base[line]], [base[line]]
        b, m, t = line + 1, my_line + 1, their_line + 1


def _ties(base: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    """Line number in ``base`` → line number in the other text, for all unchanged lines."""
    ties: dict[int, int] = {}
    b = o = 0
    for change, lines in compare(base, other):
        if change is Change.SAME:
            ties |= {b + n: o + n for n in range(len(lines))}
        b += 0 if change is Change.NEW else len(lines)
        o += 0 if change is Change.GONE else len(lines)
    return ties
