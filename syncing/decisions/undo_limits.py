"""Decides whether the plan of an undo needs an approval, by the rules that hold back changes of a sync.

See ``compare.held_removals`` for removals, and ``compare.held_emptyings`` for fields that are emptied. Each function
returns a line for each reason, for people.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct

from knowledgetree.basics.batches import in_batches
from syncing.compare.companies import PLACE
from syncing.compare.held_emptyings import emptied
from syncing.compare.held_removals import RECORDS, is_many, is_mass_removal, outweighs_the_tree
from syncing.graph import existing
from syncing.plan.plan_files import Change, PlanFiles, counts_of

_NODES_AT_ONCE = 500
_UPDATES = ("top", "placements", "rest")  # the files of a plan that updates are in


class _Emptying(Struct):
    """A field that an update takes away from a node without a new value."""

    node: str
    kind: str
    name: str
    place: str


def mass_removals(files: PlanFiles) -> list[str]:
    """The reasons why this plan archives too much to be applied unasked. Raises GraphUnavailable."""
    archived = list(files.read("archives"))
    records = sum(counts.get("archived", 0) for kind, counts in counts_of(archived).items() if kind in RECORDS)
    lists = _lists_of(archived)
    live = existing.live_children({parent for parent, _ in lists}) if lists else {}
    lines = []
    for (parent, kind), changes in lists.items():
        there = live.get(parent, {}).get(kind, 0)
        if is_mass_removal(len(changes), there, kind):
            lines.append(f"{len(changes)} of {there} in {changes[0].place or PLACE} would be archived")
    if outweighs_the_tree(records):
        lines.append(f"{records:,} records in all would be archived")
    return lines


def mass_emptyings(files: PlanFiles) -> list[str]:
    """The reasons why this plan empties fields in too many records to be applied unasked. Raises GraphUnavailable."""
    lists: dict[tuple[str, str, str], list[_Emptying]] = defaultdict(list)
    for some in in_batches(_emptyings(files), _NODES_AT_ONCE):
        nodes = existing.described([emptying.node for emptying in some])
        for emptying in some:
            if emptying.node in nodes:
                lists[nodes[emptying.node].parent_id, emptying.kind, emptying.name].append(emptying)
    live = existing.live_children({parent for parent, _, _ in lists}) if lists else {}
    lines = []
    for (parent, kind, name), found in lists.items():
        there = live.get(parent, {}).get(kind, 0)
        if is_many(len(found), there):
            lines.append(f"{name} would be emptied in {len(found)} of {there} in {found[0].place or PLACE}")
    return lines


def _emptyings(files: PlanFiles) -> Iterator[_Emptying]:
    for file in _UPDATES:
        for change in files.read(file):
            for name in emptied(change) if change.action == "update" else ():
                yield _Emptying(change.id, change.kind, name, change.place)


def _lists_of(archived: Sequence[Change]) -> dict[tuple[str, str], list[Change]]:
    """The records to archive by (parent's id, kind), without those that only follow the node above them."""
    lists: dict[tuple[str, str], list[Change]] = {}
    gone = {change.id for change in archived}
    for change in archived:
        if change.kind in RECORDS and change.parent_id not in gone:
            lists.setdefault((change.parent_id, change.kind), []).append(change)
    return lists
