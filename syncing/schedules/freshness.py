"""Summarises the state of the mirror in one word for the header."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from syncing.decisions import undo
from syncing.models import QuarantinedRecord, SyncRun

STALE_AFTER = timedelta(hours=26)  # a nightly sync that is two hours late
_SEEN_RUNS = 60
_BROKEN = (
    SyncRun.Status.FAILED,
    SyncRun.Status.ABORTED,
    SyncRun.Status.RUNNING,
)  # a running run without heartbeats is dead
_FIELDS = (
    *("id", "command", "status", "stage", "done", "total", "dry_run", "created_at", "started_at"),
    *("finished_at", "heartbeat_at", "held_settled_at", "companies", "kinds", "since", "undoes_id"),
    *("was_blocked", "ending", "approve", "counts"),
)


@dataclass(frozen=True)
class SyncState:
    """``state``: running, waiting, approval, undone, failed, partial, stale, fresh or never.

    ``at``: the last complete run. ``undone``: an undo has taken back what that run or an earlier one did.
    """

    state: str
    run_id: int | None = None
    percent: int | None = None
    at: datetime | None = None
    ending: str = ""  # for a failed run: cancelled, interrupted or stopped


def sync_state() -> SyncState:
    """The most urgent state of the latest runs.

    Takes two SQL queries, or three if all is fresh, and some more after an undo until the next complete run.
    """
    runs = list(SyncRun.objects.only(*_FIELDS)[:_SEEN_RUNS])
    complete = SyncRun.objects.full().filter(status=SyncRun.Status.COMPLETE).only("id", "finished_at").first()
    at = complete.finished_at if complete else None
    for state, found in _pressing(runs):
        if found is not None:
            percent = found.percent if state == "running" and found.total else None
            ending = "interrupted" if found.looks_dead else found.ending
            return SyncState(state, found.pk, percent, at, ending)
    if complete is None or at is None:
        return SyncState("never")
    if at < timezone.now() - STALE_AFTER:
        return SyncState("stale", complete.pk, None, at)
    if (
        QuarantinedRecord.objects.exists()
    ):  # a full run refused records, and a later run over some companies does not fix that
        return SyncState("partial", complete.pk, None, at)
    return SyncState("fresh", complete.pk, None, at)


def _pressing(runs: list[SyncRun]) -> Iterator[tuple[str, SyncRun | None]]:
    """States other than fresh, most urgent first, each with the run that causes it."""
    status = SyncRun.Status
    of_the_tree = [r for r in runs if not (r.dry_run or _was_turned_away(r))]
    whole = _latest_of_each(run for run in of_the_tree if run.is_whole)
    of_any_scope = _latest_of_each(of_the_tree)
    yield "running", next((r for r in runs if r.status == status.RUNNING and not r.looks_dead), None)
    yield "waiting", next((r for r in runs if r.status == status.QUEUED), None)
    yield "approval", next((r for r in runs if r.status == status.NEEDS_APPROVAL and not r.held_settled_at), None)
    yield "undone", next((r for r in _undos_since_complete(of_the_tree) if undo.takes_back(r)), None)
    yield "failed", next((r for r in whole.values() if r.status in _BROKEN), None)
    both = (r for command, r in whole.items() if r.status == of_any_scope[command].status == status.PARTIAL)
    yield "partial", next(both, None)  # a later run over some companies may fix it but cannot cause it


def _undos_since_complete(runs: list[SyncRun]) -> Iterator[SyncRun]:
    """The undos among these runs, newest first, that no complete run of their command has followed."""
    complete: set[str] = set()
    for run in runs:
        if run.is_whole and not run.approve and run.status in (SyncRun.Status.COMPLETE, SyncRun.Status.PARTIAL):
            complete.add(run.command)
        elif run.undoes_id and run.command not in complete:
            yield run


def _latest_of_each(runs: Iterable[SyncRun]) -> dict[str, SyncRun]:
    """The first run of each command, which is the newest."""
    found: dict[str, SyncRun] = {}
    for run in runs:
        found.setdefault(run.command, run)
    return found


def _was_turned_away(run: SyncRun) -> bool:
    """Whether the run changed nothing because another run was syncing or the approved plan was not usable."""
    return run.was_blocked or (bool(run.approve) and run.status == SyncRun.Status.FAILED)
