"""Operations of the trash: delete, restore, purge. Deleted nodes may be purged by an admin after PURGE_AFTER.

A trashed node and its descendants stay in their place, hidden. ``trashed_with`` is the id of the node that was put
into the trash, so that restoring it restores exactly the nodes that were deleted with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from neo4j import ManagedTransaction

from knowledgetree.audit.actions import Action
from knowledgetree.basics.times import utc_now
from tree.exceptions import InvalidPlace, NodeNotFound, TooEarly
from tree.files import storage
from tree.graph.search_keys import search_properties
from tree.graph.sibling_keys import retired_sibling_key, sibling_key, sort_key
from tree.operations.locking import (
    Locked,
    change_tree,
    height_of,
    lock,
    lock_parent,
    lock_staff_node,
    names_are_unique,
    require_depth,
    require_staff,
    require_version,
)
from tree.operations.structure import free_name
from tree.operations.telling import ToldNode, about, tell

PURGE_AFTER = timedelta(days=30)

_TRASH = """
MATCH (top:ContextItem {id: $id})
SET top.sibling_key = $retired
WITH top
MATCH (top)-[:PARENT_OF*0..]->(n:ContextItem) WHERE n.trashed_at IS NULL
SET n.trashed_at = $now, n.trashed_by = $author, n.trashed_with = $id
RETURN collect(n.id) AS ids
"""
_RESTORE = """
MATCH (top:ContextItem {id: $id})<-[old:PARENT_OF]-()
DELETE old
WITH DISTINCT top
MATCH (parent:ContextItem {id: $parent})
CREATE (parent)-[:PARENT_OF]->(top)
SET top.name = $name, top.parent_id = $parent, top.sibling_key = $sibling_key, top.sort_key = $sort_key,
    top += $keys
WITH top
MATCH (n:ContextItem {trashed_with: $id})
REMOVE n.trashed_at, n.trashed_by, n.trashed_with
RETURN collect(n.id) AS ids
"""
_PURGE = """
MATCH (:ContextItem {id: $id})-[:PARENT_OF*0..]->(n:ContextItem)
WITH collect(n) AS nodes
OPTIONAL MATCH (file:File)<-[:HAS_FILE]-(owner) WHERE owner IN nodes
WITH nodes, collect(DISTINCT file) AS files
WITH nodes, [f IN files WHERE NOT EXISTS { (f)<-[:HAS_FILE]-(o) WHERE NOT o IN nodes }] AS orphans
UNWIND nodes AS n
OPTIONAL MATCH (n)-[:HAS_REVISION]->(r:Revision)
DETACH DELETE r
WITH nodes, orphans, count(*) AS _
WITH nodes, orphans, [f IN orphans | f.filename] AS filenames, [n IN nodes | n.id] AS ids
FOREACH (f IN orphans | DETACH DELETE f)
FOREACH (n IN nodes | DETACH DELETE n)
RETURN ids, filenames
"""


@dataclass(frozen=True)
class Purged:
    """The ids of the nodes deleted, and the stored names of the files deleted because no other node held them."""

    ids: tuple[str, ...]
    filenames: tuple[str, ...]

    @property
    def nodes(self) -> int:
        """How many there were."""
        return len(self.ids)


def trash(uid: str, *, author: str, base_version: int | None = None) -> int:
    """Put a staff node and its descendants into the trash. Returns the number of nodes.

    ``base_version``: the version that the author has seen. Raises NodeNotFound, ReadOnlyNode, Conflict.
    """
    return trash_all([uid], author=author, base_version=base_version)


def trash_all(uids: Iterable[str], *, author: str, base_version: int | None = None) -> int:
    """Put several nodes into the trash, all or none. Raises like ``trash``."""

    def work(transaction: ManagedTransaction) -> tuple[list[ToldNode], list[str]]:
        nodes = [lock_staff_node(transaction, uid, base_version) for uid in dict.fromkeys(uids)]
        told = about(transaction, [node.uid for node in nodes])
        return told, [uid for node in nodes for uid in _trash(transaction, node, author)]

    told, ids = change_tree(work)
    tell(Action.TRASHED, told, below=ids)
    return len(ids)


def restore(uid: str, *, author: str, new_parent_id: str = "", base_version: int | None = None) -> str:
    """Restore a node and the nodes deleted with it to their old place or a chosen one. Returns the node's new name.

    If the name has been taken meanwhile, “(restored)” is appended. ``base_version``: the version that the author has
    seen. Raises NodeNotFound, InvalidPlace, Conflict.
    """

    def work(transaction: ManagedTransaction) -> tuple[str, list[ToldNode], list[str]]:
        node = _lock_trashed(transaction, uid)
        require_version(node, base_version)
        try:
            parent = lock_parent(transaction, new_parent_id or node.parent_id)
        except InvalidPlace as error:
            raise InvalidPlace(f"Where “{node.title}” was is gone. Choose a place to restore it to.") from error
        above = require_depth(transaction, parent, height_of(transaction, uid) + 1)
        if uid in above:
            raise InvalidPlace("It cannot be restored below itself.")
        name = free_name(transaction, parent.uid, node.name, "restored")
        restored = transaction.run(
            _RESTORE,
            id=uid,
            parent=parent.uid,
            name=name,
            sibling_key=sibling_key(parent.uid, name),
            sort_key=sort_key(name, node.is_folder),
            keys=search_properties(node.kind, {**node.properties, "name": name}),
        ).single(strict=True)
        return name, about(transaction, [uid]), restored["ids"]

    with names_are_unique(new_parent_id, "The name"):
        name, told, ids = change_tree(work)
    tell(Action.RESTORED, told, below=ids)
    return name


def purge(uid: str, *, after: timedelta = PURGE_AFTER) -> Purged:
    """Permanently delete a trashed node and its descendants, with their revisions and files. For admins only.

    Raises NodeNotFound; TooEarly until ``after`` has passed since it was put into the trash.
    """

    def work(transaction: ManagedTransaction) -> tuple[Purged, list[ToldNode]]:
        node = _lock_trashed(transaction, uid)
        ends = purged_from(str(node.properties["trashed_at"]), after)
        if ends > timezone.now():
            raise TooEarly(f"“{node.title}” may be purged from {ends:%-d %B %Y} on.")
        told = about(transaction, [uid])
        record = transaction.run(_PURGE, id=uid).single(strict=True)
        return Purged(tuple(record["ids"]), tuple(record["filenames"])), told

    purged, told = change_tree(work)
    tell(Action.PURGED, told, below=purged.ids)
    storage.delete(*filter(storage.is_stored_name, purged.filenames))
    return purged


def purged_from(trashed_at: str, after: timedelta = PURGE_AFTER) -> datetime:
    """The time from which a node may be purged that was put into the trash at ``trashed_at``."""
    return datetime.fromisoformat(trashed_at) + after


def _trash(transaction: ManagedTransaction, node: Locked, author: str) -> list[str]:
    """Returns the ids of what is in the trash now."""
    retired = retired_sibling_key(node.parent_id, str(node.properties.get("name") or ""), node.uid)
    record = transaction.run(_TRASH, id=node.uid, retired=retired, now=utc_now(), author=author).single()
    return list(record["ids"]) if record else []


def _lock_trashed(transaction: ManagedTransaction, uid: str) -> Locked:
    node = lock(transaction, uid)
    require_staff(node)
    if node.properties.get("trashed_with") != uid:
        raise NodeNotFound(f"“{node.title}” was not put into the trash by itself.")
    return node
