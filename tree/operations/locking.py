"""Locks on nodes and on the tree's structure, and the checks that a write makes under them.

Neo4j takes a lock on write and holds it to the end of the transaction. One TreeLock node stands for the structure of
the whole tree: without it, a move below B and a deletion of B could both succeed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from neo4j import ManagedTransaction
from neo4j.exceptions import ConstraintError

from knowledgetree.basics.times import utc_now
from tree.exceptions import Conflict, InvalidPlace, NameTaken, NodeNotFound, ReadOnlyNode
from tree.graph.connection import write
from tree.graph.sibling_keys import sibling_key
from tree.graph.values import display_name, kind_of, read_only_reason
from tree.kinds.titles import title_of, without_extension
from tree.vocabulary import MAX_DEPTH

_LOCK_TREE = "MERGE (lock:TreeLock {name: 'tree'}) SET lock.at = $now"
_LOCK_NODE = """
MATCH (n:ContextItem {id: $id})
SET n.is_locked = true REMOVE n.is_locked
RETURN properties(n) AS properties, labels(n) AS labels
"""
_ANCESTORS = "MATCH (n:ContextItem {id: $id})<-[:PARENT_OF*0..]-(a:ContextItem) RETURN collect(a.id) AS ids"
_HEIGHT = "MATCH way = (:ContextItem {id: $id})-[:PARENT_OF*0..]->() RETURN max(length(way)) AS height"
_BY_SIBLING_KEY = "MATCH (n:ContextItem {sibling_key: $key}) RETURN n.id AS id"

T = TypeVar("T")


@dataclass(frozen=True)
class Locked:
    """A node that is locked until the end of this transaction."""

    uid: str
    kind: str
    properties: dict[str, Any]

    @property
    def name(self) -> str:
        return display_name(self.uid, str(self.properties.get("name") or ""))

    @property
    def title(self) -> str:
        """What people read instead of the name."""
        return title_of(self.kind, self.name, self.properties)

    @property
    def content(self) -> str:
        return str(self.properties.get("content") or "")

    @property
    def version(self) -> int:
        return int(self.properties.get("version") or 1)

    @property
    def parent_id(self) -> str:
        return str(self.properties.get("parent_id") or "")

    @property
    def is_folder(self) -> bool:
        return bool(self.properties.get("is_folder"))

    @property
    def is_warning(self) -> bool:
        return bool(self.properties.get("is_warning"))

    @property
    def is_trashed(self) -> bool:
        return bool(self.properties.get("trashed_at"))


def change_tree(work: Callable[[ManagedTransaction], T], seconds: float | None = None) -> T:
    """Run ``work`` in a write transaction that holds the lock of the tree's structure, and return its result.

    ``seconds`` overrides the time limit of write transactions. Raises GraphUnavailable.
    """

    def locked_work(transaction: ManagedTransaction) -> T:
        transaction.run(_LOCK_TREE, now=utc_now()).consume()
        return work(transaction)

    result: T = write(locked_work, seconds)
    return result


def lock(transaction: ManagedTransaction, uid: str) -> Locked:
    """Lock a node, whether or not it is in the trash. Raises NodeNotFound."""
    record = transaction.run(_LOCK_NODE, id=uid).single()
    if record is None:
        raise NodeNotFound(f"No node has the id {uid!r}.")
    return Locked(uid, kind_of(record["labels"]), record["properties"])


def lock_staff_node(transaction: ManagedTransaction, uid: str, base_version: int | None = None) -> Locked:
    """Lock a live node that staff created. Raises NodeNotFound, ReadOnlyNode; Conflict if it has another version."""
    node = lock(transaction, uid)
    require_staff(node)
    if node.is_trashed:
        raise NodeNotFound(f"“{node.title}” lies in the trash. Restore it first.")
    require_version(node, base_version)
    return node


def require_version(node: Locked, base_version: int | None) -> None:
    """Raises Conflict unless the node still has the version that the author has seen, or they have seen none."""
    if base_version not in (None, node.version):
        raise conflict(node)


def conflict(node: Locked) -> Conflict:
    """The refusal of a change that is based on another version of the node."""
    author = str(node.properties.get("updated_by") or "somebody")
    return Conflict(f"{author} saved “{node.title}” after you opened it.", node.version, author)


def lock_parent(transaction: ManagedTransaction, uid: str) -> Locked:
    """Lock the live node below which something is to be placed. Raises InvalidPlace."""
    try:
        parent = lock(transaction, uid)
    except NodeNotFound as error:
        raise InvalidPlace("The place is gone: it was deleted meanwhile. Choose another.") from error
    if parent.is_trashed:
        raise InvalidPlace(f"“{parent.title}” lies in the trash. Choose another place.")
    return parent


def require_staff(node: Locked) -> None:
    """Raises ReadOnlyNode unless staff may change the node."""
    reason = read_only_reason(node.uid, node.title, node.properties)
    if reason:
        raise ReadOnlyNode(reason)


def require_depth(transaction: ManagedTransaction, parent: Locked, height: int = 0) -> list[str]:
    """Raises InvalidPlace if a subtree of this height below ``parent`` would be too deep.

    Returns the ids from the parent up to the root.
    """
    record = transaction.run(_ANCESTORS, id=parent.uid).single()
    above: list[str] = record["ids"] if record else []
    if len(above) - 1 + height > MAX_DEPTH:
        raise InvalidPlace(f"Below “{parent.title}” it would lie more than {MAX_DEPTH} levels deep.")
    return above


def height_of(transaction: ManagedTransaction, uid: str) -> int:
    """The number of levels below a node."""
    record = transaction.run(_HEIGHT, id=uid).single()
    return int(record["height"] or 0) if record else 0


def id_of_sibling(transaction: ManagedTransaction, parent_id: str, name: str) -> str | None:
    """The id of the live child with this name, or None."""
    record = transaction.run(_BY_SIBLING_KEY, key=sibling_key(parent_id, name)).single()
    return str(record["id"]) if record else None


def require_free_name(transaction: ManagedTransaction, parent: Locked, name: str, own_id: str) -> None:
    """Raises NameTaken if a live sibling other than ``own_id`` has the name."""
    other = id_of_sibling(transaction, parent.uid, name)
    if other is not None and other != own_id:
        raise NameTaken(f"“{parent.title}” has “{without_extension(name)}” already. Choose another name.", other)


@contextmanager
def names_are_unique(parent_id: str, name: str) -> Iterator[None]:
    """Turn a violated constraint into NameTaken: a sync may take the name between our check and our commit."""
    try:
        yield
    except ConstraintError as error:
        if "sibling_key" not in str(error):
            raise
        raise NameTaken(f"“{without_extension(name)}” exists there already. Choose another name.", "") from error
