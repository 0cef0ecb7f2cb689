"""Operations on the tree's structure: create, move and copy nodes."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from neo4j import ManagedTransaction

from knowledgetree.audit.actions import Action
from knowledgetree.basics.batches import in_batches
from knowledgetree.basics.times import utc_now
from tree.exceptions import InvalidPlace, NameTaken, Refused
from tree.graph.search_keys import search_properties
from tree.graph.sibling_keys import sibling_key, sort_key
from tree.graph.validation import MAX_NAME_CHARACTERS, checked_name, checked_text, find_lookalike
from tree.kinds import Folder, Note, staff_kind
from tree.kinds.titles import without_extension
from tree.operations.locking import (
    Locked,
    change_tree,
    height_of,
    id_of_sibling,
    lock_parent,
    lock_staff_node,
    names_are_unique,
    require_depth,
    require_free_name,
)
from tree.operations.new_nodes import NewNode, write_new_nodes
from tree.operations.telling import Made, ToldNode, about, made_before, tell

MAX_COPIED_NODES = 1000
FILES_A_STATEMENT = 500
_LOOKED_AT_FOR_LOOKALIKES = 5000

_SIBLING_NAMES = """
MATCH (c:ContextItem) USING INDEX c:ContextItem(parent_id, sort_key)
WHERE c.parent_id = $parent AND c.sort_key >= '' AND c.trashed_at IS NULL AND c.id <> $own
WITH c LIMIT $limit
RETURN collect(c.name) AS names
"""
_MOVE = """
MATCH (n:ContextItem {id: $id})<-[old:PARENT_OF]-()
DELETE old
WITH DISTINCT n
MATCH (parent:ContextItem {id: $parent})
CREATE (parent)-[:PARENT_OF]->(n)
SET n.name = $name, n.parent_id = $parent, n.sibling_key = $sibling_key, n.sort_key = $sort_key,
    n.moved_at = $now, n.moved_by = $author, n += $keys
"""
_SUBTREE = """
MATCH way = (:ContextItem {id: $id})-[:PARENT_OF*0..]->(n:ContextItem)
WHERE all(step IN nodes(way) WHERE step.trashed_at IS NULL AND step.origin = 'staff')
WITH n, length(way) AS depth ORDER BY depth LIMIT $limit
RETURN n.id AS id, n.parent_id AS parent_id, n.name AS name, n.content AS content, n.is_folder AS is_folder,
  coalesce(n.is_warning, false) AS is_warning
"""
_COPY_FILES = """
UNWIND $pairs AS pair
MATCH (:ContextItem {id: pair[0]})-[h:HAS_FILE]->(f:File), (n:ContextItem {id: pair[1]}) WHERE h.trashed_at IS NULL
MERGE (n)-[:HAS_FILE]->(f)
"""


def create_folder(parent_id: str, name: str, *, author: str, uid: str = "") -> str:
    """Create a folder below any live node. Returns its id. Raises InvalidName, NameTaken, InvalidPlace.

    With a ``uid`` chosen by the caller, the call is idempotent.
    """
    return _create(NewNode(uid or str(uuid.uuid4()), Folder.kind(), parent_id, name), author)


def create_note(
    parent_id: str,
    name: str,
    content: str = "",
    *,
    author: str,
    uid: str = "",
    is_warning: bool = False,
    message: str = "",
) -> str:
    """Create a Markdown note below any live node. Returns its id.

    ``uid`` is as for ``create_folder``; ``message`` goes into the history.
    Raises InvalidName, InvalidText, NameTaken, InvalidPlace.
    """
    note = NewNode(uid or str(uuid.uuid4()), Note.kind(), parent_id, name, checked_text(content), is_warning)
    return _create(note, author, message)


def move(uid: str, new_parent_id: str, *, author: str, base_version: int | None = None) -> None:
    """Move a staff node and its descendants below another parent. Writes a single node, however large the subtree is.

    ``base_version``: the version that the author has seen. Raises NodeNotFound, ReadOnlyNode, NameTaken, InvalidPlace,
    Conflict.
    """
    move_all([uid], new_parent_id, author=author, base_version=base_version)


def move_all(uids: list[str], new_parent_id: str, *, author: str, base_version: int | None = None) -> None:
    """Move several nodes, all or none. Raises like ``move``."""

    def work(transaction: ManagedTransaction) -> list[ToldNode]:
        parent = lock_parent(transaction, new_parent_id)
        nodes = (lock_staff_node(transaction, uid, base_version) for uid in uids)
        moved = [node.uid for node in nodes if _move(transaction, node, parent, author)]
        return about(transaction, moved)

    with names_are_unique(new_parent_id, "The name"):
        moved = change_tree(work)
    tell(Action.MOVED, moved)


def copy(uid: str, new_parent_id: str, *, author: str, copy_id: str = "") -> str:
    """Copy a staff node with everything that staff created below it. Returns the copy's id.

    With a ``copy_id`` chosen by the caller, the call is idempotent.

    The copy shares the files and has no earlier revisions. If the name is taken, “(copy)” is appended.
    Raises NodeNotFound, ReadOnlyNode, InvalidPlace, Refused.
    """
    ids: dict[str, str] = {}
    made = copy_id or str(uuid.uuid4())

    def work(transaction: ManagedTransaction) -> Made:
        ids.clear()
        if before := made_before(transaction, made, author):
            return before
        parent = lock_parent(transaction, new_parent_id)
        node = lock_staff_node(transaction, uid)
        require_depth(transaction, parent, height_of(transaction, uid) + 1)
        found = transaction.run(_SUBTREE, id=uid, limit=MAX_COPIED_NODES + 1).data()
        if len(found) > MAX_COPIED_NODES:
            raise Refused(f"More than {MAX_COPIED_NODES} notes and folders cannot be copied at once.")
        ids.update({original["id"]: str(uuid.uuid4()) for original in found} | {uid: made})
        names = {uid: free_name(transaction, parent.uid, node.name)}
        copies = [
            NewNode(
                ids[original["id"]],
                staff_kind(original["is_folder"]),
                ids.get(original["parent_id"], parent.uid),
                names.get(original["id"], original["name"]),
                str(original["content"] or ""),
                original["is_warning"],
            )
            for original in found
        ]
        write_new_nodes(transaction, copies, author)
        for batch in in_batches(ids.items(), FILES_A_STATEMENT):
            transaction.run(_COPY_FILES, pairs=[list(pair) for pair in batch]).consume()
        return Made(about(transaction, [made]), list(ids.values()))

    change_tree(work).tell(Action.COPIED)
    return made


def _create(typed: NewNode, author: str, message: str = "") -> str:
    node = replace(typed, name=checked_name(typed.name))

    def work(transaction: ManagedTransaction) -> Made:
        if before := made_before(transaction, node.uid, author):
            return before
        parent = lock_parent(transaction, node.parent_id)
        require_depth(transaction, parent, 1)
        require_free_name(transaction, parent, node.name, node.uid)
        require_no_lookalike(transaction, parent, node.name, node.uid)
        write_new_nodes(transaction, [node], author, message)
        return Made(about(transaction, [node.uid]))

    with names_are_unique(node.parent_id, node.name):
        made = change_tree(work)
    made.tell(Action.CREATED)
    return node.uid


def _move(transaction: ManagedTransaction, node: Locked, parent: Locked, author: str) -> bool:
    """Returns whether it was elsewhere."""
    if node.parent_id == parent.uid:
        return False
    require_free_name(transaction, parent, node.name, node.uid)
    move_locked(transaction, node, parent, author, name=node.name)
    return True


def move_locked(transaction: ManagedTransaction, node: Locked, parent: Locked, author: str, *, name: str) -> None:
    """Move a locked node below a locked parent, under a name that is free there. Raises InvalidPlace."""
    above = require_depth(transaction, parent, height_of(transaction, node.uid) + 1)
    if node.uid in above:
        raise InvalidPlace(f"“{node.title}” cannot be moved into itself or below itself.")
    transaction.run(
        _MOVE,
        id=node.uid,
        parent=parent.uid,
        name=name,
        sibling_key=sibling_key(parent.uid, name),
        sort_key=sort_key(name, node.is_folder),
        now=utc_now(),
        author=author,
        keys=search_properties(node.kind, {**node.properties, "name": name}),
    ).consume()


def require_no_lookalike(transaction: ManagedTransaction, parent: Locked, name: str, own_id: str) -> None:
    """Raises NameTaken for a name that looks like a sibling's but differs from it."""
    names = transaction.run(_SIBLING_NAMES, parent=parent.uid, own=own_id, limit=_LOOKED_AT_FOR_LOOKALIKES).single()
    alike = find_lookalike(name, names["names"] if names else [])
    if alike is not None:
        titles = f"“{without_extension(name)}” looks like “{without_extension(alike)}”"
        message = f"{titles}, which is there already, but is written with other letters."
        raise NameTaken(message, id_of_sibling(transaction, parent.uid, alike) or "")


def free_name(transaction: ManagedTransaction, parent_id: str, name: str, word: str = "copy") -> str:
    """The name, followed by “(copy)”, “(copy 2)” … if a live sibling has it already; ``word`` replaces “copy”."""
    candidates = numbered_names(name, word)
    return next(each for each in candidates if id_of_sibling(transaction, parent_id, each) is None)


def numbered_names(name: str, word: str) -> Iterator[str]:
    """The name, then followed by “(word)”, “(word 2)” … before its ending ``.md``; within the limit of names."""
    yield name
    stem, ending = (name.removesuffix(".md"), ".md") if name.endswith(".md") else (name, "")
    for number in count(1):
        addition = f" ({word})" if number == 1 else f" ({word} {number})"
        yield f"{stem[: MAX_NAME_CHARACTERS - len(addition) - len(ending)]}{addition}{ending}"
