"""Turns a desired node and the existing node into a change. Uses neither the graph nor Django."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from syncing.kinds import properties, remembered
from syncing.kinds.declaration.desired import Desired
from syncing.kinds.declaration.key import Key, is_of_a_company_itself, uid_of
from syncing.plan.plan_files import Change
from tree.graph.checksums import BOOKKEEPING, checksum
from tree.graph.sibling_keys import retired_sibling_key, sibling_key, sort_key

if TYPE_CHECKING:
    from syncing.compare.comparison import Scope
    from syncing.graph.existing import Existing


class Match(Struct, gc=False):
    """A desired node with its place, and the existing node with its key below the same parent, if there is one.

    ``account`` and ``company``: number and name of its company. ``place``: the names of the nodes above it, for people.
    ``is_folder``: the node is sorted with the folders of its parent.
    """

    desired: Desired
    account: str
    company: str
    place: str
    parent_id: str
    is_folder: bool
    existing: Any = None  # an Existing, or None


def file_of(change: Change) -> str:
    """The plan file that a change belongs in (see ``plan.files``)."""
    if is_of_a_company_itself(change.key):
        return "top"
    if change.action in ("move", "restore") or ("sibling_key" in change.set and change.action == "update"):
        return "placements"
    return "rest"


def creation(match: Match) -> Change:
    """The change that creates a node with all its properties."""
    return _change("create", match, uid_of(match.desired.key), set=_after(match))


def alteration(match: Match, now: Existing, before: dict[str, Any]) -> Change:
    """The update, move or restore of a node: only the properties that differ, with their previous values."""
    after = _after(match, before)
    different = {name: value for name, value in after.items() if before.get(name) != value}
    gone = {n: None for n in before if n not in after and n not in BOOKKEEPING}
    changes = different | gone
    if not now.fingerprint:  # somebody removed it by hand, so the relationships are created again, too
        changes |= {via: after.get(via) for via in match.desired.links}
    if now.archived or now.parent_id != match.parent_id:  # the same plan may archive its old company
        changes |= {"archived_at": None, "archived_with": None}
    return _change(
        "restore" if now.archived else "move" if now.parent_id != match.parent_id else "update",
        match,
        now.id,
        base=now.fingerprint,
        set=changes,
        before={name: before[name] for name in changes if name in before},
    )


def archiving(now: Existing, scope: Scope, below: dict[str, int]) -> Change:
    """The change that archives a node that Codex no longer has; its name becomes free. ``below``: see Change."""
    return Change(
        action="archive",
        kind=scope.kind,
        key=now.key,
        id=now.id,
        name=now.name,
        account=scope.account or Key.parse(now.key).account,
        company=scope.company or now.name,
        place=scope.place,
        parent_id=now.parent_id,
        base=now.fingerprint,
        set={"sibling_key": retired_sibling_key(now.parent_id, now.name, now.id)},
        below=below,
    )


def _change(action: str, match: Match, uid: str, **rest: Any) -> Change:
    """A change that brings the node into its desired state."""
    node = match.desired
    return Change(
        action=action,
        kind=node.kind,
        key=node.key,
        id=uid,
        name=node.name,
        account=match.account,
        company=match.company,
        place=match.place,
        parent_id=match.parent_id,
        **rest,
    )


def _after(match: Match, before: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """All properties that the node has after the sync. ``before``: those that it has now."""
    synced = properties(match.desired, match.account)
    if before:
        synced |= remembered(match.desired, before, synced)
    return synced | {"checksum": checksum(synced)} | _placing(match)


def _placing(match: Match) -> dict[str, Any]:
    return {
        "parent_id": match.parent_id,
        "sibling_key": sibling_key(match.parent_id, match.desired.name),
        "sort_key": sort_key(match.desired.name, match.is_folder),
    }
