"""What a save changed, in a few words: how many lines are new and gone, and the first of them."""

from collections import Counter
from dataclasses import dataclass

from tree.text.differences import lines_of
from tree.text.plain import without_markup

_LINE_CHARACTERS = 80


@dataclass(frozen=True)
class LineChanges:
    """The number of lines that are new and gone, and the first new one (or the first one gone) without its markup."""

    added: int
    removed: int
    example: str


def line_changes(before: str, after: str) -> LineChanges:
    """Compare two texts by their lines. The time grows with their length only; lines that moved count as unchanged."""
    earlier, later = _lines(before), _lines(after)
    added, removed = Counter(later) - Counter(earlier), Counter(earlier) - Counter(later)
    return LineChanges(added.total(), removed.total(), _first(later, added) or _first(earlier, removed))


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in lines_of(text)]


def _first(lines: list[str], changed: Counter[str]) -> str:
    for line in lines:
        if line in changed and (said := " ".join(without_markup(line[:1_000]).split())):
            return said if len(said) <= _LINE_CHARACTERS else f"{said[:_LINE_CHARACTERS]}…"
    return ""
