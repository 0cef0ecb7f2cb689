"""The jobs that check and import an uploaded file: the worker for short jobs does them.

The first one checks the file and compares it with the graph, for an admin to look at. The second writes in slices, so
that others get their turn. Each slice compares the file, which is checked once, with the graph anew and does some of
what is missing. So an import whose process was killed is completed by starting it again, whatever was written.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.tasks import async_task

from knowledgetree.accounts.acting import Way, acting_as
from knowledgetree.basics.private_files import make_private_folder
from tree.exceptions import TreeError
from tree.exchange import checked_file
from tree.exchange.archive_reader import BadArchive, Content, Read, number_of_entries
from tree.exchange.importer import Import, apply_import
from tree.exchange.planning import compare
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


def have_checked(user: User, file: str, shown_as: str) -> TreeImport:
    """Have the worker check this file in ``folder()``. If the queue cannot be used, the row says so."""
    row = TreeImport.objects.create(user=user, file=file, shown_as=shown_as, heartbeat_at=timezone.now())
    with suppress(QueueUnusable):
        _enqueue(row)
    return row


def start(row: TreeImport) -> bool:
    """Have the worker do the next job: write, or what is left of checking or writing.

    Returns False if it is under way already. Raises QueueUnusable, OSError if the file is gone.
    """
    os.utime(path_of(row))  # it is kept for a day from now on
    was, now = row.status, timezone.now()
    asked = TreeImport.objects.filter(pk=row.pk, status=was, heartbeat_at=row.heartbeat_at)
    if not row.may_start or not asked.update(status=TreeImport.Status.QUEUED, heartbeat_at=now, reason=""):
        return False
    _enqueue(row)
    return True


def run_import(import_id: int) -> str:
    """Check the file, or do a slice of its import. Returns a line for the list of jobs.

    A second delivery does nothing.
    """
    waiting = TreeImport.objects.filter(pk=import_id, status=TreeImport.Status.QUEUED)
    if not waiting.update(status=TreeImport.Status.RUNNING, heartbeat_at=timezone.now()):
        return f"import {import_id} is not waiting"
    row = TreeImport.objects.select_related("user").get(pk=import_id)
    try:
        if row.checked_at is None:
            row.status = _check(row)
        else:
            row.status = _write(row)
    except _SliceEnds:
        row.status, row.heartbeat_at = TreeImport.Status.QUEUED, timezone.now()
        row.save()
        _put(row.pk)
        return f"{row}: {row.done} of {row.total}"
    except (TreeError, OSError) as error:
        is_refused = isinstance(error, BadArchive) and row.checked_at is None
        row.status = TreeImport.Status.REFUSED if is_refused else TreeImport.Status.FAILED
        row.reason = str(error)
        if isinstance(error, BadArchive) and row.started_at:  # it says that nothing was changed
            row.reason = "\n  ".join(["The rest cannot be imported; what was written stays.", *error.shown])
    if row.status in (TreeImport.Status.COMPLETE, TreeImport.Status.REFUSED):
        checked_file.delete(path_of(row))
    if row.status != TreeImport.Status.COMPARED:
        row.finished_at = timezone.now()
    row.save()
    return f"{row}: {row.status}. {row.reason}"[:500]


def _check(row: TreeImport) -> TreeImport.Status:
    """Check the file and note what its import would do. Returns the status that the row gets."""
    beat = _beat(row)
    row.done, row.total = 0, number_of_entries(path_of(row))

    def read(number: int) -> None:
        row.done += number
        beat()

    planned = _compared(row, read)[1]
    row.counts, row.lines = planned.counts(), planned.lines[:KEPT_LINES]
    row.done, row.total = 0, planned.steps()
    row.checked_at = timezone.now()
    return TreeImport.Status.COMPARED


def _compared(row: TreeImport, read: Read) -> tuple[Content, Import]:
    path = path_of(row)
    return compare(path, checked_file.read_once(path, read), row.user.get_username() if row.user else "import", read)


def _write(row: TreeImport) -> TreeImport.Status:
    """Write what is missing. Returns the status that the row gets. Raises _SliceEnds."""
    beat = _beat(row)
    content, planned = _compared(row, lambda number: beat())
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

    name, number = (row.user.get_username(), row.user.pk) if row.user else ("import", None)
    with acting_as(Way.IMPORT, name, number, through=row.shown_as):
        apply_import(content, planned, wrote)
    row.done = row.total
    return TreeImport.Status.COMPLETE


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


def _enqueue(row: TreeImport) -> None:
    """Raises QueueUnusable, which the row tells as well."""
    try:
        _put(row.pk)
    except QueueUnusable as error:
        TreeImport.objects.filter(pk=row.pk).update(status=TreeImport.Status.FAILED, reason=str(error))
        raise


def _put(import_id: int) -> None:
    """Raises QueueUnusable."""
    from redis.exceptions import RedisError  # slow to load, and most installations have no Redis

    try:
        async_task("tree.exchange.jobs.run_import", import_id, task_name=f"import-{import_id}")
    except RedisError as error:
        raise QueueUnusable(
            "The queue of jobs (Q_BROKER_URL) cannot be used. Is Redis running? `manage.py import_tree` needs no queue."
        ) from error
