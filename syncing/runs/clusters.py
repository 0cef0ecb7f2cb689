"""Makes each django-q cluster prove once a minute that it works, and end if it does not.

The proof is a job without work. The cluster's broker, the part that fetches jobs from the queue, adds it to what it has
fetched, so the job takes the way of all others: through both queues between the cluster's processes and through its
worker to the process that records results. That process records the proof with the cluster's workers. If any of these
processes hangs, no proof is recorded.

A killed process leaves a cluster in that state if it held the lock of a queue, which a worker always does while it
waits for a job. django-q then starts another worker, which waits for the lock for ever. Only new queues help, so the
cluster ends, with exit code 1, and whatever supervises it starts it again.
"""

import logging
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from typing import Any
from uuid import uuid4

import django.db
import psutil
from django.db import connections
from django.db.models.functions import Now
from django.utils import timezone
from django_q.brokers import Broker
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.signing import SignedPackage
from django_q.utils import get_func_repr

from syncing.models import FailedJob, SyncWorker
from syncing.runs import workers

PROOF = "syncing.jobs.prove"
PROOF_SECONDS = 60.0
LOOK_SECONDS = 10.0
FAILURES_KEPT = 100
ERROR_LENGTH = 20_000
logger = logging.getLogger("syncing")


class _Proving(Broker):
    """A broker that adds the proof to the jobs that it fetches, once a minute."""

    _proof_due_at = 0.0

    def dequeue(self) -> Any:
        jobs = super().dequeue() or []
        if time.monotonic() < self._proof_due_at:
            return jobs
        self._proof_due_at = time.monotonic() + PROOF_SECONDS
        return [*jobs, (None, _proof())]  # None: there is nothing in the queue to acknowledge


class _ProvingOrm(_Proving, ORM):
    """The queue in the SQL database."""


def proving_broker() -> Broker:
    """The broker for a cluster of these settings."""
    if Conf.ORM:
        return _ProvingOrm()
    from django_q.brokers.redis_broker import Redis  # slow to load, and most installations have no Redis

    return type("_ProvingRedis", (_Proving, Redis), {})()


def note_begin(task: dict[str, Any], **_: Any) -> None:
    """Note in a worker process that it begins a job (django-q's signal ``pre_execute``)."""
    if task["func"] != PROOF:
        workers.note_job(working_since=Now())


def note_end(task: dict[str, Any], **_: Any) -> None:
    """Note in a worker process that its job has ended (django-q's signal ``post_execute_in_worker``)."""
    if task["func"] != PROOF:
        workers.note_job(working_since=None, free_since=Now())


def note_proof(task: dict[str, Any], **_: Any) -> None:
    """Record the proof with the workers of this cluster, in its process for results (signal ``post_execute``)."""
    if task["func"] != PROOF:
        return
    try:
        SyncWorker.objects.filter(host=socket.gethostname(), guard_pid=os.getppid()).update(proved_at=Now())
    except django.db.Error as error:
        logger.warning("The proof that the workers work cannot be written: %s", error)
        connections.close_all()


def note_failure(task: dict[str, Any], **_: Any) -> None:
    """Keep what a failed job said, in the cluster's process for results (django-q's signal ``post_execute``)."""
    if task["success"]:
        return
    error = str(task["result"]).replace("\0", "")[:ERROR_LENGTH]
    try:
        FailedJob.objects.create(
            name=task["name"][:100], func=get_func_repr(task["func"])[:255], cluster=Conf.CLUSTER_NAME, error=error
        )
        surplus = FailedJob.objects.order_by("-pk").values_list("pk", flat=True)[FAILURES_KEPT:]
        FailedJob.objects.filter(pk__in=list(surplus)).delete()
    except django.db.Error as problem:  # django-q has written the error itself into the log
        logger.warning("The failure of the job %s cannot be kept: %s", task["name"], problem)
        connections.close_all()


def wait_for_the_end(guard: BaseProcess, tell: Callable[[], None]) -> str:
    """Wait until the guard of this process's cluster ends. ``guard`` is the child that started all others.

    ``tell`` sends the alarms of a cluster that is deaf, before it is killed; it may raise django.db.Error.
    Returns why the cluster could not go on and was killed; empty if it ended because it was asked to.
    """
    family: list[psutil.Process] = []
    while guard.is_alive() and guard.pid is not None:
        if is_deaf(guard.pid):
            with suppress(django.db.Error):
                tell()
            _kill(family)
            return "The workers take no jobs any more, as after one of them was killed. They were ended."
        with suppress(psutil.NoSuchProcess):
            family = [psutil.Process(guard.pid), *psutil.Process(guard.pid).children(recursive=True)]
        guard.join(LOOK_SECONDS)
    if guard.exitcode:
        _kill(family)
        return f"The process that guards the workers ended with {guard.exitcode}. They were ended."
    return ""


def is_deaf(guard_pid: int) -> bool:
    """Whether the cluster of this guard takes no jobs. False as long as the SQL database cannot tell."""
    try:
        if Conf.CLUSTER_NAME == workers.SYNC:
            workers.requeue_lost_runs()  # the cluster for short jobs, which does it as well, may be deaf
            if workers.neglect_a_run(guard_pid):
                return True
        return workers.are_deaf(Conf.CLUSTER_NAME, guard_pid)
    except django.db.Error:
        connections.close_all()
        return False


def _kill(family: list[psutil.Process]) -> None:
    for process in family:  # the guard comes first: it would start the others again
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _proof() -> str:
    """The proof as a job in the form that django-q's pusher expects."""
    number = uuid4().hex
    job = {"id": number, "name": f"proof-{number[:8]}", "func": PROOF, "args": (), "kwargs": {}}
    return str(SignedPackage.dumps(job | {"started": timezone.now(), "save": False}))
