"""Plans a run by comparing, company by company, the desired nodes with the existing ones.

A **scope** is the list of one kind of record of one company, and the unit of completeness. A record that is missing
from a complete scope is a candidate for the archive; ``held_removals.py`` decides which candidates are archived.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Set
from typing import Any

from msgspec import Struct, field
from msgspec.json import decode

from syncing.compare import moves
from syncing.compare.changes import Match, alteration, file_of
from syncing.compare.creations import Creations
from syncing.compare.held_emptyings import Scoped, live_of, mass_emptyings
from syncing.graph import existing
from syncing.graph.existing import Existing
from syncing.kinds import KINDS, company_folders
from syncing.kinds.declaration.desired import Desired
from syncing.kinds.declaration.key import Key, company_key
from syncing.kinds.declaration.kind import Kind, Record
from syncing.kinds.declaration.names import settle_names
from syncing.kinds.declaration.validation import typed
from syncing.plan.plan_files import PlanFiles
from syncing.refusals import Fault, Refused
from tree.graph.sibling_keys import folded


class Scope(Struct):
    """One company's records of one kind: the number of live ones, and those that Codex no longer lists.

    The list of companies is a scope, too; its ``account`` and ``company`` are empty.
    """

    account: str
    kind: str
    company: str
    place: str
    live: int = 0
    missing: list[Existing] = field(default_factory=list)

    def look(self, now: Iterable[Existing], listed: Container[str]) -> None:
        """Count the live synced nodes of the scope and record those that Codex does not list."""
        live = [node for node in now if node.synced and node.key and not node.archived]
        self.live, self.missing = len(live), [node for node in live if node.key not in listed]


class Present(Struct):
    """The children of some nodes in the graph: synced nodes by key and by parent, names of all others by parent."""

    synced: dict[str, Existing]
    by_parent: dict[str, list[Existing]]
    staff_names: dict[str, set[str]]

    @classmethod
    def of(cls, nodes: list[Existing]) -> "Present":
        synced: dict[str, Existing] = {}
        by_parent: dict[str, list[Existing]] = defaultdict(list)
        names: dict[str, set[str]] = defaultdict(set)
        for node in nodes:
            if node.synced and node.key:
                synced[node.key] = node
                by_parent[node.parent_id].append(node)
            else:
                names[node.parent_id].add(folded(node.name))
        return cls(synced, by_parent, names)

    def below(self, parent_id: str) -> list[Existing]:
        """The synced children of this node, archived ones included."""
        return self.by_parent.get(parent_id, [])


class Comparison:
    """Collects the plan of one run. ``unchanged``, ``refused`` and ``scopes`` are its other results.

    ``held``: a line for each reason why updates wait for an admin (removals: see ``held_removals.plan_removals``).
    ``paused``: account numbers of paused companies, which stay exactly as they are.
    """

    def __init__(self, files: PlanFiles, paused: frozenset[str] = frozenset()) -> None:
        self.files = files
        self.paused = paused
        self.paused_keys = {company_key(account) for account in paused}
        self.refused: list[Refused] = []
        self.refused_keys: set[str] = set()
        self.moved_keys: set[str] = set()
        self.unchanged: dict[str, int] = defaultdict(int)
        self.scopes: list[Scope] = []
        self.held_updates: list[str] = []
        self._creations = Creations(files)
        self._aside: list[moves.Arrival] = []
        self._paused_folders = paused_folders(paused)
        self._holds = {kind.label: existing.count(kind.label) > 0 for kind in KINDS if kind.is_unique}

    def refuse(self, refused: Refused, key: str = "") -> None:
        """Record a refusal. ``key``: the key of the record's node, which then does not count as missing."""
        self.refused.append(refused)
        if key:
            self.refused_keys.add(key)

    def compare(self, matches: list[Match]) -> None:
        """Plan the changes that bring these nodes into their desired state.

        All parents must be among them or in the graph, and lists must be whole, or too few updates would be held.
        """
        found = self._elsewhere(matches)
        changed: list[tuple[Match, Existing]] = []
        new: list[Match] = []
        live: list[Match] = []
        for match in matches:
            node = match.desired
            now = match.existing or found.get(node.key)
            if now is not None and now.parent_id != match.parent_id:
                if now.parent_id in self._paused_folders:
                    self._leave(match)
                    continue
                self.moved_keys.add(node.key)
            if now is not None and not now.archived:
                live.append(match)
            if now is None:
                new.append(match)
            elif (
                now.fingerprint == node.fingerprint
                and now.name == node.name
                and now.parent_id == match.parent_id
                and not now.archived
            ):
                self.unchanged[node.kind] += 1
            else:
                changed.append((match, now))
        self.create(self._without_arrivals(new))
        if changed:
            self._plan_changes(changed, live_of(live))

    def create(self, new: list[Match]) -> None:
        """Plan the creation of these nodes."""
        self._creations.add(new)

    def settle_moves(self) -> None:
        """Plan the contacts that have changed companies. Call it when all lists are compared. Raises GraphUnavailable.

        Those that are in both companies now are created in the second one.
        """
        aside, self._aside = self._aside, []
        self.create(moves.settle(aside, self))

    def _without_arrivals(self, new: list[Match]) -> list[Match]:
        """Put the contacts aside that another company has as well."""
        aside, rest = moves.arrivals(new)
        self._aside += aside
        return rest

    def __enter__(self) -> "Comparison":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Complete the plan's files; after an exception they contain only a part of the comparison."""
        try:
            if kind is None:
                self._creations.finish()
        finally:
            self._creations.close()

    def _leave(self, match: Match) -> None:
        """Refuse a record that Codex moved out of a paused company; it moves when the company's sync resumes."""
        node = match.desired
        reason = f"{node.name!r} hangs below a paused company in the tree, and stays there while that is paused."
        codex_id = Key.parse(node.key).codex_id
        fault = Fault.COMPANY_PAUSED
        self.refuse(Refused(node.record, match.account, codex_id, fault, reason, is_skipped=True), node.key)

    def _elsewhere(self, matches: list[Match]) -> dict[str, Existing]:
        """Nodes that are in the tree below another company than the one that lists them in Codex now."""
        keys = [m.desired.key for m in matches if m.existing is None and self._holds.get(m.desired.kind)]
        return existing.by_key(keys) if keys else {}

    def _plan_changes(self, changed: list[tuple[Match, Existing]], live: Mapping[Scoped, int]) -> None:
        before = existing.properties_of([now.id for _, now in changed])
        altered = [(match, alteration(match, now, before.get(now.id, {}))) for match, now in changed]
        emptyings = mass_emptyings(altered, live)
        self.held_updates += emptyings.why
        for _, change in altered:
            self.files.add("held" if emptyings.holds(change) else file_of(change), change)


def taken(
    rows: list[Any], kind: Kind[Record], account: str, seen: set[Any], comparison: Comparison
) -> tuple[list[tuple[Record, bytes]], bool]:
    """The valid records of one list with their JSON, and whether the ids of all other records are known.

    A record that does not match the API, or whose id is already in ``seen``, is refused.
    """
    records: list[tuple[Record, bytes]] = []
    ids_known = True
    for found in typed(rows, kind.record, account, kind.tidied if kind.bodies or kind.messages else None):
        if isinstance(found, Refused):
            comparison.refuse(found, kind.key(account, found.codex_id) if found.codex_id else "")
            ids_known = ids_known and found.id_is_sound
            continue
        codex_id = kind.codex_id(found[0])
        if codex_id in seen:
            reason = f"Codex lists this {kind.name.lower()} twice; the first was taken."
            fault = Fault.LISTED_TWICE
            comparison.refuse(Refused(kind.name, account, str(codex_id), fault, reason, raw=decode(found[1])))
        else:
            seen.add(codex_id)
            records.append(found)
    return records, ids_known


def paused_folders(paused: Iterable[str]) -> frozenset[str]:
    """Ids of the folders that hold the records of these companies."""
    keys = [folder.key for account in paused for folder in company_folders(account)]
    return frozenset(node.id for node in existing.by_key(keys).values()) if keys else frozenset()


def settle(nodes: list[Desired], parent_id: str, present: Present, also_taken: Set[str] = frozenset()) -> None:
    """Make the names of one parent's children unique among themselves and among the staff notes there."""
    settle_names(nodes, present.staff_names.get(parent_id, set()) | also_taken)


def names_kept(nodes: list[Existing], keys: set[str]) -> set[str]:
    """Folded names of the live nodes with these keys, which stay without being in the plan (refused records)."""
    return {folded(node.name) for node in nodes if node.key in keys and not node.archived}
