"""Puts jobs into the queues of the workers, which are the SQL database or Redis (``Q_BROKER_URL``).

In SQL, the job and its run are created in one transaction. Redis has no part in transactions, and a worker could take
the job before the run's row is visible. So the job is sent after the commit, and a run that cannot be sent fails.
"""

import logging
from urllib.parse import urlsplit

from django.db import Error, transaction
from django.utils import timezone
from django_q.conf import Conf
from django_q.tasks import async_task

from syncing.models import SyncRun

CLUSTER = "sync"
_logger = logging.getLogger("syncing")


def put(run_id: int) -> None:
    """Have the sync worker execute this waiting run."""
    if Conf.ORM:
        _send(run_id)
    else:
        transaction.on_commit(lambda: _send_or_fail(run_id))


def put_telling(run_id: int) -> None:
    """Have the worker for short jobs tell webhooks what this run has changed. They are not told if this fails."""
    transaction.on_commit(lambda: _send_telling(run_id))


def address() -> str:
    """The address of the queue for people, without the password."""
    if Conf.ORM:
        return "the SQL database"
    url = urlsplit(str(Conf.REDIS))
    return f"{url.scheme}://{url.hostname or url.path}{f':{url.port}' if url.port else ''}"


def _send(run_id: int) -> None:
    async_task("syncing.jobs.run_sync", run_id, cluster=CLUSTER, task_name=f"run-{run_id}")


def _send_or_fail(run_id: int) -> None:
    from redis.exceptions import RedisError  # slow to load, and most installations have no Redis

    try:
        _send(run_id)
    except RedisError as error:
        reason = (
            f"The queue of jobs at {address()} (Q_BROKER_URL) cannot be used: {_without_secrets(error)}. Nothing was "
            "started. Is Redis running? `manage.py sync_codex` and `manage.py sync_tickets` need no queue."
        )
        SyncRun.objects.filter(pk=run_id, status=SyncRun.Status.QUEUED).update(
            status=SyncRun.Status.FAILED,
            stage=SyncRun.Stage.DONE,
            finished_at=timezone.now(),
            reason=reason,
        )


def _send_telling(run_id: int) -> None:
    from redis.exceptions import RedisError

    try:
        async_task("syncing.jobs.tell_records", run_id, task_name=f"tell-{run_id}")
    except (RedisError, Error) as error:
        _logger.warning("Webhooks are not told the records of run %s: %s", run_id, type(error).__name__)


def _without_secrets(error: Exception) -> str:
    password = urlsplit(str(Conf.REDIS)).password
    text = str(error).rstrip(".")
    return text.replace(password, "…") if password else text
