"""Operations of the API v1 on the saved versions of a node."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router

from knowledgetree.accounts.rights.reader_of import reader_of
from tree import operations, queries
from tree.api.compliance import Disclosure
from tree.api.v1 import cursors, schemas
from tree.api.v1.answers import answer, page_answer
from tree.api.v1.parameters import IF_MATCH, Cursor, NodeId, Number, limit_of
from tree.api.v1.readable import matched, readable, require_text, shown_by_id, unchanged
from tree.graph.values import Node
from tree.queries.texts.notes import Revision

router = Router(tags=["Revisions"])


@router.get("/nodes/{node_id}/revisions", url_name="revisions", response=schemas.Revisions, summary="Saved versions")
def list_revisions(
    request: HttpRequest,
    node_id: NodeId,
    limit: limit_of(1000) = 50,  # type: ignore[valid-type]
    cursor: Cursor = "",
) -> HttpResponse:
    """The saved versions of a node without their texts, the newest first."""
    node = readable(request, node_id)
    purpose = f"revisions {node.uid}"
    found = queries.get_revisions(
        node.uid, reader=reader_of(request), before=cursors.place(purpose, cursor), limit=limit + 1
    )
    known = Disclosure.of(request, node.path)
    items = [_record(request, node, known, revision) for revision in found[:limit]]
    more = cursors.written(purpose, found[limit - 1].number) if len(found) > limit else None
    return page_answer(request, items, more)


@router.get(
    "/nodes/{node_id}/revisions/{number:number}", url_name="revision", response=schemas.RevisionWithText,
    summary="A saved version",
)  # fmt: skip
def get_revision(request: HttpRequest, node_id: NodeId, number: Number) -> HttpResponse:
    """One saved version with its text."""
    node = readable(request, node_id)
    revision = queries.get_revision(node.uid, number, reader=reader_of(request))
    known = Disclosure.of(request, node.path)
    return answer(_record(request, node, known, revision, content=revision.content))


@router.post(
    "/nodes/{node_id}/revisions/{number:number}/restore", url_name="revision-restore", response=schemas.Node,
    summary="Restore a saved version", openapi_extra=IF_MATCH,
)  # fmt: skip
def restore_revision(request: HttpRequest, node_id: NodeId, number: Number) -> HttpResponse:
    """Save the text of an earlier version as a new one. The name stays."""
    found, author = matched(request, node_id), request.user.get_username()
    require_text(found)
    with unchanged(request, found):
        operations.restore_revision(found.node.uid, number, author=author, base_version=found.version)
    return shown_by_id(request, node_id).response()


def _record(request: HttpRequest, node: Node, known: Disclosure, revision: Revision, **more: str) -> dict[str, Any]:
    values = {
        "number": revision.number,
        "name": revision.name,
        "author": revision.author,
        "message": revision.message,
        "saved_at": revision.saved_at,
        "size": revision.size,
        "is_warning": revision.is_warning,
        "way": revision.way,
        "through": revision.through,
        **more,
        "url": request.build_absolute_uri(reverse("node-version", args=[node.uid, revision.number])),
    }
    return known.item(values, node.path)
