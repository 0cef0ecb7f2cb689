"""The job that imports an uploaded file: the worker for short jobs does it in slices, so that others get their turn.

Each slice compares the file with the graph anew and does some of what is missing. So an import whose process was
killed is completed by starting it again, whatever was written.
"""

import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django_q.tasks import async_task

from knowledgetree.basics.private_files import make_private_folder
from tree.exceptions import TreeError
from tree.exchange.importer import apply_import
from tree.exchange.planning import plan_file
from tree.models import TreeImport

SLICE_SECONDS = 40.0  # of writing; the minute's job and others come in between
BEAT_SECONDS = 1.0
KEPT_LINES = 2_000


class QueueUnusable(Exception):
    """The job could not be put into the queue."""


class _SliceEnds(Exception):
    """The job has worked long enough for once."""


def folder() -> Path:
    """Where uploaded files wait for their import."""
    path: Path = settings.INSTANCE_DIR / "imports"
    make_private_folder(path)
    return path


def path_of(row: TreeImport) -> Path:
    return folder() / row.file


def start(row: TreeImport) -> bool:
    """Have the worker import the file. Returns False if it is under way already. Raises QueueUnusable."""
    was, now = row.status, timezone.now()
    asked = TreeImport.objects.filter(pk=row.pk, status=was, heartbeat_at=row.heartbeat_at)
    if not row.may_start or not asked.update(status=TreeImport.Status.QUEUED, heartbeat_at=now, reason=""):
        return False
    try:
        _put(row.pk)
    except QueueUnusable as error:
        TreeImport.objects.filter(pk=row.pk).update(status=TreeImport.Status.FAILED, reason=str(error))
        raise
    return True


def run_import(import_id: int) -> str:
    """Do a slice of a waiting import. Returns one line for the list of jobs. A second delivery does nothing."""
    waiting = TreeImport.objects.filter(pk=import_id, status=TreeImport.Status.QUEUED)
    if not waiting.update(status=TreeImport.Status.RUNNING, heartbeat_at=timezone.now()):
        return f"import {import_id} is not waiting"
    row = TreeImport.objects.select_related("user").get(pk=import_id)
    try:
        _work(row)
    except _SliceEnds:
        row.status, row.heartbeat_at = TreeImport.Status.QUEUED, timezone.now()
        row.save()
        _put(row.pk)
        return f"{row}: {row.done} of {row.total}"
    except (TreeError, OSError) as error:
        row.status, row.reason = TreeImport.Status.FAILED, str(error)
    else:
        row.status, row.done = TreeImport.Status.COMPLETE, row.total
        path_of(row).unlink(missing_ok=True)
    row.finished_at = timezone.now()
    row.save()
    return f"{row}: {row.status}. {row.reason}"[:500]


def _work(row: TreeImport) -> None:
    beat = _beat(row)
    author = row.user.get_username() if row.user else "import"
    content, planned = plan_file(path_of(row), author, lambda number: beat())
    if row.started_at is None:
        row.started_at, row.total = timezone.now(), planned.steps()
        row.counts, row.lines = planned.counts(), []
    _add_lines(row, planned.lines)
    row.done = max(row.total - planned.steps(), 0)
    row.save()  # before the first write, so that a killed import knows what it began with
    began = time.monotonic()

    def wrote(number: int, lines: list[str]) -> None:
        row.done = min(row.done + number, row.total)
        _add_lines(row, lines)
        beat()
        if time.monotonic() - began > SLICE_SECONDS:
            raise _SliceEnds

    apply_import(content, planned, wrote)


def _add_lines(row: TreeImport, lines: list[str]) -> None:
    """Add the messages that are not there yet: the comparison of each slice may repeat those of earlier ones."""
    known = set(row.lines)
    row.lines = [*row.lines, *(line for line in lines if line not in known)][:KEPT_LINES]


def _beat(row: TreeImport) -> Callable[[], None]:
    """A function that saves the progress, at most once a second."""
    last = 0.0

    def beat() -> None:
        nonlocal last
        if time.monotonic() - last > BEAT_SECONDS:
            last, row.heartbeat_at = time.monotonic(), timezone.now()
            row.save(update_fields=["done", "total", "counts", "lines", "started_at", "heartbeat_at"])

    return beat


def _put(import_id: int) -> None:
    """Raises QueueUnusable."""
    from redis.exceptions import RedisError  # slow to load, and most installations have no Redis

    try:
        async_task("tree.exchange.jobs.run_import", import_id, task_name=f"import-{import_id}")
    except RedisError as error:
        raise QueueUnusable(
            "The queue of jobs (Q_BROKER_URL) cannot be used. Is Redis running? `manage.py import_tree` needs no queue."
        ) from error
