"""Chooses what goes into a pack: a share of the budget for each section; what one leaves over goes to the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tree.context import tokens
from tree.context.blocks import written
from tree.context.candidates import Candidate, Gathered, Section
from tree.context.cutting import is_cut
from tree.queries.texts.context import Block

SHARES = {
    Section.RULES: 0.12,
    Section.TARGET: 0.2,
    Section.CARDS: 0.14,
    Section.NOTES: 0.34,
    Section.OPEN: 0.09,
    Section.CLOSED: 0.11,
}
_HELPED = (Section.RULES, Section.NOTES)  # their texts are cut, so that more of them have something
TURNS = {Section.RULES: 3, Section.NOTES: 3}  # so many of them for one of the others
CEILINGS = {Section.OPEN: 12, Section.CLOSED: 12}  # so that many tickets never push notes out
_OF_TARGET = 0.6  # of all room, if nothing else needs it
_HELPINGS = 12  # so many texts of a section are to have something of its share
_LEAST_HELPING, _MOST_HELPING = 160, 300  # tokens


@dataclass
class Chosen:
    """The texts of the blocks that are in, by id, with their tokens, and why others are out."""

    texts: dict[str, str] = field(default_factory=dict)
    costs: dict[str, int] = field(default_factory=dict)
    out: dict[str, str] = field(default_factory=dict)

    @property
    def used(self) -> int:
        return sum(self.costs.values())

    def take(self, uid: str, text: str, cost: int) -> None:
        self.texts[uid], self.costs[uid] = text, cost


def choose(gathered: Gathered, room: int, excluded: Iterable[str] = ()) -> Chosen:
    """The blocks that fit into ``room`` tokens. ``excluded``: ids that the reader does not want."""
    chosen, unwanted = Chosen(), frozenset(excluded)
    seen: dict[str, str] = {}
    waiting: dict[Section, list[Candidate]] = {}
    share = int(room * SHARES[Section.TARGET]) // max(len(gathered.targets), 1)
    for target in gathered.targets:
        _take(chosen, target, Section.TARGET, gathered.words, share)
    for section, candidates in gathered.sections.items():
        wanted = list(_wanted(candidates, unwanted, seen, chosen))
        waiting[section] = _take_share(
            chosen, section, wanted, gathered.words, min(int(room * SHARES[section]), room - chosen.used)
        )
    _grow_targets(chosen, gathered, room)
    _share_what_is_left(chosen, gathered.words, waiting, room)
    for section in (Section.RULES, Section.NOTES):
        cut = [c.block for c in gathered.sections.get(section, ()) if c.uid in chosen.texts]
        _grow(chosen, cut, section, gathered.words, room, room)
    for candidates in waiting.values():
        chosen.out.update({c.uid: "budget" for c in candidates if c.uid not in chosen.texts})
    return chosen


def _take_share(
    chosen: Chosen, section: Section, wanted: Iterable[Candidate], words: Sequence[str], share: int
) -> list[Candidate]:
    """Take the best of a section into its share, a helping of each. Returns those that found no room."""
    waiting, helping = [], _helping(share) if section in _HELPED else share
    for candidate in wanted:
        if _take(chosen, candidate.block, section, words, min(share, helping)):
            share -= chosen.costs[candidate.uid]
        else:
            waiting.append(candidate)
    return waiting


def _helping(share: int) -> int:
    """What one text may have before others had theirs."""
    return min(max(share // _HELPINGS, _LEAST_HELPING), _MOST_HELPING)


def _wanted(
    candidates: Iterable[Candidate], unwanted: frozenset[str], seen: dict[str, str], chosen: Chosen
) -> Iterable[Candidate]:
    """Those that are neither unwanted nor say exactly what another one says."""
    for candidate in candidates:
        text = " ".join(str(candidate.block.properties.get("content") or "").split())
        if candidate.uid in unwanted:
            chosen.out[candidate.uid] = "not wanted"
        elif text and candidate.section in (Section.RULES, Section.NOTES) and text in seen:
            chosen.out[candidate.uid] = f"repeat of {seen[text]}"
        else:
            seen.setdefault(text, candidate.uid)
            yield candidate


def _take(chosen: Chosen, block: Block, section: Section, words: Sequence[str], most: int) -> bool:
    text = written(block, section, words, most)
    cost = tokens.count(text) + 2 if text else 0
    if not text or cost > most:
        return False
    chosen.take(block.uid, text, cost)
    return True


def _grow_targets(chosen: Chosen, gathered: Gathered, room: int) -> None:
    """Give targets their part of the room; first those for which their share was too little to say anything."""
    for target in sorted(gathered.targets, key=lambda one: one.uid in chosen.texts):
        most = int(room * (_OF_TARGET if target.uid in chosen.texts else 1)) // len(gathered.targets)
        _grow(chosen, [target], Section.TARGET, gathered.words, most, room)


def _grow(
    chosen: Chosen, blocks: Sequence[Block], section: Section, words: Sequence[str], most: int, room: int
) -> None:
    """Give texts that were cut what is left, the best first."""
    for block in blocks:
        before = chosen.costs.get(block.uid, 0)
        more = min(room - chosen.used + before, most)
        if more > before and is_cut(chosen.texts.get(block.uid, "")):
            _take(chosen, block, section, words, more)


def _share_what_is_left(
    chosen: Chosen, words: Sequence[str], waiting: dict[Section, list[Candidate]], room: int
) -> None:
    """A few more of each section in turn, the best first, as long as there is room."""
    queues = {section: list(candidates) for section, candidates in waiting.items()}
    taken = dict.fromkeys(queues, 0)
    helping = _helping(int(room * SHARES[Section.NOTES]))
    while any(queues.values()):
        for section, queue in queues.items():
            for candidate in queue[: TURNS.get(section, 1)]:
                left = room - chosen.used
                if left < _LEAST_HELPING:
                    return
                most = min(left, helping) if section in _HELPED else left
                if taken[section] < CEILINGS.get(section, 10_000):
                    taken[section] += _take(chosen, candidate.block, section, words, most)
            del queue[: TURNS.get(section, 1)]
