"""Finds fields that a plan would empty in so many records of a list that the updates must wait for an admin.

Codex sends nulls for a field that it has lost, as after a failed import or a changed connector, and the tree would lose
the facts of every record at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from msgspec import Struct, field

from syncing.compare.changes import Match
from syncing.compare.held_removals import is_many
from syncing.graph.relations import LINKS
from syncing.kinds import COMPANIES, KINDS
from syncing.plan.index import UNSEEN
from syncing.plan.plan_files import Change
from tree.kinds import NODE_CLASS

Scoped = tuple[str, str]  # (account number, kind); the account of the list of companies is empty
_EMPTY: tuple[Any, ...] = (None, "", [])
_NO_FACTS = UNSEEN | {"name", "content", "codex_id", "account_number"}
_SECTIONS = {kind.label: kind.sections for kind in KINDS}


class Emptyings(Struct):
    """``ids``: the nodes whose updates are held. ``why``: a line for each field."""

    ids: set[str] = field(default_factory=set)
    why: list[str] = field(default_factory=list)

    def holds(self, change: Change) -> bool:
        """Whether this update waits: that of such a record, or of its card, which shows the same facts."""
        return change.action == "update" and (change.id in self.ids or change.parent_id in self.ids)


def scope_of(match: Match) -> Scoped:
    """The list that this record is in."""
    kind = match.desired.kind
    return ("" if kind == COMPANIES.label else match.account), kind


def mass_emptyings(altered: Iterable[tuple[Match, Change]], live: Mapping[Scoped, int]) -> Emptyings:
    """Find the updates that empty a field in many records of a list. ``live``: the number of its live records."""
    found: dict[tuple[Scoped, str], list[tuple[Match, Change]]] = defaultdict(list)
    for match, change in altered:
        for name in emptied(change) if change.action == "update" else ():
            found[scope_of(match), name].append((match, change))
    emptyings = Emptyings()
    for (scope, name), rows in found.items():
        if is_many(len(rows), live[scope]):
            emptyings.ids.update(change.id for _, change in rows)
            emptyings.why.append(f"{name} would be emptied in {len(rows)} of {live[scope]} in {rows[0][0].place}")
    return emptyings


def emptied(change: Change) -> list[str]:
    """The facts of its record that an update takes away without a new value."""
    facts = _facts(change.kind)
    names = [n for n, before in change.before.items() if n in facts and before not in _EMPTY]
    gone = [name for name in names if change.set.get(name) in _EMPTY]
    before, after = change.before.get("content") or "", change.set.get("content") or ""
    sections = _SECTIONS.get(change.kind, {}) if "content" in change.set else {}
    return gone + [name for name, head in sections.items() if head in before and head not in after]


def live_of(found: Iterable[Match]) -> Counter[Scoped]:
    """The number of these records by list."""
    return Counter(map(scope_of, found))


@cache
def _facts(kind: str) -> frozenset[str]:
    """The properties of a kind that hold facts of Codex; links are derived from other facts."""
    if kind not in _SECTIONS:
        return frozenset()
    return frozenset(NODE_CLASS[kind].fields()) - _NO_FACTS - {link.via for link in LINKS[kind]}
