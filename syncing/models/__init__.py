"""The SQL tables of the syncs."""

from syncing.models.outcomes import CreatedNodes, NodeChange, QuarantinedRecord, RefusedRecord
from syncing.models.runs import DEAD_AFTER, HOMELESS, SyncRun
from syncing.models.schedules import PausedCompany, SyncSchedule
from syncing.models.workers import FailedJob, RequestBudget, SyncWorker, WorkerAlarm

__all__ = [
    "DEAD_AFTER",
    "HOMELESS",
    "CreatedNodes",
    "FailedJob",
    "NodeChange",
    "PausedCompany",
    "QuarantinedRecord",
    "RefusedRecord",
    "RequestBudget",
    "SyncRun",
    "SyncSchedule",
    "SyncWorker",
    "WorkerAlarm",
]
