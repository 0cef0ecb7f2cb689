"""How far a run is, in the words of its page. Reads the row only; what is not known is not shown."""

import math
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from syncing.models import SyncRun

SILENT_AFTER = timedelta(seconds=12)  # two heartbeats were missed
_STEPS = (SyncRun.Stage.FETCH, SyncRun.Stage.PLAN, SyncRun.Stage.APPLY, SyncRun.Stage.INDEX)
_STEPS_OF_A_CHECK = _STEPS[:2]
_STEPS_OF_AN_APPROVAL = _STEPS[2:]


@dataclass(frozen=True)
class ProgressOfRun:
    """``rate`` in records a second, ``remaining`` in seconds for this step, ``silent`` in seconds; None if unknown."""

    step: int | None
    steps: int
    rate: float | None
    remaining: int | None
    silent: int | None


def progress_of(run: SyncRun) -> ProgressOfRun:
    """What the last heartbeat said."""
    steps = _STEPS_OF_AN_APPROVAL if run.approve else _STEPS_OF_A_CHECK if run.dry_run else _STEPS
    step = steps.index(SyncRun.Stage(run.stage)) + 1 if run.stage in steps else None
    silent = timezone.now() - run.heartbeat_at if run.heartbeat_at and not run.is_finished else timedelta()
    is_silent = silent > SILENT_AFTER
    rate = run.rate if run.rate and run.total and not is_silent else None
    return ProgressOfRun(
        step=step,
        steps=len(steps),
        rate=rate,
        remaining=_rounded((run.total - run.done) / rate) if rate and run.total > run.done else None,
        silent=int(silent.total_seconds()) if is_silent else None,
    )


def _rounded(seconds: float) -> int:
    """As exactly as an estimate can be: to 5 s below a minute, to half a minute below ten, else to a minute."""
    unit = 5 if seconds < 60 else 30 if seconds < 600 else 60
    return math.ceil(seconds / unit) * unit
