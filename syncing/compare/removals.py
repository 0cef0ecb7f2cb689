"""What may be archived at once, and what waits for an admin: the hold on mass removal."""

from syncing.compare.changes import archiving
from syncing.compare.comparison import Comparison, Scope
from tree.graph.sibling_keys import folded

HOLD_ABOVE_NUMBER = 5
HOLD_ABOVE_SHARE = 0.10
HOLD_EMPTYING_FROM = 3


def is_mass_removal(gone: int, live: int, kind: str) -> bool:
    """More than max(5, 10 %) of a scope, or all of one that had 3 or more. All companies are always too many."""
    if gone > max(HOLD_ABOVE_NUMBER, HOLD_ABOVE_SHARE * live):
        return True
    return gone == live and (live >= HOLD_EMPTYING_FROM or kind == "Company")


def names_held(scope: Scope) -> set[str]:
    """Folded names that are not free, because removing all that is missing would be held."""
    is_held = is_mass_removal(len(scope.missing), scope.live, scope.kind)
    return {folded(node.name) for node in scope.missing} if is_held else set()


def plan_removals(comparison: Comparison) -> list[str]:
    """Add the archivings to the plan; returns a line for each scope that is held, and why."""
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
