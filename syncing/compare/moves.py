"""Finds the contacts that have left one company and appear in another, so that they move instead of coming anew.

A contact may belong to several companies at once, so its key holds the account number, and Codex lists a contact that
changes companies under another key. Whether it has left the first company is known only when all lists are compared.
Until then, a new contact whose id another company has as well is put aside.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field, structs

from knowledgetree.basics.batches import in_batches
from syncing.compare.changes import Match, alteration
from syncing.graph import existing
from syncing.kinds import COMPANIES, CONTACTS
from syncing.kinds.declaration.key import Key, company_key
from syncing.plan.plan_files import Change
from tree.graph.checksums import checksum
from tree.graph.sibling_keys import sibling_key

if TYPE_CHECKING:
    from syncing.compare.comparison import Comparison
    from syncing.graph.existing import Existing

_CONTACTS_AT_ONCE = 20  # their tickets come with their texts
_BACK = {"archived_at": None, "archived_with": None}


class Arrival(Struct):
    """A contact that is new in its company. ``parts``: its card and folder. ``elsewhere``: its nodes in other ones."""

    match: Match
    elsewhere: list[Existing]
    parts: list[Match] = field(default_factory=list)


def arrivals(new: list[Match]) -> tuple[list[Arrival], list[Match]]:
    """Separate the contacts that other companies have as well, with what belongs to them, from all other new nodes."""
    ids = [Key.parse(match.desired.key).id for match in new if match.desired.kind == CONTACTS.label]
    found = existing.contacts(ids) if ids else {}
    if not found:
        return [], new
    aside: dict[str, Arrival] = {}
    rest: list[Match] = []
    for match in new:  # a contact comes before its parts
        key = Key.parse(match.desired.key)
        owner = aside.get(match.desired.key.removesuffix(f":{key.part}")) if key.part else None
        if owner is not None:
            owner.parts.append(match)
        elif match.desired.kind == CONTACTS.label and key.id in found:
            aside[match.desired.key] = Arrival(match, found[key.id])
        else:
            rest.append(match)
    return list(aside.values()), rest


def settle(aside: list[Arrival], comparison: Comparison) -> list[Match]:
    """Plan the moves among these arrivals, now that all lists are compared. Returns the nodes that really are new."""
    left = _left(comparison)
    new: list[Match] = []
    moved: list[str] = []
    new_keys: dict[str, str] = {}
    for arrival in aside:
        here = next((node for node in arrival.elsewhere if _has_left(node, left, comparison)), None)
        if here is None:
            new += [arrival.match, *arrival.parts]
        else:
            comparison.moved_keys.add(here.key)
            _plan(arrival, here, comparison)
            moved.append(here.id)
            new_keys[here.key] = arrival.match.desired.key
    for change in _renamed_links(moved, new_keys):
        comparison.files.add("rest", change)
    return new


def _left(comparison: Comparison) -> set[str]:
    """Keys of the contacts and companies that Codex no longer lists."""
    kinds = (CONTACTS.label, COMPANIES.label)
    return {node.key for scope in comparison.scopes if scope.kind in kinds for node in scope.missing}


def _has_left(node: Existing, left: set[str], comparison: Comparison) -> bool:
    if node.key in comparison.refused_keys or node.key in comparison.moved_keys:
        return False
    return node.key in left or company_key(Key.parse(node.key).account) in left


def _plan(arrival: Arrival, here: Existing, comparison: Comparison) -> None:
    """Plan the move of a contact with its parts."""
    parts = {Key.parse(node.key).part: node for node in existing.children([here.id]) if node.key}
    matched = [(m, parts.get(Key.parse(m.desired.key).part)) for m in arrival.parts]
    before = existing.properties_of([here.id, *(node.id for _, node in matched if node)])
    comparison.files.add("placements", alteration(arrival.match, here, before[here.id]))
    new_parts = []
    for match, node in matched:
        match.parent_id = here.id
        if node is None:
            new_parts.append(match)
            continue
        change = alteration(match, node, before[node.id])
        placed = _BACK | {"sibling_key": sibling_key(here.id, match.desired.name)}  # its old company may be archived
        was = _BACK | {"sibling_key": before[node.id].get("sibling_key")}
        comparison.files.add("placements", structs.replace(change, set=change.set | placed, before=change.before | was))
    comparison.create(new_parts)


def _renamed_links(moved: list[str], new_keys: dict[str, str]) -> Iterable[Change]:
    """The updates of the tickets that name these contacts by their keys: one for each, however many it names."""
    planned: set[str] = set()
    for ids in in_batches(moved, _CONTACTS_AT_ONCE):
        for node_id, place, properties in existing.tickets_of(ids):
            after = _renamed(properties, new_keys)
            if after and node_id not in planned:
                planned.add(node_id)
                yield _update(node_id, place, properties, after | {"checksum": checksum(properties | after)})


def _renamed(ticket: dict[str, Any], new_keys: dict[str, str]) -> dict[str, Any]:
    """The properties of a ticket that hold one of these keys, with the new ones in their place."""
    requester, mentioned = ticket.get("requester_key"), ticket.get("mentioned_keys") or []
    after: dict[str, Any] = {"requester_key": new_keys[requester]} if requester in new_keys else {}
    if not new_keys.keys().isdisjoint(mentioned):
        after["mentioned_keys"] = [new_keys.get(key, key) for key in mentioned]
    return after


def _update(node_id: str, place: str, before: dict[str, Any], after: dict[str, Any]) -> Change:
    return Change(
        action="update",
        kind="Ticket",
        key=before["codex_key"],
        id=node_id,
        name=before["name"],
        account=before.get("account_number", ""),
        place=place,
        parent_id=before["parent_id"],
        base=before["fingerprint"],
        set=after,
        before={name: before.get(name) for name in after},
    )
