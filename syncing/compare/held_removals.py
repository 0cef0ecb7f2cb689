"""Decides which changes wait for an admin: removals of unusually many nodes, and fields emptied in unusually many.

The removals of a list are held if the list itself loses too much, counted in its own records (``is_mass_removal``).
Nodes below a removed one are archived with it, so a company weighs as much as all its records: removals are also held
if they archive too much of the whole tree (``outweighs``), first those of companies, then all others of the run
together. Updates are held if they empty the same field in too many records of a list (``held_emptyings.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledgetree.basics.batches import in_batches
from syncing.compare.changes import archiving
from syncing.graph import existing
from syncing.kinds import COMPANIES, KINDS
from tree.graph.sibling_keys import folded

if TYPE_CHECKING:
    from syncing.compare.comparison import Comparison, Scope
    from syncing.graph.existing import Existing

HOLD_ABOVE_NUMBER = 5
HOLD_ABOVE_SHARE = 0.10
HOLD_EMPTYING_FROM = 3
HOLD_ABOVE_RECORDS = 50
HOLD_ABOVE_SHARE_OF_TREE = 0.05
_NODES_AT_ONCE = 500
RECORDS = tuple(kind.label for kind in KINDS)
Below = dict[str, dict[str, int]]  # {id of a node: {kind: number of nodes below it that would be archived with it}}


def is_many(number: int, live: int) -> bool:
    """Whether this number of records is more than max(5, 10 %) of the live ones of a scope."""
    return number > max(HOLD_ABOVE_NUMBER, HOLD_ABOVE_SHARE * live)


def is_mass_removal(gone: int, live: int, kind: str) -> bool:
    """Whether many records of a scope are missing, or all of a scope of 3 or more, or all companies."""
    if is_many(gone, live):
        return True
    return gone == live and (live >= HOLD_EMPTYING_FROM or kind == COMPANIES.label)


def outweighs(records: int, live: int) -> bool:
    """Whether this number of records, with those below them, is more than max(50, 5 %) of the live ones of the tree."""
    return records > max(HOLD_ABOVE_RECORDS, HOLD_ABOVE_SHARE_OF_TREE * live)


def outweighs_the_tree(records: int) -> bool:
    """``outweighs`` for the tree as it is now. Raises GraphUnavailable."""
    return records > HOLD_ABOVE_RECORDS and outweighs(records, existing.live_records(RECORDS))


def names_held(scope: Scope) -> set[str]:
    """Folded names of the missing nodes if their removal would be held, because these names do not become free."""
    along = below(scope.missing) if scope.kind == COMPANIES.label else {}
    is_held = _is_held(scope, scope.missing, along)
    return {folded(node.name) for node in scope.missing} if is_held else set()


def plan_removals(comparison: Comparison) -> list[str]:
    """Add the removals to the plan. Returns a line for each reason why removals are held. Raises GraphUnavailable."""
    found = [(scope, gone) for scope in comparison.scopes if (gone := _gone(scope, comparison))]
    if not found:
        return []
    along = below([node for _, gone in found for node in gone], comparison.moved_keys)
    held: list[str] = []
    light: list[tuple[Scope, list[Existing]]] = []
    for scope, gone in found:
        if _is_held(scope, gone, along):
            held.append(_why(f"{len(gone)} of {scope.live} in {scope.place}", gone, along))
            _plan(comparison, "held", scope, gone, along)
        else:
            light.append((scope, gone))
    together = [node for _, gone in light for node in gone]
    is_mass = outweighs_the_tree(_records(together, along))
    if is_mass:
        held.append(_why(f"{len(together)} in {len(light)} lists together", together, along))
    for scope, gone in light:
        _plan(comparison, "held" if is_mass else "archives", scope, gone, along)
    return held


def below(nodes: list[Existing], moved_keys: set[str] | frozenset[str] = frozenset()) -> Below:
    """Count what would be archived with these nodes, apart from the nodes that move elsewhere."""
    found: Below = {}
    for some in in_batches(nodes, _NODES_AT_ONCE):
        found |= existing.archived_along([node.id for node in some], moved_keys)
    return found


def _gone(scope: Scope, comparison: Comparison) -> list[Existing]:
    return [
        node
        for node in scope.missing
        if node.key not in comparison.refused_keys and node.key not in comparison.moved_keys
    ]


def _is_held(scope: Scope, gone: list[Existing], along: Below) -> bool:
    if is_mass_removal(len(gone), scope.live, scope.kind):
        return True
    return scope.kind == COMPANIES.label and outweighs_the_tree(_records(gone, along))


def _records(gone: list[Existing], along: Below) -> int:
    """The number of records in Codex, not of nodes: folders and cards do not count."""
    return len(gone) + sum(along.get(node.id, {}).get(kind, 0) for node in gone for kind in RECORDS)


def _why(which: str, gone: list[Existing], along: Below) -> str:
    records = _records(gone, along)
    more = f", {records:,} records in all" if records > len(gone) else ""
    return f"{which} would be archived{more}"


def _plan(comparison: Comparison, file: str, scope: Scope, gone: list[Existing], along: Below) -> None:
    for node in gone:
        comparison.files.add(file, archiving(node, scope, along.get(node.id, {})))
