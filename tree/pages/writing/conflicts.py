"""The page of a conflict: each place that two people changed, with what stood there before."""

from collections.abc import Iterable
from dataclasses import dataclass

from tree.text.differences import Piece, folded, words_changed
from tree.text.merging import Clash, Merge

MARKS_LEFT = "Places are left where you have to choose: take out the lines with <<<<<<<, ======= and >>>>>>>."
MOST = 50  # places that are shown one by one; all stand in the text
_COMPARED_CHARACTERS = 20_000  # by word; of more, each text is shown as it is


@dataclass(frozen=True)
class ClashShown:
    """A place to choose in, with the changes of both from the common base, word by word."""

    clash: Clash
    theirs: list[Piece]
    mine: list[Piece]

    @property
    def both(self) -> str:
        """Their text, then mine, each on lines of its own."""
        theirs = self.clash.theirs
        return theirs + ("\n" if theirs and not theirs.endswith("\n") else "") + self.clash.mine


@dataclass(frozen=True)
class Changes:
    """What each of two people changed in a text, as their differences from the common base."""

    places: list[ClashShown]
    clashes: int
    theirs: list[Piece]
    mine: list[Piece]


def changes(base: str, mine: str, theirs: str, merged: Merge) -> Changes:
    """The differences of both texts from their base, and the places of ``merged`` that are still to be decided."""
    return Changes(
        list(_places(merged.clashes[:MOST])),
        len(merged.clashes),
        folded(words_changed(base, theirs)),
        folded(words_changed(base, mine)),
    )


def _places(clashes: Iterable[Clash]) -> Iterable[ClashShown]:
    left = _COMPARED_CHARACTERS
    for clash in clashes:
        left -= len(clash.base) * 2 + len(clash.mine) + len(clash.theirs)
        if left < 0:
            yield ClashShown(clash, _as_it_is(clash.theirs), _as_it_is(clash.mine))
        else:
            yield ClashShown(clash, words_changed(clash.base, clash.theirs), words_changed(clash.base, clash.mine))


def _as_it_is(text: str) -> list[Piece]:
    return [piece for piece in words_changed("", text) if piece.text]
