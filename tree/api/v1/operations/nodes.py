"""Operations of the API v1 on nodes: read, create, change, move, copy, trash, restore."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router

from knowledgetree.accounts.rights.reader_of import reader_of
from tree import operations, queries
from tree.api.compliance import Disclosure, require_no_less_withheld
from tree.api.v1 import cursors, schemas
from tree.api.v1.answers import page_answer
from tree.api.v1.errors import Problem
from tree.api.v1.parameters import IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH, Archived, Cursor, NodeId, limit_of
from tree.api.v1.readable import (
    Shown,
    live,
    matched,
    place,
    readable,
    require_text,
    shown,
    shown_by_id,
    unchanged,
    unless_unchanged,
)
from tree.api.v1.records import PageAddresses, row_record
from tree.api.v1.repeats import once_by_id
from tree.queries import paths

router = Router(tags=["Nodes"])
AtPath = Annotated[
    str,
    Query(
        min_length=1,
        max_length=4000,
        description="Names from below the root, each percent-encoded.",
        examples=["/Companies"],
    ),
]


@router.get(
    "/nodes", url_name="nodes", response=schemas.Node, summary="A node by its path", openapi_extra=IF_NONE_MATCH
)
def node_at_path(request: HttpRequest, path: AtPath) -> HttpResponse:
    """The node at a path of names, in any case. Its id stays the same when it is renamed or moved, its path changes."""
    return _read(request, shown(request, live(request, paths.resolve(path, reader=reader_of(request)))))


@router.post(
    "/nodes", url_name="nodes", response={201: schemas.Node}, summary="Create a note or folder",
    openapi_extra=IDEMPOTENCY_KEY,
)  # fmt: skip
def create_node(request: HttpRequest, body: schemas.NewNode) -> HttpResponse:
    """Create a note or a folder below any node that is not in the trash, one from Codex too."""

    def create(uid: str) -> str:
        parent, author = place(request, body.parent_id, "parent_id").uid, request.user.get_username()
        if body.kind == "note":
            return operations.create_note(
                parent, body.name, body.content, author=author, uid=uid, is_warning=body.is_warning
            )
        if body.content or body.is_warning:
            what = "content" if body.content else "is_warning"
            raise Problem(
                422, "A folder has no content and is no warning: make a note in it.", {what: "Not of folders."}
            )
        return operations.create_folder(parent, body.name, author=author, uid=uid)

    return once_by_id(request, create, lambda uid: _created(request, uid))


@router.get("/nodes/{node_id}", url_name="node", response=schemas.Node, summary="A node", openapi_extra=IF_NONE_MATCH)
def get_node(request: HttpRequest, node_id: NodeId) -> HttpResponse:
    """A whole node with its text and relations, also from the trash. Its ETag is what changes of it are based on."""
    return _read(request, shown_by_id(request, node_id))


@router.patch(
    "/nodes/{node_id}", url_name="node", response=schemas.Node, summary="Change a node", openapi_extra=IF_MATCH
)
def change_node(request: HttpRequest, node_id: NodeId, body: schemas.ChangedNode) -> HttpResponse:
    """Change the name, the text or the mark as a warning of what staff wrote. What is left out stays as it is."""
    found = matched(request, node_id)
    if body.content is not None:
        require_text(found)
    with unchanged(request, found):
        operations.save(
            found.node.uid,
            author=request.user.get_username(),
            base_version=found.version,
            name=body.name,
            content=body.content,
            is_warning=body.is_warning,
            message=body.message,
        )
    return shown_by_id(request, node_id).response()


@router.get("/nodes/{node_id}/children", url_name="children", response=schemas.Children, summary="Children of a node")
def list_children(
    request: HttpRequest,
    node_id: NodeId,
    archived: Archived = False,
    limit: limit_of(1000) = 100,  # type: ignore[valid-type]
    cursor: Cursor = "",
) -> HttpResponse:
    """The nodes right below a node, folders first, in natural order. With archived, those that left Codex, too."""
    found = readable(request, node_id)
    purpose = f"children {found.uid} {archived}"
    after, key = cursors.place(purpose, cursor) or ("", "")
    page = queries.get_children(
        found.uid,
        after=after, after_key=key, archived=archived, reader=reader_of(request), cards=True, limit=limit,
    )  # fmt: skip
    known, address = Disclosure.of(request, (*found.path, *page.rows)), PageAddresses.seen_by(request)
    items = [
        row_record(row, found.path, known, address, number_of_children=row.count)
        for row in page.rows
        if not known.hides((*found.path, row))
    ]
    more = cursors.written(purpose, [page.last, page.last_key]) if page.last else None
    return page_answer(request, items, more)


@router.post(
    "/nodes/{node_id}/move", url_name="move", response=schemas.Node, summary="Move a node", openapi_extra=IF_MATCH
)
def move_node(request: HttpRequest, node_id: NodeId, body: schemas.Place) -> HttpResponse:
    """Move what staff wrote, with all below it, to another parent. Its id and its links stay."""
    found = matched(request, node_id)
    parent = place(request, body.parent_id, "parent_id")
    require_no_less_withheld(request, found.node.path, parent.path)
    with unchanged(request, found):
        operations.move(found.node.uid, parent.uid, author=request.user.get_username(), base_version=found.version)
    return shown_by_id(request, node_id).response()


@router.post(
    "/nodes/{node_id}/copy", url_name="copy", response={201: schemas.Node}, summary="Copy a node",
    openapi_extra=IDEMPOTENCY_KEY,
)  # fmt: skip
def copy_node(request: HttpRequest, node_id: NodeId, body: schemas.Place) -> HttpResponse:
    """Copy what staff wrote, with all that staff wrote below it, at most 1,000 nodes. The copy begins a history."""

    def copy(uid: str) -> str:
        original, parent = live(request, node_id), place(request, body.parent_id, "parent_id")
        require_no_less_withheld(request, original.path, parent.path)
        return operations.copy(original.uid, parent.uid, author=request.user.get_username(), copy_id=uid)

    return once_by_id(request, copy, lambda uid: _created(request, uid))


@router.post(
    "/nodes/{node_id}/trash", url_name="trash", response=schemas.Node, summary="Put a node into the trash",
    openapi_extra=IF_MATCH,
)  # fmt: skip
def trash_node(request: HttpRequest, node_id: NodeId) -> HttpResponse:
    """Put what staff wrote into the trash, with all below it. It can be restored."""
    found = matched(request, node_id)
    with unchanged(request, found):
        operations.trash(found.node.uid, author=request.user.get_username(), base_version=found.version)
    return shown_by_id(request, node_id).response()


@router.post(
    "/nodes/{node_id}/restore", url_name="restore", response=schemas.Node, summary="Restore a node from the trash",
    openapi_extra=IF_MATCH,
)  # fmt: skip
def restore_node(request: HttpRequest, node_id: NodeId, body: schemas.PlaceOrOld | None = None) -> HttpResponse:
    """Restore what was put into the trash, to its old place or to another one. A taken name gets “(restored)”."""
    found = matched(request, node_id)
    parent = place(request, body.parent_id, "parent_id") if body and body.parent_id else None
    if parent:
        require_no_less_withheld(request, found.node.path, parent.path)
    author, to = request.user.get_username(), parent.uid if parent else ""
    with unchanged(request, found):
        operations.restore(found.node.uid, author=author, new_parent_id=to, base_version=found.version)
    return shown_by_id(request, node_id).response()


def _read(request: HttpRequest, found: Shown) -> HttpResponse:
    return unless_unchanged(request, found.response())


def _created(request: HttpRequest, uid: str) -> HttpResponse:
    place = request.build_absolute_uri(reverse("api-v1:node", args=[uid]))
    return shown_by_id(request, uid).response(201, {"Location": place})
