"""Converts a run to JSON, for ``--json`` and ``GET /sync/runs/<id>.json``."""

from typing import Any

from syncing.models import HOMELESS, SyncRun

_ALWAYS_COUNTED = ("created", "updated", "moved", "archived", "restored", "unchanged", "quarantined")


def summary(run: SyncRun) -> dict[str, Any]:
    """The summary that ``--json`` prints. The time for the search index counts as part of ``apply``."""
    seconds = {"fetch": 0.0, "plan": 0.0, "apply": 0.0, "total": 0.0} | run.seconds
    seconds["apply"] = round(seconds["apply"] + seconds.pop("index", 0.0), 3)
    return {
        "run": run.pk,
        "command": run.command,
        "status": run.status,
        "reason": run.reason,
        "counts": {kind: _counted(actions) for kind, actions in run.counts.items()},
        "requests": run.requests,
        "seconds": seconds,
        "peak_rss_mb": run.peak_rss_mb,
        "plan": run.plan_hash if run.dry_run else run.held_hash or run.plan_hash or None,
    }


def _counted(actions: dict[str, int]) -> dict[str, int]:
    """The numbers of nodes by action; tickets without a place have no node, and ``reason`` tells of them."""
    return dict.fromkeys(_ALWAYS_COUNTED, 0) | {name: number for name, number in actions.items() if name != HOMELESS}


def with_progress(run: SyncRun) -> dict[str, Any]:
    """The summary with the current progress of the run."""
    return summary(run) | {
        "stage": run.stage,
        "done": run.done,
        "total": run.total,
        "heartbeat_at": run.heartbeat_at.isoformat() if run.heartbeat_at else None,
    }
