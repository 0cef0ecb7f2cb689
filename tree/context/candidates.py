"""Gathers what may belong into a pack: by relations, by place, and by words in common.

A pack about a client never has anything of another client: what lies below a company is a candidate only if that is the
company of a target.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import zip_longest

from knowledgetree.basics.rights.reader import Reader
from tree.graph.folding import folded, joined
from tree.graph.values import Crumb, is_open
from tree.kinds import RECORD_KINDS, Asset, Company, Folder, Note, Ticket, User
from tree.queries.records.ticket import subject_words
from tree.queries.texts import context as queries
from tree.queries.texts.context import Anchor, Around, Block
from tree.text.plain import without_markup
from tree.vocabulary import ORIGIN_CODEX

NOTES_OF_ANCHOR = 200
NOTES_ABOUT, LINKED = 60, 60
NOTES_BY_WORDS, TICKETS_BY_WORDS = 30, 15
TICKETS_OF_ANCHORS = 40
_MOST_WORDS, _MOST_ASKED = 40, 20
_FAR = 3  # the distance of what only words lead to
_FOLLOWED = 10  # of the notes that words have found, whose links are followed
_READ_FOR_WORDS = 4_000  # characters at the beginning of a text
_FUSED = 20  # that paper has 60, for lists of a thousand


class Section(StrEnum):
    """The parts of a pack, in their order."""

    RULES = "rules"
    TARGET = "target"
    CARDS = "cards"
    NOTES = "notes"
    OPEN = "open tickets"
    CLOSED = "closed tickets"

    @property
    def words(self) -> str:
        """Its heading."""
        return _HEADINGS[self]


_HEADINGS = {
    Section.RULES: "Rules and warnings",
    Section.TARGET: "What this is about",
    Section.CARDS: "Who and what is concerned",
    Section.NOTES: "Notes",
    Section.OPEN: "Open tickets",
    Section.CLOSED: "Closed tickets, and how they ended",
}


@dataclass(frozen=True)
class Candidate:
    """A node that may be in the pack. ``ranks`` are its places among what words have found; 0 is the best."""

    block: Block
    section: Section
    distance: int
    ranks: tuple[int, ...] = ()

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
    """The targets, and the candidates by section, the best first. ``words``: of the question and the targets.

    ``is_withheld``: whether nodes were left out as a whole, because of the compliance level of their company.
    """

    targets: tuple[Block, ...] = ()
    sections: dict[Section, list[Candidate]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    is_withheld: bool = False


@dataclass
class _Found:
    """What was found so far: the smallest distance of each node, and its ranks among what words have found."""

    distances: dict[str, int] = field(default_factory=dict)
    ranks: dict[str, list[int]] = field(default_factory=dict)

    def near(self, found: Iterable[tuple[str, int]]) -> None:
        for uid, distance in found:
            self.distances[uid] = min(distance, self.distances.get(uid, distance))

    def follow(self, uid: str, linking: Iterable[str]) -> None:
        """A node that others link to: what people point to, they want to be read before what lies beside it."""
        near = [self.distances.get(one, 0) for one in linking]
        ranks = [self.ranks[one] for one in linking if one in self.ranks]
        self.near([(uid, max(min(near) - 1, 1))])
        if ranks:
            self.ranks[uid] = min([*ranks, self.ranks.get(uid, [])], key=lambda some: (-len(some), some))

    def by_words(self, ids: Iterable[str]) -> None:
        for rank, uid in enumerate(ids):
            self.ranks.setdefault(uid, []).append(rank)
            self.distances.setdefault(uid, _FAR)


def gather(ids: Sequence[str], reader: Reader, question: str = "") -> Gathered:
    """All candidates for a pack about these nodes. Without targets that may be read there are none.

    ``question``: what somebody wants to know about them; it only leads to more, and orders what is found.
    """
    around = queries.get_around(ids, reader)
    if not around:
        return Gathered()
    cards, uids = _cards(around), [one.uid for one in around]
    known = queries.get_blocks([*uids, *cards], reader)
    targets = {uid: known.pop(uid) for uid in uids if uid in known}
    words = _words(targets.values(), known.values())
    asked = _plain(subject_words(question, _MOST_ASKED))
    clients = list(dict.fromkeys(company.uid for one in around for company in _companies(one.path)))
    accounts = _accounts([*targets.values(), *known.values()], clients)
    anchors = _anchors(around, cards)
    found = _Found()
    for some in filter(None, (asked, words)):
        found.by_words(queries.find_notes(some, clients, reader, limit=NOTES_BY_WORDS))
    by_words = list(found.ranks)
    _add_notes(found, anchors, targets, by_words, reader)
    _add_tickets(found, anchors, [*filter(None, (asked, words))], accounts, targets, reader)
    found.near((uid, 1) for uid in cards)
    blocks = known | queries.get_blocks(sorted(found.distances.keys() - known.keys() - targets.keys()), reader)
    candidates = [
        Candidate(block, _section(block, cards), found.distances[uid], tuple(found.ranks.get(uid, ())))
        for uid, block in blocks.items()
        if _is_of(block, clients)
    ]
    all_words = tuple(dict.fromkeys((*asked, *words)))
    return Gathered(tuple(targets.values()), _in_sections(candidates, cards), all_words)


def _add_notes(
    found: _Found, anchors: Sequence[Anchor], targets: Iterable[str], by_words: Sequence[str], reader: Reader
) -> None:
    below = queries.get_notes_below(anchors, reader, limit=NOTES_OF_ANCHOR)
    about = queries.get_notes_about(anchors, reader, limit=NOTES_ABOUT)
    found.near((one.uid, one.distance) for one in (*below, *about))
    near = sorted((one.uid for one in below), key=lambda uid: (found.distances[uid], uid))[:NOTES_OF_ANCHOR]
    linked = queries.get_linked_from([*targets, *near, *by_words[:_FOLLOWED]], reader, limit=LINKED)
    for uid, linking in linked.items():
        found.follow(uid, linking)


def _add_tickets(
    found: _Found,
    anchors: Sequence[Anchor],
    searches: Sequence[Sequence[str]],
    accounts: Sequence[str],
    targets: Collection[str],
    reader: Reader,
) -> None:
    whole = [anchor for anchor in anchors if anchor.is_whole]
    for tickets in queries.get_tickets_of(whole, reader, without=targets, limit=TICKETS_OF_ANCHORS):
        found.near((one.uid, one.distance) for one in tickets)
    for words in searches:
        for ids in queries.find_tickets(words, accounts, reader, without=targets, limit=TICKETS_BY_WORDS):
            found.by_words(ids)


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


def _accounts(blocks: Iterable[Block], clients: Sequence[str]) -> list[str]:
    """The account numbers of these clients, which are among the targets and their cards."""
    numbers = (str(block.properties.get("account_number") or "") for block in blocks if block.uid in clients)
    return list(dict.fromkeys(filter(None, numbers)))


def _companies(path: Iterable[Crumb]) -> list[Crumb]:
    return [crumb for crumb in path if crumb.kind == Company.kind()]


def _is_of(block: Block, clients: Sequence[str]) -> bool:
    return all(company.uid in clients for company in _companies(block.path))


def _section(block: Block, cards: Sequence[str]) -> Section:
    if block.kind == Ticket.kind():
        return Section.OPEN if is_open(block.properties) else Section.CLOSED
    if block.uid in cards or block.kind in RECORD_KINDS:
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
    """The best first: in turn one that is near and one that has words in common, so that neither crowds the other out.

    What has several ranks is ordered by all of them: reciprocal rank fusion (Cormack and others, SIGIR 2009).
    """
    dates = {date: place for place, date in enumerate(sorted({one.changed for one in found}, reverse=True))}

    def score(one: Candidate) -> float:
        return sum(1 / (_FUSED + rank) for rank in one.ranks)

    near = sorted(found, key=lambda one: (one.distance, -score(one), dates[one.changed], one.uid))
    alike = sorted(
        (one for one in found if one.ranks), key=lambda one: (-score(one), one.distance, dates[one.changed], one.uid)
    )
    in_turn = (one for pair in zip_longest(alike, near) for one in pair if one is not None)
    return list({one.uid: one for one in in_turn}.values())


def _words(targets: Iterable[Block], cards: Iterable[Block]) -> list[str]:
    """The words by which more is looked for: those of titles first, names of computers, then those of the text."""
    blocks = list(targets)
    titles = [word for block in blocks for word in subject_words(block.title)]
    hosts = [joined(card.title) for card in cards if card.kind == Asset.kind()]
    texts = [word for block in blocks for word in subject_words(_text(block), _MOST_WORDS)]
    return _plain((*titles, *hosts, *texts))[:_MOST_WORDS]


def _plain(words: Iterable[str]) -> list[str]:
    """The words as the indexes have them, each once, without those that could be anything."""
    found = dict.fromkeys(folded(word).replace("_", "") for word in words)
    return [word for word in found if len(word) > 2 and word.isalnum()]


def _text(block: Block) -> str:
    return without_markup(str(block.properties.get("content") or "")[:_READ_FOR_WORDS])
