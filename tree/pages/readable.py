"""The node of an address, for the views: 404 if there is none, 403 if its reader may not see tickets."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from knowledgetree.accounts import policy
from tree import queries
from tree.exceptions import NodeNotFound
from tree.graph.values import Node


def node_or_404(uid: str) -> Node:
    """The node with this id, trashed ones, too. Raises Http404."""
    try:
        return queries.get_node(uid)
    except NodeNotFound as error:
        raise Http404(str(error)) from error


def readable_node(request: HttpRequest, uid: str) -> Node:
    """The node with this id. Raises Http404; PermissionDenied where it is in a ticket and its reader sees none."""
    node = node_or_404(uid)
    if node.is_in_ticket and not policy.may_read_tickets(request.user):
        raise PermissionDenied("tickets")
    return node
