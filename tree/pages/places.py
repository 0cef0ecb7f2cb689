"""The entries of the place chooser: one level of the tree, or the results of a search."""

from dataclasses import dataclass

from knowledgetree.basics.rights.reader import Reader
from tree import queries
from tree.exceptions import NodeNotFound
from tree.graph.values import Placed, Row
from tree.kinds import Note
from tree.vocabulary import ROOT_ID

_FOUND = 12
_SEARCHED = 40  # more than are shown, because folders and records are then moved before notes


@dataclass(frozen=True)
class Places:
    """The entries to choose from. ``here`` is the node whose children they are; None for search results.

    ``has_more``: there are further entries, which are not listed.
    """

    here: Placed | None
    places: tuple[Placed, ...]
    has_more: bool = False
    waiting: str = ""  # the kinds that a search cannot find yet (see Hits)


def at(uid: str, reader: Reader) -> Places:
    """A node and its children: the person in place of a card, the root if the node is gone or in the trash."""
    try:
        node = queries.get_node(uid, reader=reader)
    except NodeNotFound:
        node = queries.get_node(ROOT_ID, reader=reader)
    if node.is_card:
        node = queries.get_node(node.place, reader=reader)
    if node.is_trashed:
        node = queries.get_node(ROOT_ID, reader=reader)
    children = queries.get_children(node.uid, reader=reader)
    here = Placed(Row(node.uid, node.name, node.kind, fields=node.properties), node.crumbs)
    return Places(here, tuple(Placed(child, node.path) for child in children.rows), children.has_more)


def find(text: str, reader: Reader) -> Places:
    """Search results for ``text``: folders and records first, then notes."""
    hits = queries.search(text, reader=reader, limit=_SEARCHED)
    found = sorted(hits.hits, key=lambda hit: hit.row.kind == Note.kind())
    places = tuple(Placed(hit.row, hit.crumbs) for hit in found[:_FOUND])
    return Places(None, places, hits.has_more or len(found) > _FOUND, hits.waiting)
