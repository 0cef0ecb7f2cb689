"""The queries of the start page: nodes that a person has seen, pinned or drafted, and what changed lately."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from knowledgetree.basics.times import utc_text
from tree.graph.connection import read, read_index
from tree.graph.schema import TICKET_INDEX
from tree.graph.values import Placed
from tree.kinds import Ticket
from tree.queries.columns import MAY_READ, PATH_ABOVE, ROW, crumbs, row
from tree.search.lucene import scope_query
from tree.vocabulary import ORIGIN_CODEX

LATELY_ROWS = 8
_LOOKED_AT = 300  # notes that changed last, among which those for this person are looked for
_LOOKED_AT_BY_LIMITED = 3000  # by readers of some companies, in whose companies few of them may lie
_CHANGED_ROWS = 10
_MOST_OPEN = 100_000

_PLACED = "{row: %(n)s " + ROW + ", above: " + PATH_ABOVE + "}"
_KNOWN = (
    """COLLECT {
  UNWIND $ids AS id
  MATCH (n:ContextItem {id: id}) WHERE n.trashed_at IS NULL AND """
    + MAY_READ % {"n": "n"}
    + """
  RETURN """
    + _PLACED % {"n": "n"}
    + """
} AS known"""
)
_LIVE = (
    "MATCH (n:ContextItem) WHERE n.id IN $ids AND n.trashed_at IS NULL AND "
    + MAY_READ % {"n": "n"}
    + " RETURN n.id AS id"
)
_HOME = (
    "WITH "
    + _KNOWN
    + """, COLLECT {
  MATCH (n:Note) USING INDEX n:Note(updated_at)
  WHERE n.updated_at > '' AND coalesce(n.origin, '') <> $codex AND n.trashed_at IS NULL AND n.archived_at IS NULL
  WITH n ORDER BY n.updated_at DESC LIMIT $looked_at
  WITH n WHERE """
    + MAY_READ % {"n": "n"}
    + """
  RETURN n
} AS notes
RETURN known, COLLECT {
  UNWIND notes AS n WITH n LIMIT $rows RETURN """
    + _PLACED % {"n": "n"}
    + """
} AS lately, COLLECT {
  UNWIND notes AS n
  WITH n WHERE n.updated_at >= $since AND coalesce(n.updated_by, $me) <> $me
    AND EXISTS { (n)-[:HAS_REVISION]->(:Revision {author: $me}) }
  WITH n LIMIT $changed RETURN """
    + _PLACED % {"n": "n"}
    + """
} AS changed
"""
)
_OPEN_TICKETS = """
CALL db.index.fulltext.queryNodes($index, $query, {limit: $limit}) YIELD node AS t
RETURN t.account_number AS account, count(*) AS number
"""


@dataclass(frozen=True)
class HomeNodes:
    """``known``: the nodes that were asked for, by id, without those that are gone, in the trash or not to be read.

    ``lately``: the notes that changed last. ``changed``: notes that this person wrote in, which others changed last.
    """

    known: Mapping[str, Placed]
    lately: tuple[Placed, ...] = ()
    changed: tuple[Placed, ...] = ()


def get_home(ids: Iterable[str], me: str, since: datetime, *, reader: Reader = EVERYTHING) -> HomeNodes:
    """What the start page shows of the graph, in one statement. ``me`` is a user name."""
    found = read(
        _HOME,
        ids=list(dict.fromkeys(ids)), me=me, since=utc_text(since), codex=ORIGIN_CODEX,
        looked_at=_LOOKED_AT if reader.companies is None else _LOOKED_AT_BY_LIMITED,
        rows=LATELY_ROWS, changed=_CHANGED_ROWS, **reader.parameters,
    )[0]  # fmt: skip
    return HomeNodes(
        _by_id(found["known"]), tuple(map(_placed, found["lately"])), tuple(map(_placed, found["changed"]))
    )


def get_placed(ids: Iterable[str], *, reader: Reader = EVERYTHING) -> Mapping[str, Placed]:
    """The nodes with these ids and where they are; without those that are gone, in the trash or not to be read."""
    wanted = list(dict.fromkeys(ids))
    return _by_id(read(f"RETURN {_KNOWN}", ids=wanted, **reader.parameters)[0]["known"]) if wanted else {}


def get_live(ids: Iterable[str], *, reader: Reader = EVERYTHING) -> frozenset[str]:
    """Those of these ids whose nodes are there, not in the trash, and to be read."""
    wanted = list(dict.fromkeys(ids))
    return frozenset(row["id"] for row in read(_LIVE, ids=wanted, **reader.parameters)) if wanted else frozenset()


def count_open_tickets() -> dict[str, int]:
    """The number of open tickets by account number; nothing while the index of the tickets is being made."""
    query = scope_query(archived=False, kinds=(Ticket.kind(),), marks=("sopen",))
    rows = read_index(_OPEN_TICKETS, index=TICKET_INDEX.name, query=query, limit=_MOST_OPEN) or ()
    return {row["account"]: row["number"] for row in rows if row["account"]}


def _by_id(found: list[dict[str, Any]]) -> dict[str, Placed]:
    return {placed.row.uid: placed for placed in map(_placed, found)}


def _placed(columns: dict[str, Any]) -> Placed:
    return Placed(row(columns["row"]), crumbs(columns["above"]))
