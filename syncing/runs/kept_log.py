"""The log of a run, kept in its row for people."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

from syncing.models import SyncRun

_LINES = 500
logger = logging.getLogger("syncing")


@contextmanager
def kept_log(run: SyncRun) -> Iterator[None]:
    """Keep the log messages of the sync in the run's row."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{timezone.now():%H:%M:%S} {record.getMessage()}")
            run.log = "\n".join(lines[-_LINES:])

    keeper = Keeper(logging.INFO)
    before = logger.level, logger.propagate
    if logger.getEffectiveLevel() > logging.INFO:
        logger.setLevel(logging.INFO)
        logger.propagate = False
    logger.addHandler(keeper)
    try:
        yield
    finally:
        logger.removeHandler(keeper)
        logger.propagate = before[1]
        logger.setLevel(before[0])
