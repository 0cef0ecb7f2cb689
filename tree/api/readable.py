"""The nodes that a request may read, found by the ids and numbers of clients."""

from dataclasses import replace

from django.http import HttpRequest

from knowledgetree.accounts.readers import reader_of
from knowledgetree.basics.readers import Reader
from knowledgetree.basics.withholding import Part
from tree import queries
from tree.api.compliance import Disclosure, withholds_anywhere
from tree.api.numbers import id_of
from tree.api.requests import BadRequest
from tree.exceptions import NodeNotFound
from tree.graph.values import Node


def reader_of_links(request: HttpRequest) -> Reader:
    """The reader of this request, without tickets if those of some company are withheld as a whole.

    For lists whose rows do not tell their company.
    """
    reader = reader_of(request)
    return replace(reader, tickets=False) if withholds_anywhere(request, Part.TICKETS) else reader


def readable(request: HttpRequest, uid: str) -> Node:
    """A live node that this person may see, by its id or its number.

    Raises NodeNotFound, also for one that they may not read; BadRequest with status 403 for one that is withheld.
    """
    try:
        found = _by_id_or_number(request, uid)
    except NodeNotFound as error:
        raise NodeNotFound("Node not found") from error
    if found.is_trashed:
        raise NodeNotFound("Node not found")
    if withholds_anywhere(request, Part.TICKETS) and Disclosure.of(request, found.path).hides(found.path):
        raise BadRequest("Tickets of this company are withheld from you, because of its compliance level.", 403)
    return found


def _by_id_or_number(request: HttpRequest, uid: str) -> Node:
    reader = reader_of(request)
    try:
        return queries.get_node(uid, reader=reader)
    except NodeNotFound:
        other = id_of(uid)
        if other is None:
            raise
        return queries.get_node(other, reader=reader)
