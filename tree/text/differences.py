"""Differences between two texts, by line and by word.

Google's diff-match-patch compares characters and stops refining after a time limit, so that hostile texts take a
second instead of minutes. Each distinct line or word is mapped to one character for it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from diff_match_patch import diff_match_patch

LIMIT_SECONDS = 0.5  # for one comparison
_WORD = re.compile(r"\w+|\n|[^\S\n]+|[^\w\s]")
_SURROGATES, _SURROGATE_COUNT = 0xD800, 0x800
_CONTEXT_LINES = 3


class Change(Enum):
    """The change to a piece of text from the earlier to the later version."""

    SAME = 0
    GONE = -1
    NEW = 1


@dataclass(frozen=True)
class Piece:
    """A piece of the later text, or of the earlier one if it is gone.

    ``skipped`` is the number of unchanged lines that the piece stands for; its text is then empty.
    """

    change: Change
    text: str
    skipped: int = 0

    @property
    def is_new(self) -> bool:
        return self.change is Change.NEW

    @property
    def is_gone(self) -> bool:
        return self.change is Change.GONE


def compare(before: Sequence[str], after: Sequence[str]) -> list[tuple[Change, list[str]]]:
    """Runs of tokens that are the same, gone or new, from which both sequences can be rebuilt."""
    numbers: dict[str, int] = {}
    differ = diff_match_patch()
    differ.Diff_Timeout = LIMIT_SECONDS
    runs = differ.diff_main(_as_characters(before, numbers), _as_characters(after, numbers), False)
    tokens = list(numbers)
    return [(Change(sign), [tokens[_number(c)] for c in run]) for sign, run in runs]


def lines_of(text: str) -> list[str]:
    r"""The lines with their ``\n``. Unlike with ``str.splitlines``, no other character ends a line."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def words_changed(before: str, after: str) -> list[Piece]:
    """Both texts in pieces, compared by line and then by word where lines were replaced by others."""
    pieces: list[Piece] = []
    gone: list[str] = []
    for change, lines in [*compare(lines_of(before), lines_of(after)), (Change.SAME, [])]:
        if change is Change.GONE:
            gone = lines
            continue
        if gone and change is Change.NEW:
            pieces += _words("".join(gone), "".join(lines))
        else:
            pieces += [Piece(Change.GONE, "".join(gone)), Piece(change, "".join(lines))]
        gone = []
    return [piece for piece in pieces if piece.text]


def folded(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces without long stretches of unchanged lines, except for a few lines around each change."""
    result: list[Piece] = []
    for place, piece in enumerate(pieces):
        lines = lines_of(piece.text)
        head = 0 if place == 0 else _CONTEXT_LINES
        tail = 0 if place == len(pieces) - 1 else _CONTEXT_LINES
        skipped = len(lines) - head - tail
        if piece.change is not Change.SAME or skipped < 2:
            result.append(piece)
            continue
        result += [
            Piece(Change.SAME, "".join(lines[:head])),
            Piece(Change.SAME, "", skipped),
            Piece(Change.SAME, "".join(lines[len(lines) - tail :])),
        ]
    return [piece for piece in result if piece.text or piece.skipped]


def _words(before: str, after: str) -> list[Piece]:
    runs = compare(_WORD.findall(before), _WORD.findall(after))
    differ = diff_match_patch()
    readable = [(change.value, "".join(words)) for change, words in runs]
    differ.diff_cleanupSemantic(readable)
    return [Piece(Change(sign), text) for sign, text in readable]


def _as_characters(tokens: Sequence[str], numbers: dict[str, int]) -> str:
    return "".join(_character(numbers.setdefault(token, len(numbers))) for token in tokens)


def _character(number: int) -> str:
    return chr(number if number < _SURROGATES else number + _SURROGATE_COUNT)


def _number(character: str) -> int:
    code = ord(character)
    return code if code < _SURROGATES else code - _SURROGATE_COUNT
