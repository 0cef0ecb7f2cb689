"""Which workers of django-q are alive, and waiting runs whose job got lost.

Each worker process keeps a row of its own in SQL and renews it from a thread, also while it is at a job. django-q's
own statistics go through Django's cache or through Redis, so they would need a shared cache beside the SQL broker;
and they tell of the guard of a cluster, which lives on when its worker does not. A row works with both brokers.
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
_QCLUSTER = ".venv/bin/python manage.py qcluster"  # to be pasted, in the folder of the program
COMMANDS = {SYNC: f"Q_CLUSTER_NAME={SYNC} {_QCLUSTER}", "": _QCLUSTER}
logger = logging.getLogger("syncing")


def jobs_cluster() -> str:
    """The name of the cluster that does the short jobs, and with them the schedules."""
    return str(settings.Q_CLUSTER["name"])


def is_alive(cluster: str = SYNC) -> bool:
    """Whether a worker of this cluster has given a sign of life, by the clock of the SQL database."""
    return SyncWorker.objects.filter(cluster=cluster, beat_at__gt=Now() - MISSING_AFTER).exists()


def begin_beating(**_: Any) -> None:
    """A worker process has been spawned, and this is called in it."""
    threading.Thread(target=_beat, name="beat-of-worker", daemon=True).start()


def requeue_lost_runs() -> list[int]:
    """Waiting runs get a job again when a sync worker is there, does nothing, and has not begun them. Returns them."""
    lost = [run for run in SyncRun.objects.filter(status=SyncRun.Status.QUEUED).defer("log") if lifecycle.is_lost(run)]
    if not lost or not is_alive() or SyncRun.objects.filter(status=SyncRun.Status.RUNNING).exists():
        return []
    for run in lost:
        logger.warning("Run %s waits although the sync worker is idle; its job is put into the queue again.", run.pk)
        lifecycle.send(run)
    return [run.pk for run in lost]


def beat_once() -> None:
    """Say that this process lives. Raises django.db.Error."""
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
            connections.close_all()  # the next beat tries again
        stop.wait(BEAT_SECONDS)
