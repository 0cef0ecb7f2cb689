"""The JSON API for nodes, with the URLs and keys of the old application, built on ``queries`` and ``operations``.

A success is always a 200 with JSON. Errors raised here are ``{"error": "text"}``, those of the framework are
``application/problem+json`` (see ``knowledgetree.problems``). URLs have no trailing slash.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from msgspec import UNSET, Struct, UnsetType

from knowledgetree.accounts.readers import reader_of
from knowledgetree.audit import log
from knowledgetree.basics.address_forms import whole_number
from knowledgetree.basics.mismatches import in_words, mismatch_of
from tree import operations, queries
from tree.api import responses
from tree.api.compliance import levels_of
from tree.api.numbers import id_of
from tree.exceptions import Conflict, NameTaken, NodeNotFound, ReadOnlyNode, Refused
from tree.files.serving import file_url, status_of
from tree.graph.values import Node, Page
from tree.kinds import Note
from tree.queries import paths
from tree.vocabulary import ROOT_ID

MAX_ROWS = 1000
MAX_BODY_BYTES = 2 * 1024 * 1024  # enough for a text of 256 kB with JSON escapes
SEARCH_LIMIT, SEARCH_LIMIT_MAX = 15, 50

_STATUSES: dict[type[Refused], int] = {NameTaken: 409, Conflict: 409, ReadOnlyNode: 403}
_WITHOUT_QUOTES = str.maketrans("", "", "“”")  # the old application's clients expect bare field names
View = Callable[..., HttpResponse]
Body = TypeVar("Body", bound=Struct)


class NewNode(Struct):
    """The body of ``create``."""

    parent_id: str = ""
    name: str = ""
    is_folder: bool = False
    content: str = ""
    is_warning: bool = False


class ChangedNode(Struct):
    """The body of a PUT. Omitted fields stay unchanged. ``version`` is the version that the change is based on."""

    name: str | UnsetType = UNSET
    content: str | UnsetType = UNSET
    is_warning: bool | UnsetType = UNSET
    version: int | None = None
    content_html: Any = UNSET  # of the old application


class NewPlace(Struct):
    """The body of ``move``."""

    new_parent_id: str = ""


class BadRequest(Exception):
    """The request has an invalid body or parameter. ``status`` is the status code of the response."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def answers_json(view: View) -> View:
    """Turn exceptions of the tree into ``{"error": …}`` with the status codes that the old clients expect."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except BadRequest as error:
            return _error(str(error), error.status)
        except NodeNotFound as error:
            return _error(str(error), 404)
        except Refused as error:
            more = {name: getattr(error, name) for name in ("existing_id", "version", "author") if hasattr(error, name)}
            return _error(str(error), _STATUSES.get(type(error), 400), **more)

    return guarded


@require_safe
@answers_json
def search(request: HttpRequest) -> HttpResponse:
    """Search for ``query`` (or ``q``) below ``start_node_id``.

    The response is a list or, if ``limit`` (1 to 50) is given, an object that contains it.
    """
    text = request.GET.get("query", "") or request.GET.get("q", "")
    limit = _number(request.GET.get("limit"), SEARCH_LIMIT, SEARCH_LIMIT_MAX)
    start = request.GET.get("start_node_id", "") or ROOT_ID
    found = []
    if text.strip():
        company = "" if start == ROOT_ID else start
        hits = queries.search(text, company=company, reader=reader_of(request), limit=limit)
        if hits.waiting:
            reason = f"The search index of {hits.waiting} is not ready yet: a first sync makes it at its end."
            return _error(f"{reason} Try again then.", 503)
        if hits.faults:
            raise BadRequest(" ".join(hits.faults))
        levels = levels_of([*(crumb for hit in hits.hits for crumb in hit.path), *(hit.row for hit in hits.hits)])
        found = [
            responses.search_item(hit, round(1 - place / len(hits.hits), 3), levels)
            for place, hit in enumerate(hits.hits)
        ]
    if "limit" in request.GET:
        return JsonResponse({"results": found, "count": len(found)})
    return JsonResponse(found, safe=False)


@require_safe
@answers_json
def browse(request: HttpRequest) -> HttpResponse:
    """The folder at ``path``. The path of a note works too, so that clients can turn any path into an id."""
    path = request.GET.get("path", "/")
    try:
        node = _readable(request, paths.resolve(path))
    except NodeNotFound:
        return _error("Path not found", 404, path=path)
    children = _children(request, node.uid)
    notes = [row.uid for row in children.rows if not responses.is_folder(row)]
    levels = levels_of((*node.path, *children.rows))
    return JsonResponse(responses.browsed(path, node, children, queries.get_summaries(notes), levels))


@require_POST
@answers_json
def create(request: HttpRequest) -> HttpResponse:
    """Create a folder or note from ``parent_id``, ``name``, ``is_folder``, ``content`` and ``is_warning``."""
    body, author = _body(request, NewNode), request.user.get_username()
    if not body.parent_id or not body.name:
        raise BadRequest("parent_id and name are required")
    parent = _parent(request, body.parent_id)
    if body.is_folder:
        if body.content or body.is_warning:
            what = "has no content" if body.content else "is no warning"
            raise BadRequest(f"A folder {what}: make a note inside it.")
        uid = operations.create_folder(parent, body.name, author=author)
    else:
        uid = operations.create_note(parent, body.name, body.content, author=author, is_warning=body.is_warning)
    return JsonResponse({"success": True, "id": uid})


@require_http_methods(["GET", "HEAD", "PUT", "DELETE"])
@answers_json
def node(request: HttpRequest, uid: str) -> HttpResponse:
    """Read, change or trash one node."""
    found = _readable(request, uid)
    if request.method == "PUT":
        return _save(request, found)
    if request.method == "DELETE":
        if found.uid == ROOT_ID:
            raise BadRequest("The root cannot be deleted.")
        operations.trash(found.uid, author=request.user.get_username())
        return JsonResponse({"success": True})
    levels = levels_of(found.path)
    files = [responses.file(file, file_url(file)) for file in queries.get_files(found.uid) if not file.removed_at]
    backlinks = queries.get_backlinks(found.uid, reader=reader_of(request))
    log.note(row.uid for row in backlinks)
    return JsonResponse(responses.node(found, levels, backlinks, files))


@require_safe
@answers_json
def children(request: HttpRequest, uid: str) -> HttpResponse:
    """The children of a node, at most 1,000, beginning after the child ``after``."""
    found = _readable(request, uid)
    limit = _number(request.GET.get("limit"), MAX_ROWS, MAX_ROWS)
    page = _children(request, found.uid, after=request.GET.get("after"), limit=limit)
    levels = levels_of((*found.path, *page.rows))
    return JsonResponse([responses.child(row, found, levels) for row in page.rows], safe=False)


@require_safe
@answers_json
def browse_node(request: HttpRequest, uid: str) -> HttpResponse:
    """A folder's children and its path from the root."""
    found = _readable(request, uid)
    if found.kind == Note.kind():
        raise BadRequest("Not a folder")
    page = _children(request, found.uid)
    return JsonResponse(responses.browsed_node(found, page, levels_of((*found.path, *page.rows))))


@require_safe
@answers_json
def folders(request: HttpRequest) -> HttpResponse:
    """The folders of the whole tree, nested; at most 1,000, the upper levels first.

    ``truncated`` is there if there are more.
    """
    found, is_whole = queries.get_folders(limit=MAX_ROWS, reader=reader_of(request))
    log.note(row.uid for _, row in found)
    return JsonResponse(responses.folder_tree(found) | ({} if is_whole else {"truncated": True}))


@require_POST
@answers_json
def move(request: HttpRequest, uid: str) -> HttpResponse:
    """Move a node below ``new_parent_id``."""
    new_parent_id = _body(request, NewPlace).new_parent_id
    if not new_parent_id:
        raise BadRequest("new_parent_id is required")
    if uid == ROOT_ID:
        raise BadRequest("Cannot move root or non-existent node")
    moved = _readable(request, uid).uid
    operations.move(moved, _parent(request, new_parent_id), author=request.user.get_username())
    return JsonResponse({"success": True})


@require_POST
@answers_json
def upload(request: HttpRequest, uid: str) -> HttpResponse:
    """Add the uploaded form field ``file`` to a node."""
    holder = _readable(request, uid).uid
    sent = request.FILES.get("file")
    if sent is None:
        raise BadRequest("No file part")
    if not sent.name:
        raise BadRequest("No file selected")
    try:
        added = operations.add_file(holder, sent.name, sent, author=request.user.get_username())
    except Refused as error:
        raise BadRequest(str(error), status_of(error)) from error
    return JsonResponse({"success": True, "filename": added.name, "file_id": added.uid, "url": file_url(added)})


def _save(request: HttpRequest, node: Node) -> HttpResponse:
    body = _body(request, ChangedNode)
    if body.content_html is not UNSET:
        raise BadRequest("content_html is not taken any more: texts are Markdown. Send content.")
    saved = operations.save(
        node.uid,
        author=request.user.get_username(),
        base_version=body.version,
        name=_given(body.name),
        content=_given(body.content),
        is_warning=body.is_warning if isinstance(body.is_warning, bool) else None,
    )
    return JsonResponse({"success": True, "version": saved.version})


def _readable(request: HttpRequest, uid: str) -> Node:
    """A live node that this person may see, by its id or its number.

    Raises NodeNotFound, also for tickets that they may not read.
    """
    try:
        found = _by_id_or_number(uid)
    except NodeNotFound as error:
        raise NodeNotFound("Node not found") from error
    if found.properties.get("trashed_at") or (found.is_in_ticket and not reader_of(request).tickets):
        raise NodeNotFound("Node not found")
    return found


def _parent(request: HttpRequest, uid: str) -> str:
    """The id of a node that something is put into. Raises BadRequest with status 404."""
    try:
        return _readable(request, uid).uid
    except NodeNotFound as error:
        raise BadRequest("Parent folder not found", 404) from error


def _by_id_or_number(uid: str) -> Node:
    try:
        return queries.get_node(uid)
    except NodeNotFound:
        other = id_of(uid)
        if other is None:
            raise
        return queries.get_node(other)


def _children(request: HttpRequest, uid: str, *, after: str | None = None, limit: int = MAX_ROWS) -> Page:
    return queries.get_children(uid, after=after, reader=reader_of(request), cards=True, limit=limit)


def _body(request: HttpRequest, kind: type[Body]) -> Body:
    """The request's JSON as ``kind``; unknown fields are ignored. Raises BadRequest, which names an invalid field."""
    if request.content_type != "application/json":
        raise BadRequest("Send JSON with Content-Type: application/json.", 415)
    if len(request.body) > MAX_BODY_BYTES:
        raise BadRequest("The request is too large.", 413)
    try:
        body = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest("The request's body is not JSON.") from error
    if not isinstance(body, dict):
        raise BadRequest("The request's body must be a JSON object.")
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise BadRequest(in_words(mismatch_of(error)).translate(_WITHOUT_QUOTES)) from error


def _given(text: str | UnsetType) -> str | None:
    return text if isinstance(text, str) else None


def _number(typed: str | None, default: int, highest: int) -> int:
    if typed is None or typed == "":
        return default
    number = whole_number(typed, 1, highest)
    if number is None:
        raise BadRequest(f"limit must be a number from 1 to {highest}")
    return number


def _error(message: str, status: int, **more: Any) -> JsonResponse:
    return JsonResponse({"error": message} | more, status=status)
