"""One click makes a draft of a note from the tickets of a client or a computer that has no note yet."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from knowledgetree.accounts.rights.reader_of import reader_of
from tree import proposals
from tree.context.from_tickets import ENOUGH_TICKETS, draft_from_tickets
from tree.exceptions import Refused
from tree.graph.values import Node
from tree.kinds import Asset, Company
from tree.kinds.titles import without_extension
from tree.models import Proposal, State
from tree.pages.responses import with_node
from tree.proposals import Draft

NAME = "What the tickets say"
_MAKER = "KnowledgeTree"
_REASON = (
    "There are many tickets and no note. This is what they say, line by line, with the ticket that says it. It quotes "
    "internal notes and mails: once it is a note, everybody reads them who may read the notes of this client, billing "
    "and people of the client among them."
)


def is_worth_a_note(node: Node, tickets: int, *, has_notes: bool) -> bool:
    """Whether the page of a node offers a draft."""
    return node.kind in (Company.kind(), Asset.kind()) and tickets >= ENOUGH_TICKETS and not has_notes


def waiting_draft(node: Node) -> Proposal | None:
    """The draft from the tickets of this node that nobody has decided on; None if there is none."""
    found = Proposal.objects.filter(parent_id=node.uid, state=State.OPEN)
    return next((one for one in found if without_extension(one.name) == NAME), None)


@require_POST
@with_node
def draft(request: HttpRequest, node: Node) -> HttpResponse:
    """Make the draft, as a proposal, and show it. One that waits already is shown as it is."""
    if node.kind not in (Company.kind(), Asset.kind()) or node.is_trashed:
        raise Http404("There is no such page.")
    open_draft = waiting_draft(node)
    if open_draft is not None:
        return redirect("proposal", open_draft.pk)
    reader = reader_of(request)
    text = draft_from_tickets(node, reader)
    if not text:
        raise Http404("There are no tickets.")
    account: Any = request.user
    try:
        made, _ = proposals.propose(node, Draft(text, _REASON, _MAKER, NAME), account=account, reader=reader)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("node", node.uid)
    return redirect("proposal", made.pk)
