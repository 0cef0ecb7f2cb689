"""Writes one batch of changes inside one transaction; contains the Cypher of a sync's writes.

Every statement that changes existing nodes matches only ``origin = 'codex'`` and counts the nodes that it changed. If
they are fewer than its rows, that is an error.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs
from neo4j import ManagedTransaction

from knowledgetree.basics.times import utc_now
from syncing.graph.lease import Lease
from syncing.graph.parameters import Rows, RowsMissing
from syncing.graph.relations import LINKS, CreatedWith, LinkedBy, evidence_of, link, relink
from syncing.kinds import LABELS
from syncing.kinds.declaration.key import is_of_a_company_itself
from syncing.plan.plan_files import Change
from tree.graph.connection import read
from tree.graph.search_keys import KEY_SOURCES, search_properties
from tree.graph.sibling_keys import SEPARATOR
from tree.graph.values import kind_of
from tree.kinds import FOLDER_KINDS, NODE_CLASS
from tree.vocabulary import FOLDER, ORIGIN_CODEX

_CREATE = """
UNWIND $families AS family
MATCH (parent:ContextItem {id: family[0]}) WHERE parent.archived_at IS NULL
%(matches)s
UNWIND family[2] AS row
CREATE (parent)-[:PARENT_OF]->(n:ContextItem:%(kind)s {%(properties)s})
%(creates)s
"""
_NEW = (  # initial properties of every synced node
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

# The node is unchanged since the comparison: its fingerprint is the same, and it is archived only if the change
# restores it. A node that moves out of a company that the same plan archives was archived with it a moment ago.
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
_REMEMBER = f"""
UNWIND $rows AS row
MATCH (n:User {{id: row.id}})<-[:PARENT_OF]-(old:ContextItem) {_AS_COMPARED}
MERGE (n)-[:MOVED_FROM]->(old)
"""
_UPDATE = f"""
UNWIND $rows AS row
MATCH (n:ContextItem {{id: row.id}}) {_AS_COMPARED}
SET n += row.set, n.version = coalesce(n.version, 1) + 1, n.updated_at = $now
RETURN count(n) AS written
"""
_KEY_SOURCES = f"""
UNWIND $ids AS id
MATCH (n:ContextItem {{id: id}})
RETURN id, labels(n) AS labels, n {{{", ".join(f".{name}" for name in sorted(KEY_SOURCES))}}} AS properties
"""
_SET_KEYS = """
UNWIND $rows AS row
MATCH (n:ContextItem {id: row.id}) WHERE n.origin = 'codex'
SET n += row.keys
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
RETURN count(DISTINCT n) AS written,
    collect([row.id, [node IN subtree WHERE NOT node.id IN $moving | labels(node)]]) AS below
"""
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


@dataclass(frozen=True)
class Terms:
    """The conditions of a run's writes. ``removed``: keys of the companies that its plan archives.

    ``moving``: ids of the nodes that its plan moves, which leave the archive again if their company is archived.
    ``archived_along``: filled by the writes with {id of an archived node: {kind: number of nodes archived with it}}.
    """

    lease: Lease
    removed: list[str]
    moving: list[str] = field(default_factory=list)
    archived_along: dict[str, dict[str, int]] = field(default_factory=dict)

    def as_written(self, change: Change) -> Change:
        """The change with the nodes that it has archived, which may be more or fewer than its plan says."""
        below = self.archived_along.get(change.id)
        return change if below is None else structs.replace(change, below=below)


def write_changes(transaction: ManagedTransaction, batch: list[Change], terms: Terms, writer: str) -> None:
    """Write these changes: first removals, then changes of existing nodes, then creations with parents before children.

    Raises LeaseLost, RowsMissing, and neo4j's ConstraintError for a taken name or key; each rolls back the transaction.
    """
    terms.lease.check(transaction, writer)
    now = utc_now()
    removed = [c for c in batch if is_removal(c)]
    _archive(transaction, removed, terms, now)
    _update(transaction, [c for c in batch if c.action != "create" and not is_removal(c)], terms.removed, now)
    for kind, created in _parents_first([c for c in batch if c.action == "create"]):
        _create(transaction, kind, created, now)


def is_removal(change: Change) -> bool:
    """Whether the change archives a node with all nodes below it.

    An undo that returns a node to the archive has its own row for each node, which sets ``archived_at``.
    """
    return change.action == "archive" and "archived_at" not in change.set


def _archive(transaction: ManagedTransaction, changes: list[Change], terms: Terms, now: str) -> None:
    if not changes:
        return
    rows = Rows({"id": c.id, "base": c.base, "key": c.key, "set": c.set} for c in changes)
    written = transaction.run(_ARCHIVE, rows=rows, now=now, separator=SEPARATOR, moving=terms.moving).single(
        strict=True
    )
    _expect(written, len(rows))
    terms.archived_along.update({uid: Counter(map(kind_of, below)) for uid, below in written["below"]})


def _update(transaction: ManagedTransaction, changes: list[Change], removed: list[str], now: str) -> None:
    if not changes:
        return
    rows = Rows(
        {"id": c.id, "base": c.base, "parent_id": c.parent_id, "set": c.set, "restores": c.action == "restore"}
        for c in changes
    )
    placed = Rows(row for row in rows if "sibling_key" in row["set"])
    if placed:  # the old names become free first, so that two siblings can swap names
        transaction.run(_FREE_NAMES, rows=placed, removed=removed).consume()
    moved = Rows(row for row in rows if "parent_id" in row["set"])
    if moved:
        transaction.run(_REMEMBER, rows=moved, removed=removed).consume()
        counters = transaction.run(_MOVE, rows=moved, removed=removed).consume().counters
        if counters.relationships_created != len(moved):
            raise RowsMissing
    _expect(transaction.run(_UPDATE, rows=rows, removed=removed, now=now).single(), len(rows))
    _renew_keys(transaction, changes)
    arrived = [c.id for c in changes if "parent_id" in c.set or "archived_at" in c.set]
    if arrived:
        lost = transaction.run(_BELOW_ARCHIVED, ids=arrived).single()
        if lost is None or lost["lost"]:
            raise RowsMissing
    relink(transaction, changes)


def _renew_keys(transaction: ManagedTransaction, changes: list[Change]) -> None:
    """Write the search keys of changed nodes anew, from all of their fields: a change names only those that differ."""
    ids = [c.id for c in changes if not KEY_SOURCES.isdisjoint(c.set)]
    if not ids:
        return
    rows = Rows(
        {"id": found["id"], "keys": search_properties(kind_of(found["labels"]), found["properties"])}
        for found in transaction.run(_KEY_SOURCES, ids=ids)
    )
    transaction.run(_SET_KEYS, rows=rows).consume()


def _parents_first(created: list[Change]) -> Iterator[tuple[str, list[Change]]]:
    """Group new nodes by kind: parents before children, and targets of links before the nodes that link to them."""
    depths: dict[str, int] = {}
    groups: dict[tuple[int, int], list[Change]] = {}
    for change in created:  # a plan has parents before their children
        depth = depths[change.id] = depths.get(change.parent_id, -1) + 1
        groups.setdefault((depth, LABELS.index(change.kind)), []).append(change)
    for place in sorted(groups):
        yield LABELS[place[1]], groups[place]


def _create(transaction: ManagedTransaction, kind: str, changes: list[Change], now: str) -> None:
    """Create nodes together with the links of their first single key; linking later would be twice the work."""
    first = _FIRST[kind]
    alone = [c for c in changes if first is None or not first.keys(c)]
    linked = [c for c in changes if first is not None and first.keys(c)]
    for statement, rows, by in ((_CREATED[kind], alone, None), (_CREATED_LINKED.get(kind, ""), linked, first)):
        if not rows:
            continue
        counters = (
            transaction.run(
                statement,
                families=_families(kind, rows, by),
                evidence=evidence_of(by) if by else [],
                is_folder=kind in FOLDER_KINDS,
                now=now,
            )
            .consume()
            .counters
        )
        relations = 1 + len(by.relations) if by else 1
        if counters.nodes_created != len(rows) or counters.relationships_created != relations * len(rows):
            raise RowsMissing
    for other in LINKS[kind]:
        if other is not first:
            link(transaction, other, changes)


def _families(kind: str, changes: list[Change], by: LinkedBy | None) -> Rows:
    """Group new nodes by parent and linked key: [parent id, key, [[value, …], …]].

    The values are in the order of the kind's properties; sending names with every row would double the message.
    """
    names = _PROPERTIES[kind]
    families: dict[tuple[str, str | None], list[list[Any]]] = {}
    for change in changes:
        facts = change.set | {"origin": ORIGIN_CODEX}
        facts |= search_properties(kind, facts)
        values = facts.get
        row = [values(name) for name in names]
        row.append(change.id)
        row.append(change.kind == FOLDER and not is_of_a_company_itself(change.key))
        families.setdefault((change.parent_id, values(by.via) if by else None), []).append(row)
    return Rows([parent, key, rows] for (parent, key), rows in families.items())


def _expect(row: Any, number: int) -> None:
    if row is None or row["written"] != number:
        raise RowsMissing


def is_written(change: Change) -> bool:
    """Whether the node is as the change leaves it, because only the response of its transaction was lost."""
    checksum = change.set.get("checksum", "")
    key = change.set.get("archived_with", change.key)
    rows = read(_IS_WRITTEN, id=change.id, key=key, action=change.action, checksum=checksum)
    return bool(rows and rows[0]["written"])


def count_stale(changes: list[Change]) -> int:
    """The number of these changes that no longer fit the graph because their node has changed or gone."""
    return int(read(_STALE, rows=[{"id": c.id, "base": c.base} for c in changes])[0]["stale"])


def _property_names(kind: str) -> tuple[str, ...]:
    """The graph's names of the properties that a plan may set on a new node of this kind."""
    return tuple(name for name in NODE_CLASS[kind].fields() if name not in _NOT_SENT | {"id", "is_attached"})


def _statement(kind: str, created_with: CreatedWith | None = None) -> str:
    """Build the create statement of a kind. Labels and properties come from the classes of tree.kinds only."""
    names = _PROPERTIES[kind]
    sent = [f"{name}: row[{place}]" for place, name in enumerate((*names, "id", "is_attached"))]
    matches, creates = created_with or CreatedWith("", "")
    properties = ", ".join([*_NEW, *sent])
    return _CREATE % {"kind": kind, "properties": properties, "matches": matches, "creates": creates}


_PROPERTIES = {kind: _property_names(kind) for kind in LABELS}
_FIRST = {kind: next((by for by in LINKS[kind] if not by.holds_many), None) for kind in LABELS}
_CREATED = {kind: _statement(kind) for kind in LABELS}
_CREATED_LINKED = {kind: _statement(kind, CreatedWith.of(by)) for kind, by in _FIRST.items() if by}
