"""Reads existing nodes from the graph, a few companies at a time: keys, parents, names, fingerprints.

Columns are collected into one record per query, which is three to five times faster than one record per node. Every
function raises GraphUnavailable if Neo4j does not respond.

The queries of a comparison name the index to seek (USING INDEX SEEK). Neo4j keeps query plans for a while, and a plan
made while the graph is nearly empty reads whole indexes; in one of four first loads of tickets, that made the
comparison take half as long again.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from neo4j import READ_ACCESS

from syncing.kinds.declaration.key import Key
from tree.graph.connection import graph_session
from tree.graph.values import kind_of
from tree.kinds import KINDS
from tree.vocabulary import ABOVE, COMPANIES_ID

_CHILDREN = """
UNWIND $parents AS parent
MATCH (p:ContextItem {id: parent})-[:PARENT_OF]->(n:ContextItem) USING INDEX SEEK p:ContextItem(id)
WHERE n.trashed_at IS NULL
RETURN collect(coalesce(n.codex_key, '')) AS keys, collect(coalesce(n.id, '')) AS ids, collect(parent) AS parents,
       collect(coalesce(n.name, '')) AS names, collect(coalesce(n.fingerprint, '')) AS fingerprints,
       collect(n.archived_at IS NOT NULL) AS archived, collect(coalesce(n.origin = 'codex', false)) AS synced
"""
_BY_KEY = """
UNWIND $keys AS key
MATCH (n:ContextItem {codex_key: key}) USING INDEX SEEK n:ContextItem(codex_key)
RETURN collect(n.codex_key) AS keys, collect(coalesce(n.id, '')) AS ids,
       collect(coalesce(n.parent_id, '')) AS parents,
       collect(coalesce(n.name, '')) AS names, collect(coalesce(n.fingerprint, '')) AS fingerprints,
       collect(n.archived_at IS NOT NULL) AS archived, collect(coalesce(n.origin = 'codex', false)) AS synced
"""
_PEOPLE = """
UNWIND $folders AS folder
MATCH (p:ContextItem {codex_key: folder})-[way:PARENT_OF|MOVED_FROM]-(u:User) USING INDEX SEEK p:ContextItem(codex_key)
WITH folder, u, u.archived_at IS NOT NULL OR type(way) = 'MOVED_FROM' AS former ORDER BY former
RETURN folder, collect([u.codex_key, u.email, coalesce(u.secondary_emails, []), coalesce(u.former_emails, []),
                         former]) AS people
"""
_CONTACTS = """
MATCH (n:User) WHERE n.codex_id IN $ids AND n.origin = 'codex' AND n.archived_at IS NULL AND n.trashed_at IS NULL
RETURN collect(n.codex_key) AS keys, collect(n.id) AS ids, collect(n.parent_id) AS parents,
       collect(n.name) AS names, collect(n.fingerprint) AS fingerprints,
       collect(false) AS archived, collect(true) AS synced
"""
_TICKETS_OF = """
UNWIND $ids AS id
MATCH (:User {id: id})<-[:REQUESTED_BY|MENTIONS]-(t:Ticket) WHERE t.origin = 'codex'
WITH DISTINCT t
RETURN t.id AS id, properties(t) AS properties
"""
_COMPUTERS = """
UNWIND $folders AS folder
MATCH (p:ContextItem {codex_key: folder})-[:PARENT_OF]->(a:Asset) USING INDEX SEEK p:ContextItem(codex_key)
RETURN folder, collect([a.codex_key, a.hostname, a.archived_at IS NOT NULL]) AS computers
"""
_PROPERTIES = """
UNWIND $ids AS id
MATCH (n:ContextItem {id: id})
RETURN n.id AS id, properties(n) AS properties
"""
_DESCRIBED = """{id: n.id, labels: labels(n), key: coalesce(n.codex_key, ''), name: n.name,
 account: coalesce(n.account_number, ''), parent_id: n.parent_id, fingerprint: coalesce(n.fingerprint, ''),
 origin: n.origin, archived_at: n.archived_at, archived_with: n.archived_with, sibling_key: n.sibling_key,
 is_folder: coalesce(n.is_folder, false)}"""
_DESCRIBE = (
    """
UNWIND $ids AS id
MATCH (n:ContextItem {id: id}) WHERE n.trashed_at IS NULL
RETURN collect("""
    + _DESCRIBED
    + ") AS nodes"
)
_LIVE_BELOW = """
UNWIND $ids AS id
MATCH (:ContextItem {id: id})-[:PARENT_OF]->(c:ContextItem)
WHERE c.archived_at IS NULL AND c.trashed_at IS NULL
RETURN collect([id, c.id, coalesce(c.origin, ''), c.name]) AS children
"""
_ARCHIVED_WITH = (
    """
UNWIND $tops AS top
MATCH (:ContextItem {id: top[0]})-[:PARENT_OF*1..]->(n:ContextItem)
WHERE n.archived_with = top[1] AND n.origin = 'codex' AND n.trashed_at IS NULL
RETURN collect([top[0], """
    + _DESCRIBED
    + "]) AS nodes"
)
_HOLDERS = """
UNWIND $keys AS key
MATCH (n:ContextItem {sibling_key: key})
RETURN collect([key, n.id]) AS holders
"""
_PLACES = (
    """
UNWIND $ids AS id
MATCH (below:ContextItem {id: id})
MATCH way = (below)"""
    + ABOVE
    + """(top) WHERE top.id = $root
RETURN id, [n IN reverse(nodes(way)[1..-1]) | n.name] AS names
"""
)  # without a label at the top: with one, the planner uses its index and walks down the whole tree for each id
_STAFF_NOTES = """
UNWIND $ids AS id
MATCH (:ContextItem {id: id})-[:PARENT_OF*1..]->(note:ContextItem)
WHERE note.origin = 'staff' AND note.trashed_at IS NULL
RETURN id, count(DISTINCT note) AS notes
"""
_ALONG = """
UNWIND $ids AS id
MATCH (:ContextItem {id: id})-[:PARENT_OF*1..]->(n:ContextItem)
WHERE n.origin = 'codex' AND n.archived_at IS NULL AND NOT n.codex_key IN $moved
WITH id, labels(n) AS labels, count(DISTINCT n) AS number
RETURN collect([id, labels, number]) AS counts
"""
_COUNT = "MATCH (n:%s) RETURN count(n) AS number"
_LIVE_CHILDREN = """
UNWIND $ids AS id
MATCH (:ContextItem {id: id})-[:PARENT_OF]->(n:ContextItem)
WHERE n.origin = 'codex' AND n.archived_at IS NULL
WITH id, labels(n) AS labels, count(n) AS number
RETURN collect([id, labels, number]) AS counts
"""
_LIVE = {
    kind: f"MATCH (n:{kind}) WHERE n.archived_at IS NULL AND n.origin = 'codex' RETURN count(n) AS number"
    for kind in KINDS
}
_COUNTS = {kind: _COUNT % kind for kind in (*KINDS, "File")}

Person = tuple[str, str | None, list[str], list[str], bool]  # key, e-mail, other and former e-mails, has left
Computer = tuple[str, str | None, bool]  # key, hostname, is archived


class Existing(Struct, gc=False):
    """A node in the graph. ``key`` is empty if the node does not come from Codex."""

    key: str
    id: str
    parent_id: str
    name: str
    fingerprint: str
    archived: bool
    synced: bool


class Described(Struct, gc=False):
    """A node with the properties that decide whether and how a change of it can be undone."""

    id: str
    kind: str
    key: str
    name: str
    account: str
    parent_id: str
    fingerprint: str
    origin: str
    archived_at: str | None
    archived_with: str | None
    sibling_key: str
    is_folder: bool


def companies() -> list[Existing]:
    """All children of the folder Companies, including archived ones."""
    return children([COMPANIES_ID])


def children(parent_ids: Sequence[str]) -> list[Existing]:
    """All live and archived children of these nodes, of any origin."""
    return _collected(_CHILDREN, parents=list(parent_ids)) if parent_ids else []


def by_key(keys: Iterable[str]) -> dict[str, Existing]:
    """Synced nodes by key, anywhere in the tree."""
    return {node.key: node for node in _collected(_BY_KEY, keys=list(keys))}


def contacts(codex_ids: Sequence[str]) -> dict[str, list[Existing]]:
    """{Codex's id: its live nodes, one for each company that has the contact}."""
    found: dict[str, list[Existing]] = {}
    for node in _collected(_CONTACTS, ids=[int(codex_id) for codex_id in codex_ids]):
        found.setdefault(Key.parse(node.key).id, []).append(node)
    return found


def tickets_of(user_ids: Sequence[str]) -> list[tuple[str, str, dict[str, Any]]]:
    """(id, place, properties) of the tickets that these contacts requested or wrote in, each once."""
    rows = _rows(_TICKETS_OF, ids=list(user_ids))
    where = places([row["id"] for row in rows]) if rows else {}
    return [(row["id"], where.get(row["id"], ""), row["properties"]) for row in rows]


def people(folder_keys: Sequence[str]) -> dict[str, list[Person]]:
    """{key of a Users folder: the contacts in it, and those who have moved to another company from there}."""
    return {row["folder"]: [tuple(p) for p in row["people"]] for row in _rows(_PEOPLE, folders=list(folder_keys))}


def computers(folder_keys: Sequence[str]) -> dict[str, list[Computer]]:
    """{key of an Assets folder: the computers in it}."""
    return {row["folder"]: [tuple(c) for c in row["computers"]] for row in _rows(_COMPUTERS, folders=list(folder_keys))}


def properties_of(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """{id: all properties}, for the few nodes that have changed."""
    return {row["id"]: row["properties"] for row in _rows(_PROPERTIES, ids=list(ids))}


def described(ids: Sequence[str]) -> dict[str, Described]:
    """{id: description for an undo} of these nodes, without those that are gone or in the trash."""
    return {row["id"]: _described(row) for row in _rows(_DESCRIBE, ids=list(ids))[0]["nodes"]}


def archived_with(tops: Sequence[tuple[str, str]]) -> dict[str, list[Described]]:
    """{id: the nodes below it that were archived together with it}, for each (id, Codex key)."""
    found: dict[str, list[Described]] = {uid: [] for uid, _ in tops}
    for uid, row in _rows(_ARCHIVED_WITH, tops=[list(top) for top in tops])[0]["nodes"]:
        found[uid].append(_described(row))
    return found


def live_below(ids: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """(parent's id, id, origin, name) of all live children of these nodes."""
    return [(p, c, origin, name) for p, c, origin, name in _rows(_LIVE_BELOW, ids=list(ids))[0]["children"]]


def ids_there(ids: Sequence[str]) -> set[str]:
    """The ids among these that exist in the graph, including archived nodes."""
    return set(described(ids))


def holders(sibling_keys: Sequence[str]) -> dict[str, str]:
    """{sibling key: id of the node that has it}, for the taken ones among these."""
    return dict(_rows(_HOLDERS, keys=list(sibling_keys))[0]["holders"])


def staff_notes_below(ids: Sequence[str]) -> dict[str, int]:
    """{id: number of staff notes below it, at any depth}, without nodes that have none."""
    return {row["id"]: row["notes"] for row in _rows(_STAFF_NOTES, ids=list(ids))}


def archived_along(ids: Sequence[str], moved_keys: Iterable[str] = ()) -> dict[str, dict[str, int]]:
    """{id: {kind: number of live synced nodes below it}}, which are archived with it. Without those of these keys."""
    return _counted(_ALONG, ids=list(ids), moved=list(moved_keys))


def live_children(ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """{id: {kind: number of live synced children}} of these nodes."""
    return _counted(_LIVE_CHILDREN, ids=list(ids))


def live_records(kinds: Sequence[str]) -> int:
    """The number of live synced nodes of these kinds in the whole tree."""
    return sum(int(_rows(_LIVE[kind])[0]["number"]) for kind in kinds)


def places(ids: Sequence[str]) -> dict[str, str]:
    """{id: the names of the nodes above it, as a plan shows them}."""
    rows = _rows(_PLACES, ids=list(ids), root=COMPANIES_ID)
    return {row["id"]: " / ".join(row["names"]) or "Companies" for row in rows}


def count(kind: str) -> int:
    """The number of nodes with this label, from the count store."""
    return int(_rows(_COUNTS[kind])[0]["number"])


def _described(row: dict[str, Any]) -> Described:
    labels = row.pop("labels")
    return Described(kind=kind_of(labels), **row)


def _counted(cypher: str, **parameters: Any) -> dict[str, dict[str, int]]:
    """{id: {kind: number}} from a statement that returns ``counts``, lists of an id, labels and a number."""
    found: dict[str, dict[str, int]] = {}
    for uid, labels, number in _rows(cypher, **parameters)[0]["counts"]:
        found.setdefault(uid, {})[kind_of(labels)] = number
    return found


def _collected(cypher: str, **parameters: Any) -> list[Existing]:
    row = _rows(cypher, **parameters)[0]
    columns = (row[c] for c in ("keys", "ids", "parents", "names", "fingerprints", "archived", "synced"))
    return [Existing(*values) for values in zip(*columns, strict=True)]


def _rows(cypher: str, **parameters: Any) -> list[dict[str, Any]]:
    with graph_session(READ_ACCESS) as session:
        return session.execute_read(lambda transaction: [dict(row) for row in transaction.run(cypher, parameters)])
