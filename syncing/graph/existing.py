"""What the graph holds now, read a few companies at a time: keys, parents, names, fingerprints.

Columns are collected into one record a query: three to five times faster than a record a node. Every function raises
GraphUnavailable when Neo4j does not answer.

What a comparison asks for each group of companies says how to look it up: a plan that Neo4j made while the graph was
all but empty, when reading a whole index costs nothing, is kept for a while. Comparing took half as long again by it in
one first load of tickets in four.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from neo4j import READ_ACCESS

from tree.graph.connection import graph_session
from tree.graph.values import kind_of
from tree.kinds import KINDS
from tree.vocabulary import COMPANIES_ID

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
MATCH (p:ContextItem {codex_key: folder})-[:PARENT_OF]->(u:User) USING INDEX SEEK p:ContextItem(codex_key)
WITH folder, u ORDER BY u.archived_at IS NOT NULL
RETURN folder, collect([u.codex_key, u.email, coalesce(u.secondary_emails, []), u.archived_at IS NOT NULL]) AS people
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
_PLACES = """
UNWIND $ids AS id
MATCH (below:ContextItem {id: id})
MATCH way = (below)<-[:PARENT_OF*1..60]-(top) WHERE top.id = $root
RETURN id, [n IN reverse(nodes(way)[1..-1]) | n.name] AS names
"""  # no label at the top: the planner would take its index, and walk down through the whole tree for each id
_STAFF_NOTES = """
UNWIND $ids AS id
MATCH (:ContextItem {id: id})-[:PARENT_OF*1..]->(note:ContextItem)
WHERE note.origin = 'staff' AND note.trashed_at IS NULL
RETURN id, count(DISTINCT note) AS notes
"""
_COUNT = "MATCH (n:%s) RETURN count(n) AS number"
_COUNTS = {kind: _COUNT % kind for kind in (*KINDS, "File")}

Person = tuple[str, str | None, list[str], bool]  # key, e-mail, other e-mails, is archived
Computer = tuple[str, str | None, bool]  # key, hostname, is archived


class Existing(Struct, gc=False):
    """A node in the graph. ``key`` is empty for what is not of Codex."""

    key: str
    id: str
    parent_id: str
    name: str
    fingerprint: str
    archived: bool
    synced: bool


class Described(Struct, gc=False):
    """A node with what tells whether, and how, a change of it can be taken back."""

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
    """All children of the folder Companies, archived ones included."""
    return children([COMPANIES_ID])


def children(parent_ids: Sequence[str]) -> list[Existing]:
    """All live and archived children of these nodes, whatever their origin."""
    return _collected(_CHILDREN, parents=list(parent_ids)) if parent_ids else []


def by_key(keys: Iterable[str]) -> dict[str, Existing]:
    """Synced nodes by key, wherever they hang."""
    return {node.key: node for node in _collected(_BY_KEY, keys=list(keys))}


def people(folder_keys: Sequence[str]) -> dict[str, list[Person]]:
    """{key of a Users folder: each contact in it}."""
    return {row["folder"]: [tuple(p) for p in row["people"]] for row in _rows(_PEOPLE, folders=list(folder_keys))}


def computers(folder_keys: Sequence[str]) -> dict[str, list[Computer]]:
    """{key of an Assets folder: each computer in it}."""
    return {row["folder"]: [tuple(c) for c in row["computers"]] for row in _rows(_COMPUTERS, folders=list(folder_keys))}


def properties_of(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """{id: all properties}, for the few nodes that changed."""
    return {row["id"]: row["properties"] for row in _rows(_PROPERTIES, ids=list(ids))}


def described(ids: Sequence[str]) -> dict[str, Described]:
    """{id: what an undo must know} of these nodes; those that are gone or in the trash are missing."""
    return {row["id"]: _described(row) for row in _rows(_DESCRIBE, ids=list(ids))[0]["nodes"]}


def archived_with(tops: Sequence[tuple[str, str]]) -> dict[str, list[Described]]:
    """{id: the nodes below it that went to the archive together with it}, for each (id, Codex key)."""
    found: dict[str, list[Described]] = {uid: [] for uid, _ in tops}
    for uid, row in _rows(_ARCHIVED_WITH, tops=[list(top) for top in tops])[0]["nodes"]:
        found[uid].append(_described(row))
    return found


def live_below(ids: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """(id of one of these nodes, id, origin and name of a live child of it), for all their children."""
    return [(p, c, origin, name) for p, c, origin, name in _rows(_LIVE_BELOW, ids=list(ids))[0]["children"]]


def ids_there(ids: Sequence[str]) -> set[str]:
    """Those of these ids that a node has, archived ones included."""
    return set(described(ids))


def holders(sibling_keys: Sequence[str]) -> dict[str, str]:
    """{sibling key: id of the node that has it}, for those that are taken."""
    return dict(_rows(_HOLDERS, keys=list(sibling_keys))[0]["holders"])


def staff_notes_below(ids: Sequence[str]) -> dict[str, int]:
    """{id: how many nodes of staff hang below it, at any depth}; those with none are missing."""
    return {row["id"]: row["notes"] for row in _rows(_STAFF_NOTES, ids=list(ids))}


def places(ids: Sequence[str]) -> dict[str, str]:
    """{id: names on the way to the node, as a plan shows them}."""
    rows = _rows(_PLACES, ids=list(ids), root=COMPANIES_ID)
    return {row["id"]: " / ".join(row["names"]) or "Companies" for row in rows}


def count(kind: str) -> int:
    """How many nodes of this label there are, from the count store."""
    return int(_rows(_COUNTS[kind])[0]["number"])


def _described(row: dict[str, Any]) -> Described:
    labels = row.pop("labels")
    return Described(kind=kind_of(labels), **row)


def _collected(cypher: str, **parameters: Any) -> list[Existing]:
    row = _rows(cypher, **parameters)[0]
    columns = (row[c] for c in ("keys", "ids", "parents", "names", "fingerprints", "archived", "synced"))
    return [Existing(*values) for values in zip(*columns, strict=True)]


def _rows(cypher: str, **parameters: Any) -> list[dict[str, Any]]:
    with graph_session(READ_ACCESS) as session:
        return session.execute_read(lambda transaction: [dict(row) for row in transaction.run(cypher, parameters)])
