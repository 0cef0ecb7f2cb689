"""Look-up of the node in a URL, for views: 404 if there is none, or none that the user may read."""

from django.http import Http404, HttpRequest

from knowledgetree.accounts.rights.reader_of import reader_of
from tree import audited, queries
from tree.exceptions import NodeNotFound
from tree.graph.values import Node


def readable_node(request: HttpRequest, uid: str) -> Node:
    """The node with this id, even if it is in the trash. Raises Http404, also for one that the user may not read."""
    try:
        node = queries.get_node(uid, reader=reader_of(request))
    except NodeNotFound as error:
        raise Http404(str(error)) from error
    if node.is_in_ticket:
        audited.note_shown(node)
    return node
