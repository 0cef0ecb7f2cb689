"""The kinds of node: labels, properties and relations (``tree.graph.schema`` makes the schema itself).

    (:ContextItem:Folder {id: "root"})-[:PARENT_OF]->(:ContextItem:Folder)-[:PARENT_OF]->(:ContextItem:Company)…

Every node of the tree has the label ContextItem and one label of its kind. ``uid`` is the Python name of the
property ``id``, which neomodel keeps for itself. Times are ISO 8601 texts in UTC, as Codex writes them.
Pages and the sync use plain Cypher; these classes serve the Django admin and code that wants objects.
"""

from typing import Any

from tree.kinds.asset import Asset
from tree.kinds.company import Company
from tree.kinds.django_node import GraphNodes
from tree.kinds.folder import Folder
from tree.kinds.note import Note
from tree.kinds.ticket import Ticket
from tree.kinds.user import User

NODE_CLASSES: tuple[Any, ...] = (Folder, Company, User, Asset, Ticket, Note)
KINDS = tuple(node_class.kind() for node_class in NODE_CLASSES)
for _node_class in NODE_CLASSES:
    _node_class._default_manager = GraphNodes(_node_class)  # neomodel's metaclass would overwrite it

__all__ = ["KINDS", "NODE_CLASSES", "Asset", "Company", "Folder", "Note", "Ticket", "User"]
