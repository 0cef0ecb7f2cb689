"""Computes the progress of a run for its page, from the run's row alone; unknown values are not shown."""

import math
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from syncing.models import SyncRun

_BASIS_SECONDS = 5  # an estimate needs this many seconds of its stage
_BASIS_SHARE = 0.02  # and this share of the work done
_BASIS_RECORDS, _BASIS_SECONDS_OF_SLOW = 10, 20  # or, in a slow stage, this many records and seconds
SILENT_AFTER = timedelta(seconds=12)  # two heartbeats were missed
_STEPS = (SyncRun.Stage.FETCH, SyncRun.Stage.PLAN, SyncRun.Stage.APPLY, SyncRun.Stage.INDEX)
_STEPS_OF_A_CHECK = _STEPS[:2]
_STEPS_OF_AN_APPROVAL = _STEPS[2:]


@dataclass(frozen=True)
class ProgressOfRun:
    """``rate``: records per second. ``remaining``: seconds for this step. ``silent``: seconds. None means unknown."""

    step: int | None
    steps: int
    rate: float | None
    remaining: int | None
    silent: int | None


def progress_of(run: SyncRun) -> ProgressOfRun:
    """The progress according to the last heartbeat."""
    steps = _STEPS_OF_AN_APPROVAL if run.approve else _STEPS_OF_A_CHECK if run.dry_run else _STEPS
    step = steps.index(SyncRun.Stage(run.stage)) + 1 if run.stage in steps else None
    silent = timezone.now() - run.heartbeat_at if run.heartbeat_at and not run.is_finished else timedelta()
    is_silent = silent > SILENT_AFTER
    rate = run.rate if run.rate and run.total and not is_silent else None
    return ProgressOfRun(
        step=step,
        steps=len(steps),
        rate=rate,
        remaining=_remaining(run, rate),
        silent=int(silent.total_seconds()) if is_silent else None,
    )


def _remaining(run: SyncRun, rate: float | None) -> int | None:
    """Estimate the remaining seconds; None at first, because the first records of a stage do not predict the rest."""
    if rate is None or run.done >= run.total:
        return None
    seconds = run.done / rate  # the rate covers the whole stage at first, later its last half minute
    is_some = run.done >= run.total * _BASIS_SHARE and seconds >= _BASIS_SECONDS
    is_slow = run.done >= _BASIS_RECORDS and seconds >= _BASIS_SECONDS_OF_SLOW
    return _rounded((run.total - run.done) / rate) if is_some or is_slow else None


def _rounded(seconds: float) -> int:
    """Round an estimate: to 5 s below one minute, to half a minute below ten minutes, otherwise to a minute."""
    unit = 5 if seconds < 60 else 30 if seconds < 600 else 60
    return math.ceil(seconds / unit) * unit
