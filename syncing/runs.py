"""The life of a run's row: asked for, started, found dead, finished, its held plan settled."""

import os
import resource
import shutil
import socket
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import psutil
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from syncing.models import RefusedRecord, SyncRun
from syncing.plan import plan_folder
from syncing.records import Refused, valid

KEPT_PLANS = 20
LOST_AFTER = timedelta(seconds=30)  # a waiting run that is asked for again then gets a job again
KEPT_REFUSALS = 10_000
STOPPED = "Stopped. What was written is sound."
_UNFINISHED = (SyncRun.Status.QUEUED, SyncRun.Status.RUNNING)


def enqueue(
    command: str,
    *,
    trigger: str = SyncRun.Trigger.BUTTON,
    user: User | None = None,
    companies: Sequence[str] = (),
    dry_run: bool = False,
) -> SyncRun:
    """Ask the sync worker for a run. The one that waits or runs already is given back instead of a twin."""
    settle_dead_runs()
    with transaction.atomic():
        twins = SyncRun.objects.select_for_update().filter(
            command=command, status__in=_UNFINISHED, dry_run=dry_run, undoes=None
        )
        for twin in twins:
            if list(twin.companies) == list(companies):
                if twin.status == SyncRun.Status.QUEUED and twin.created_at < timezone.now() - LOST_AFTER:
                    _send(twin)  # its job may be lost; a second delivery of the same run does nothing
                return twin
        run = SyncRun.objects.create(
            command=command, trigger=trigger, started_by=user, companies=list(companies), dry_run=dry_run
        )
        _send(run)
    return run


def enqueue_undo(target: SyncRun, user: User | None) -> SyncRun:
    """Ask the sync worker for the plan that takes back what this run did (see undo.py)."""
    with transaction.atomic():
        run = SyncRun.objects.create(
            command=target.command, trigger=SyncRun.Trigger.BUTTON, started_by=user, dry_run=True, undoes=target
        )
        _send(run)
    return run


def _send(run: SyncRun) -> None:
    async_task("syncing.jobs.run_sync", run.pk, cluster="sync", task_name=f"run-{run.pk}")


def start(run: SyncRun) -> bool:
    """Claim a waiting run for this process. False when somebody else did: then do nothing."""
    now = timezone.now()
    claimed = SyncRun.objects.filter(pk=run.pk, status=SyncRun.Status.QUEUED).update(
        status=SyncRun.Status.RUNNING,
        started_at=now,
        heartbeat_at=now,
        host=socket.gethostname(),
        pid=os.getpid(),
    )
    run.refresh_from_db()
    return bool(claimed)


def finish(run: SyncRun, status: str, reason: str, **fields: Any) -> None:
    """Write the run's one ending."""
    for name, value in fields.items():
        setattr(run, name, value)
    run.status = status
    run.reason = reason
    run.stage = SyncRun.Stage.DONE
    run.finished_at = run.heartbeat_at = timezone.now()
    run.peak_rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    run.save()


def is_unfinished(number: str) -> bool:
    """Whether there is a run of this number that waits or runs."""
    return number.isdecimal() and SyncRun.objects.filter(pk=int(number), status__in=_UNFINISHED).exists()


def abort(run: SyncRun) -> None:
    """A run that was stopped before it could write its own ending."""
    now = timezone.now()
    SyncRun.objects.filter(pk=run.pk, status__in=_UNFINISHED).update(
        status=SyncRun.Status.ABORTED,
        stage=SyncRun.Stage.DONE,
        finished_at=now,
        heartbeat_at=now,
        reason=STOPPED,
    )
    run.refresh_from_db()


def remember_refused(run: SyncRun, refused: Sequence[Refused], notices: Sequence[Refused] = ()) -> None:
    """Keep what was not taken, at most KEPT_REFUSALS rows of it."""
    rows = [(record, False) for record in refused] + [(record, True) for record in notices]
    RefusedRecord.objects.bulk_create(
        [
            RefusedRecord(
                run=run,
                kind=record.kind[:20],
                account=valid(record.account[:255]),
                codex_id=valid(record.codex_id[:255]),
                reason=valid(record.reason),
                is_notice=is_notice,
                is_skipped=record.is_skipped,
            )
            for record, is_notice in rows[:KEPT_REFUSALS]
        ],
        batch_size=1000,
    )


def earlier_notices(run: SyncRun, age: timedelta) -> list[Refused]:
    """The notices of the last finished run of this command, unless it is older than ``age``."""
    last = (
        SyncRun.objects.filter(
            command=run.command, companies=[], since="", undoes=None, finished_at__gt=timezone.now() - age
        )
        .exclude(status__in=(SyncRun.Status.FAILED, SyncRun.Status.ABORTED))
        .first()
    )
    if last is None:
        return []
    notices = last.refused.filter(is_notice=True).values_list("kind", "account", "codex_id", "reason")
    return [Refused(*notice) for notice in notices]


def settle_dead_runs() -> None:
    """Runs whose process has died are aborted: at once on this host, elsewhere after a minute's silence.

    A run that waits has no process yet, unless a command made it.
    """
    for run in SyncRun.objects.filter(status__in=_UNFINISHED):
        if _died_here(run) or run.looks_dead:
            last = run.heartbeat_at or run.started_at or run.created_at
            SyncRun.objects.filter(pk=run.pk, status=run.status).update(
                status=SyncRun.Status.ABORTED,
                stage=SyncRun.Stage.DONE,
                finished_at=last,
                reason=f"Its process on {run.host or 'an unknown host'} died; what it wrote is sound. Start a new run.",
            )


def _died_here(run: SyncRun) -> bool:
    if run.host != socket.gethostname() or run.pid is None:
        return False
    try:
        return psutil.Process(run.pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def supersede_held_plans(run: SyncRun) -> None:
    """A newer run over everything knows better: what earlier ones held is no longer to be approved."""
    SyncRun.objects.filter(
        command=run.command, status=SyncRun.Status.NEEDS_APPROVAL, held_settled_at=None, pk__lt=run.pk
    ).update(held_settled_at=timezone.now(), held_outcome="superseded")


def drop_old_plans() -> None:
    """Keep the plan files of the last runs and of those that wait for approval."""
    kept = set(SyncRun.objects.values_list("pk", flat=True)[:KEPT_PLANS])
    kept |= set(
        SyncRun.objects.filter(status=SyncRun.Status.NEEDS_APPROVAL, held_settled_at=None).values_list("pk", flat=True)
    )
    parent = plan_folder(0).parent
    if not parent.exists():
        return
    for folder in parent.iterdir():
        number = folder.name.removeprefix("run-")
        if number.isdecimal() and int(number) not in kept:
            shutil.rmtree(folder, ignore_errors=True)
