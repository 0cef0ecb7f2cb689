"""Applies a plan that is stored on disk, exactly as it is and only once.

The plan of a run waits if the run ended as ``planned`` (the whole plan may be applied, except what is held) or
``needs_approval`` (the held changes may be applied). Another run applies it: ``SyncRun.approve`` is the plan's hash,
``SyncRun.applies`` the waiting run. The files are first linked into the folder of the applying run, so that its page,
history and undo have their own rows even after the waiting run was deleted.
"""

import os
import shutil
from collections.abc import Set
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone
from msgspec import Struct

from knowledgetree.basics.batches import in_batches
from syncing.decisions import pauses, undo
from syncing.exceptions import PlanNotUsable
from syncing.graph import existing
from syncing.graph.apply import Applied, apply_plan, count_all_stale
from syncing.graph.journal import Journal
from syncing.graph.lease import Lease
from syncing.graph.writing import is_removal
from syncing.kinds import COMPANIES
from syncing.models import SyncRun
from syncing.plan import reading
from syncing.plan.index import NAME
from syncing.plan.plan_files import COUNTED, FILES, file_hash, plan_folder, read_file
from syncing.runs.heartbeat import Heartbeat
from tree.kinds.titles import shown_name

_NODES_AT_ONCE = 500
_RAN = ("archives", "top", "placements", "rest")


class StoredPlan(Struct):
    """A checked plan in the folder of the run that applies it. ``rows``, ``creations``: the numbers to apply."""

    target: SyncRun
    folder: Path
    rows: int
    creations: int
    held_hash: str = ""


def waiting_hash(run: SyncRun) -> str:
    """The hash with which this run's plan may be applied now; "" if no part of it waits."""
    if run.held_settled_at is not None:
        return ""
    if run.status == SyncRun.Status.NEEDS_APPROVAL:
        return run.held_hash
    return run.plan_hash if run.status == SyncRun.Status.PLANNED else ""


def waiting_plans() -> list[tuple[SyncRun, int]]:
    """The plans of checks and undos that somebody may apply, each with the number of its changes.

    For each command the newest only, unless a complete run came after it and made the changes itself.
    """
    found: list[tuple[SyncRun, int]] = []
    for command in SyncRun.Command.values:
        runs = SyncRun.objects.filter(command=command).defer("log")
        newest = runs.filter(status=SyncRun.Status.PLANNED, held_settled_at=None).first()
        if newest is None or runs.full().good().filter(pk__gt=newest.pk).exists():
            continue
        if changes := waiting_changes(newest):
            found.append((newest, changes))
    return found


def waiting_changes(run: SyncRun) -> int:
    """The number of changes in this run's plan if it waits and its files are still kept, else 0."""
    totals = run.totals()
    changes = sum(totals.get(action, 0) for action in (*COUNTED.values(), "held"))
    return changes if waiting_hash(run) and plan_folder(run.pk).exists() else 0


def is_intact(target: SyncRun) -> bool:
    """Whether the files of the waiting plan exist and still match its hash."""
    files = ("held",) if target.status == SyncRun.Status.NEEDS_APPROVAL else FILES
    return file_hash(plan_folder(target.pk), *files) == waiting_hash(target)


def take(run: SyncRun) -> StoredPlan:
    """Find and check the plan that ``run.approve`` names, and make it the plan of ``run``. Call this under the lease.

    Raises PlanNotUsable if no such plan waits, its files are missing or altered, what was held no longer fits the data,
    or one of its companies has been paused.
    """
    target = _target(run)
    undo.take_over(run, target)
    _claim(run, target)
    target.refresh_from_db()
    if waiting_hash(target) != run.approve:
        raise PlanNotUsable(f"The plan {run.approve} was decided about a moment ago. Look at run {target.pk}.")
    folder = _linked(target, run)
    held = target.status == SyncRun.Status.NEEDS_APPROVAL
    if file_hash(folder, *(("archives",) if held else FILES)) != run.approve:
        shutil.rmtree(folder, ignore_errors=True)
        raise PlanNotUsable(f"The stored plan {run.approve} is missing or was altered on disk. Run the sync again.")
    try:
        pauses.refuse_paused(folder, _RAN)
    except PlanNotUsable:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if held and (stale := count_all_stale(read_file(folder / "archives.jsonl"))):
        settle(target, "stale")
        shutil.rmtree(folder, ignore_errors=True)
        raise PlanNotUsable(
            f"{stale} of the records in plan {run.approve} changed since; nothing was written. Run the sync again."
        )
    if target.undoes_id and (noted := _noted_meanwhile(folder)):
        shutil.rmtree(folder, ignore_errors=True)
        raise PlanNotUsable(
            f"A note of staff is now below {noted!r}, which the plan {run.approve} would archive; nothing was written. "
            f"Plan the undoing of run {target.undoes_id} anew."
        )
    if held:
        reading.prepare(folder, existing.staff_notes_below)
    numbers = {name: _lines(folder / f"{name}.jsonl") for name in _RAN}
    held_hash = file_hash(folder, "held") if (folder / "held.jsonl").exists() else ""
    return StoredPlan(target, folder, sum(numbers.values()), numbers["rest"], held_hash)


def apply(stored: StoredPlan, run: SyncRun, lease: Lease, heartbeat: Heartbeat, applied: Applied) -> None:
    """Write the plan without what it holds. The result is added to ``applied``.

    Raises LeaseLost, RunCancelled, GraphUnavailable; then the plan continues to wait.
    """
    apply_plan(stored.folder, stored.rows, lease, heartbeat.wrote, Journal(run), applied)
    settle(stored.target, "approved")


def settle(target: SyncRun, outcome: str) -> None:
    """Record the outcome of this run's plan, which can no longer be applied."""
    SyncRun.objects.filter(pk=target.pk, held_settled_at=None).update(
        held_settled_at=timezone.now(), held_outcome=outcome
    )


def supersede(run: SyncRun, scopes: Set[tuple[str, str]]) -> None:
    """Supersede held removals of earlier runs in the lists that this newer run has compared.

    ``scopes``: those lists, as (account, kind).
    """
    for earlier in SyncRun.objects.holding().filter(command=run.command, pk__lt=run.pk).defer("log"):
        held = read_file(plan_folder(earlier.pk) / "held.jsonl")
        if run.is_whole or any(("" if c.kind == COMPANIES.label else c.account, c.kind) in scopes for c in held):
            settle(earlier, "superseded")


def _target(run: SyncRun) -> SyncRun:
    if run.applies is not None:
        candidates = [run.applies]
    else:
        waiting = SyncRun.objects.filter(command=run.command, held_settled_at=None).exclude(pk=run.pk)
        candidates = [
            *waiting.filter(status=SyncRun.Status.NEEDS_APPROVAL, held_hash=run.approve)[:1],
            *waiting.filter(status=SyncRun.Status.PLANNED, plan_hash=run.approve)[:1],
        ]
    for target in candidates:
        if run.approve and waiting_hash(target) == run.approve:
            return target
    raise PlanNotUsable(
        f"No plan of {run.command} with the hash {run.approve!r} waits for approval: it was used, replaced by a "
        "newer run, discarded, or never made."
    )


def _claim(run: SyncRun, target: SyncRun) -> None:
    """Claim the plan for this run; the database refuses a second unfinished run for the same plan."""
    run.applies, run.companies, run.kinds, run.since = target, target.companies, target.kinds, target.since
    try:
        with transaction.atomic():
            run.save(update_fields=["applies", "companies", "kinds", "since"])
    except IntegrityError as error:
        run.applies = None
        raise PlanNotUsable(f"Another run is applying the plan {run.approve} already.") from error


def _noted_meanwhile(folder: Path) -> str:
    """The name of a node that the undo would archive, but that has got a staff note since; empty if there is none."""
    created = [c for c in read_file(folder / "archives.jsonl") if is_removal(c)]
    for some in in_batches(created, _NODES_AT_ONCE):
        notes = existing.staff_notes_below([change.id for change in some])
        if notes:
            return next(shown_name(change.kind, change.name) for change in some if change.id in notes)
    return ""


def _linked(target: SyncRun, run: SyncRun) -> Path:
    """Link the plan's files into the folder of this run; held removals become the run's own removals."""
    source, folder = plan_folder(target.pk), plan_folder(run.pk)
    shutil.rmtree(folder, ignore_errors=True)  # left by a run with the same number in an earlier database
    folder.mkdir(mode=0o700, parents=True)
    if target.status == SyncRun.Status.NEEDS_APPROVAL:
        names = {"held.jsonl": "archives.jsonl"}
    else:
        names = {name: name for name in (*(f"{file}.jsonl" for file in FILES), NAME)}
    for name, own in names.items():
        if (source / name).exists():
            _link(source / name, folder / own)
    return folder


def _link(source: Path, copy: Path) -> None:
    try:
        os.link(source, copy)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, copy)


def _lines(path: Path) -> int:
    if not path.exists():
        return 0
    with open(path, "rb") as file:
        return sum(1 for _ in file)
