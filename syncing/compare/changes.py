"""One desired node and what the graph has for it become a change. Pure: no graph, no Django."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from syncing.kinds.desired import Desired, properties, uid_of
from syncing.plan.files import Change
from tree.graph.checksums import BOOKKEEPING, checksum
from tree.graph.sibling_keys import retired_sibling_key, sibling_key, sort_key

if TYPE_CHECKING:
    from syncing.graph.existing import Existing

FOLDER_KINDS = frozenset({"Folder", "Company", "User"})
LINKED_KINDS = frozenset({"Asset", "Ticket"})


class Wanted(Struct, gc=False):
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
    return _change("create", want, uid_of(want.node.key), set=_after(want), person=want.node.person_key)


def alteration(want: Wanted, now: Existing, before: dict[str, Any]) -> Change:
    """An update, a move or a restore: only what differs, and what it was."""
    after = _after(want)
    different = {name: value for name, value in after.items() if before.get(name) != value}
    gone = {n: None for n in before if n not in after and n not in BOOKKEEPING}
    changes = different | gone
    person = _person(want.node, before)
    if not now.fingerprint and want.node.kind in LINKED_KINDS:  # taken away by hand: relations are made anew, too
        person = want.node.person_key or ""
        if want.node.kind == "Ticket":
            changes["mentioned_keys"] = after.get("mentioned_keys")
    if now.archived or now.parent_id != want.parent_id:  # its old company may be archived by this very plan
        changes |= {"archived_at": None, "archived_with": None}
    return _change(
        "restore" if now.archived else "move" if now.parent_id != want.parent_id else "update",
        want,
        now.id,
        base=now.fingerprint,
        set=changes,
        before={name: before[name] for name in changes if name in before},
        person=person,
    )


def archiving(now: Existing, kind: str, account: str, place: str) -> Change:
    """The removal of a node that Codex no longer has; its name becomes free."""
    return Change(
        action="archive",
        kind=kind,
        key=now.key,
        id=now.id,
        name=now.name,
        account=account,
        place=place,
        parent_id=now.parent_id,
        base=now.fingerprint,
        set={"sibling_key": retired_sibling_key(now.parent_id, now.name, now.id)},
    )


def _change(action: str, want: Wanted, uid: str, **rest: Any) -> Change:
    """A change that makes the node what is wanted."""
    node = want.node
    return Change(action, node.kind, node.key, uid, node.name, want.account, want.place, want.parent_id, **rest)


def _after(want: Wanted) -> dict[str, Any]:
    """All properties that the sync is to leave on the node."""
    synced = properties(want.node, want.account)
    return synced | {"checksum": checksum(synced)} | _placing(want)


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
