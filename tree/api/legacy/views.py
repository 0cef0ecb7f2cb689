"""The JSON API for nodes, with the URLs and keys of the old application, built on ``queries`` and ``operations``.

A success is always a 200 with JSON. Errors raised here are ``{"error": "text"}``, those of the framework are
``application/problem+json`` (see ``knowledgetree.problems``). URLs have no trailing slash.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from msgspec import UNSET, Struct, UnsetType

from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.audit import log
from tree import operations, queries
from tree.api.compliance import Disclosure, require_no_less_withheld
from tree.api.legacy import responses
from tree.api.legacy.readable import readable, reader_of_links
from tree.api.legacy.requests import BadRequest, answers_json, body_of, error_response, limit_of
from tree.api.readable import require_inside
from tree.exceptions import NodeNotFound, Refused
from tree.files.serving import file_url, status_of
from tree.graph.values import Crumb, Node, Page, Row
from tree.kinds import Note
from tree.queries import paths
from tree.text.pasting import NotConverted, clipboard_as_markdown
from tree.vocabulary import ROOT_ID

MAX_ROWS = 1000
SEARCH_LIMIT, SEARCH_LIMIT_MAX = 15, 50


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
    content_html: str | UnsetType = UNSET  # counts more than ``content``, as in the old application


class NewPlace(Struct):
    """The body of ``move``."""

    new_parent_id: str = ""


@require_safe
@answers_json
def search(request: HttpRequest) -> HttpResponse:
    """Search for ``query`` (or ``q``) below ``start_node_id``.

    The response is a list or, if ``limit`` (1 to 50) is given, an object that contains it.
    """
    text = request.GET.get("query", "") or request.GET.get("q", "")
    limit = limit_of(request.GET.get("limit"), SEARCH_LIMIT, SEARCH_LIMIT_MAX)
    start = request.GET.get("start_node_id", "") or ROOT_ID
    found = []
    if text.strip():
        company = "" if start == ROOT_ID else start
        hits = queries.search(text, company=company, reader=reader_of(request), limit=limit)
        if hits.waiting:
            reason = f"The search index of {hits.waiting} is not ready yet: a first sync makes it at its end."
            return error_response(f"{reason} Try again then.", 503)
        if hits.faults:
            raise BadRequest(" ".join(hits.faults))
        nodes: list[Crumb | Row] = [
            *(crumb for hit in hits.hits for crumb in hit.path),
            *(hit.row for hit in hits.hits),
        ]
        known = Disclosure.of(request, nodes)
        found = [
            responses.search_item(hit, round(1 - place / len(hits.hits), 3), known)
            for place, hit in enumerate(hits.hits)
            if not known.hides((*hit.path, hit.row))
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
        node = readable(request, paths.resolve(path, reader=reader_of(request)))
    except NodeNotFound:
        return error_response("Path not found", 404, path=path)
    children = _children(request, node.uid)
    notes = [row.uid for row in children.rows if not responses.is_folder(row)]
    known = Disclosure.of(request, (*node.path, *children.rows))
    summaries = queries.get_summaries(notes, reader=reader_of(request))
    return JsonResponse(responses.browsed(path, node, children, summaries, known))


@require_POST
@answers_json
def create(request: HttpRequest) -> HttpResponse:
    """Create a folder or note from ``parent_id``, ``name``, ``is_folder``, ``content`` and ``is_warning``."""
    body, author = body_of(request, NewNode), request.user.get_username()
    if not body.parent_id or not body.name:
        raise BadRequest("parent_id and name are required")
    parent = _parent(request, body.parent_id).uid
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
    found = readable(request, uid)
    if request.method == "PUT":
        return _save(request, found)
    if request.method == "DELETE":
        if found.uid == ROOT_ID:
            raise BadRequest("The root cannot be deleted.")
        operations.trash(found.uid, author=request.user.get_username())
        return JsonResponse({"success": True})
    known = Disclosure.of(request, found.path)
    held = queries.get_files(found.uid, reader=reader_of(request))
    files = [responses.file(file, file_url(file)) for file in held if not file.removed_at]
    backlinks = queries.get_backlinks(found.uid, reader=reader_of_links(request))
    log.note(row.uid for row in backlinks)
    return JsonResponse(responses.node(found, known, backlinks, files))


@require_safe
@answers_json
def children(request: HttpRequest, uid: str) -> HttpResponse:
    """The children of a node, at most 1,000, beginning after the child ``after``."""
    found = readable(request, uid)
    limit = limit_of(request.GET.get("limit"), MAX_ROWS, MAX_ROWS)
    page = _children(request, found.uid, after=request.GET.get("after"), limit=limit)
    known = Disclosure.of(request, (*found.path, *page.rows))
    rows, _ = responses.visible(page, found, known)
    return JsonResponse([responses.child(row, found, known) for row in rows], safe=False)


@require_safe
@answers_json
def browse_node(request: HttpRequest, uid: str) -> HttpResponse:
    """A folder's children and its path from the root."""
    found = readable(request, uid)
    if found.kind == Note.kind():
        raise BadRequest("Not a folder")
    page = _children(request, found.uid)
    return JsonResponse(responses.browsed_node(found, page, Disclosure.of(request, (*found.path, *page.rows))))


@require_safe
@answers_json
def folders(request: HttpRequest) -> HttpResponse:
    """The folders of the whole tree, nested; at most 1,000, the upper levels first.

    ``truncated`` is there if there are more.
    """
    found, is_whole = queries.get_folders(limit=MAX_ROWS, reader=reader_of_links(request))
    log.note(row.uid for _, row in found)
    return JsonResponse(responses.folder_tree(found) | ({} if is_whole else {"truncated": True}))


@require_POST
@answers_json
def move(request: HttpRequest, uid: str) -> HttpResponse:
    """Move a node below ``new_parent_id``."""
    new_parent_id = body_of(request, NewPlace).new_parent_id
    if not new_parent_id:
        raise BadRequest("new_parent_id is required")
    if uid == ROOT_ID:
        raise BadRequest("Cannot move root or non-existent node")
    moved, parent = readable(request, uid), _parent(request, new_parent_id)
    require_no_less_withheld(request, moved.path, parent.path)
    operations.move(moved.uid, parent.uid, author=request.user.get_username())
    return JsonResponse({"success": True})


@require_POST
@answers_json
def upload(request: HttpRequest, uid: str) -> HttpResponse:
    """Add the uploaded form field ``file`` to a node."""
    holder = _parent(request, uid, "Node not found").uid
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
    body = body_of(request, ChangedNode)
    content = _given(body.content) if body.content_html is UNSET else _from_html(request, _given(body.content_html))
    if content is not None and Disclosure.of(request, node.path).hides_text(node.path):
        raise BadRequest("This text is withheld from you, so you cannot replace it.", 403)
    saved = operations.save(
        node.uid,
        author=request.user.get_username(),
        base_version=body.version,
        name=_given(body.name),
        content=content,
        is_warning=body.is_warning if isinstance(body.is_warning, bool) else None,
    )
    return JsonResponse({"success": True, "version": saved.version})


def _parent(request: HttpRequest, uid: str, missing: str = "Parent folder not found") -> Node:
    """A node that something is put into. Raises BadRequest with status 404, Forbidden."""
    try:
        found = readable(request, uid)
    except NodeNotFound as error:
        raise BadRequest(missing, 404) from error
    require_inside(found)
    return found


def _children(request: HttpRequest, uid: str, *, after: str | None = None, limit: int = MAX_ROWS) -> Page:
    return queries.get_children(uid, after=after, reader=reader_of(request), cards=True, limit=limit)


def _from_html(request: HttpRequest, html: str | None) -> str:
    """HTML as the Markdown that is stored. Raises BadRequest."""
    if not (html or "").strip():
        return ""
    try:
        return clipboard_as_markdown(str(html), f"{request.scheme}://{request.get_host()}")
    except NotConverted as error:
        raise BadRequest(f"content_html cannot be made into Markdown: {error}") from error


def _given(text: str | UnsetType) -> str | None:
    return text if isinstance(text, str) else None
