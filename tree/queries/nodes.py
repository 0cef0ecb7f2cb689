"""Queries of nodes for pages: one node, its children, the overviews of a company and a person."""

from collections.abc import Iterable
from typing import Any

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
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
from tree.kinds.titles import TITLE_NAMES
from tree.queries.columns import (
    LIVE_CHILDREN,
    MAY_READ,
    MAY_READ_CHILD,
    MAY_VISIT,
    OPEN_FIRST,
    PATH,
    ROW,
    WAY_IDS,
    crumbs,
    row,
    row_columns,
)
from tree.queries.records.cards import CARDS
from tree.queries.records.warnings import WARNINGS, warnings
from tree.queries.rights import note_readable, require_readable, require_visitable
from tree.vocabulary import LINK_EVIDENCE

PAGE_ROWS = 100
_OF_A_WAY = ("id", "name", "parent_id", "origin", "is_folder", "is_attached", "read_only", "version")

_NODE = (
    """
MATCH (n:ContextItem {id: $id}) WHERE """
    + MAY_VISIT % {"n": "n"}
    + """
RETURN properties(n) AS node, labels(n) AS labels,
  """
    + PATH % {"n": "n"}
    + """ AS path,
  COLLECT {
    MATCH (n)-[r:REQUESTED_BY|USED_BY|MENTIONS]->(o:ContextItem)
    WHERE o.trashed_at IS NULL AND coalesce(r.evidence, '') <> $in_text AND """
    + MAY_READ % {"n": "o"}
    + """
    RETURN {type: type(r), outgoing: true, evidence: r.evidence, row: o """
    + ROW % {"n": "o"}
    + """} ORDER BY type(r) DESC, o.sort_key LIMIT 100
  } + COLLECT {
    MATCH (n)<-[r:USED_BY]-(o:ContextItem) WHERE o.archived_at IS NULL AND o.trashed_at IS NULL AND """
    + MAY_READ % {"n": "o"}
    + """
    RETURN {type: type(r), outgoing: false, evidence: r.evidence, row: o """
    + ROW % {"n": "o"}
    + """} LIMIT 50
  } AS relations,
  COUNT { (n)<-[:REQUESTED_BY]-(t) WHERE t.archived_at IS NULL AND t.trashed_at IS NULL AND """
    + MAY_READ % {"n": "t"}
    + """ } AS ticket_count,
  COUNT { (n)<-[:MENTIONS]-(t:Ticket) WHERE t.archived_at IS NULL AND t.trashed_at IS NULL AND """
    + MAY_READ % {"n": "t"}
    + """ } AS mentioned_by,
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
    WHERE t.archived_at IS NULL AND t.trashed_at IS NULL AND """
    + MAY_READ % {"n": "t"}
    + """
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
MATCH (:ContextItem {id: $id})<-[:MENTIONS]-(t:Ticket) WHERE t.archived_at IS NULL AND t.trashed_at IS NULL AND """
    + MAY_READ % {"n": "t"}
    + """
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

_SIBLINGS_BY_KEY = (
    """
UNWIND $keys AS key
MATCH (c:ContextItem {sibling_key: key}) WHERE c.trashed_at IS NULL AND c.archived_at IS NULL AND """
    + MAY_READ_CHILD % {"n": "c"}
    + """
RETURN key, c.id AS id
"""
)

_SUMMARIES = (
    "MATCH (n:ContextItem) WHERE n.id IN $ids AND "
    + MAY_READ % {"n": "n"}
    + " RETURN n.id AS id, left(coalesce(n.content, ''), 201) AS text"
)
_TITLE_PROPERTIES = (
    "MATCH (n:ContextItem) WHERE n.id IN $ids AND "
    + MAY_READ % {"n": "n"}
    + " RETURN n.id AS id, n {"
    + ", ".join(f".{name}" for name in TITLE_NAMES)
    + "} AS properties"
)


def ping() -> None:
    """Run a trivial query to check that the graph responds. Raises GraphUnavailable."""
    read("RETURN 1 AS one")


def get_node(uid: str, *, reader: Reader = EVERYTHING) -> Node:
    """The node with this id, archived and trashed nodes included. Raises NodeNotFound, GraphUnavailable.

    Of a node that is only the way to a reader's companies, it has little more than the name.
    """
    rows = read(_NODE, id=uid, in_text=LINK_EVIDENCE, **reader.parameters)
    if not rows:
        raise NodeNotFound(f"No node has the id {uid!r}.")
    found = rows[0]
    if reader.companies is not None and uid in WAY_IDS:
        return _way(found)
    note_readable(uid, reader)
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


def _way(found: dict[str, Any]) -> Node:
    """A node of which the reader may know the name."""
    properties = {name: found["node"].get(name) for name in _OF_A_WAY}
    uid = properties["id"]
    name = display_name(uid, str(properties["name"] or ""))
    return Node(uid, name, kind_of(found["labels"]), properties, crumbs(found["path"]), is_way=True)


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
    Raises NodeNotFound for a node that the reader may not open.
    """
    require_visitable(parent, reader)
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
    require_visitable(uid, reader)
    rows = read(
        _LINKED,
        id=uid, skip=skip, limit=PAGE_ROWS + 1, archived=archived, closed=CLOSED_STATUS, **reader.parameters,
    )  # fmt: skip
    found = [row(c) for c in rows[0]["rows"]]
    return Page(tuple(found[:PAGE_ROWS]), has_more=len(found) > PAGE_ROWS)


def get_person(uid: str, *, reader: Reader = EVERYTHING) -> PersonOverview:
    """The tickets that a person requested: open ones first, then the latest changes first."""
    require_readable(uid, reader)
    found = read(_PERSON, id=uid, closed=CLOSED_STATUS, **reader.parameters)[0]
    return PersonOverview(tuple(row(t) for t in found["tickets"]))


def get_mentioning(uid: str, *, reader: Reader = EVERYTHING, limit: int = 25) -> tuple[Row, ...]:
    """The live tickets that mention a computer or person: open tickets first, then the latest changes first."""
    found = read(_MENTIONING, id=uid, closed=CLOSED_STATUS, limit=limit, **reader.parameters)[0]
    return tuple(row(t) for t in found["tickets"])


def get_summaries(ids: Iterable[str], *, reader: Reader = EVERYTHING) -> dict[str, str]:
    """The first 201 characters of the texts by id: enough to know whether there are more than 200."""
    wanted = list(ids)
    rows = read(_SUMMARIES, ids=wanted, **reader.parameters) if wanted else []
    return {r["id"]: r["text"] for r in rows}


def get_title_properties(ids: Iterable[str], *, reader: Reader = EVERYTHING) -> dict[str, dict[str, Any]]:
    """What ``title_of`` needs of these nodes besides their names, by id. Unknown ids are left out."""
    wanted = list(ids)
    rows = read(_TITLE_PROPERTIES, ids=wanted, **reader.parameters) if wanted else []
    return {r["id"]: r["properties"] for r in rows}


def find_children_by_name(parent: str, names: list[str], *, reader: Reader = EVERYTHING) -> dict[str, str]:
    """The live children with these names, compared like the names of siblings: {name: id}."""
    keys = {sibling_key(parent, name): name for name in reversed(names)}
    rows = read(_SIBLINGS_BY_KEY, keys=list(keys), **reader.parameters)
    return {keys[row["key"]]: row["id"] for row in rows}
