"""Tracks which workers of django-q are alive, and requeues waiting runs whose job was lost.

Each worker process renews a row of its own in SQL from a thread, even while it works on a job. django-q's own
statistics go through Django's cache or Redis, so they would need a shared cache beside the SQL broker. They also
describe the guard of a cluster, which stays alive when its worker dies. A row works with both brokers.

A worker that beats may be deaf all the same: one that is killed while it waits for a job dies with the lock of its
cluster's queue, and its successor waits for that lock for ever. So an idle worker is believed only if its cluster did
the job of every minute lately (see clusters.py).
"""

import logging
import os
import socket
import threading
from datetime import datetime, timedelta
from typing import Any

import django.db
from django.conf import settings
from django.db import connections
from django.db.models import QuerySet
from django.db.models.functions import Now
from django_q.conf import Conf

from syncing.models import SyncRun, SyncWorker
from syncing.runs import lifecycle

BEAT_SECONDS = 5.0
MISSING_AFTER = timedelta(seconds=15)
FORGOTTEN_AFTER = timedelta(days=1)
DEAF_AFTER = timedelta(minutes=2)
SYNC = "sync"
_QCLUSTER = ".venv/bin/python manage.py qcluster"  # for pasting into a shell in the project's folder
COMMANDS = {SYNC: f"Q_CLUSTER_NAME={SYNC} {_QCLUSTER}", "": _QCLUSTER}
logger = logging.getLogger("syncing")


def jobs_cluster() -> str:
    """The name of the cluster that runs short jobs and the schedules."""
    return str(settings.Q_CLUSTER["name"])


def is_alive(cluster: str = SYNC) -> bool:
    """Whether a worker of this cluster has a recent heartbeat, by the clock of the SQL database."""
    return SyncWorker.objects.filter(cluster=cluster, beat_at__gt=Now() - MISSING_AFTER).exists()


def are_deaf(cluster: str = SYNC, guard_pid: int | None = None) -> bool:
    """Whether a worker is alive and idle, but has done no job for DEAF_AFTER, not even the proof.

    It is a worker of this cluster on any host, or one that this process on this host guards.
    """
    return any(_is_deaf(worker) for worker in _alive(cluster, guard_pid))


def neglect_a_run(guard_pid: int | None = None) -> bool:
    """Whether a run has waited for DEAF_AFTER although an idle sync worker, as in ``are_deaf``, could have taken it."""
    waiting = SyncRun.objects.filter(status=SyncRun.Status.QUEUED, pid=None, created_at__lt=Now() - DEAF_AFTER)
    if not waiting.exists() or _is_a_run_under_way():
        return False
    return any(worker.working_since is None and _has_been_free(worker) for worker in _alive(SYNC, guard_pid))


def last_beat(cluster: str) -> datetime | None:
    """When a worker of this cluster last gave a sign of life; None if that is long ago."""
    beats = SyncWorker.objects.filter(cluster=cluster).order_by("-beat_at").values_list("beat_at", flat=True)
    return beats.first()


def begin_beating(**_: Any) -> None:
    """Start the heartbeat of a worker process; called in each one that was spawned."""
    try:
        beat_once(started_at=Now(), working_since=None, free_since=None, proved_at=None)  # its pid may have had a row
    except django.db.Error:
        connections.close_all()
    threading.Thread(target=_beat, name="beat-of-worker", daemon=True).start()


def requeue_lost_runs() -> list[int]:
    """Give waiting runs another job if an idle sync worker has not begun them. Returns their numbers."""
    lost = [run for run in SyncRun.objects.filter(status=SyncRun.Status.QUEUED).defer("log") if lifecycle.is_lost(run)]
    if not lost or not is_alive() or SyncRun.objects.filter(status=SyncRun.Status.RUNNING).exists():
        return []
    for run in lost:
        logger.warning("Run %s waits although the sync worker is idle; its job is queued again.", run.pk)
        lifecycle.send(run)
    return [run.pk for run in lost]


def beat_once(**more: Any) -> None:
    """Write the heartbeat of this process, and other fields of its row. Raises django.db.Error."""
    beat = {"cluster": Conf.CLUSTER_NAME, "guard_pid": os.getppid(), "beat_at": Now()}
    SyncWorker.objects.update_or_create(host=socket.gethostname(), pid=os.getpid(), defaults=beat | more)


def note_job(**fields: Any) -> None:
    """Write that this worker process begins or ends a job. A failure is logged: the job does not depend on it."""
    try:
        beat_once(**fields)
    except django.db.Error as error:
        logger.warning("The worker cannot write what it is doing: %s", error)
        connections.close_all()


def _alive(cluster: str, guard_pid: int | None) -> QuerySet[SyncWorker]:
    """Workers with a recent heartbeat. ``sql_now`` is the time of the SQL database, whose times the rows have."""
    alive = SyncWorker.objects.filter(cluster=cluster, beat_at__gt=Now() - MISSING_AFTER).annotate(sql_now=Now())
    return alive if guard_pid is None else alive.filter(host=socket.gethostname(), guard_pid=guard_pid)


def _is_deaf(worker: Any) -> bool:
    heard = [at for at in (worker.started_at, worker.free_since, worker.proved_at) if at is not None]
    return worker.working_since is None and worker.sql_now - max(heard) > DEAF_AFTER


def _has_been_free(worker: Any) -> bool:
    return bool(worker.sql_now - (worker.free_since or worker.started_at) > DEAF_AFTER)


def _is_a_run_under_way() -> bool:
    running = SyncRun.objects.filter(status=SyncRun.Status.RUNNING).defer("log")
    return any(not run.looks_dead for run in running)


def _beat() -> None:
    stop = threading.Event()  # never set: the thread ends with its process
    is_first = True
    while True:
        try:
            beat_once()
            if is_first:
                SyncWorker.objects.filter(beat_at__lt=Now() - FORGOTTEN_AFTER).delete()
            is_first = False
        except django.db.Error:
            connections.close_all()  # the next beat retries
        stop.wait(BEAT_SECONDS)
