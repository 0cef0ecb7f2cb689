"""The summary of a node's descendants that is shown before the node is deleted."""

from dataclasses import dataclass

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.graph.connection import read
from tree.graph.values import Row
from tree.queries.columns import MAY_READ, ROW, row
from tree.vocabulary import LINK_EVIDENCE

_BELOW = (
    """
MATCH (top:ContextItem) WHERE top.id IN $ids AND """
    + MAY_READ % {"n": "top"}
    + """
WITH collect(top) AS tops
WITH tops, COLLECT { UNWIND tops AS top MATCH (top)-[:PARENT_OF*1..]->(n:ContextItem)
  WHERE ($trashed_with <> '' AND n.trashed_with = $trashed_with) OR ($trashed_with = '' AND n.trashed_at IS NULL)
  RETURN DISTINCT n } AS inside
WITH tops, inside, tops + inside AS going
RETURN size([n IN inside WHERE n.is_folder]) AS folders, size([n IN inside WHERE NOT n.is_folder]) AS notes,
  COUNT {
    UNWIND going AS n MATCH (n)<-[:LINKS_TO|MENTIONS {evidence: $evidence}]-(other:ContextItem)
    WHERE other.trashed_at IS NULL AND NOT other IN going AND """
    + MAY_READ % {"n": "other"}
    + """
    RETURN DISTINCT other
  } AS linked_from,
  [n IN tops | n """
    + ROW % {"n": "n"}
    + """] AS tops,
  [n IN inside[..$limit] | n """
    + ROW % {"n": "n"}
    + """] AS first
"""
)
_SHOWN = 12


@dataclass(frozen=True)
class Below:
    """Some nodes and their descendants. ``linked_from`` counts the notes elsewhere that link to any of them.

    ``first`` holds the first few descendants.
    """

    tops: tuple[Row, ...]
    folders: int
    notes: int
    linked_from: int
    first: tuple[Row, ...]

    @property
    def total(self) -> int:
        return self.folders + self.notes

    @property
    def unnamed(self) -> int:
        """The number of descendants that are not in ``first``."""
        return self.total - len(self.first)


def get_below(ids: list[str], *, reader: Reader = EVERYTHING) -> Below:
    """The live descendants of these nodes, which would go into the trash with them. Others are left out."""
    return _below(ids, "", reader)


def get_below_trashed(uid: str, *, reader: Reader = EVERYTHING) -> Below:
    """The descendants that went into the trash with a node."""
    return _below([uid], uid, reader)


def _below(ids: list[str], trashed_with: str, reader: Reader) -> Below:
    rows = read(_BELOW, ids=ids, trashed_with=trashed_with, evidence=LINK_EVIDENCE, limit=_SHOWN, **reader.parameters)
    if not rows:
        return Below((), 0, 0, 0, ())
    found = rows[0]
    tops = {top["id"]: row(top) for top in found["tops"]}
    return Below(
        tuple(tops[uid] for uid in dict.fromkeys(ids) if uid in tops),
        found["folders"],
        found["notes"],
        found["linked_from"],
        tuple(row(n) for n in found["first"]),
    )
