"""The nodes that a request may read, found by the ids and numbers of clients.

``disclosed``, ``told`` and ``require_inside`` are the rules of every way in: these routes, the API v1, the tools of
assistants.
"""

from collections.abc import Iterable
from dataclasses import replace

from django.http import HttpRequest

from knowledgetree.accounts.rights.readers import reader_of
from knowledgetree.basics.rights.readers import Reader
from knowledgetree.basics.rights.withholding import Part, Withheld
from tree import audited, queries
from tree.api.compliance import Disclosure, levels_of, withheld_from, withholds_anywhere
from tree.api.numbers import id_of
from tree.exceptions import Forbidden, NodeNotFound
from tree.graph.values import Crumb, Node, Row


def reader_of_links(request: HttpRequest) -> Reader:
    """The reader of this request, without tickets if those of some company are withheld as a whole.

    For lists whose rows do not tell their company.
    """
    reader = reader_of(request)
    return replace(reader, tickets=False) if withholds_anywhere(request, Part.TICKETS) else reader


def disclosed(uid: str, reader: Reader, withheld: Withheld) -> Node:
    """The node with this id, even if it lies in the trash. ``withheld``: what is withheld from the reader, by level.

    Raises NodeNotFound, also for one that the reader may not read; Forbidden for one that is withheld as a whole.
    """
    node = queries.get_node(uid, reader=reader)
    is_asked = any(Part.TICKETS in parts for parts in withheld.values())
    if is_asked and Disclosure(levels_of(node.path), withheld).hides(node.path):
        raise Forbidden("Tickets of this company are withheld from you, because of its compliance level.")
    return node


def told(ids: Iterable[str], reader: Reader, withheld: Withheld) -> dict[str, bool]:
    """Those of these nodes that the reader may know of, and whether their texts, too. The audit log is told of them.

    ``withheld``: what is withheld from the reader, by level.
    """
    ways: dict[str, tuple[Crumb | Row, ...]] = {
        uid: (*one.path, one.row) for uid, one in queries.get_placed(ids, reader=reader).items()
    }
    known = Disclosure(levels_of(one for way in ways.values() for one in way), withheld)
    seen = {uid: not known.hides_text(way) for uid, way in ways.items() if not known.hides(way)}
    for uid in seen:
        audited.note_handed_out(ways[uid])
    return seen


def require_inside(node: Node) -> None:
    """Raises Forbidden for a node that only leads a token of some companies to these."""
    if node.is_way:
        raise Forbidden("This token may write below its companies only.")


def readable(request: HttpRequest, uid: str) -> Node:
    """A live node that this person may see, by its id or its number.

    Raises NodeNotFound, also for one that they may not read; Forbidden for one that is withheld.
    """
    try:
        found = _by_id_or_number(request, uid)
    except NodeNotFound as error:
        raise NodeNotFound("Node not found") from error
    if found.is_trashed:
        raise NodeNotFound("Node not found")
    return found


def _by_id_or_number(request: HttpRequest, uid: str) -> Node:
    reader, withheld = reader_of(request), withheld_from(request)
    try:
        return disclosed(uid, reader, withheld)
    except NodeNotFound:
        other = id_of(uid)
        if other is None:
            raise
        return disclosed(other, reader, withheld)
