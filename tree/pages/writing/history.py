"""The pages of a node's history: its versions, the difference between two of them, restoring one."""

from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.address_forms import whole_number
from tree import operations, queries
from tree.exceptions import Conflict, NodeNotFound, Refused
from tree.graph.values import Node
from tree.pages.readable import readable_node
from tree.queries.texts.notes import Revision
from tree.text.changes import LineChanges, line_changes
from tree.text.differences import folded, words_changed
from tree.text.rendering import render_linked

ROWS = 50
COMPARED_CHARACTERS = 1_000_000  # of the versions of one page; of earlier ones, the list does not say what changed


@require_safe
def history(request: HttpRequest, uid: str) -> HttpResponse:
    """The versions of a node, newest first, with a choice of two to compare."""
    node = readable_node(request, uid)
    skip = whole_number(request.GET.get("skip")) or 0
    revisions = queries.get_revisions(uid, reader=reader_of(request), skip=skip, limit=ROWS + 1)
    return _page(
        request,
        node,
        "tree/history.html",
        rows=_with_changes(request, uid, revisions)[:ROWS],
        next=skip + ROWS if len(revisions) > ROWS else None,
        skip=skip,
    )


def _with_changes(
    request: HttpRequest, uid: str, revisions: Sequence[Revision]
) -> list[tuple[Revision, LineChanges | None]]:
    """Each version, newest first, and what it changed in the one before it; None where that is not known."""
    sizes = list(accumulate(revision.size for revision in revisions))
    compared = revisions[: sum(size <= COMPARED_CHARACTERS for size in sizes)]
    texts: dict[int, str] = {}
    if compared:
        texts = queries.get_texts(uid, compared[-1].number, compared[0].number, reader=reader_of(request))

    def changes(number: int) -> LineChanges | None:
        return line_changes(texts[number - 1], texts[number]) if {number - 1, number} <= texts.keys() else None

    return [(revision, changes(revision.number)) for revision in revisions]


@require_safe
def version(request: HttpRequest, uid: str, number: int) -> HttpResponse:
    """One earlier version, rendered."""
    node = readable_node(request, uid)
    revision = _revision_or_404(request, uid, number)
    states = partial(queries.get_link_states, reader=reader_of(request))
    html = render_linked(revision.content, states)
    return _page(request, node, "tree/version.html", revision=revision, html=html)


@require_safe
def difference(request: HttpRequest, uid: str) -> HttpResponse:
    """The changes, word by word, from version ``from`` to version ``to``; by default those of the latest save."""
    node = readable_node(request, uid)
    current = node.version
    later = whole_number(request.GET.get("to"), 1) or current
    earlier = whole_number(request.GET.get("from"), 1) or max(1, later - 1)
    before, after = (_revision_or_404(request, uid, number) for number in sorted((earlier, later)))
    pieces = words_changed(before.content, after.content)
    return _page(
        request,
        node,
        "tree/difference.html",
        before=before,
        after=after,
        is_same=before.content == after.content,
        pieces=pieces if "whole" in request.GET else folded(pieces),
        whole="whole" in request.GET,
    )


@require_POST
def restore_version(request: HttpRequest, uid: str, number: int) -> HttpResponse:
    """Save the text of an earlier version as a new one. ``version`` is the newest that was on display."""
    node = readable_node(request, uid)
    base = whole_number(request.POST.get("version")) or 0
    try:
        saved = operations.restore_revision(uid, number, author=str(request.user.get_username()), base_version=base)
    except Conflict as error:
        messages.error(request, f"{error} Look at what is new, then restore again.")
        return HttpResponseRedirect(reverse("node-history", args=[uid]))
    except (Refused, NodeNotFound) as error:
        return render(request, "tree/not_editable.html", {"node": node, "reason": str(error)}, status=409)
    if saved.is_changed:
        messages.success(request, f"Version {number} is restored, as version {saved.version}.")
    else:
        messages.success(request, f"Version {number} says the same as the present one; nothing was changed.")
    return HttpResponseRedirect(reverse("node", args=[uid]))


def _page(request: HttpRequest, node: Node, template: str, **context: Any) -> HttpResponse:
    return render(request, template, context | {"node": node, "crumbs": node.crumbs, "current": node.version})


def _revision_or_404(request: HttpRequest, uid: str, number: int) -> Revision:
    try:
        return queries.get_revision(uid, number, reader=reader_of(request))
    except NodeNotFound as error:
        raise Http404(str(error)) from error
