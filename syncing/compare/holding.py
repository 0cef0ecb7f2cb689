"""Decides which missing nodes are archived at once, and holds mass removals until an admin approves them."""

from syncing.compare.changes import archiving
from syncing.compare.comparison import Comparison, Scope
from tree.graph.sibling_keys import folded

HOLD_ABOVE_NUMBER = 5
HOLD_ABOVE_SHARE = 0.10
HOLD_EMPTYING_FROM = 3


def is_mass_removal(gone: int, live: int, kind: str) -> bool:
    """Whether more than max(5, 10 %) of a scope is missing, or all of a scope of 3 or more, or all companies."""
    if gone > max(HOLD_ABOVE_NUMBER, HOLD_ABOVE_SHARE * live):
        return True
    return gone == live and (live >= HOLD_EMPTYING_FROM or kind == "Company")


def names_held(scope: Scope) -> set[str]:
    """Folded names of the missing nodes if their removal would be held, because these names do not become free."""
    is_held = is_mass_removal(len(scope.missing), scope.live, scope.kind)
    return {folded(node.name) for node in scope.missing} if is_held else set()


def plan_removals(comparison: Comparison) -> list[str]:
    """Add the removals to the plan. Returns a line for each scope whose removals are held, saying why."""
    held: list[str] = []
    for scope in comparison.scopes:
        gone = [
            node
            for node in scope.missing
            if node.key not in comparison.refused_keys and node.key not in comparison.moved_keys
        ]
        if not gone:
            continue
        mass = is_mass_removal(len(gone), scope.live, scope.kind)
        for node in gone:
            comparison.files.add("held" if mass else "archives", archiving(node, scope))
        if mass:
            held.append(f"{len(gone)} of {scope.live} in {scope.place} would be archived")
    return held
