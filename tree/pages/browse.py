"""The read-only pages of the tree. ``knowledgetree.accounts.rights.policy`` says who may use which route."""

from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from django.contrib import messages
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.address_forms import AddressForm, number_field
from knowledgetree.basics.rights.reader import Reader
from tree import queries
from tree.exceptions import NodeNotFound
from tree.graph.values import Branch, BranchPage, Node, Page, Row
from tree.kinds import Folder
from tree.models import Pin, SeenNode
from tree.pages.files import files_context
from tree.pages.readable import readable_node
from tree.pages.records.overview import record_context
from tree.pages.writing import drafts
from tree.pages.writing.from_tickets import is_worth_a_note, waiting_draft
from tree.queries import paths
from tree.text.contents import contents
from tree.vocabulary import COMPANIES_ID, ROOT_ID


class RowsForm(AddressForm):
    """The number of linked tickets to skip."""

    skip = number_field(0)


class BranchesForm(AddressForm):
    """The depth of the requested branches."""

    level = number_field(1, initial=1, most=999)


@require_safe
def browse(request: HttpRequest, path: str = "") -> HttpResponse:
    """Redirect from a path of names to the permanent URL of its node, or to that of the node ``article``.

    As in the old application, a path that leads nowhere, or to a ticket that is not for this reader, leads to the top.
    """
    article = request.GET.get("article", "")
    try:
        reader = reader_of(request)
        uid = article if article and _exists(article, reader) else paths.resolve(path, reader=reader)
    except NodeNotFound:
        shown = f"There is nothing at “/{path[:200]}”. It may have been renamed or moved: search for it."
        messages.warning(request, shown)
        return _to_node(ROOT_ID)
    return _to_node(uid)


@require_safe
def view(request: HttpRequest, uid: str) -> HttpResponse:
    """Redirect from a permanent link of the old application, which left a ``?`` within an id as it was."""
    query = request.META.get("QUERY_STRING", "")
    whole = f"{uid}?{unquote(query)}"
    return _to_node(whole if query and _exists(whole, reader_of(request)) else uid)


@require_safe
def node(request: HttpRequest, uid: str) -> HttpResponse:
    """The page of a node: text, facts, relations, children and files. A person's card is shown on the person's page."""
    shown = readable_node(request, uid)
    if shown.is_card:
        return _to_node(shown.place)
    archived = _flag(request, "archived") or bool(shown.properties.get("archived_at"))
    reader = reader_of(request)
    is_editable = policy.may_write(request.user) and not (shown.is_trashed or shown.read_only_reason)
    children, notes = _apart(shown, queries.get_children(uid, archived=archived, reader=reader))
    context: dict[str, Any] = {
        "node": shown,
        "crumbs": shown.crumbs,
        "path_text": "/" + "/".join(crumb.name for crumb in shown.path[1:]),
        "browse_url": paths.browse_url(crumb.name for crumb in shown.path[1:]),
        "archived": archived,
        "children": children,
        "notes": notes,
        "backlinks": queries.get_backlinks(uid, reader=reader),
        "is_editable": is_editable,
        "is_pinned": Pin.has(request.user, uid),
        "draft": drafts.find(request.user, uid) if is_editable else None,
        **record_context(shown, reader),
        **files_context(shown, request),
    }
    context["from_tickets"] = policy.may_write(request.user) and is_worth_a_note(
        shown, _tickets_of(shown, context, reader), has_notes=bool(notes or context["backlinks"])
    )
    context["open_draft"] = waiting_draft(shown) if context["from_tickets"] else None
    context["contents"] = contents(shown.content, context.get("html", ""))
    if shown.properties.get("trashed_with") == uid and policy.may_write(request.user):
        context["inside"] = queries.get_trashed(uid, reader=reader)
    if shown.is_attached:
        context["linked"] = queries.get_linked(uid, archived=archived, reader=reader)
    _note_seen(request, shown)
    return render(request, "tree/node.html", context)


def _tickets_of(node: Node, context: dict[str, Any], reader: Reader) -> int:
    """How many tickets a client has, or mention a computer; 0 for who reads none."""
    company = context.get("company")
    number = company.tickets if company else node.mentioned_by
    return int(number) if reader.tickets else 0


@require_safe
def node_rows(request: HttpRequest, uid: str) -> HttpResponse:
    """The next rows of a node's table: the children after ``after``, or the linked tickets from ``skip`` on."""
    archived, reader = _flag(request, "archived"), reader_of(request)
    skip = RowsForm(request.GET).given()["skip"]
    try:
        if skip is not None:
            page: Page = queries.get_linked(uid, skip=skip, archived=archived, reader=reader)
        else:
            page = queries.get_children(uid, after=request.GET.get("after"), archived=archived, reader=reader)
    except NodeNotFound as error:
        raise Http404(str(error)) from error
    return render(
        request,
        "tree/_rows.html",
        {"page": page, "uid": uid, "archived": archived, "skip": skip},
    )


@require_safe
def node_children(request: HttpRequest, uid: str) -> HttpResponse:
    """A page of a node's children for the tree pane: from the start, or after or before a child."""
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    try:
        page = queries.get_branches(uid, reader=reader_of(request), after=after, before=before)
    except NodeNotFound as error:
        raise Http404(str(error)) from error
    level = BranchesForm(request.GET).given()["level"]
    for branch in page.branches:
        branch.level = level
    return render(request, "tree/_branches.html", {"page": page})


@require_safe
def tree(request: HttpRequest) -> HttpResponse:
    """The tree pane, expanded down to the node ``open``."""
    uid = request.GET.get("open", "") or COMPANIES_ID
    reader = reader_of(request)
    try:
        root = queries.get_tree_around(uid, reader=reader)
    except NodeNotFound:
        try:
            root = queries.get_tree_around(ROOT_ID, reader=reader)
        except NodeNotFound:
            return render(request, "tree/_tree.html", {"root": None})
    return render(request, "tree/_tree.html", {"root": root, "inside": _inside(root)})


def _inside(root: Branch) -> str:
    """The HTML of what is expanded below this branch, made from the bottom up.

    A template that includes itself would need more of Python's stack than there is for the deepest possible tree.
    """
    pages: list[BranchPage] = []
    page = root.children
    while page is not None and page.branches:
        pages.append(page)
        page = next((branch.children for branch in page.branches if branch.children), None)
    html = ""
    for page in reversed(pages):
        html = render_to_string("tree/_branches.html", {"page": page, "inside": html})
    return html


def _note_seen(request: HttpRequest, node: Node) -> None:
    """A full disk or a locked table must not cost the page."""
    if not policy.is_viewing(request.user) and not node.is_trashed and node.uid not in (ROOT_ID, COMPANIES_ID):
        with suppress(DatabaseError):
            SeenNode.note(request.user, node.uid)


def _apart(node: Node, children: Page) -> tuple[Page, tuple[Row, ...]]:
    """Separate the children that staff wrote, which the page of a record or note shows above its text."""
    if node.kind == Folder.kind() or children.has_more:
        return children, ()
    notes = tuple(row for row in children.rows if row.is_of_staff)
    return Page(tuple(row for row in children.rows if not row.is_of_staff)), notes


def _to_node(uid: str) -> HttpResponseRedirect:
    return redirect(reverse("node", args=[uid]))


def _exists(uid: str, reader: Reader) -> bool:
    return uid in queries.get_link_states([uid], reader=reader)


def _flag(request: HttpRequest, name: str) -> bool:
    return request.GET.get(name, "") in ("1", "true", "on", "yes")
