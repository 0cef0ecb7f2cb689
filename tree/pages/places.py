"""Where something may be put: a level of the tree to walk through, or what a search finds."""

from dataclasses import dataclass

from tree import queries
from tree.exceptions import NodeNotFound
from tree.graph.values import Crumb, Row
from tree.kinds import Note
from tree.vocabulary import ROOT_ID

_FOUND = 12
_SEARCHED = 40  # notes are found, too; folders and records come before them


@dataclass(frozen=True)
class Place:
    """A node that something may be put below, and the way to it."""

    row: Row
    path: tuple[Crumb, ...]


@dataclass(frozen=True)
class Places:
    """``here`` is the level that is shown, None for what a search found. ``has_more``: not all are listed."""

    here: Place | None
    places: tuple[Place, ...]
    has_more: bool = False
    waiting: str = ""  # what a search cannot find yet (see Hits)


def at(uid: str) -> Places:
    """A node and what hangs below it; the root, if the node is gone or lies in the trash."""
    try:
        node = queries.get_node(uid)
    except NodeNotFound:
        node = queries.get_node(ROOT_ID)
    if node.is_trashed:
        node = queries.get_node(ROOT_ID)
    children = queries.get_children(node.uid)
    here = Place(Row(node.uid, node.name, node.kind), node.path[:-1])
    return Places(here, tuple(Place(child, node.path) for child in children.rows), children.has_more)


def find(text: str) -> Places:
    """Folders and records whose names or facts hold the words of ``text``; notes after them."""
    hits = queries.search(text, limit=_SEARCHED)
    found = sorted(hits.hits, key=lambda hit: hit.row.kind == Note.kind())
    places = tuple(Place(hit.row, hit.path) for hit in found[:_FOUND])
    return Places(None, places, hits.has_more or len(found) > _FOUND, hits.waiting)
