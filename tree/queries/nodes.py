"""Queries of nodes for pages: one node, its children, the overviews of a company and a person."""

from collections.abc import Iterable, Mapping
from typing import Any

from knowledgetree.basics.readers import EVERYTHING, Reader
from tree.exceptions import NodeNotFound
from tree.graph.connection import read
from tree.graph.sibling_keys import sibling_key
from tree.graph.values import (
    CLOSED_STATUS,
    Node,
    Page,
    PersonOverview,
    Relation,
    Row,
    display_name,
    kind_of,
)
from tree.kinds import RECORD_KINDS
from tree.kinds.titles import TITLE_NAMES
from tree.queries.cards import CARDS
from tree.queries.columns import (
    CRUMB,
    LIVE_CHILDREN,
    MAY_READ,
    MAY_READ_CHILD,
    OPEN_FIRST,
    ROW,
    SELF_AND_ABOVE,
    crumbs,
    row,
    row_columns,
)
from tree.queries.warnings import WARNINGS, warnings
from tree.vocabulary import COMPANIES_ID, LINK_EVIDENCE

PAGE_ROWS = 100

_NODE = (
    """
MATCH (n:ContextItem {id: $id})
RETURN properties(n) AS node, labels(n) AS labels,
  COLLECT {
    MATCH way = (n)"""
    + SELF_AND_ABOVE
    + """(a:ContextItem)
    RETURN a """
    + CRUMB % {"n": "a"}
    + """ ORDER BY length(way) DESC
  } AS path,
  COLLECT {
    MATCH (n)-[r:REQUESTED_BY|USED_BY|MENTIONS]->(o:ContextItem)
    WHERE o.trashed_at IS NULL AND coalesce(r.evidence, '') <> $in_text
    RETURN {type: type(r), outgoing: true, evidence: r.evidence, row: o """
    + ROW % {"n": "o"}
    + """} ORDER BY type(r) DESC, o.sort_key LIMIT 100
  } + COLLECT {
    MATCH (n)<-[r:USED_BY]-(o:ContextItem) WHERE o.archived_at IS NULL AND o.trashed_at IS NULL
    RETURN {type: type(r), outgoing: false, evidence: r.evidence, row: o """
    + ROW % {"n": "o"}
    + """} LIMIT 50
  } AS relations,
  COUNT { (n)<-[:REQUESTED_BY]-(t) WHERE t.archived_at IS NULL AND t.trashed_at IS NULL } AS ticket_count,
  COUNT { (n)<-[:MENTIONS]-(t:Ticket) WHERE t.archived_at IS NULL AND t.trashed_at IS NULL } AS mentioned_by,
  """
    + WARNINGS
    + """ AS warnings
"""
)

# The children of a node are read in the order of the index, however many they are; those of a card are few.
_CHILDREN_OF = """
  MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
  WHERE c.parent_id %(parent)s AND c.sort_key >= key AND (c.sort_key > key OR c.id > id) AND NOT c.id IN cards
    AND c.trashed_at IS NULL AND ($archived OR c.archived_at IS NULL) AND %(may_read)s
  WITH c ORDER BY c.parent_id, c.sort_key, c.id LIMIT $limit
  RETURN c"""
_CHILDREN = (
    """
WITH CASE WHEN $cards THEN [] ELSE """
    + CARDS % {"id": "$parent"}
    + """ END AS cards
OPTIONAL MATCH (start:ContextItem {id: $after})
WHERE (start.parent_id = $parent OR start.parent_id IN cards) AND """
    + MAY_READ_CHILD % {"n": "start"}
    + """
WITH cards, CASE WHEN $after_key <> '' THEN $after_key ELSE coalesce(start.sort_key, '') END AS key,
  CASE WHEN $after_key <> '' THEN $after ELSE coalesce(start.id, '') END AS id
CALL (cards, key, id) {"""
    + _CHILDREN_OF % {"parent": "= $parent", "may_read": MAY_READ_CHILD % {"n": "c"}}
    + "\n  UNION ALL"
    + _CHILDREN_OF % {"parent": "IN cards", "may_read": MAY_READ_CHILD % {"n": "c"}}
    + """
}
WITH c ORDER BY c.sort_key, c.id LIMIT $limit
RETURN collect(c """
    + ROW % {"n": "c"}
    + ") AS rows, collect("
    + LIVE_CHILDREN % {"n": "c"}
    + """) AS counts, collect(c.sort_key) AS keys
"""
)
_PERSON = (
    """
MATCH (person:ContextItem {id: $id})
RETURN
  COLLECT {
    MATCH (person)<-[:REQUESTED_BY]-(t:Ticket)
    WHERE $tickets AND t.archived_at IS NULL AND t.trashed_at IS NULL
    WITH t ORDER BY """
    + OPEN_FIRST
    + """ LIMIT 25
    RETURN t """
    + row_columns("total_hours_spent") % {"n": "t"}
    + """
  } AS tickets
"""
)

_MENTIONING = (
    """
MATCH (:ContextItem {id: $id})<-[:MENTIONS]-(t:Ticket) WHERE t.archived_at IS NULL AND t.trashed_at IS NULL
WITH t ORDER BY """
    + OPEN_FIRST
    + """ LIMIT $limit
RETURN collect(t """
    + row_columns("total_hours_spent") % {"n": "t"}
    + """) AS tickets
"""
)

_LINKED = (
    """
MATCH (:ContextItem {id: $id})-[:LINKS_TO]->(t:ContextItem)
WHERE t.trashed_at IS NULL AND ($archived OR t.archived_at IS NULL) AND """
    + MAY_READ % {"n": "t"}
    + """
WITH DISTINCT t ORDER BY """
    + OPEN_FIRST
    + """ SKIP $skip LIMIT $limit
RETURN collect(t """
    + ROW % {"n": "t"}
    + """) AS rows
"""
)

_SIBLINGS_BY_KEY = """
UNWIND $keys AS key
MATCH (c:ContextItem {sibling_key: key}) WHERE c.trashed_at IS NULL AND c.archived_at IS NULL
RETURN key, c.id AS id
"""

_COMPANIES = (
    """
MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
WHERE c.parent_id = $parent AND c.sort_key >= '' AND c.trashed_at IS NULL AND c.archived_at IS NULL
  AND c.waits_key IS NULL AND ($contains = '' OR toLower(c.name) CONTAINS $contains OR c.account_number = $contains)
WITH c ORDER BY coalesce($open[c.account_number], 0) DESC, c.sort_key, c.id LIMIT $limit
RETURN collect(c """
    + ROW % {"n": "c"}
    + """) AS rows
"""
)
_COMPLIANCE_LEVELS = """
MATCH (c:Company) WHERE c.id IN $ids RETURN c.id AS id, c.compliance_level AS level
"""
_ACCOUNT_NUMBERS = """
MATCH (c:Company) WHERE c.id IN $ids RETURN c.id AS id, c.account_number AS account
"""
_account_numbers: dict[str, str] = {}
_SUMMARIES = """
MATCH (n:ContextItem) WHERE n.id IN $ids RETURN n.id AS id, left(coalesce(n.content, ''), 201) AS text
"""
_TITLE_PROPERTIES = (
    "MATCH (n:ContextItem) WHERE n.id IN $ids RETURN n.id AS id, n {"
    + ", ".join(f".{name}" for name in TITLE_NAMES)
    + "} AS properties"
)
_COUNT_LIVE_CHILDREN = "MATCH (n:ContextItem {id: $id}) RETURN " + LIVE_CHILDREN % {"n": "n"} + " AS number"
# Neo4j keeps the number of all nodes of a label; the archived ones, which are few, are read from their index.
_COUNT_RECORDS = "OPTIONAL MATCH (n:ContextItem) WHERE n.archived_at IS NOT NULL RETURN " + ", ".join(
    f"COUNT {{ (:{kind}) }} - count(CASE WHEN n:{kind} THEN 1 END) AS {kind}" for kind in RECORD_KINDS
)


def ping() -> None:
    """Run a trivial query to check that the graph responds. Raises GraphUnavailable."""
    read("RETURN 1 AS one")


def get_node(uid: str) -> Node:
    """The node with this id, archived and trashed nodes included. Raises NodeNotFound, GraphUnavailable."""
    rows = read(_NODE, id=uid, in_text=LINK_EVIDENCE)
    if not rows:
        raise NodeNotFound(f"No node has the id {uid!r}.")
    found = rows[0]
    return Node(
        uid=uid,
        name=display_name(uid, str(found["node"].get("name") or "")),
        kind=kind_of(found["labels"]),
        properties=found["node"],
        path=crumbs(found["path"]),
        relations=tuple(
            Relation(r["type"], r["outgoing"], str(r["evidence"] or ""), row(r["row"])) for r in found["relations"]
        ),
        ticket_count=found["ticket_count"],
        mentioned_by=found["mentioned_by"],
        warnings=warnings(found["warnings"]),
    )


def get_children(
    parent: str,
    *,
    after: str | None = None,
    after_key: str = "",
    archived: bool = False,
    reader: Reader = EVERYTHING,
    cards: bool = False,
    limit: int = PAGE_ROWS,
) -> Page:
    """A page of children in order, beginning after the child with the id ``after``.

    With ``after_key``, which is the ``last_key`` of the page before, it begins there even if that child has gone.
    Without ``cards``, a person's card is left out, and what lies below it is listed with the person's children.
    """
    rows = read(
        _CHILDREN,
        parent=parent, after=after or "", after_key=after_key, archived=archived, cards=cards, limit=limit + 1,
        **reader.parameters,
    )  # fmt: skip
    found = [row(c, n) for c, n in zip(rows[0]["rows"], rows[0]["counts"], strict=True)]
    has_more = len(found) > limit
    return Page(tuple(found[:limit]), has_more, rows[0]["keys"][limit - 1] if has_more else "")


def get_linked(uid: str, *, skip: int = 0, archived: bool = False, reader: Reader = EVERYTHING) -> Page:
    """The nodes that an attached folder links to: open tickets first, then the latest changes first."""
    rows = read(
        _LINKED,
        id=uid, skip=skip, limit=PAGE_ROWS + 1, archived=archived, closed=CLOSED_STATUS, **reader.parameters,
    )  # fmt: skip
    found = [row(c) for c in rows[0]["rows"]]
    return Page(tuple(found[:PAGE_ROWS]), has_more=len(found) > PAGE_ROWS)


def get_person(uid: str, *, reader: Reader = EVERYTHING) -> PersonOverview:
    """The tickets that a person requested: open ones first, then the latest changes first."""
    found = read(_PERSON, id=uid, closed=CLOSED_STATUS, **reader.parameters)[0]
    return PersonOverview(tuple(row(t) for t in found["tickets"]))


def get_mentioning(uid: str, *, limit: int = 25) -> tuple[Row, ...]:
    """The live tickets that mention a computer or person: open tickets first, then the latest changes first."""
    return tuple(row(t) for t in read(_MENTIONING, id=uid, closed=CLOSED_STATUS, limit=limit)[0]["tickets"])


def get_companies(*, contains: str = "", open_tickets: Mapping[str, int] | None = None, limit: int = 60) -> Page:
    """The first companies whose name contains this text or whose account number equals it.

    ``open_tickets``: numbers by account number. Those with most come first, and rows have theirs as ``count``.
    """
    number = open_tickets or {}
    rows = read(_COMPANIES, parent=COMPANIES_ID, contains=contains.strip().lower(), open=dict(number), limit=limit + 1)
    found = [row(c, number.get(c["account_number"], 0)) for c in rows[0]["rows"]]
    return Page(tuple(found[:limit]), has_more=len(found) > limit)


def get_compliance_levels(ids: Iterable[str]) -> dict[str, str]:
    """The compliance level (``standard``, ``cjis`` or ``hipaa``) by company id; companies without one are left out."""
    wanted = list(set(ids))
    rows = read(_COMPLIANCE_LEVELS, ids=wanted) if wanted else []
    return {r["id"]: r["level"] for r in rows if r["level"]}


def get_account_numbers(ids: Iterable[str]) -> dict[str, str]:
    """The account number by company id. The graph is asked once, because a company keeps its number."""
    wanted = set(ids)
    if missing := list(wanted - _account_numbers.keys()):
        _account_numbers.update((r["id"], str(r["account"] or "")) for r in read(_ACCOUNT_NUMBERS, ids=missing))
    return {uid: _account_numbers[uid] for uid in wanted if uid in _account_numbers}


def get_summaries(ids: Iterable[str]) -> dict[str, str]:
    """The first 201 characters of the texts by id: enough to know whether there are more than 200."""
    wanted = list(ids)
    rows = read(_SUMMARIES, ids=wanted) if wanted else []
    return {r["id"]: r["text"] for r in rows}


def get_title_properties(ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What ``title_of`` needs of these nodes besides their names, by id. Unknown ids are left out."""
    wanted = list(ids)
    return {r["id"]: r["properties"] for r in read(_TITLE_PROPERTIES, ids=wanted)} if wanted else {}


def count_children(uid: str) -> int:
    """The number of live children of a node; 0 if the node does not exist."""
    rows = read(_COUNT_LIVE_CHILDREN, id=uid, **EVERYTHING.parameters)
    return int(rows[0]["number"]) if rows else 0


def count_records() -> dict[str, int]:
    """The number of nodes of each kind of Codex record by its label, without archived ones."""
    return read(_COUNT_RECORDS)[0]


def find_children_by_name(parent: str, names: list[str]) -> dict[str, str]:
    """The live children with these names, compared like the names of siblings: {name: id}."""
    keys = {sibling_key(parent, name): name for name in reversed(names)}
    rows = read(_SIBLINGS_BY_KEY, keys=list(keys))
    return {keys[row["key"]]: row["id"] for row in rows}
