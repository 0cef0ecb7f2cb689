"""The node that a request names, if the caller may read it; and the ETag, with which writes say what they are based on.

``If-Match`` is required to change a node (RFC 6585 has the 428, RFC 9110 the 412), so that nobody overwrites what they
have not seen.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from knowledgetree.accounts.rights.reader_of import reader_of
from tree.api.compliance import Disclosure, withheld_from
from tree.api.readable import disclosed, require_inside, told
from tree.api.v1.answers import answer, etag_of
from tree.api.v1.errors import Problem, wrong
from tree.api.v1.records import PageAddresses, node_record
from tree.exceptions import Conflict, NodeNotFound
from tree.graph.values import Node


@dataclass(frozen=True)
class Shown:
    """A node as the caller reads it. ``known``: what they may be told of it."""

    node: Node
    record: dict[str, Any]
    etag: str
    known: Disclosure

    def response(self, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
        return answer(self.record, status, {"ETag": self.etag, **(headers or {})})

    @property
    def version(self) -> int:
        return int(self.record["version"])


def readable(request: HttpRequest, uid: str) -> Node:
    """The node with this id, even if it lies in the trash.

    Raises NodeNotFound, also for one that is not for them, and Forbidden for one that is withheld from them.
    """
    try:
        return disclosed(uid, reader_of(request), withheld_from(request))
    except NodeNotFound as error:
        raise NodeNotFound("There is no such node.") from error


def live(request: HttpRequest, uid: str, field: str = "") -> Node:
    """As ``readable``, but not in the trash. ``field``: that of the body that names it; then it raises Problem."""
    try:
        node = readable(request, uid)
        if node.is_trashed:
            raise NodeNotFound("This node lies in the trash.")
    except NodeNotFound as error:
        if field:
            raise wrong(field, str(error)) from error
        raise
    return node


def place(request: HttpRequest, uid: str, field: str = "") -> Node:
    """As ``live``, for a node that something is put into. Raises Forbidden where a token of some companies may not."""
    node = live(request, uid, field)
    require_inside(node)
    return node


def shown(request: HttpRequest, node: Node) -> Shown:
    """The node with its record and ETag."""
    known = Disclosure.of(request, node.path)
    related = told((one.row.uid for one in node.relations), reader_of(request), withheld_from(request), beside=node)
    record = node_record(node, known, PageAddresses.seen_by(request), related)
    return Shown(node, record, etag_of(record, record["version"]), known)


def shown_by_id(request: HttpRequest, uid: str) -> Shown:
    """The node with this id, its record and its ETag. Raises NodeNotFound."""
    return shown(request, readable(request, uid))


def matched(request: HttpRequest, uid: str) -> Shown:
    """The node that is to be changed, if it still is what the caller has read. Raises NodeNotFound, Problem."""
    found = shown_by_id(request, uid)
    given = request.headers.get("If-Match")
    if given is None:
        raise Problem(428, "Send If-Match with the ETag of the node, as GET gave it.", {"If-Match": "It is missing."})
    tags = [tag.strip() for tag in given.split(",")]
    if "*" not in tags and found.etag not in tags:
        raise stale(found)
    return found


@contextmanager
def unchanged(request: HttpRequest, found: Shown) -> Iterator[None]:
    """For the change itself: somebody may have been quicker since ``matched``. Raises Problem."""
    try:
        yield
    except Conflict as error:
        raise stale(shown_by_id(request, found.node.uid), error) from error


def unless_unchanged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """This response of a GET, or a 304 if the caller has it already. Raises Problem (a GET with If-Match)."""
    etag = response.headers["ETag"]
    found = cast(HttpResponse, get_conditional_response(request, etag=etag, response=response))
    if found.status_code == 412:
        why = "The node has changed since; the ETag of this response is the present one."
        raise Problem(412, why, headers={"ETag": etag})
    return found


def require_text(found: Shown) -> None:
    """Raises Problem unless the caller may read the text of the node, which they want or replace."""
    if found.known.hides_text(found.node.path):
        raise Problem(403, "The text is withheld from you, because of the compliance level of the company.")


def stale(found: Shown, error: Conflict | None = None) -> Problem:
    """The refusal to change a node that is not any more what the caller has read."""
    who = f" {error}" if error else ""
    why = f"The node has changed since.{who} Read it again; the ETag of this response is the present one."
    return Problem(412, why, headers={"ETag": found.etag}, version=found.version)
