"""One batch of changes inside one transaction: the Cypher of a sync's writes, and nothing else.

Every statement that changes existing nodes matches ``origin = 'codex'`` only, and counts what it has changed: fewer
than it was given is an error, never silence.
"""

from dataclasses import dataclass
from typing import Any

from neo4j import ManagedTransaction

from knowledgetree.basics.times import utc_now
from syncing.graph.lease import Lease
from syncing.kinds.desired import HOSTNAME_EVIDENCE, LOGIN_EVIDENCE, REQUESTER_EVIDENCE, WRITER_EVIDENCE
from syncing.plan.files import Change
from tree.graph.connection import read
from tree.graph.sibling_keys import SEPARATOR
from tree.kinds import NODE_CLASSES

KIND_ORDER = ("Company", "User", "Note", "Folder", "Asset", "Ticket")  # parents first
_FOLDERS = ("Company", "User", "Folder")

_CREATE = """
UNWIND $groups AS family
MATCH (parent:ContextItem {id: family[0]}) WHERE parent.archived_at IS NULL
UNWIND family[2] AS row
CREATE (parent)-[:PARENT_OF]->(n:ContextItem:%(kind)s {%(properties)s})
"""
_CREATE_LINKED = {
    "Asset": """
UNWIND $groups AS family
MATCH (parent:ContextItem {id: family[0]}) WHERE parent.archived_at IS NULL
MATCH (user:ContextItem {codex_key: family[1]})
UNWIND family[2] AS row
CREATE (parent)-[:PARENT_OF]->(n:ContextItem:%(kind)s {%(properties)s})
CREATE (n)-[:USED_BY {evidence: $evidence}]->(user)
""",
    "Ticket": """
UNWIND $groups AS family
MATCH (parent:ContextItem {id: family[0]}) WHERE parent.archived_at IS NULL
MATCH (user:ContextItem {codex_key: family[1]})
MATCH (folder:ContextItem {codex_key: family[1] + ':tickets'})
UNWIND family[2] AS row
CREATE (parent)-[:PARENT_OF]->(n:ContextItem:%(kind)s {%(properties)s})
CREATE (n)-[:REQUESTED_BY {evidence: $evidence}]->(user)
CREATE (folder)-[:LINKS_TO {evidence: $evidence}]->(n)
""",
}
_RELATIONS_OF_A_LINK = {"Asset": 1, "Ticket": 2}
_MENTION = """
UNWIND $rows AS row
MATCH (n:ContextItem {id: row.id})
UNWIND row.keys AS key
MATCH (mentioned:ContextItem {codex_key: key})
CREATE (n)-[:MENTIONS {evidence: CASE WHEN mentioned:User THEN $wrote ELSE $named END}]->(mentioned)
"""
_FORGET_MENTIONS = "UNWIND $ids AS id MATCH (:ContextItem {id: id})-[old:MENTIONS]->() DELETE old"
_NEW = (  # what every node of a sync begins with
    "origin: 'codex'",
    "read_only: true",
    "is_folder: $is_folder",
    "version: 1",
    "created_at: $now",
    "updated_at: $now",
)
_NOT_SENT = {
    *("origin", "read_only", "is_folder", "version", "created_at", "created_by", "updated_at", "updated_by"),
    *("trashed_at", "trashed_by", "trashed_with"),
}

# A node is as it was compared: its fingerprint is the same, and it is in the archive only if it is to leave that. Who
# moves out of a company that this very plan archives went there with it a moment ago.
_AS_COMPARED = """WHERE n.origin = 'codex' AND n.fingerprint = row.base
  AND ((n.archived_at IS NOT NULL) = row.restores OR n.archived_with IN $removed)"""
_FREE_NAMES = f"""
UNWIND $rows AS row
MATCH (n:ContextItem {{id: row.id}}) {_AS_COMPARED}
SET n.sibling_key = n.id
"""
_MOVE = f"""
UNWIND $rows AS row
MATCH (n:ContextItem {{id: row.id}})<-[old:PARENT_OF]-() {_AS_COMPARED}
DELETE old
WITH DISTINCT n, row
MATCH (parent:ContextItem {{id: row.parent_id}})
CREATE (parent)-[:PARENT_OF]->(n)
"""
_UPDATE = f"""
UNWIND $rows AS row
MATCH (n:ContextItem {{id: row.id}}) {_AS_COMPARED}
SET n += row.set, n.version = coalesce(n.version, 1) + 1, n.updated_at = $now
RETURN count(n) AS written
"""
_BELOW_ARCHIVED = """
UNWIND $ids AS id
MATCH (n:ContextItem {id: id})<-[:PARENT_OF]-(parent) WHERE parent.archived_at IS NOT NULL AND n.archived_at IS NULL
RETURN count(n) AS lost
"""
_ARCHIVE = """
UNWIND $rows AS row
MATCH (n:ContextItem {id: row.id})
WHERE n.origin = 'codex' AND n.fingerprint = row.base AND n.archived_at IS NULL
SET n += row.set, n.archived_at = $now, n.archived_with = row.key,
    n.version = coalesce(n.version, 1) + 1, n.updated_at = $now
WITH n, row
OPTIONAL MATCH (n)-[:PARENT_OF*1..]->(below:ContextItem)
WHERE below.origin = 'codex' AND below.archived_at IS NULL
WITH n, row, collect(below) AS subtree
FOREACH (node IN subtree | SET node.archived_at = $now, node.archived_with = row.key,
    node.sibling_key = node.sibling_key + $separator + node.id)
RETURN count(DISTINCT n) AS written
"""
_UNLINK = {
    "Asset": "UNWIND $ids AS id MATCH (:ContextItem {id: id})-[old:USED_BY]->() DELETE old",
    "Ticket": """
UNWIND $ids AS id
MATCH (n:ContextItem {id: id})
OPTIONAL MATCH (n)-[to_user:REQUESTED_BY]->()
OPTIONAL MATCH (:Folder)-[from_folder:LINKS_TO {evidence: $evidence}]->(n)
DELETE to_user, from_folder
""",
}
_LINK = {
    "Asset": """
UNWIND $rows AS row
MATCH (n:ContextItem {id: row.id})
MATCH (user:ContextItem {codex_key: row.person})
CREATE (n)-[:USED_BY {evidence: $evidence}]->(user)
""",
    "Ticket": """
UNWIND $rows AS row
MATCH (n:ContextItem {id: row.id})
MATCH (user:ContextItem {codex_key: row.person})
MATCH (folder:ContextItem {codex_key: row.person + ':tickets'})
CREATE (n)-[:REQUESTED_BY {evidence: $evidence}]->(user)
CREATE (folder)-[:LINKS_TO {evidence: $evidence}]->(n)
""",
}
_EVIDENCE = {"Asset": LOGIN_EVIDENCE, "Ticket": REQUESTER_EVIDENCE}
_IS_WRITTEN = """
MATCH (n:ContextItem {id: $id})
RETURN CASE $action WHEN 'archive' THEN n.archived_with = $key ELSE n.checksum = $checksum END AS written
"""
_STALE = """
UNWIND $rows AS row
OPTIONAL MATCH (n:ContextItem {id: row.id})
WHERE n.origin = 'codex' AND n.fingerprint = row.base AND n.archived_at IS NULL
WITH row, n WHERE n IS NULL
RETURN count(row) AS stale
"""


class RowsMissing(Exception):
    """A statement found fewer nodes than it was given rows."""


@dataclass(frozen=True)
class Terms:
    """On what terms a run writes: under its lease. ``removed``: keys of the companies that its plan archives."""

    lease: Lease
    removed: list[str]


def write_changes(transaction: ManagedTransaction, batch: list[Change], terms: Terms, writer: str) -> None:
    """Write these changes: what leaves first, then what is there, then what is new, parents before children.

    Raises LeaseLost, RowsMissing, and neo4j's ConstraintError for a name or key that is taken; all roll back.
    """
    terms.lease.check(transaction, writer)
    now = utc_now()
    removed = [c for c in batch if is_removal(c)]
    _archive(transaction, removed, now)
    _update(transaction, [c for c in batch if c.action != "create" and not is_removal(c)], terms.removed, now)
    created = [c for c in batch if c.action == "create"]
    for kind in KIND_ORDER:
        _create(transaction, kind, [c for c in created if c.kind == kind], now)


def is_removal(change: Change) -> bool:
    """A node that leaves with all below it. One that goes back to the archive says itself since when it was there."""
    return change.action == "archive" and "archived_at" not in change.set


def _archive(transaction: ManagedTransaction, changes: list[Change], now: str) -> None:
    if changes:
        rows = _Rows({"id": c.id, "base": c.base, "key": c.key, "set": c.set} for c in changes)
        _expect(transaction.run(_ARCHIVE, rows=rows, now=now, separator=SEPARATOR).single(), len(rows))


def _update(transaction: ManagedTransaction, changes: list[Change], removed: list[str], now: str) -> None:
    if not changes:
        return
    rows = _Rows(
        {"id": c.id, "base": c.base, "parent_id": c.parent_id, "set": c.set, "restores": c.action == "restore"}
        for c in changes
    )
    placed = _Rows(row for row in rows if "sibling_key" in row["set"])
    if placed:  # names first of all free, so that two siblings can swap theirs
        transaction.run(_FREE_NAMES, rows=placed, removed=removed).consume()
    moved = _Rows(row for row in rows if "parent_id" in row["set"])
    if moved:
        counters = transaction.run(_MOVE, rows=moved, removed=removed).consume().counters
        if counters.relationships_created != len(moved):
            raise RowsMissing
    _expect(transaction.run(_UPDATE, rows=rows, removed=removed, now=now).single(), len(rows))
    arrived = [c.id for c in changes if "parent_id" in c.set or "archived_at" in c.set]
    if arrived:
        lost = transaction.run(_BELOW_ARCHIVED, ids=arrived).single()
        if lost is None or lost["lost"]:
            raise RowsMissing
    for kind in ("Asset", "Ticket"):
        _relink(transaction, kind, [c for c in changes if c.kind == kind and c.person is not None])
    mentioning = [c for c in changes if "mentioned_keys" in c.set]
    if mentioning:
        transaction.run(_FORGET_MENTIONS, ids=[c.id for c in mentioning]).consume()
        _mention(transaction, mentioning)


def _relink(transaction: ManagedTransaction, kind: str, changes: list[Change]) -> None:
    if not changes:
        return
    transaction.run(_UNLINK[kind], ids=[c.id for c in changes], evidence=_EVIDENCE[kind]).consume()
    rows = _Rows({"id": c.id, "person": c.person} for c in changes if c.person)
    counters = transaction.run(_LINK[kind], rows=rows, evidence=_EVIDENCE[kind]).consume().counters
    if counters.relationships_created != len(rows) * _RELATIONS_OF_A_LINK[kind]:
        raise RowsMissing


def _create(transaction: ManagedTransaction, kind: str, changes: list[Change], now: str) -> None:
    alone = [c for c in changes if not c.person]
    linked = [c for c in changes if c.person]
    for statements, rows, edges in ((_CREATED, alone, 1), (_CREATED_LINKED, linked, _edges(kind))):
        if not rows:
            continue
        counters = (
            transaction.run(
                statements[kind],
                groups=_families(kind, rows),
                evidence=_EVIDENCE.get(kind),
                is_folder=kind in _FOLDERS,
                now=now,
            )
            .consume()
            .counters
        )
        if counters.nodes_created != len(rows) or counters.relationships_created != edges * len(rows):
            raise RowsMissing
    if kind == "Ticket":
        _mention(transaction, changes)


def _mention(transaction: ManagedTransaction, changes: list[Change]) -> None:
    rows = _Rows({"id": c.id, "keys": c.set["mentioned_keys"]} for c in changes if c.set.get("mentioned_keys"))
    if not rows:
        return
    counters = transaction.run(_MENTION, rows=rows, wrote=WRITER_EVIDENCE, named=HOSTNAME_EVIDENCE).consume().counters
    if counters.relationships_created != sum(len(row["keys"]) for row in rows):
        raise RowsMissing


def _families(kind: str, changes: list[Change]) -> "_Rows":
    """New nodes of one parent and person together: [parent id, person's key, [[value, …], …]].

    Values go in the order of the kind's properties: names sent with every row would be half of the message.
    """
    names = _PROPERTIES[kind]
    families: dict[tuple[str, str | None], list[list[Any]]] = {}
    for change in changes:
        values = change.set.get
        row = [values(name) for name in names]
        row.append(change.id)
        row.append(change.kind == "Folder" and change.key.startswith("user:"))
        families.setdefault((change.parent_id, change.person), []).append(row)
    return _Rows([parent, person, rows] for (parent, person), rows in families.items())


def _edges(kind: str) -> int:
    return 1 + _RELATIONS_OF_A_LINK.get(kind, 0)


def _expect(row: Any, number: int) -> None:
    if row is None or row["written"] != number:
        raise RowsMissing


def is_written(change: Change) -> bool:
    """Whether the node is as the change would make it: then only the answer of its transaction got lost."""
    checksum = change.set.get("checksum", "")
    key = change.set.get("archived_with", change.key)
    rows = read(_IS_WRITTEN, id=change.id, key=key, action=change.action, checksum=checksum)
    return bool(rows and rows[0]["written"])


def count_stale(changes: list[Change]) -> int:
    """How many of these changes no longer fit the graph: their node changed or left meanwhile."""
    return int(read(_STALE, rows=[{"id": c.id, "base": c.base} for c in changes])[0]["stale"])


class _Rows(list[Any]):
    """Rows of a statement. The driver formats all parameters for a debug log, wanted or not: keep that short."""

    def __repr__(self) -> str:
        return f"<{len(self)} rows>"


def _property_names(kind: str) -> tuple[str, ...]:
    """The properties that a plan may set on a new node of this kind, as the graph calls them."""
    [node_class] = [c for c in NODE_CLASSES if c.kind() == kind]
    declared = node_class.defined_properties(aliases=False, rels=False).items()
    names = (prop.db_property or name for name, prop in declared)
    return tuple(name for name in names if name not in _NOT_SENT | {"id", "is_attached"})


def _statement(template: str, kind: str) -> str:
    """Names of labels and properties cannot be parameters; these come from the classes of tree.models only."""
    names = _PROPERTIES[kind]
    sent = [f"{name}: row[{place}]" for place, name in enumerate((*names, "id", "is_attached"))]
    return template % {"kind": kind, "properties": ", ".join([*_NEW, *sent])}


_PROPERTIES = {kind: _property_names(kind) for kind in KIND_ORDER}
_CREATED = {kind: _statement(_CREATE, kind) for kind in KIND_ORDER}
_CREATED_LINKED = {kind: _statement(template, kind) for kind, template in _CREATE_LINKED.items()}
