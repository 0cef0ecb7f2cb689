"""The pages of the trash: list, restore, purge."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.address_forms import PageForm
from tree import operations, proposals, queries
from tree.exceptions import NodeNotFound, Refused
from tree.graph.values import Node
from tree.kinds.titles import shown_name
from tree.models import ContextChoice, Draft, Pin
from tree.operations.trash import PURGE_AFTER, purged_from
from tree.pages import places
from tree.pages.forms import ChangeForm, PlaceForm
from tree.pages.responses import author, done, refuse, show, with_node
from tree.pages.structure import form_view
from tree.vocabulary import ROOT_ID

TRASH_ROWS = 50


@require_safe
def trash_page(request: HttpRequest) -> HttpResponse:
    """The deleted nodes, latest first: who deleted them, when, from where, and with which descendants."""
    page = PageForm(request.GET).given()["page"]
    found = queries.get_trash(reader=reader_of(request), skip=(page - 1) * TRASH_ROWS, limit=TRASH_ROWS + 1)
    ends = [purged_from(str(entry.row.fields["trashed_at"])) for entry in found[:TRASH_ROWS]]
    context = {
        "trashed": [(entry, end, end <= timezone.now()) for entry, end in zip(found, ends, strict=False)],
        "has_more": len(found) > TRASH_ROWS,
        "page": page,
        "days": PURGE_AFTER.days,
    }
    return render(request, "tree/trash.html", context)


@require_safe
@with_node
def inside(request: HttpRequest, node: Node) -> HttpResponse:
    """The nodes that went into the trash with a node, as a list for the trash page."""
    return render(request, "tree/_inside.html", {"rows": queries.get_trashed(node.uid, reader=reader_of(request))})


@form_view
@with_node
def restore(request: HttpRequest, node: Node) -> HttpResponse:
    """Restore a node to its old place or to a chosen one."""
    reason = _reason_against(node)
    if reason:
        return refuse(request, node, reason)
    if request.method != "POST":
        return _show_restore(request, node, PlaceForm(), node.place)
    form = PlaceForm(request.POST)
    chosen = request.POST.get("parent", "")
    if form.is_valid() or not request.POST.get("asked"):
        try:
            name = operations.restore(node.uid, author=author(request), new_parent_id=chosen)
        except (Refused, NodeNotFound) as error:
            form.is_valid()
            form.errors.clear()
            form.refuse(error)
        else:
            as_title = f" as “{shown_name(node.kind, name)}”, because its name is taken there"
            message = f"Restored “{node.title}”{'' if name == node.name else as_title}."
            return done(request, reverse("node", args=[node.uid]), message)
    return _show_restore(request, node, form, chosen or ROOT_ID)


@form_view
@with_node
def purge(request: HttpRequest, node: Node) -> HttpResponse:
    """Permanently delete a node that has been in the trash long enough; asks first."""
    reason = _reason_against(node)
    if reason:
        return refuse(request, node, reason)
    form = ChangeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            purged = operations.purge(node.uid)
        except (Refused, NodeNotFound) as error:
            form.refuse(error)
        else:
            Pin.objects.filter(node_id__in=purged.ids).delete()
            Draft.objects.filter(node_id__in=purged.ids).delete()
            ContextChoice.objects.filter(node_id__in=purged.ids).delete()
            proposals.forget(purged.ids)
            below = f" and {purged.nodes - 1} below it" if purged.nodes > 1 else ""
            return done(request, reverse("trash"), f"Deleted “{node.title}”{below} for good.")
    context = {"node": node, "below": queries.get_below_trashed(node.uid, reader=reader_of(request)), "form": form}
    return show(request, "tree/_purge.html", context, status=form.status if form.is_bound else 200)


def _reason_against(node: Node) -> str:
    if not node.is_trashed:
        return f"“{node.title}” does not lie in the trash."
    top = node.trashed_with
    if top is not None and top.uid != node.uid:
        return f"“{node.title}” went into the trash with “{top.title}”. Restore that."
    return ""


def _show_restore(request: HttpRequest, node: Node, form: PlaceForm, start: str) -> HttpResponse:
    context = {"node": node, "form": form, "found": places.at(start, reader_of(request)), "moving": [node.uid]}
    return show(request, "tree/_restore.html", context, status=form.status if form.is_bound else 200)
