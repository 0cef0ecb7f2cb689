"""One desired node and what the graph has for it become a change. Pure: no graph, no Django."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from syncing.desired import Desired, properties, uid_of
from syncing.plan import Change
from tree.integrity import BOOKKEEPING, checksum
from tree.naming import sibling_key, sort_key

if TYPE_CHECKING:
    from syncing.existing import Existing

FOLDER_KINDS = frozenset({"Folder", "Company", "User"})
LINKED_KINDS = frozenset({"Asset", "Ticket"})


class Wanted(Struct):
    """A desired node with its place, and what the graph has for it below the same parent."""

    node: Desired
    account: str
    place: str
    parent_id: str
    now: Any = None  # an Existing


def file_of(change: Change) -> str:
    """Which of the plan's files a change belongs in (see plan.py)."""
    if change.kind == "Company" or (change.kind == "Folder" and change.key.startswith("company:")):
        return "top"
    if change.action in ("move", "restore") or ("sibling_key" in change.set and change.action == "update"):
        return "placements"
    return "rest"


def creation(want: Wanted) -> Change:
    """A new node, with all its properties."""
    node = want.node
    synced = properties(node, want.account)
    synced["checksum"] = checksum(synced)
    return Change(
        action="create",
        kind=node.kind,
        key=node.key,
        id=uid_of(node.key),
        name=node.name,
        account=want.account,
        place=want.place,
        parent_id=want.parent_id,
        set=synced | _placing(want),
        person=node.person_key,
    )


def alteration(want: Wanted, now: Existing, before: dict[str, Any]) -> Change:
    """An update, a move or a restore: only what differs, and what it was."""
    node = want.node
    synced = properties(node, want.account)
    synced["checksum"] = checksum(synced)
    after = synced | _placing(want)
    different = {name: value for name, value in after.items() if before.get(name) != value}
    gone = {n: None for n in before if n not in after and n not in BOOKKEEPING}
    changes = different | gone
    if now.archived or now.parent_id != want.parent_id:  # its old company may be archived by this very plan
        changes |= {"archived_at": None, "archived_with": None}
    return Change(
        action="restore" if now.archived else "move" if now.parent_id != want.parent_id else "update",
        kind=node.kind,
        key=node.key,
        id=now.id,
        name=node.name,
        account=want.account,
        place=want.place,
        parent_id=want.parent_id,
        base=now.fingerprint,
        set=changes,
        before={name: before[name] for name in changes if name in before},
        person=_person(node, before),
    )


def _placing(want: Wanted) -> dict[str, Any]:
    return {
        "parent_id": want.parent_id,
        "sibling_key": sibling_key(want.parent_id, want.node.name),
        "sort_key": sort_key(want.node.name, want.node.kind in FOLDER_KINDS),
    }


def _person(node: Desired, before: dict[str, Any]) -> str | None:
    if node.kind not in LINKED_KINDS:
        return None
    linked = before.get("requester_key" if node.kind == "Ticket" else "user_key")
    return None if linked == node.person_key else node.person_key or ""
