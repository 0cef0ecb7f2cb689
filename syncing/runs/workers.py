"""Tracks which workers of django-q are alive, and requeues waiting runs whose job was lost.

Each worker process renews a row of its own in SQL from a thread, even while it works on a job. django-q's own
statistics go through Django's cache or Redis, so they would need a shared cache beside the SQL broker. They also
describe the guard of a cluster, which stays alive when its worker dies. A row works with both brokers.
"""

import logging
import os
import socket
import threading
from datetime import timedelta
from typing import Any

import django.db
from django.conf import settings
from django.db import connections
from django.db.models.functions import Now
from django_q.conf import Conf

from syncing.models import SyncRun, SyncWorker
from syncing.runs import lifecycle

BEAT_SECONDS = 5.0
MISSING_AFTER = timedelta(seconds=15)
FORGOTTEN_AFTER = timedelta(days=1)
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


def begin_beating(**_: Any) -> None:
    """Start the heartbeat of a worker process; called in each one that was spawned."""
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


def beat_once() -> None:
    """Write the heartbeat of this process. Raises django.db.Error."""
    SyncWorker.objects.update_or_create(
        host=socket.gethostname(), pid=os.getpid(), defaults={"cluster": Conf.CLUSTER_NAME, "beat_at": Now()}
    )


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
