"""What the workers of django-q run: thin, told apart by the run's row, so that a second delivery does nothing."""

from syncing.engine import execute
from syncing.models import SyncRun
from syncing.runs import lifecycle, workers
from syncing.schedules import alarms, due


def run_sync(run_id: int) -> str:
    """Execute a waiting run. Returns one line for the list of jobs."""
    run = execute(SyncRun.objects.get(pk=run_id))
    due.start_due()  # what follows this run need not wait for the next minute
    return f"{run}: {run.status}. {run.reason}"[:500]


def minute() -> None:
    """What is to be looked after all the time; see ``schedules.install_minute``."""
    lifecycle.settle_dead_runs()
    workers.requeue_lost_runs()
    due.start_due()
    alarms.watch()
