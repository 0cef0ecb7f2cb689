"""The kinds of node, one class each: its properties, its links and how it is displayed.

    (:ContextItem:Folder {id: "root"})-[:PARENT_OF]->(:ContextItem:Folder)-[:PARENT_OF]->(:ContextItem:Company)…

Every node of the tree has the label ContextItem and the label of its kind. ``uid`` is the Python name of the
property ``id``, because neomodel reserves the name ``id``. Times are ISO 8601 strings in UTC, as Codex writes them.
Pages and the sync use plain Cypher; facts, rows, search, the admin and docs/graph.md are derived from these classes.
The classes also serve code that prefers objects.
"""

from tree.kinds.asset import Asset
from tree.kinds.company import Company
from tree.kinds.declaration.base import ContextItem
from tree.kinds.declaration.django_node import GraphNodes
from tree.kinds.folder import Folder
from tree.kinds.location import Location
from tree.kinds.note import Note
from tree.kinds.ticket import Ticket
from tree.kinds.user import User

# In the order in which they are displayed.
NODE_CLASSES: tuple[type[ContextItem], ...] = (Folder, Company, Location, User, Asset, Ticket, Note)
NODE_CLASS = {node_class.kind(): node_class for node_class in NODE_CLASSES}
for _node_class in NODE_CLASSES:
    _node_class._default_manager = GraphNodes(_node_class)  # neomodel's metaclass would overwrite it

KINDS = tuple(NODE_CLASS)
RECORD_KINDS = tuple(kind for kind in KINDS if NODE_CLASS[kind].about.is_record)
FOLDER_KINDS = tuple(kind for kind in KINDS if NODE_CLASS[kind].about.shown_as_folder)
STAFF_KINDS = (Folder.kind(), Note.kind())
LISTED_NAMES = tuple(  # the properties that a list row carries, whatever its kind
    dict.fromkeys(name for node_class in NODE_CLASSES for name, field in node_class.fields().items() if field.listed)
)


def staff_kind(is_folder: bool) -> str:
    """The kind of a node that staff create."""
    return Folder.kind() if is_folder else Note.kind()


def searched_names(kind: str) -> tuple[str, ...]:
    """The names (as in the graph) of the properties of this kind that are searched."""
    return tuple(name for name, field in NODE_CLASS[kind].fields().items() if field.searched)


__all__ = [
    "FOLDER_KINDS",
    "KINDS",
    "LISTED_NAMES",
    "NODE_CLASS",
    "NODE_CLASSES",
    "RECORD_KINDS",
    "STAFF_KINDS",
    "Asset",
    "Company",
    "ContextItem",
    "Folder",
    "Location",
    "Note",
    "Ticket",
    "User",
    "searched_names",
    "staff_kind",
]
