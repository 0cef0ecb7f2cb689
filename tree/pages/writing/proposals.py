"""The pages of proposals: the list, and one of them with what it would change, to edit, accept or decline."""

from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.address_forms import whole_number
from knowledgetree.basics.rights.reader import Reader
from tree import proposals as made
from tree import queries
from tree.exceptions import Conflict, InvalidText, NodeNotFound, Refused
from tree.graph.values import Node
from tree.pages.readable import readable_node
from tree.pages.responses import author, done
from tree.pages.writing.conflicts import MARKS_LEFT, changes
from tree.proposals import Seen
from tree.text.differences import Piece, folded, words_changed
from tree.text.merging import has_marks, merge
from tree.text.rendering import render_linked

INVALID, CONFLICT = 422, 409
DECIDED_ROWS = 50
_NO_WORD = "Say in a word why: the assistant reads it."


@dataclass(frozen=True)
class Shown:
    """What accepting would write, and what that changes. ``version``: of the note that ``text`` is compared with.

    ``conflict``: what ``_proposal_conflict.html`` shows, where the same lines were changed meanwhile.
    """

    text: str
    version: int | None = None
    pieces: list[Piece] = field(default_factory=list)
    merged_with: str = ""
    conflict: dict[str, Any] | None = None


@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """The proposals that wait for somebody to decide, and the latest that do not."""
    reader = reader_of(request)
    context = {"open": made.list_open(reader), "decided": made.list_decided(reader, DECIDED_ROWS)}
    return render(request, "tree/proposals.html", context)


@require_safe
def proposal(request: HttpRequest, number: int) -> HttpResponse:
    """One proposal: who made it and why, what it would change, and the forms to decide."""
    seen = _seen_or_404(request, number)
    node, reader = _noted_node(request, seen), reader_of(request)
    shown = _present(seen, node, reader) if seen.proposal.is_open else _past(seen, reader)
    if shown.conflict and getattr(request, "htmx", False):
        return HttpResponseClientRedirect(request.get_full_path())  # its script needs a full page load
    return _page(request, seen, node, shown)


@require_POST
def accept(request: HttpRequest, number: int) -> HttpResponse:
    """Write the text of the form into the tree, with ``version`` as the one that it was compared with."""
    seen = _seen_or_404(request, number)
    node = _noted_node(request, seen)
    typed = request.POST.get("text", "").replace("\r\n", "\n")
    version = whole_number(request.POST.get("version"))
    shown = Shown(typed, version, _pieces(seen, node, typed))
    if has_marks(typed):
        return _page(request, seen, node, shown, errors={"text": MARKS_LEFT}, status=INVALID)
    try:
        made.accept(seen.proposal, typed, author=author(request), base_version=version or 0)
    except Conflict as error:
        node = _noted_node(request, seen)
        merged = _merged(seen, node, typed, version or 0, reader_of(request), reason=str(error))
        return _page(request, seen, node, merged, errors={"form": str(error)}, status=CONFLICT)
    except (Refused, NodeNotFound) as error:
        status = INVALID if isinstance(error, InvalidText) else CONFLICT
        return _page(request, seen, node, shown, errors={"form": str(error)}, status=status)
    return done(request, reverse("node", args=[seen.proposal.node_id]), f"Accepted “{seen.title}”.")


@require_POST
def decline(request: HttpRequest, number: int) -> HttpResponse:
    """Decline the proposal with the ``word`` of the form."""
    seen = _seen_or_404(request, number)
    node = _noted_node(request, seen)
    word = request.POST.get("word", "").strip()
    if not word:
        return _page(
            request, seen, node, _present(seen, node, reader_of(request)), errors={"word": _NO_WORD}, status=INVALID
        )
    try:
        made.decline(seen.proposal, seen.placed, word, author=author(request))
    except Refused as error:
        return _page(request, seen, node, _past(seen, reader_of(request)), errors={"form": str(error)}, status=CONFLICT)
    return done(request, reverse("proposals"), f"Declined “{seen.title}”.", changes_tree=False)


def _seen_or_404(request: HttpRequest, number: int) -> Seen:
    seen = made.find(number, reader_of(request))
    if seen is None:
        raise Http404("There is no such proposal.")
    return seen


def _noted_node(request: HttpRequest, seen: Seen) -> Node:
    """The note, or what a new one goes below. The audit log is told if it lies in a ticket."""
    return readable_node(request, seen.placed.row.uid)


def _present(seen: Seen, node: Node, reader: Reader) -> Shown:
    """What accepting would do now; the changes since the proposal was made are merged into it."""
    proposal = seen.proposal
    if proposal.is_new:
        return Shown(proposal.text)
    if proposal.base_version == node.version:
        return Shown(proposal.text, node.version, _pieces(seen, node, proposal.text))
    return _merged(seen, node, proposal.text, proposal.base_version or 0, reader)


def _merged(seen: Seen, node: Node, text: str, base_version: int, reader: Reader, *, reason: str = "") -> Shown:
    """The text with what others have changed since this version."""
    base, theirs = _revision_text(node.uid, base_version, reader), str(node.properties.get("updated_by") or "Somebody")
    merged = merge(base, text, node.content, their_name=theirs, my_name="the proposal")
    conflict = None
    if merged.clashes:
        conflict = {
            "reason": reason,
            "author": theirs,
            "my_side": seen.proposal.assistant,
            "changes": changes(base, text, node.content, merged),
        }
    return Shown(merged.text, node.version, _pieces(seen, node, merged.text), theirs, conflict)


def _past(seen: Seen, reader: Reader) -> Shown:
    """What the proposal was, whatever has become of the note."""
    proposal = seen.proposal
    before = "" if proposal.is_new else _revision_text(proposal.node_id, proposal.base_version or 0, reader)
    return Shown(proposal.text, pieces=[] if proposal.is_new else folded(words_changed(before, proposal.text)))


def _pieces(seen: Seen, node: Node, text: str) -> list[Piece]:
    return [] if seen.proposal.is_new else folded(words_changed(node.content, text))


def _revision_text(uid: str, version: int, reader: Reader) -> str:
    try:
        return queries.get_revision(uid, version, reader=reader).content
    except NodeNotFound:
        return ""


def _page(
    request: HttpRequest,
    seen: Seen,
    node: Node,
    shown: Shown,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    reader = reader_of(request)
    context = {
        "seen": seen,
        "proposal": seen.proposal,
        "node": node,
        "crumbs": node.crumbs,
        "shown": shown,
        "conflict": shown.conflict,
        "errors": errors or {},
        "word": request.POST.get("word", ""),
        "html": ""
        if shown.pieces
        else render_linked(shown.text, lambda ids: queries.get_link_states(ids, reader=reader)),
    }
    return render(request, "tree/proposal.html", context, status=status)
