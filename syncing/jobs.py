"""Defines the jobs of the django-q workers. A second delivery does nothing, because the run's row is claimed once."""

from knowledgetree.audit import retention
from knowledgetree.webhooks import jobs as webhooks
from syncing.engine import execute
from syncing.models import SyncRun
from syncing.runs import lifecycle, telling, workers
from syncing.schedules import alarms, due


def run_sync(run_id: int) -> str:
    """Execute a waiting run. Returns one line for the list of jobs."""
    try:
        run = execute(SyncRun.objects.get(pk=run_id))
    except SystemExit:  # the time of the job is up, perhaps just before or after the work that would have settled it
        if mine := lifecycle.unfinished_of_this_process():
            lifecycle.abort(mine)
        raise
    due.start_due()  # runs that follow this one need not wait for the next minute
    return f"{run}: {run.status}. {run.reason}"[:500]


def tell_records(run_id: int) -> None:
    """Tell webhooks what a run has changed that ended elsewhere."""
    if run := SyncRun.objects.filter(pk=run_id).first():
        telling.tell_records(run)


def minute() -> None:
    """Do the regular work of every minute; see ``schedules.due.install_minute``."""
    lifecycle.settle_dead_runs()
    workers.requeue_lost_runs()
    due.start_due()
    alarms.watch()
    retention.drop_some_old_entries()
    webhooks.every_minute()


def prove() -> None:
    """Do nothing. That the job is done proves that its cluster works (see clusters.py)."""
