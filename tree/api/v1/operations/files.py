"""Operations of the API v1 on the files of a node. Their bytes come from the address that each file names."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Router
from ninja.files import UploadedFile

from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.rights.withholding import Part
from tree import operations, queries
from tree.api.compliance import Disclosure
from tree.api.readable import require_inside
from tree.api.v1 import schemas
from tree.api.v1.answers import answer, page_answer
from tree.api.v1.errors import Problem
from tree.api.v1.parameters import IDEMPOTENCY_KEY, IF_MATCH, FileId, NodeId
from tree.api.v1.readable import matched, place, readable, unchanged
from tree.api.v1.records import PageAddresses, file_record
from tree.api.v1.repeats import HEADER, once
from tree.exceptions import Forbidden
from tree.files.serving import file_url
from tree.graph.values import File as StoredFile
from tree.graph.values import Node

router = Router(tags=["Files"])


@router.get("/nodes/{node_id}/files", url_name="files", response=schemas.Files, summary="Files of a node")
def list_files(request: HttpRequest, node_id: NodeId) -> HttpResponse:
    """The files of a node by name, at most 500, without removed ones. Download them from their url."""
    node = readable(request, node_id)
    known = Disclosure.of(request, node.path)
    if Part.FILES in known.parts(node.path):
        return page_answer(request, [], None, withheld=[Part.FILES])
    files = [file for file in queries.get_files(node.uid, reader=reader_of(request)) if not file.removed_at]
    return page_answer(request, _records(request, node, known, files), None, withheld=[])


@router.post(
    "/nodes/{node_id}/files", url_name="files", response={201: schemas.File}, summary="Add a file",
    openapi_extra=IDEMPOTENCY_KEY,
)  # fmt: skip
def add_file(request: HttpRequest, node_id: NodeId, file: File[UploadedFile]) -> HttpResponse:
    """Add the form field file (multipart/form-data) to a node, one from Codex too. Its type is told by its content."""
    node = place(request, node_id)
    if not file.name:
        raise Problem(422, "The file has no name.", {"file": "It has no name."})

    known = Disclosure.of(request, node.path)

    def add() -> StoredFile:
        return operations.add_file(node.uid, file.name or "", file, author=request.user.get_username())

    def show(added: StoredFile) -> HttpResponse:
        [record] = _records(request, node, known, [added])
        return answer(record, 201, {"Location": record["url"]})

    return once(request, add, show, _digest(file) if HEADER in request.headers else b"")


@router.delete(
    "/nodes/{node_id}/files/{file_id}", url_name="file", response={204: None}, summary="Remove a file",
    openapi_extra=IF_MATCH,
)  # fmt: skip
def remove_file(request: HttpRequest, node_id: NodeId, file_id: FileId) -> HttpResponse:
    """Remove a file from a node. People can restore it on the page of the node for 30 days."""
    found = matched(request, node_id)
    node = found.node
    require_inside(node)
    if Part.FILES in found.known.parts(node.path):
        raise Forbidden("The files of this node are withheld from you, because of the compliance level of its company.")
    with unchanged(request, found):
        operations.remove_file(node.uid, file_id, author=request.user.get_username(), base_version=found.version)
    return HttpResponse(status=204)


def _records(request: HttpRequest, node: Node, known: Disclosure, files: list[StoredFile]) -> list[dict[str, Any]]:
    page = PageAddresses.seen_by(request)(node.uid)
    return [
        known.item(file_record(file, request.build_absolute_uri(file_url(file))) | {"page": page}, node.path)
        for file in files
    ]


def _digest(file: UploadedFile) -> bytes:
    """The name and a hash of the content: the body differs each time, because its parts are told apart at random."""
    digest = hashlib.sha256((file.name or "").encode(errors="replace") + b"\0")
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.digest()
