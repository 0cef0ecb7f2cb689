"""Words the headings above a run's plan: what was written, what was only planned, and why a plan is empty."""

from django.db.models import Count

from syncing.models import SyncRun
from syncing.plan.plan_files import COUNTED

WRITTEN = tuple(COUNTED.values())
_ENDED_EARLY = (SyncRun.Status.FAILED, SyncRun.Status.ABORTED)


def heading(run: SyncRun, waits: bool) -> str:
    """The title above the rows. ``waits``: a part of the plan may still be applied."""
    if run.dry_run:
        return "What it would change" if run.undoes_id else "What a sync would change"
    if run.status in _ENDED_EARLY:
        return "What it was to change"
    return "What it changed, and what waits" if waits else "What it changed"


def decision(removals: int, below: int, updates: int) -> str:
    """What an approval does: ``archive 2 and 11 below, update 6``. ``below``: the nodes archived with the removals."""
    parts = [f"archive {removals:,}" + (f" and {below:,} below" if below else "")] if removals else []
    parts += [f"update {updates:,}"] if updates else []
    return ", ".join(parts) or "archive"


def early_end(run: SyncRun) -> str:
    """A sentence that says how much of the plan was written by a run that ended early; empty for other runs."""
    if run.status not in _ENDED_EARLY:
        return ""
    ended = "failed" if run.status == SyncRun.Status.FAILED else f"was {run.outcome}"
    if run.dry_run:
        return f"This check {ended} before everything was compared: there may be more."
    numbers = written(run)
    if not numbers:
        return f"This run {ended} before it wrote anything: nothing of this was written."
    at_most = "at most " if not _has_counted(run) else ""
    listed = ", ".join(f"{number:,} {action}" for action, number in numbers.items())
    return f"This run {ended}, so only a part of this may have been written: {at_most}{listed}."


def nothing(run: SyncRun) -> str:
    """The reason why there are no rows."""
    if run.status in _ENDED_EARLY:
        return _nothing_of_an_early_end(run)
    numbers = run.totals()
    if any(numbers.get(action) for action in (*WRITTEN, "held")):
        again = " Check for changes again." if run.dry_run else ""
        return f"The plan has been cleared away: those of the last 20 runs are kept.{again}"
    has_failures = bool(numbers.get("quarantined")) or run.refused.failed().exists()
    return _nothing_to_undo(run, has_failures) if run.undoes_id else _nothing_to_sync(run, has_failures)


def written(run: SyncRun) -> dict[str, int]:
    """The changes that a run wrote, as {action: number}; for a run whose process died, an upper limit from history."""
    if run.dry_run:
        return {}
    numbers = run.totals() if _has_counted(run) else _of_history(run)
    return {action: numbers[action] for action in WRITTEN if numbers.get(action)}


def _nothing_to_undo(run: SyncRun, has_failures: bool) -> str:
    if not run.dry_run:
        return "Nothing was taken back."
    return "Nothing of it can be taken back now." if has_failures else "There is nothing to take back."


def _nothing_to_sync(run: SyncRun, has_failures: bool) -> str:
    if has_failures:
        return "Nothing to change in what was taken. Codex and the tree may differ in the records that were not taken."
    agrees = run.status in (SyncRun.Status.COMPLETE, SyncRun.Status.PLANNED)
    return "Nothing: Codex and the tree agree." if agrees else "Nothing was changed."


def _nothing_of_an_early_end(run: SyncRun) -> str:
    if run.started_at is None:
        return f"Nothing: the run was {run.outcome} before it began."
    if written(run):
        return "A part was written. The plan has been cleared away: those of the last 20 runs are kept."
    return "Nothing was written." if run.approve or run.plan_hash else "No plan: the run ended before it was made."


def _has_counted(run: SyncRun) -> bool:
    return any(run.totals().get(action) for action in WRITTEN)


def _of_history(run: SyncRun) -> dict[str, int]:
    rows = run.changes.order_by().values_list("action").annotate(Count("pk"))
    numbers = {COUNTED[action]: number for action, number in rows}
    return numbers | {"created": sum(len(batch.node_ids) for batch in run.creations.all())}
