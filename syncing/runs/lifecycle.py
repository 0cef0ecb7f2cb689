"""Moves a run's row through its life: requested, started, finished or found dead."""

import os
import shutil
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from knowledgetree.accounts.acting import Acting, Way, account_of_server
from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from knowledgetree.basics.processes import living
from syncing.models import DEAD_AFTER, SyncRun, SyncSchedule
from syncing.plan.plan_files import plan_folder
from syncing.runs import queue, telling
from syncing.runs.heartbeat import peak_mb

KEPT_PLANS = 20
LOST_AFTER = timedelta(seconds=30)  # a waiting run that is requested again after this time gets another job
STOPPED = "Stopped. What was written is sound."
_WRITTEN_AT_THE_END = (  # not all fields, because somebody may have asked meanwhile to cancel the run
    *(
        "status",
        "reason",
        "ending",
        "stage",
        "finished_at",
        "heartbeat_at",
        "peak_rss_mb",
        "was_blocked",
        "log",
        "undoes",
    ),
)


def enqueue(
    command: str,
    *,
    trigger: str = SyncRun.Trigger.BUTTON,
    user: User | None = None,
    companies: Sequence[str] = (),
    kinds: Sequence[str] = (),
    dry_run: bool = False,
) -> SyncRun:
    """Ask the sync worker for a run. Returns an identical run that already waits or runs, if there is one."""
    return ask(command, trigger=trigger, user=user, companies=companies, kinds=kinds, dry_run=dry_run)[0]


def ask(
    command: str,
    *,
    trigger: str,
    user: User | None = None,
    companies: Sequence[str] = (),
    kinds: Sequence[str] = (),
    since: str = "",
    dry_run: bool = False,
    approve: str = "",
    is_here: bool = False,
) -> tuple[SyncRun, bool]:
    """Request a run. Returns it, and whether it existed already, because identical requests share one run.

    The sync worker executes the run or, if ``is_here``, the process that calls this. That process may also ``execute``
    a run that it has joined, because only one process can claim it. A dry run that ``is_here`` is never shared, because
    its plan is printed.
    """
    settle_dead_runs()
    with transaction.atomic():
        lock(command)
        twin = None if is_here and dry_run else _twin(command, list(companies), list(kinds), since, dry_run, approve)
        if twin is not None:
            if not is_here and is_lost(twin):
                send(twin)
            return twin, True
        run = SyncRun.objects.create(
            command=command,
            trigger=trigger,
            started_by=user,
            companies=list(companies),
            kinds=list(kinds),
            since=since,
            dry_run=dry_run,
            approve=approve,
            started_as=account_of_server() if is_here else "",
            host=socket.gethostname() if is_here else "",
            pid=os.getpid() if is_here else None,
        )
    if not is_here:
        send(run)  # after the transaction, because the worker may be quicker than our commit
    record(Action.SYNC_APPROVED if approve else Action.SYNC_STARTED, run)
    return run, False


def record(action: Action, run: SyncRun) -> None:
    """Tell the audit log what was asked of this run, or of its plan."""
    what = [str(run.command), *(["check only"] if run.dry_run and not run.undoes_id else [])]
    what += [f"undoes run {run.undoes_id}"] if run.undoes_id else []
    what += [f"plan of run {run.applies_id}"] if run.applies_id else []
    what += [", ".join(run.companies)] if len(run.companies) > 1 else []
    log.record(
        action,
        company=log.Client(run.companies[0]) if len(run.companies) == 1 else None,
        detail=f"run {run.pk}: {'; '.join(what)}",
        who=Acting(Way.JOB, "schedule") if run.trigger == SyncRun.Trigger.SCHEDULE else None,
    )


def enqueue_undo(target: SyncRun, user: User | None) -> SyncRun:
    """Ask the sync worker for the plan that undoes this run (see undo.py)."""
    with transaction.atomic():
        run = SyncRun.objects.create(
            command=target.command, trigger=SyncRun.Trigger.BUTTON, started_by=user, dry_run=True, undoes=target
        )
    send(run)
    record(Action.SYNC_UNDO, run)
    return run


def ask_to_apply(target: SyncRun, plan: str, user: User | None) -> SyncRun:
    """Create a waiting run that applies the stored plan of ``target``. Raises IntegrityError if there already is one.

    The caller must check that the plan may be applied (approvals.py).
    """
    run = SyncRun.objects.create(
        command=target.command,
        trigger=SyncRun.Trigger.BUTTON,
        started_by=user,
        companies=target.companies,
        kinds=target.kinds,
        since=target.since,
        approve=plan,
        applies=target,
        undoes=target.undoes,
    )
    send(run)
    record(Action.SYNC_APPROVED, run)
    return run


def lock(command: str) -> None:
    """Keep others from requesting a run of this command until our transaction ends."""
    SyncSchedule.objects.get_or_create(command=command)
    SyncSchedule.objects.select_for_update().get(command=command)


def _twin(
    command: str, companies: list[str], kinds: list[str], since: str, dry_run: bool, approve: str
) -> SyncRun | None:
    """The unfinished run that does exactly the same."""
    same = SyncRun.objects.unfinished().filter(
        command=command, since=since, dry_run=dry_run, approve=approve, undoes=None, cancel_asked_at=None
    )
    return next((run for run in same if (list(run.companies), list(run.kinds)) == (companies, kinds)), None)


def is_lost(run: SyncRun) -> bool:
    """Whether the job of this waiting run may be lost. A second delivery of the same run does nothing."""
    sent_at = run.sent_at or run.created_at
    return run.status == SyncRun.Status.QUEUED and run.pid is None and sent_at < timezone.now() - LOST_AFTER


def send(run: SyncRun) -> None:
    """Put a job for this waiting run into the queue of the sync worker."""
    SyncRun.objects.filter(pk=run.pk).update(sent_at=timezone.now())
    queue.put(run.pk)


def cancel(run: SyncRun, user: User | None) -> bool:
    """Stop a run, at once if it waits, otherwise between two batches. Returns False if it has already ended."""
    now = timezone.now()
    whose = f" by {user.get_username()}" if user else ""
    waiting = SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.QUEUED).update(
        status=SyncRun.Status.ABORTED,
        ending=SyncRun.Ending.CANCELLED,
        stage=SyncRun.Stage.DONE,
        finished_at=now,
        cancel_asked_at=now,
        cancelled_by=user,
        reason=f"Cancelled{whose} before it began.",
    )
    running = SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.RUNNING)
    asked = running.filter(cancel_asked_at=None).update(cancel_asked_at=now, cancelled_by=user)
    if waiting or asked:
        record(Action.SYNC_CANCELLED, run)
    if waiting:
        run.refresh_from_db()
        telling.tell_end(run)
    return bool(waiting or asked or running.exists())


def start(run: SyncRun) -> bool:
    """Claim a waiting run for this process. Returns False if another process has claimed it."""
    claimed = SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.QUEUED).update(
        status=SyncRun.Status.RUNNING,
        started_at=Now(),
        heartbeat_at=Now(),
        host=socket.gethostname(),
        pid=os.getpid(),
    )
    run.refresh_from_db()
    if claimed:
        telling.tell_begin(run)
    return bool(claimed)


def finish(run: SyncRun, status: str, reason: str, **fields: Any) -> None:
    """Save the result of a run to its row."""
    for name, value in fields.items():
        setattr(run, name, value)
    run.status = status
    run.reason = reason
    run.stage = SyncRun.Stage.DONE
    run.finished_at = run.heartbeat_at = _now_of_database(run)
    run.peak_rss_mb = peak_mb()
    run.save(update_fields=[*_WRITTEN_AT_THE_END, *fields])
    telling.tell_end(run, is_here=True)


def _now_of_database(run: SyncRun) -> datetime:
    """The database's time, as in the start and the heartbeats, so that a wrong clock on a host distorts no duration."""
    now: datetime = SyncRun.objects.filter(pk=run.pk).annotate(now=Now()).values_list("now", flat=True)[0]
    return now


def is_unfinished(number: str) -> bool:
    """Whether a run with this number waits or runs."""
    return number.isdecimal() and SyncRun.objects.unfinished().filter(pk=int(number)).exists()


def abort(run: SyncRun) -> None:
    """Mark a run as aborted that was stopped before it could save its result."""
    now = timezone.now()
    SyncRun.objects.unfinished().filter(pk=run.pk).update(
        status=SyncRun.Status.ABORTED,
        ending=SyncRun.Ending.STOPPED,
        stage=SyncRun.Stage.DONE,
        finished_at=now,
        heartbeat_at=now,
        reason=STOPPED,
    )
    run.refresh_from_db()
    telling.tell_end(run)


def unfinished_of_this_process() -> SyncRun | None:
    """The run that this process has requested or taken over and not finished."""
    return SyncRun.objects.unfinished().filter(host=socket.gethostname(), pid=os.getpid()).first()


def settle_dead_runs() -> None:
    """Abort runs whose process has died: at once on this host, elsewhere after DEAD_AFTER without a heartbeat.

    A waiting run has no process yet, unless a command created it.
    """
    # The SQL database's clock, which heartbeats carry, too.
    silent = SyncRun.objects.filter(status=SyncRun.Status.RUNNING, heartbeat_at__lt=Now() - DEAD_AFTER)
    never_began = SyncRun.objects.filter(status=SyncRun.Status.QUEUED, created_at__lt=Now() - DEAD_AFTER)
    died_here = [run.pk for run in SyncRun.objects.unfinished().defer("log") if _died_here(run)]
    for dead in (silent, never_began.exclude(pid=None), SyncRun.objects.unfinished().filter(pk__in=died_here)):
        for run in dead.defer("log"):
            settled = dead.filter(pk=run.pk).update(  # checks again, because a heartbeat may have arrived meanwhile
                status=SyncRun.Status.ABORTED,
                ending=SyncRun.Ending.INTERRUPTED,
                stage=SyncRun.Stage.DONE,
                finished_at=run.heartbeat_at or run.started_at or run.created_at,
                reason=f"Its process on {run.host or 'an unknown host'} died; what it wrote is sound. Start a new run.",
            )
            if settled:
                run.refresh_from_db()
                telling.tell_end(run)


def _died_here(run: SyncRun) -> bool:
    return run.host == socket.gethostname() and run.pid is not None and living(run.pid) is None


def drop_old_plans() -> None:
    """Delete plan files, except those of the last runs, of unfinished runs and of runs that wait for approval."""
    newest = list(SyncRun.objects.values_list("pk", flat=True)[:KEPT_PLANS])
    kept = set((SyncRun.objects.unfinished() | SyncRun.objects.holding()).values_list("pk", flat=True))
    parent = plan_folder(0).parent
    if not newest or not parent.exists():
        return
    for folder in parent.iterdir():
        number = folder.name.removeprefix("run-")
        if number.isdecimal() and int(number) < newest[-1] and int(number) not in kept:
            shutil.rmtree(folder, ignore_errors=True)
