"""Proposals as a reader may see them: those for nodes that the reader may read, and that are not in the trash."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from knowledgetree.basics.rights.reader import Reader
from tree import queries
from tree.graph.values import Placed
from tree.kinds import Note
from tree.kinds.titles import shown_name
from tree.models import Proposal, State

MOST = 200  # open ones, and then decided ones, that are looked at for a list


@dataclass(frozen=True)
class Seen:
    """A proposal, and the node that it is for: the note, or what a new one goes below."""

    proposal: Proposal
    placed: Placed

    @property
    def title(self) -> str:
        return shown_name(Note.kind(), self.proposal.name)


def find(number: int, reader: Reader) -> Seen | None:
    """The proposal with this number; None if there is none that the reader may see."""
    return next(_seen(Proposal.objects.filter(pk=number), reader), None)


def list_open(reader: Reader) -> list[Seen]:
    """The proposals that wait for somebody to decide, the latest first."""
    return list(_seen(Proposal.objects.filter(state=State.OPEN).defer("text")[:MOST], reader))


def list_decided(reader: Reader, limit: int) -> list[Seen]:
    """The proposals that were accepted or declined, those decided last first."""
    decided = Proposal.objects.exclude(state=State.OPEN).order_by("-decided_at", "-pk")
    return list(islice(_seen(decided.defer("text")[:MOST], reader), limit))


def count_open(reader: Reader) -> int:
    """How many proposals wait for somebody to decide, at most MOST."""
    waiting = Proposal.objects.filter(state=State.OPEN).only("node_id", "parent_id", "state")[:MOST]
    about = [_about(one) for one in waiting]
    there = queries.get_live(about, reader=reader)
    return sum(uid in there for uid in about)


def _seen(proposals: Iterable[Proposal], reader: Reader) -> Iterator[Seen]:
    listed = list(proposals)
    places = queries.get_placed([_about(one) for one in listed], reader=reader)
    return (Seen(one, places[_about(one)]) for one in listed if _about(one) in places)


def _about(proposal: Proposal) -> str:
    """Once it is accepted, a new note is a node of its own, which may have moved."""
    is_there = not proposal.is_new or proposal.state == State.ACCEPTED
    return proposal.node_id if is_there else proposal.parent_id
