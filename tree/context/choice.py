"""Chooses what goes into a pack: a share of the budget for each section; what one leaves over goes to the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tree.context import tokens
from tree.context.blocks import written
from tree.context.candidates import Candidate, Gathered, Section
from tree.queries.context import Block

SHARES = {
    Section.RULES: 0.15,
    Section.TARGET: 0.25,
    Section.CARDS: 0.12,
    Section.NOTES: 0.28,
    Section.OPEN: 0.08,
    Section.CLOSED: 0.12,
}
CEILINGS = {Section.OPEN: 12, Section.CLOSED: 12}  # so that many tickets never push notes out
_OF_TARGET = 0.6  # of all room, if nothing else needs it
_OF_ONE = 0.5  # of a section's share that one long text may take before others had theirs
_SMALL = 120  # tokens that one block may always have


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
    waiting: dict[Section, list[Candidate]] = {}
    seen: dict[str, str] = {}
    for target in gathered.targets:
        _take(chosen, target, Section.TARGET, gathered.words, int(room * SHARES[Section.TARGET]))
    for section, candidates in gathered.sections.items():
        share = int(room * SHARES[section])
        waiting[section] = []
        for candidate in _wanted(candidates, unwanted, seen, chosen):
            left = share - sum(chosen.costs[c.uid] for c in candidates if c.uid in chosen.costs)
            most = max(int(share * _OF_ONE), _SMALL)
            if not _take(chosen, candidate.block, section, gathered.words, min(left, most), whole_only=left < _SMALL):
                waiting[section].append(candidate)
    _grow_targets(chosen, gathered, room)
    _share_what_is_left(chosen, gathered.words, waiting, room)
    for candidates in waiting.values():
        chosen.out.update({c.uid: "budget" for c in candidates if c.uid not in chosen.texts})
    return chosen


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


def _take(
    chosen: Chosen, block: Block, section: Section, words: Sequence[str], most: int, *, whole_only: bool = False
) -> bool:
    text = written(block, section, words, most)
    cost = tokens.count(text) + 2 if text else 0
    if not text or cost > most or (whole_only and "characters left out]" in text):
        return False
    chosen.take(block.uid, text, cost)
    return True


def _grow_targets(chosen: Chosen, gathered: Gathered, room: int) -> None:
    """A target that was cut gets what the sections left over, up to a limit."""
    for target in gathered.targets:
        more = int(room * _OF_TARGET / len(gathered.targets))
        most = min(room - chosen.used + chosen.costs.get(target.uid, 0), more)
        if most > chosen.costs.get(target.uid, 0):
            _take(chosen, target, Section.TARGET, gathered.words, most)


def _share_what_is_left(
    chosen: Chosen, words: Sequence[str], waiting: dict[Section, list[Candidate]], room: int
) -> None:
    """One more of each section in turn, the best first, as long as there is room."""
    queues = {section: list(candidates) for section, candidates in waiting.items()}
    taken = dict.fromkeys(queues, 0)
    while any(queues.values()):
        for section, queue in queues.items():
            if not queue:
                continue
            if taken[section] >= CEILINGS.get(section, 10_000):
                queue.clear()
                continue
            candidate = queue.pop(0)
            left = room - chosen.used
            if left < _SMALL // 2:
                return
            if _take(chosen, candidate.block, section, words, left):
                taken[section] += 1
