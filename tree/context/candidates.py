"""Gathers what may belong into a pack: by relations, by place, and by words in common.

A pack about a client never has anything of another client: what lies below a company is a candidate only if that is the
company of a target.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from knowledgetree.basics.readers import Reader
from tree.graph.folding import folded, joined
from tree.graph.values import Crumb, is_open
from tree.kinds import Asset, Company, Folder, Location, Note, Ticket, User
from tree.queries import context as queries
from tree.queries.context import Anchor, Around, Block
from tree.queries.ticket_overview import subject_words
from tree.text.plain import without_markup
from tree.vocabulary import ORIGIN_CODEX

NOTES_OF_ANCHOR = 200
NOTES_ABOUT, LINKED = 60, 60
NOTES_BY_WORDS, TICKETS_BY_WORDS = 30, 15
TICKETS_OF_ANCHORS = 40
_MOST_WORDS = 40
_READ_FOR_WORDS = 4_000  # characters at the beginning of a text
_FUSED = 60  # the constant of that paper
_A_STEP = 5  # ranks for each step of distance


class Section(StrEnum):
    """The parts of a pack, in their order."""

    RULES = "rules"
    TARGET = "target"
    CARDS = "cards"
    NOTES = "notes"
    OPEN = "open tickets"
    CLOSED = "closed tickets"


@dataclass(frozen=True)
class Candidate:
    """A node that may be in the pack. Ranks begin with 0, the best; ``by_words`` is None without words in common."""

    block: Block
    section: Section
    distance: int
    by_words: int | None = None

    @property
    def uid(self) -> str:
        return self.block.uid

    @property
    def changed(self) -> str:
        """When it changed last, as a text that sorts; empty if nobody knows."""
        values = self.block.properties
        return str(values.get("latest_at") or values.get("updated_at") or values.get("last_seen") or "")


@dataclass(frozen=True)
class Gathered:
    """The candidates by section, the best first. ``words`` are those of the targets; ``withheld``: see ``Manifest``."""

    targets: tuple[Block, ...] = ()
    sections: dict[Section, list[Candidate]] = field(default_factory=dict)
    words: tuple[str, ...] = ()


def gather(ids: Sequence[str], reader: Reader) -> Gathered:
    """All candidates for a pack about these nodes. Without targets that may be read there are none."""
    around = queries.get_around(ids, reader)
    if not around:
        return Gathered()
    targets = queries.get_blocks([one.uid for one in around], reader)
    first = {one.uid: 0 for one in around}
    cards = _cards(around)
    words = _words(targets.values(), queries.get_blocks(cards, reader).values())
    clients = list(dict.fromkeys(company.uid for one in around for company in _companies(one.path)))
    accounts = list(dict.fromkeys(one.account for one in around if one.account))
    anchors = _anchors(around, cards)

    notes = {found.uid: found.distance for found in queries.get_notes_below(anchors, reader, limit=NOTES_OF_ANCHOR)}
    for found in queries.get_notes_about(anchors, reader, limit=NOTES_ABOUT):
        notes[found.uid] = min(notes.get(found.uid, found.distance), found.distance)
    by_words = queries.find_notes(words, clients, reader, limit=NOTES_BY_WORDS)
    near = sorted(notes, key=lambda uid: (notes[uid], uid))[:NOTES_OF_ANCHOR]
    linked = queries.get_linked_from([*first, *near, *by_words[:10]], reader, limit=LINKED)
    open_ones, closed_ones = queries.get_tickets_of(
        [a for a in anchors if a.is_whole], reader, without=first, limit=TICKETS_OF_ANCHORS
    )
    open_like, closed_like = queries.find_tickets(words, accounts, reader, without=first, limit=TICKETS_BY_WORDS)

    distances = dict.fromkeys((*by_words, *open_like, *closed_like), 3) | dict.fromkeys(linked, 1)
    distances |= {found.uid: found.distance for found in (*open_ones, *closed_ones)}
    distances |= {uid: min(distance, distances.get(uid, distance)) for uid, distance in notes.items()}
    distances |= dict.fromkeys(cards, 1)
    ranks = {uid: rank for found in (by_words, open_like, closed_like) for rank, uid in enumerate(found)}
    blocks = queries.get_blocks((uid for uid in distances if uid not in first), reader)
    found_ones = [
        Candidate(block, _section(block, cards), distances[uid], ranks.get(uid))
        for uid, block in blocks.items()
        if _is_of(block, clients)
    ]
    return Gathered(tuple(targets[one.uid] for one in around), _in_sections(found_ones, cards), tuple(words))


def _cards(around: Iterable[Around]) -> list[str]:
    """The records around the targets: who asked, which computers, which client."""
    found: list[str] = []
    for one in around:
        companies = [company.uid for company in _companies(one.path) if company.uid != one.uid]
        people = [crumb.uid for crumb in one.path[:-1] if crumb.kind in (User.kind(), Asset.kind())]
        found += [*people, *one.people, *one.devices, *companies]
    targets = {one.uid for one in around}
    return [uid for uid in dict.fromkeys(found) if uid not in targets]


def _anchors(around: Iterable[Around], cards: Sequence[str]) -> list[Anchor]:
    """The nodes around which notes and tickets are looked for; above a client only warnings and attached folders."""
    found: dict[str, Anchor] = {}
    for one in around:
        found[one.uid] = Anchor(one.uid, 0)
        depth = len(one.path) - 1
        company = next((n for n, crumb in enumerate(one.path) if crumb.kind == Company.kind()), depth + 1)
        for number, crumb in enumerate(one.path[:-1]):
            is_whole = number >= company or company > depth
            found.setdefault(crumb.uid, Anchor(crumb.uid, 1 + (depth - number), is_whole and number > 0))
    for uid in cards:
        known = found.get(uid)
        found[uid] = Anchor(uid, min(known.distance, 2) if known else 1)
    return list(found.values())


def _companies(path: Iterable[Crumb]) -> list[Crumb]:
    return [crumb for crumb in path if crumb.kind == Company.kind()]


def _is_of(block: Block, clients: Sequence[str]) -> bool:
    return all(company.uid in clients for company in _companies(block.path))


def _section(block: Block, cards: Sequence[str]) -> Section:
    if block.kind == Ticket.kind():
        return Section.OPEN if is_open(block.properties) else Section.CLOSED
    if block.uid in cards or block.kind in (Company.kind(), User.kind(), Asset.kind(), Location.kind()):
        return Section.CARDS
    if block.kind == Note.kind() and block.properties.get("is_warning"):
        return Section.RULES
    return Section.NOTES


def _in_sections(found: Iterable[Candidate], cards: Sequence[str]) -> dict[Section, list[Candidate]]:
    sections: dict[Section, list[Candidate]] = {section: [] for section in Section}
    for candidate in found:
        is_nothing = candidate.block.kind == Folder.kind() or (
            candidate.block.kind == Note.kind() and candidate.block.properties.get("origin") == ORIGIN_CODEX
        )
        if not is_nothing:
            sections[candidate.section].append(candidate)
    order = {uid: place for place, uid in enumerate(cards)}
    sections[Section.CARDS].sort(key=lambda one: (order.get(one.uid, len(order)), one.uid))
    sections[Section.RULES].sort(key=lambda one: (len(one.block.path), one.uid))  # from the top down
    for section in (Section.NOTES, Section.OPEN, Section.CLOSED):
        sections[section] = ranked(sections[section])
    return sections


def ranked(found: Sequence[Candidate]) -> list[Candidate]:
    """By distance, words in common and freshness at once: reciprocal rank fusion (Cormack and others, SIGIR 2009)."""
    dates = {date: rank for rank, date in enumerate(sorted({one.changed for one in found}, reverse=True))}

    def score(one: Candidate) -> float:
        ranks = [_A_STEP * one.distance, dates[one.changed], *([] if one.by_words is None else [one.by_words])]
        return sum(1 / (_FUSED + rank) for rank in ranks)

    return sorted(found, key=lambda one: (-score(one), one.uid))


def _words(targets: Iterable[Block], cards: Iterable[Block]) -> list[str]:
    """The words by which more is looked for: those of titles first, names of computers, then those of the text."""
    blocks = list(targets)
    titles = [word for block in blocks for word in subject_words(block.title)]
    hosts = [joined(card.title) for card in cards if card.kind == Asset.kind()]
    texts = [word for block in blocks for word in subject_words(_text(block), _MOST_WORDS)]
    found = dict.fromkeys(folded(word).replace("_", "") for word in (*titles, *hosts, *texts))
    return [word for word in found if len(word) > 2 and word.isalnum()][:_MOST_WORDS]


def _text(block: Block) -> str:
    return without_markup(str(block.properties.get("content") or "")[:_READ_FOR_WORDS])
