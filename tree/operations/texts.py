"""Operations on a node's name, text and mark as a warning: save, rename, restore. Every save records a revision.

A text belongs to one node, so saving it locks that node only and never waits for a change of the tree. A name must be
unique among its siblings, so a rename locks the tree as well.
"""

from dataclasses import dataclass

from neo4j import ManagedTransaction

from knowledgetree.audit.actions import Action
from knowledgetree.basics.times import utc_now
from tree.exceptions import NodeNotFound, Refused
from tree.graph.connection import write
from tree.graph.search_keys import search_properties
from tree.graph.sibling_keys import sibling_key, sort_key
from tree.graph.validation import checked_name, checked_text
from tree.operations.links import write_links
from tree.operations.locking import (
    Locked,
    change_tree,
    conflict,
    lock,
    lock_staff_node,
    names_are_unique,
    require_free_name,
)
from tree.operations.revisions import write_revision
from tree.operations.structure import require_no_lookalike
from tree.operations.telling import ToldNode, about, tell

_SAVE = """
MATCH (n:ContextItem {id: $id})
SET n.name = $name, n.content = $content, n.sibling_key = $sibling_key, n.sort_key = $sort_key,
    n.version = $version, n.updated_at = $now, n.updated_by = $author, n.is_warning = $is_warning, n += $keys
REMOVE n.content_format
"""
_REVISION = "MATCH (r:Revision {id: $id}) RETURN r.name AS name, r.content AS content"
_MARKED, _UNMARKED = "Marked as a warning", "No longer a warning"


@dataclass(frozen=True)
class Saved:
    """The version after a save. ``is_changed`` is False if all was already the same."""

    version: int
    is_changed: bool


@dataclass(frozen=True)
class _Change:
    """What to tell of a save: the actions that it was, and the node as it is now."""

    saved: Saved
    actions: tuple[Action, ...] = ()
    told: tuple[ToldNode, ...] = ()

    def tell(self) -> Saved:
        for action in self.actions:
            tell(action, self.told)
        return self.saved


def save(
    uid: str,
    *,
    author: str,
    base_version: int | None = None,
    name: str | None = None,
    content: str | None = None,
    is_warning: bool | None = None,
    message: str = "",
) -> Saved:
    """Save the name and text of a staff node, and whether it is a warning; None leaves each unchanged.

    ``base_version`` is the version that the author edited. If the node has another name or text by now, Conflict is
    raised and nothing is written. Raises NodeNotFound, ReadOnlyNode, InvalidName, InvalidText, NameTaken, Conflict;
    Refused for a folder that is to be a warning.
    """
    new_name = None if name is None else checked_name(name)
    new_content = None if content is None else checked_text(content)

    def save_text(transaction: ManagedTransaction) -> _Change | None:
        node = lock_staff_node(transaction, uid)
        return None if new_name not in (None, node.name) else save_locked(transaction, node)

    def save_name(transaction: ManagedTransaction) -> _Change:
        return save_locked(transaction, lock_staff_node(transaction, uid))

    def save_locked(transaction: ManagedTransaction, node: Locked) -> _Change:
        _require_version(transaction, node, base_version, new_name, new_content)
        return _save(transaction, node, new_name, new_content, author, message, is_warning)

    change: _Change | None = write(save_text)
    if change is None:
        with names_are_unique("", new_name or "The name"):
            change = change_tree(save_name)
    return change.tell()


def rename(uid: str, name: str, *, author: str, base_version: int | None = None) -> Saved:
    """Rename a staff node. Raises like ``save``."""
    return save(uid, author=author, base_version=base_version, name=name)


def set_warning(uid: str, is_warning: bool, *, author: str) -> Saved:
    """Mark a note of staff as a warning, or no longer; its text stays. Raises NodeNotFound, ReadOnlyNode, Refused."""
    return save(uid, author=author, is_warning=is_warning, message=_MARKED if is_warning else _UNMARKED)


def restore_revision(uid: str, number: int, *, author: str, base_version: int | None = None) -> Saved:
    """Save the text of an earlier version as a new version; the name stays. Raises like ``save``."""

    def work(transaction: ManagedTransaction) -> _Change:
        node = lock_staff_node(transaction, uid)
        _require_version(transaction, node, base_version, None, None)
        record = transaction.run(_REVISION, id=f"{uid}:{number}").single()
        if record is None:
            raise NodeNotFound(f"“{node.title}” has no version {number}.")
        return _save(transaction, node, None, str(record["content"] or ""), author, f"Version {number} restored")

    change: _Change = write(work)
    return change.tell()


def _require_version(
    transaction: ManagedTransaction, node: Locked, base: int | None, name: str | None, content: str | None
) -> None:
    """Raises Conflict. A save that would change nothing passes: it may be the retry after a lost response.

    So does one whose author read this name and text: the note was only marked as a warning meanwhile.
    """
    if base is None or base == node.version:
        return
    if (name, content) != (None, None) and name in (None, node.name) and content in (None, node.content):
        return
    read = transaction.run(_REVISION, id=f"{node.uid}:{base}").single()
    if read is not None and (read["name"], str(read["content"] or "")) == (node.name, node.content):
        return
    raise conflict(node)


def _save(
    transaction: ManagedTransaction,
    node: Locked,
    name: str | None,
    content: str | None,
    author: str,
    message: str,
    is_warning: bool | None = None,
) -> _Change:
    new_name = node.name if name is None else name
    new_content = node.content if content is None else content
    warns = node.is_warning if is_warning is None else is_warning
    if warns and node.is_folder:
        raise Refused("Only a note can be a warning, not a folder.")
    if (new_name, new_content, warns) == (node.name, node.content, node.is_warning):
        return _Change(Saved(node.version, is_changed=False))
    if new_name != node.name:
        parent = lock(transaction, node.parent_id)
        require_free_name(transaction, parent, new_name, node.uid)
        require_no_lookalike(transaction, parent, new_name, node.uid)
    version, now = node.version + 1, utc_now()
    changed = {"name": new_name, "content": new_content, "updated_at": now, "updated_by": author}
    transaction.run(
        _SAVE,
        id=node.uid,
        name=new_name,
        content=new_content,
        sibling_key=sibling_key(node.parent_id, new_name),
        sort_key=sort_key(new_name, node.is_folder),
        version=version,
        now=now,
        author=author,
        keys=search_properties(node.kind, {**node.properties, **changed}),
        is_warning=warns or None,
    ).consume()
    write_revision(transaction, node.uid, version, new_name, new_content, author, message[:300], is_warning=warns)
    write_links(transaction, node.uid, new_content)
    actions = {
        Action.RENAMED: new_name != node.name,
        Action.EDITED: new_content != node.content,
        Action.MARKED: warns != node.is_warning,
    }
    done = tuple(action for action, is_done in actions.items() if is_done)
    return _Change(Saved(version, is_changed=True), done, tuple(about(transaction, [node.uid])))
