"""Plans the undo of a run; the plan is shown first and then applied like any stored plan.

    updated, moved, renamed   the node gets its previous fields and place
    archived                  the node is restored, with all nodes that were archived with it
    restored                  the node returns to the archive, with its previous time of archiving
    created                   the node is archived, unless a node below it stays, such as a staff note or a later record

Nodes that a later run has changed stay as they are and are reported; a later run that was itself undone does not count.
The next sync makes the same changes again, unless Codex has been fixed by then.
"""

from collections.abc import Iterator, Sequence

from django.contrib.auth.models import User
from django.db import transaction
from msgspec import structs

from knowledgetree.basics.batches import in_batches
from syncing.compare.changes import file_of
from syncing.exceptions import PlanNotUsable, UndoRefused
from syncing.graph import existing
from syncing.graph.existing import Described
from syncing.graph.journal import is_in_graph
from syncing.kinds.declaration.key import Key
from syncing.models import CreatedNodes, NodeChange, SyncRun
from syncing.plan.plan_files import COUNTED, Change, PlanFiles
from syncing.refusals import Fault, Refused
from syncing.runs import lifecycle
from tree.graph.sibling_keys import retired_sibling_key, sibling_key
from tree.kinds.titles import shown_name

ROWS_AT_ONCE = 500
_OPPOSITE = {"update": "update", "move": "move", "restore": "archive", "archive": "restore"}
_OF_WHAT_STAYS = "what it belongs to stays."
_APPLIED = (SyncRun.Status.QUEUED, SyncRun.Status.RUNNING, SyncRun.Status.COMPLETE, SyncRun.Status.PARTIAL)


def why_not(target: SyncRun) -> str:
    """The reason why this run cannot be undone, for people; empty if it can."""
    if not target.is_finished:
        return f"Run {target.pk} has not ended yet. Wait for it, or stop it."
    if target.dry_run:
        return f"Run {target.pk} was a check: it changed nothing."
    if found := undoings(target):
        by = ", which was undone by ".join(f"run {run.pk}" for run in found)
        return f"Run {target.pk} was undone already, by {by}. That run can be undone in turn."
    if not target.changes.exists() and not target.creations.exists():
        return f"Run {target.pk} changed nothing, or its changes are no longer kept."
    return ""


def applied_undo(target: SyncRun, besides: SyncRun | None = None) -> SyncRun | None:
    """The run that has undone this one or is about to, other than ``besides``."""
    applied = target.undone_by.filter(dry_run=False, status__in=_APPLIED)
    return (applied.exclude(pk=besides.pk) if besides else applied).first()


def undoings(target: SyncRun) -> list[SyncRun]:
    """The run that has undone this one, the run that has undone that run, and so on."""
    found: list[SyncRun] = []
    while (undoing := applied_undo(found[-1] if found else target)) is not None:
        found.append(undoing)
    return found


def takes_back(run: SyncRun) -> bool:
    """Whether the tree is not what Codex has, because this undo was applied and no complete run has come since.

    An undo that was undone in turn does not count, and neither does the one that undid it.
    """
    if run.dry_run or run.undoes_id is None or not run.is_finished or not _has_written(run) or applied_undo(run):
        return False
    depth = 0
    undone: int | None = run.undoes_id
    while undone is not None:
        depth, undone = depth + 1, SyncRun.objects.values_list("undoes", flat=True).get(pk=undone)
    later = SyncRun.objects.full().good().filter(command=run.command, pk__gt=run.pk)
    return depth % 2 == 1 and not later.exists()


def _has_written(run: SyncRun) -> bool:
    totals = run.totals()
    return any(totals.get(action) for action in COUNTED.values())


def ask(target: SyncRun, user: User | None) -> SyncRun:
    """Request a run that plans the undo, or return the one that already waits or runs. Raises UndoRefused."""
    lifecycle.settle_dead_runs()
    with transaction.atomic():
        lifecycle.lock(target.command)
        if reason := why_not(target):
            raise UndoRefused(reason)
        waiting = target.undone_by.unfinished().filter(dry_run=True).first()
        return waiting or lifecycle.enqueue_undo(target, user)


def take_over(run: SyncRun, plan: SyncRun) -> None:
    """If this stored plan is an undo, record that in the row of ``run``, which applies it. Raises PlanNotUsable."""
    if plan.undoes is None:
        return
    if undone := applied_undo(plan.undoes, besides=run):
        raise PlanNotUsable(f"Run {plan.undoes.pk} was undone already, by run {undone.pk}.")
    run.undoes = plan.undoes
    run.save(update_fields=["undoes"])


def plan_undo(run: SyncRun, files: PlanFiles) -> list[Refused]:
    """Write the plan that undoes ``run.undoes``. Returns the nodes that stay, and why. Raises GraphUnavailable."""
    target = run.undoes
    if target is None:
        raise UndoRefused("The run that was to be undone is no longer kept.")
    if reason := why_not(target):
        raise UndoRefused(reason)
    undoing = _Undoing(target)
    undoing.look()
    undoing.keep_what_has_something_below()
    for change in undoing.changes():
        files.add("archives" if change.action == "archive" else file_of(change), change)
    return undoing.skipped


class _Undoing:
    """Compares the changes of one run with the current graph. Its sets hold ids of nodes."""

    def __init__(self, target: SyncRun) -> None:
        self.skipped: list[Refused] = []
        self._target = target
        self._stays: set[str] = set()  # changed since, or not free to go
        self._goes: dict[str, str] = {}  # nodes that will be archived: {id: parent's id}
        self._created: set[str] = set()
        self._parts: set[str] = set()  # created folders and cards, which belong to another node
        self._revived: set[str] = set()
        self._leaves_its_name: set[str] = set()
        self._moves: set[str] = set()
        undoing = SyncRun.objects.filter(pk__gt=target.pk, undoes__isnull=False, dry_run=False)
        self._undone_by = dict(undoing.values_list("pk", "undoes_id"))
        self._companies = {Key.parse(node.key).account: node.name for node in existing.companies() if node.key}

    def look(self) -> None:
        """Find the changes that can be undone, those of nodes that are still as the run left them."""
        for rows in self._rows():
            now = existing.properties_of([row.node_id for row in rows])
            touched = self._touched([row.node_id for row in rows])
            for row in rows:
                if row.node_id in touched or not is_in_graph(row, now.get(row.node_id)):
                    why = _since(touched.get(row.node_id))
                    fault = Fault.CHANGED_SINCE
                    self._skip(row.kind, row.account, row.codex_key, row.name, row.place, fault, why)
                    self._stays.add(row.node_id)
                else:
                    self._note(row, now[row.node_id]["parent_id"])
        for node_ids in self._creations():
            touched = self._touched(node_ids)
            for node in existing.described(node_ids).values():
                if node.id in touched:
                    self._leave(node, Fault.CHANGED_SINCE, _since(touched[node.id]))
                elif node.archived_at is None:
                    self._goes[node.id] = node.parent_id
                    self._created.add(node.id)
                    if Key.parse(node.key).part:
                        self._parts.add(node.id)

    def keep_what_has_something_below(self) -> None:
        """Keep nodes with live nodes below them from being archived, and created nodes with staff notes below them."""
        kept: dict[str, str] = {}
        for ids in in_batches(list(self._goes), ROWS_AT_ONCE):
            for parent, child, origin, name in existing.live_below(ids):
                if child in self._goes or child in self._moves:
                    continue
                if origin == "codex":
                    kept[parent] = f"{name!r} below it stays."
                elif parent in self._created:
                    kept[parent] = f"the note {name!r} of staff is below it."
        kept |= {part: _OF_WHAT_STAYS for part in self._parts if self._goes[part] not in self._goes}
        self._spread(kept)
        for ids in in_batches(list(kept), ROWS_AT_ONCE):
            for node in existing.described(ids).values():
                self._leave(node, Fault.TIED_TO_WHAT_STAYS, kept[node.id])

    def _spread(self, kept: dict[str, str]) -> None:
        """If a node stays, its parent and its own parts stay, too."""
        parts_of: dict[str, list[str]] = {}
        for part in self._parts:
            parts_of.setdefault(self._goes[part], []).append(part)
        pending = list(kept)
        while pending:
            uid = pending.pop()
            reasons = dict.fromkeys(parts_of.get(uid, []), _OF_WHAT_STAYS)
            if self._goes[uid] in self._goes:
                reasons[self._goes[uid]] = "something below it stays."
            new = reasons.keys() - kept.keys()
            kept |= {other: reasons[other] for other in new}
            pending += new

    def changes(self) -> Iterator[Change]:
        """The changes of the plan: restored nodes, then reverted ones, then archived ones."""
        for rows in self._rows(action="archive"):
            yield from self._of_archived([row for row in rows if self._is_free(row) and _is_removal(row)])
        for rows in self._rows():
            free = [row for row in rows if self._is_free(row) and not _is_removal(row)]
            yield from self._placed([_inverse(row, self._company(row.codex_key, row.account)) for row in free])
        tops = [uid for uid in self._created if self._goes.get(uid, "") not in self._created and uid in self._goes]
        for ids in in_batches(tops, ROWS_AT_ONCE):
            places, along = existing.places(ids), existing.archived_along(ids)
            for node in existing.described(ids).values():
                company = self._company(node.key, node.account)
                yield _removal(node, places.get(node.id, ""), company, along.get(node.id, {}))

    def _note(self, row: NodeChange, parent_id: str) -> None:
        if row.action == "restore":
            self._goes[row.node_id] = parent_id
        if row.action == "archive":
            self._revived.add(row.node_id)
        if "parent_id" in row.after:
            self._moves.add(row.node_id)
        if "sibling_key" in row.after:
            self._leaves_its_name.add(row.node_id)

    def _of_archived(self, rows: list[NodeChange]) -> Iterator[Change]:
        below = existing.archived_with([(row.node_id, row.codex_key) for row in rows])
        for row in rows:
            self._revived |= {node.id for node in below[row.node_id]}
        tops = existing.described([row.node_id for row in rows])
        restores = [
            _return(tops[row.node_id], row.account, row.place, self._company(row.codex_key, row.account))
            for row in rows
            if row.node_id in tops
        ]
        for change in self._placed(restores):
            yield change
            for node in below[change.id]:
                yield _return(node, change.account, f"{change.place} / {change.name}", change.company)
        for row in rows:
            if row.node_id in self._stays:
                self._revived -= {node.id for node in below[row.node_id]}

    def _placed(self, changes: list[Change]) -> Iterator[Change]:
        """The changes whose parent still exists and whose name is free."""
        holders = existing.holders([key for c in changes if (key := c.set.get("sibling_key"))])
        parents = existing.described(list({c.parent_id for c in changes if c.parent_id}))
        for change in changes:
            holder = holders.get(change.set.get("sibling_key", ""), change.id)
            if holder != change.id and holder not in self._goes and holder not in self._leaves_its_name:
                self._leave_change(change, Fault.NAME_TAKEN, "another node has its name now.")
            elif change.action != "archive" and change.parent_id and not self._is_live(parents.get(change.parent_id)):
                self._leave_change(change, Fault.PLACE_GONE, "the place where it was is archived or gone.")
            else:
                yield change

    def _company(self, key: str, account: str) -> str:
        """The name of the company that a node belongs to or represents."""
        return self._companies.get(Key.parse(key).account or account, "")

    def _is_live(self, parent: Described | None) -> bool:
        if parent is None or parent.id in self._goes:
            return False
        return parent.archived_at is None or parent.id in self._revived

    def _is_free(self, row: NodeChange) -> bool:
        return row.node_id not in self._stays

    def _rows(self, **filters: str) -> Iterator[list[NodeChange]]:
        return in_batches(self._target.changes.filter(**filters).iterator(ROWS_AT_ONCE), ROWS_AT_ONCE)

    def _creations(self) -> Iterator[list[str]]:
        for batch in CreatedNodes.objects.filter(run=self._target).iterator(10):
            yield from in_batches(batch.node_ids, ROWS_AT_ONCE)

    def _touched(self, node_ids: Sequence[str]) -> dict[str, int]:
        """{node: the latest later run that has changed it}, ignoring changes that were undone."""
        later: dict[str, set[int]] = {}
        rows = NodeChange.objects.filter(node_id__in=node_ids, run_id__gt=self._target.pk)
        for node_id, run_id in rows.values_list("node_id", "run_id"):
            later.setdefault(node_id, set()).add(run_id)
        return {node: last for node, numbers in later.items() if (last := self._last_in_effect(numbers))}

    def _last_in_effect(self, numbers: set[int]) -> int | None:
        undone: set[int | None] = set()
        for number in sorted(numbers, reverse=True):
            taken_back = self._undone_by.get(number)
            if number not in undone and taken_back not in numbers:
                return number
            if number not in undone:
                undone.add(taken_back)
        return None

    def _leave(self, node: Described, fault: Fault, why: str) -> None:
        self._stays.add(node.id)
        self._goes.pop(node.id, None)
        self._created.discard(node.id)
        self._skip(node.kind, node.account, node.key, node.name, "", fault, why)

    def _leave_change(self, change: Change, fault: Fault, why: str) -> None:
        self._stays.add(change.id)
        self._revived.discard(change.id)
        self._skip(change.kind, change.account, change.key, change.name, change.place, fault, why)

    def _skip(self, kind: str, account: str, key: str, name: str, place: str, fault: Fault, why: str) -> None:
        where = f" in {place}" if place else ""
        reason = f"{shown_name(kind, name)!r}{where} stays as it is: {why}"
        self.skipped.append(Refused(kind, account, Key.parse(key).codex_id, fault, reason, is_skipped=True))


def _since(run_id: int | None) -> str:
    return f"run {run_id} has changed it since." if run_id else "it is no longer as this run has left it."


def _is_removal(row: NodeChange) -> bool:
    """Whether a sync archived the node with all nodes below it; an undo has a row for each node instead."""
    return row.action == "archive" and "archived_at" not in row.after


def _inverse(row: NodeChange, company: str) -> Change:
    values = {name: row.before.get(name) for name in row.after}
    return Change(
        action=_OPPOSITE[row.action],
        kind=row.kind,
        key=row.codex_key,
        id=row.node_id,
        name=values.get("name") or row.name,
        account=row.account,
        company=company,
        place=row.place,
        parent_id=values.get("parent_id") or "",
        base=row.after.get("fingerprint", row.base),
        set=values,
        before=row.after,
    )


def _return(node: Described, account: str, place: str, company: str) -> Change:
    """The change that restores an archived node with its name."""
    return structs.replace(
        _change("restore", node, place, company),
        account=account,
        set={"sibling_key": sibling_key(node.parent_id, node.name), "archived_at": None, "archived_with": None},
        before={
            "sibling_key": node.sibling_key,
            "archived_at": node.archived_at,
            "archived_with": node.archived_with,
        },
    )


def _removal(node: Described, place: str, company: str, below: dict[str, int]) -> Change:
    return structs.replace(
        _change("archive", node, place, company),
        set={"sibling_key": retired_sibling_key(node.parent_id, node.name, node.id)},
        below=below,
    )


def _change(action: str, node: Described, place: str, company: str) -> Change:
    """A change of a node that stays where it is, without what it writes."""
    return Change(
        action=action,
        kind=node.kind,
        key=node.key,
        id=node.id,
        name=node.name,
        account=node.account,
        company=company,
        place=place,
        parent_id=node.parent_id,
        base=node.fingerprint,
    )
