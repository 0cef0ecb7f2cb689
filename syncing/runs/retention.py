"""Deletes old runs with their logs, refusals and changes, beyond a maximum number and age.

The latest complete run of every scope is kept at any age, to show when each scope was last complete. Runs that wait,
run or hold a plan for approval are kept, too. Rows are deleted in small batches, so that nobody waits for the database.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Model
from django.utils import timezone

from syncing.models import CreatedNodes, NodeChange, RefusedRecord, SyncRun

ROWS_A_BATCH = 500
RUNS_AT_ONCE = 20  # deleted at the end of a run; the others are deleted after the next one
_SCANNED = 500


def drop_some_old_runs() -> int:
    """Delete a few of the surplus or old runs. Returns their number."""
    return _drop(old_runs(settings.RUNS_KEPT, settings.RUNS_KEPT_DAYS, limit=RUNS_AT_ONCE))


def drop_old_runs(number: int, days: int) -> int:
    """Delete all runs beyond the newest ``number`` and all older than ``days``. Returns their number."""
    return _drop(old_runs(number, days))


def old_runs(number: int, days: int, limit: int | None = None) -> list[int]:
    """Numbers of the runs that may be deleted, oldest first."""
    may_go = _beyond(number, days) - _kept_for_good()
    undoing: dict[int, list[int]] = {}
    for pk, undone in SyncRun.objects.filter(undoes__isnull=False).values_list("pk", "undoes_id"):
        undoing.setdefault(undone, []).append(pk)
    going: set[int] = set()
    for pk in sorted(may_go):
        if limit is not None and len(going) >= limit:
            break
        together = _with_undoing(pk, undoing)
        if together <= may_go:
            going |= together
    return sorted(going)


def _with_undoing(pk: int, undoing: dict[int, list[int]]) -> set[int]:
    """The run with the runs that undo it, which would look like ordinary runs without it."""
    return {pk}.union(*(_with_undoing(later, undoing) for later in undoing.get(pk, [])))


def _beyond(number: int, days: int) -> set[int]:
    too_many = SyncRun.objects.values_list("pk", flat=True)[number:]
    too_old = SyncRun.objects.filter(created_at__lt=timezone.now() - timedelta(days=days))
    return set(too_many) | set(too_old.values_list("pk", flat=True))


def _kept_for_good() -> set[int]:
    kept = (SyncRun.objects.unfinished() | SyncRun.objects.holding()).values_list("pk", flat=True)
    return set(kept) | set(_latest_of_every_scope())


def _latest_of_every_scope() -> Iterator[int]:
    """The newest complete run of each command for each combination of companies and kinds."""
    seen: set[tuple[str, tuple[str, ...], tuple[str, ...]]] = set()
    complete = SyncRun.objects.filter(status=SyncRun.Status.COMPLETE, dry_run=False, since="", undoes=None, approve="")
    columns = complete.values_list("pk", "command", "companies", "kinds")
    for pk, command, companies, kinds in columns.iterator(_SCANNED):
        scope = (command, tuple(sorted(companies)), tuple(sorted(kinds)))
        if scope not in seen:
            seen.add(scope)
            yield pk


def _drop(numbers: list[int]) -> int:
    for pk in numbers:
        for model in (NodeChange, CreatedNodes, RefusedRecord):
            _delete_in_batches(model, pk)
        SyncRun.objects.filter(pk=pk).delete()
    return len(numbers)


def _delete_in_batches(model: type[Model], run_id: int) -> None:
    rows = model._default_manager.filter(run_id=run_id)
    while some := list(rows.values_list("pk", flat=True)[:ROWS_A_BATCH]):
        model._default_manager.filter(pk__in=some).delete()
