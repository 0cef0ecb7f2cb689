"""What the workers of django-q run: thin, told apart by the run's row, so that a second delivery does nothing."""

from syncing.engine import execute
from syncing.models import SyncRun


def run_sync(run_id: int) -> str:
    """Execute a waiting run. Returns one line for the list of jobs."""
    run = execute(SyncRun.objects.get(pk=run_id))
    return f"{run}: {run.status}. {run.reason}"[:500]
