"""The nodes that a request of the old application's clients may read, by their ids and numbers."""

from dataclasses import replace

from django.http import HttpRequest

from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.rights.reader import Reader
from knowledgetree.basics.rights.withholding import Part
from tree.api.compliance import withheld_from, withholds_anywhere
from tree.api.legacy.numbers import id_of
from tree.api.readable import disclosed
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
