"""The pages that create, rename, move, copy and delete nodes. ``tree.operations`` enforces the rules."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledgetree.accounts.rights.reader_of import reader_of
from tree import operations, queries
from tree.exceptions import NodeNotFound, Refused
from tree.graph.values import Node, Row
from tree.kinds import staff_kind
from tree.kinds.titles import shown_name, stored_name
from tree.pages import places
from tree.pages.forms import ChangeForm, NewNodeForm, PlaceForm, RenameForm
from tree.pages.responses import author, done, refuse, show, tell, with_node
from tree.pages.writing import note_templates
from tree.vocabulary import ROOT_ID

MAX_CHOSEN = 500  # nodes moved or deleted in one request

form_view = require_http_methods(["GET", "HEAD", "POST"])


@form_view
@with_node
def new(request: HttpRequest, parent: Node) -> HttpResponse:
    """Create a note or folder below a node."""
    if parent.is_trashed:
        return refuse(request, parent, f"“{parent.title}” lies in the trash. Restore it first.")
    if request.method != "POST":
        kind = "folder" if request.GET.get("kind") == "folder" else "note"
        return _show_new(request, parent, NewNodeForm(note_templates.fitting(parent), kind=kind))
    form = NewNodeForm(note_templates.fitting(parent), request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            uid = _create(request, parent, typed)
        except Refused as error:
            form.refuse(error)
        else:
            is_note = typed["kind"] == "note"  # a new note opens in the editor
            made = f"Made the {typed['kind']} “{shown_name(staff_kind(not is_note), typed['name'].strip())}”."
            address = reverse("node-edit" if is_note else "node", args=[uid])
            return done(request, address, made, is_whole=is_note)
    return _show_new(request, parent, form)


def _create(request: HttpRequest, parent: Node, typed: dict[str, Any]) -> str:
    uid, by = str(typed["uid"] or ""), author(request)
    if typed["kind"] == "folder":
        return operations.create_folder(parent.uid, typed["name"], author=by, uid=uid)
    chosen = typed["template"]
    text = note_templates.filled(chosen.text, parent, by, reader_of(request)) if chosen else ""
    return operations.create_note(parent.uid, typed["name"], text, author=by, uid=uid, is_warning=typed["is_warning"])


@form_view
@with_node
def rename(request: HttpRequest, node: Node) -> HttpResponse:
    """Rename a note or folder."""
    if request.method != "POST":
        reason = reason_against(node)
        if reason:
            return refuse(request, node, reason)
        form = RenameForm(initial={"name": shown_name(node.kind, node.name), "version": node.properties.get("version")})
        return show(request, "tree/_rename.html", {"node": node, "form": form})
    form = RenameForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        name = stored_name(node.kind, typed["name"], node.name)
        try:
            operations.rename(node.uid, name, author=author(request), base_version=typed["version"])
        except (Refused, NodeNotFound) as error:
            form.refuse(error)
        else:
            message = f"Renamed “{node.title}” to “{shown_name(node.kind, name)}”."
            return done(request, reverse("node", args=[node.uid]), message)
    return show(request, "tree/_rename.html", {"node": node, "form": form}, status=form.status)


@require_POST
@with_node
def mark_warning(request: HttpRequest, node: Node) -> HttpResponse:
    """Mark a note as a warning with ``on=1``, or unmark it with ``on=0``."""
    is_warning = request.POST.get("on") == "1"
    try:
        operations.set_warning(node.uid, is_warning, author=author(request))
    except (Refused, NodeNotFound) as error:
        return refuse(request, node, str(error))
    message = f"“{node.title}” is a warning now." if is_warning else f"“{node.title}” is no longer a warning."
    return done(request, reverse("node", args=[node.uid]), message)


@form_view
@with_node
def move(request: HttpRequest, node: Node) -> HttpResponse:
    """Move a note or folder with its descendants."""
    if request.method != "POST":
        reason = reason_against(node)
        return refuse(request, node, reason) if reason else _show_move(request, [_row(node)], PlaceForm(), node.place)
    return _move(request, [node.uid], [_row(node)])


@form_view
@with_node
def copy(request: HttpRequest, node: Node) -> HttpResponse:
    """Copy a note or folder with everything that staff created below it."""
    if request.method != "POST":
        reason = reason_against(node)
        return refuse(request, node, reason) if reason else _show_copy(request, node, PlaceForm(), node.place)
    form = PlaceForm(request.POST)
    if form.is_valid():
        place = form.cleaned_data["parent"]
        try:
            uid = operations.copy(node.uid, place, author=author(request))
        except (Refused, NodeNotFound) as error:
            form.refuse(error)
        else:
            return done(
                request, reverse("node", args=[uid]), f"Copied “{node.title}” to “{_title_of(request, place)}”."
            )
    return _show_copy(request, node, form, form.data.get("parent") or ROOT_ID)


@form_view
@with_node
def trash(request: HttpRequest, node: Node) -> HttpResponse:
    """Show the descendants of a note or folder and ask; on POST, put it into the trash."""
    if request.method != "POST":
        reason = reason_against(node)
        return refuse(request, node, reason) if reason else _show_trash(request, [node.uid], ChangeForm())
    return _trash(request, [node.uid])


@require_POST
def move_several(request: HttpRequest) -> HttpResponse:
    """Move the nodes ``id`` below ``parent``; without ``parent``, ask for the place."""
    ids = _chosen(request)
    if ids is None:
        return HttpResponseBadRequest(f"Choose 1 to {MAX_CHOSEN} notes or folders.", content_type="text/plain")
    rows = queries.get_below(ids, reader=reader_of(request)).tops
    if "parent" not in request.POST and not request.POST.get("asked"):
        return _show_move(request, rows, PlaceForm(), request.POST.get("from") or ROOT_ID)
    return _move(request, ids, rows)


@require_POST
def trash_several(request: HttpRequest) -> HttpResponse:
    """Put the nodes ``id`` into the trash; without ``asked``, show their descendants and ask."""
    ids = _chosen(request)
    if ids is None:
        return HttpResponseBadRequest(f"Choose 1 to {MAX_CHOSEN} notes or folders.", content_type="text/plain")
    return _trash(request, ids) if request.POST.get("asked") else _show_trash(request, ids, ChangeForm())


@require_safe
def choose_place(request: HttpRequest) -> HttpResponse:
    """The list of the place chooser: the search results for ``q``, or else the children of the node ``at``."""
    text, reader = request.GET.get("q", "").strip(), reader_of(request)
    found = places.find(text, reader) if text else places.at(request.GET.get("at") or ROOT_ID, reader)
    moving = request.GET.getlist("not")
    return render(request, "tree/_places.html", {"found": found, "text": text, "moving": moving})


def reason_against(node: Node) -> str:
    """Why this node cannot be renamed, moved, copied or deleted; empty if it can."""
    if node.read_only_reason:
        return node.read_only_reason
    return f"“{node.title}” lies in the trash. Restore it first." if node.is_trashed else ""


def _move(request: HttpRequest, ids: list[str], rows: Sequence[Row]) -> HttpResponse:
    form = PlaceForm(request.POST)
    if form.is_valid():
        place = form.cleaned_data["parent"]
        try:
            operations.move_all(ids, place, author=author(request))
        except (Refused, NodeNotFound) as error:
            form.refuse(error)
            if request.POST.get("dragged"):
                return tell(str(error), form.status)
        else:
            message = f"Moved {_named(rows)} to “{_title_of(request, place)}”."
            return done(
                request, _address_of(request, request.POST.get("back", ""), ids[0] if len(ids) == 1 else place), message
            )
    return _show_move(request, rows, form, form.data.get("parent") or ROOT_ID)


def _trash(request: HttpRequest, ids: list[str]) -> HttpResponse:
    form = ChangeForm(request.POST)
    form.is_valid()
    reader = reader_of(request)
    below = queries.get_below(ids, reader=reader)
    place = queries.get_node(below.tops[0].uid, reader=reader).place if below.tops else ROOT_ID
    try:
        operations.trash_all(ids, author=author(request))
    except (Refused, NodeNotFound) as error:
        form.refuse(error)
        return _show_trash(request, ids, form)
    rest = f" and {below.total} below it" if below.total else ""
    message = f"Put {_named(below.tops)}{rest} into the trash."
    return done(request, reverse("node", args=[place]), message)


def _chosen(request: HttpRequest) -> list[str] | None:
    """The distinct ids in the form; None if there are none or too many."""
    ids = list(dict.fromkeys(uid for uid in request.POST.getlist("id") if uid))
    return ids if 0 < len(ids) <= MAX_CHOSEN else None


def _show_new(request: HttpRequest, parent: Node, form: NewNodeForm) -> HttpResponse:
    kind = "folder" if form["kind"].value() == "folder" else "note"
    status = form.status if form.is_bound else 200
    return show(request, "tree/_new.html", {"node": parent, "form": form, "kind": kind}, status=status)


def _show_move(request: HttpRequest, rows: Sequence[Row], form: PlaceForm, start: str) -> HttpResponse:
    moving = [row.uid for row in rows]
    context = {
        "rows": rows,
        "form": form,
        "found": places.at(start, reader_of(request)),
        "moving": moving,
        "below": queries.get_below(moving, reader=reader_of(request)).total,
        "from": start if len(rows) == 1 and not form.is_bound else "",
        "landing_name": _named(rows),
    }
    return show(request, "tree/_move.html", context, status=form.status if form.is_bound else 200)


def _show_copy(request: HttpRequest, node: Node, form: PlaceForm, start: str) -> HttpResponse:
    context = {
        "node": node,
        "form": form,
        "found": places.at(start, reader_of(request)),
        "moving": [],
        "below": queries.get_below([node.uid], reader=reader_of(request)).total,
        "landing_name": f"“{node.title}”",
    }
    return show(request, "tree/_copy.html", context, status=form.status if form.is_bound else 200)


def _show_trash(request: HttpRequest, ids: list[str], form: ChangeForm) -> HttpResponse:
    context = {"ids": ids, "below": queries.get_below(ids, reader=reader_of(request)), "form": form}
    return show(request, "tree/_trash.html", context, status=form.status if form.is_bound else 200)


def _address_of(request: HttpRequest, uid: str, otherwise: str) -> str:
    """The address of a node that a form names, or that of another one if there is no such node."""
    try:
        return reverse("node", args=[queries.get_node(uid, reader=reader_of(request)).uid])
    except NodeNotFound:
        return reverse("node", args=[otherwise])


def _row(node: Node) -> Row:
    return Row(node.uid, node.name, node.kind, 0, node.properties)


def _title_of(request: HttpRequest, uid: str) -> str:
    return queries.get_node(uid, reader=reader_of(request)).title


def _named(rows: Sequence[Row]) -> str:
    return f"“{rows[0].title}”" if len(rows) == 1 else f"{len(rows)} notes and folders"
