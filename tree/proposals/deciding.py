"""Accepts and declines proposals."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from knowledgetree.accounts.acting import Way, acting_as, now_acting
from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from tree import operations
from tree.audited import client_above
from tree.exceptions import Refused
from tree.graph.values import Placed
from tree.models import Proposal, State


def accept(proposal: Proposal, text: str, *, author: str, base_version: int | None = None) -> None:
    """Write the text into the tree as a version by ``author`` that says who proposed it.

    ``text`` may be edited; ``base_version`` is the version that ``author`` saw beside it. Raises like
    ``operations.save``, and Refused if somebody has decided meanwhile. The row is locked while the graph is written, so
    that nobody declines what is being accepted; what a crash leaves between can be accepted once more, and then changes
    nothing.
    """
    with transaction.atomic():
        _require_open(Proposal.objects.select_for_update().get(pk=proposal.pk))
        _write(proposal, text, author, base_version)
        _decide(proposal, State.ACCEPTED, author)


def _write(proposal: Proposal, text: str, author: str, base_version: int | None) -> None:
    message = f"Proposed by {proposal.proposer}, accepted by {author}"
    acting = now_acting()
    with acting_as(Way.DRAFT, author, acting.account_id, proposal.proposer):
        if proposal.is_new:
            operations.create_note(
                proposal.parent_id, proposal.name, text, author=author, uid=proposal.node_id, message=message
            )
        else:
            operations.save(proposal.node_id, author=author, base_version=base_version, content=text, message=message)


def decline(proposal: Proposal, placed: Placed, word: str, *, author: str) -> None:
    """Decline the proposal, with a word to its maker. Raises Refused if somebody has decided meanwhile."""
    _decide(proposal, State.DECLINED, author, word)
    client = client_above((*placed.path, placed.row))
    log.record(Action.PROPOSAL_DECLINED, nodes=[placed.row.uid], company=client, detail=f"proposal {proposal.pk}")


def forget(node_ids: Iterable[str]) -> None:
    """Delete the proposals for nodes that were purged."""
    ids = list(node_ids)
    Proposal.objects.filter(Q(node_id__in=ids) | Q(parent_id__in=ids)).delete()


def _decide(proposal: Proposal, state: State, author: str, word: str = "") -> None:
    decided = Proposal.objects.filter(pk=proposal.pk, state=State.OPEN).update(
        state=state, decided_at=timezone.now(), decided_by=author[:150], word=word.strip()[:1000]
    )
    proposal.refresh_from_db()
    if not decided:
        _require_open(proposal)


def _require_open(proposal: Proposal) -> None:
    if not proposal.is_open:
        raise Refused(f"{proposal.decided_by} has {proposal.state} it already.")
