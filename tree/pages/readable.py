"""Look-up of the node in a URL, for views: 404 if there is none, or none that the user may read."""

from django.http import Http404, HttpRequest

from knowledgetree.accounts.readers import reader_of
from tree import audited, queries
from tree.exceptions import NodeNotFound
from tree.graph.values import Node


def node_or_404(uid: str) -> Node:
    """The node with this id, even if it is in the trash. Raises Http404."""
    try:
        return queries.get_node(uid)
    except NodeNotFound as error:
        raise Http404(str(error)) from error


def readable_node(request: HttpRequest, uid: str) -> Node:
    """The node with this id. Raises Http404, for a ticket that the user may not read as if there were none."""
    node = node_or_404(uid)
    if node.is_in_ticket and not reader_of(request).tickets:
        raise Http404(f"No node has the id {uid!r}.")
    if node.is_in_ticket:
        audited.note_shown(node)
    return node
