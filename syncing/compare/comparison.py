"""How a snapshot and the graph become a plan: for each company the desired nodes against the existing ones.

A **scope** is company × kind: the unit of completeness. What is missing from a complete scope is a candidate for
the archive; ``removals.py`` decides which candidates may go.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Set
from typing import Any

from msgspec import Struct, field
from msgspec.json import decode

from syncing.compare.changes import Wanted, alteration, file_of
from syncing.compare.creations import Creations
from syncing.graph import existing
from syncing.graph.existing import Existing
from syncing.kinds.desired import COMPANY_FOLDERS, Desired, company_key, settle_names
from syncing.kinds.records import RecordType, typed
from syncing.plan.files import PlanFiles
from syncing.refusals import Fault, Refused
from tree.graph.sibling_keys import folded


class Scope(Struct):
    """One company's records of one kind: how many are live, and which of them Codex no longer lists."""

    account: str
    kind: str
    place: str
    live: int = 0
    missing: list[Existing] = field(default_factory=list)

    @classmethod
    def of(cls, account: str, kind: str, place: str, now: Iterable[Existing], listed: Container[str]) -> "Scope":
        """From the synced nodes of the scope, archived ones included, and the keys that Codex lists."""
        live = [node for node in now if node.synced and node.key and not node.archived]
        return cls(account, kind, place, len(live), [node for node in live if node.key not in listed])


class Present(Struct):
    """What the graph holds below some parents: synced nodes by key and by parent, names of the others by parent."""

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


class SeenIds:
    """A set of integers that takes a bit for each when they are dense, as database ids are."""

    def __init__(self) -> None:
        self._words: dict[int, int] = {}

    def add(self, number: int) -> bool:
        """False when the number was there already."""
        index, bit = divmod(number, 64)
        word = self._words.get(index, 0)
        if word >> bit & 1:
            return False
        self._words[index] = word | 1 << bit
        return True


class Comparison:
    """Collects one run's plan. ``unchanged``, ``refused`` and ``scopes`` are its other results.

    ``paused``: account numbers of the companies that stay exactly as they are.
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
        self._creations = Creations(files)
        self._paused_folders = paused_folders(paused)
        self._holds = {kind: existing.count(kind) > 0 for kind in ("Company", "Asset", "Ticket")}

    def refuse(self, refused: Refused, key: str = "") -> None:
        """Take note of a record that stays as it is; ``key``: its node, which is then not missed."""
        self.refused.append(refused)
        if key:
            self.refused_keys.add(key)

    def compare(self, wanted: list[Wanted]) -> None:
        """Plan what makes these nodes as they should be. All parents must be among them or in the graph."""
        found = self._elsewhere(wanted)
        changed: list[tuple[Wanted, Existing]] = []
        new: list[Wanted] = []
        for want in wanted:
            node = want.node
            now = want.now or found.get(node.key)
            if now is not None and now.parent_id != want.parent_id:
                if now.parent_id in self._paused_folders:
                    self._leave(want)
                    continue
                self.moved_keys.add(node.key)
            if now is None:
                new.append(want)
            elif (
                now.fingerprint == node.fingerprint
                and now.name == node.name
                and now.parent_id == want.parent_id
                and not now.archived
            ):
                self.unchanged[node.kind] += 1
            else:
                changed.append((want, now))
        self._creations.add(new)
        self._plan_changes(changed)

    def __enter__(self) -> "Comparison":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """All that was compared is in the plan's files afterwards; after an exception, some of it."""
        try:
            if kind is None:
                self._creations.finish()
        finally:
            self._creations.close()

    def _leave(self, want: Wanted) -> None:
        """Codex has moved a record out of a company that is paused: it goes when that company's sync goes on."""
        kind, number = want.node.key.split(":", 1)
        reason = f"{want.node.name!r} hangs below a paused company in the tree, and stays there while that is paused."
        fault = Fault.COMPANY_PAUSED
        self.refuse(Refused(kind.capitalize(), want.account, number, fault, reason, is_skipped=True), want.node.key)

    def _elsewhere(self, wanted: list[Wanted]) -> dict[str, Existing]:
        """Nodes that Codex now lists under another company than the one they hang under."""
        keys = [w.node.key for w in wanted if w.now is None and self._holds.get(w.node.kind)]
        return existing.by_key(keys) if keys else {}

    def _plan_changes(self, changed: list[tuple[Wanted, Existing]]) -> None:
        before = existing.properties_of([now.id for _, now in changed]) if changed else {}
        for want, now in changed:
            change = alteration(want, now, before.get(now.id, {}))
            self.files.add(file_of(change), change)


def taken(
    rows: list[Any],
    record_type: type[RecordType],
    account: str,
    prefix: str,
    seen: SeenIds,
    comparison: Comparison,
) -> tuple[list[tuple[RecordType, bytes]], bool]:
    """The records of one list that can be taken, and whether the ids of all that cannot are known.

    Those are refused: what is not as the API promises, and an id that was ``seen``. ``prefix`` and id are a node's key.
    """
    records: list[tuple[RecordType, bytes]] = []
    ids_known = True
    for answer in typed(rows, record_type, account):
        if isinstance(answer, Refused):
            comparison.refuse(answer, f"{prefix}{answer.codex_id}" if answer.codex_id else "")
            ids_known = ids_known and answer.id_is_sound
            continue
        number = getattr(answer[0], record_type.__struct_fields__[0])
        if seen.add(number):
            records.append(answer)
        else:
            kind = record_type.__name__
            reason = f"Codex lists this {kind.lower()} twice; the first was taken."
            comparison.refuse(Refused(kind, account, str(number), Fault.LISTED_TWICE, reason, raw=decode(answer[1])))
    return records, ids_known


def paused_folders(paused: Iterable[str]) -> frozenset[str]:
    """Ids of the folders that hold the records of these companies."""
    keys = [f"{company_key(account)}:{folder}" for account in paused for folder in COMPANY_FOLDERS]
    return frozenset(node.id for node in existing.by_key(keys).values()) if keys else frozenset()


def settle(nodes: list[Desired], parent_id: str, present: Present, also_taken: Set[str] = frozenset()) -> None:
    """Settle the names of one parent's children against what staff wrote there."""
    settle_names(nodes, present.staff_names.get(parent_id, set()) | also_taken)


def names_kept(nodes: list[Existing], keys: set[str]) -> set[str]:
    """Folded names of live nodes that stay although they are not in the plan (refused records)."""
    return {folded(node.name) for node in nodes if node.key in keys and not node.archived}


def in_groups(bundles: Iterator[Any], size_of: Callable[[Any], int], rows: int, companies: int) -> Iterator[list[Any]]:
    """Bundles together until they hold ``rows`` rows or are ``companies`` many: a few queries for each group."""
    group: list[Any] = []
    held = 0
    for bundle in bundles:
        group.append(bundle)
        held += size_of(bundle)
        if held >= rows or len(group) >= companies:
            yield group
            group, held = [], 0
    if group:
        yield group
