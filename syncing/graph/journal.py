"""Records the changes of each run in SQL, for undoing a run and for the history of a record.

This is a write-ahead journal: a batch is in the journal before it is in the graph, so that a killed process cannot
leave a change without its row. Rows that were not written are deleted at the end of the run or, after a killed run,
before the next one writes (``settle_broken_runs``).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from knowledgetree.basics.batches import in_batches
from syncing.graph import existing
from syncing.models import CreatedNodes, NodeChange, SyncRun
from syncing.plan.plan_files import Change

ROWS_A_READ = 1000
CREATED_WITHIN = timedelta(minutes=15)  # from the journal to the graph, even if the database restarts in between
ONE_SECOND = timedelta(seconds=1)
_AT_ONCE = 500  # values in one SQL IN; SQLite allows few


class Journal:
    """Records the changes of one run."""

    def __init__(self, run: SyncRun) -> None:
        self._run = run

    def ahead(self, batch: Sequence[Change]) -> None:
        """Record that these changes are about to be written."""
        now = timezone.now()
        created = [change.id for change in batch if change.action == "create"]
        if created:
            CreatedNodes.objects.create(run=self._run, at=now, packed=CreatedNodes.pack(created))
        NodeChange.objects.bulk_create(
            [
                NodeChange(
                    run=self._run,
                    at=now,
                    node_id=change.id,
                    codex_key=change.key,
                    kind=change.kind,
                    account=change.account[:255],
                    action=change.action,
                    name=change.name,
                    place=change.place,
                    base=change.base,
                    before=change.before,
                    after=change.set,
                )
                for change in batch
                if change.action != "create"
            ],
            batch_size=ROWS_A_READ,
        )

    def settle(self, unwritten: Sequence[str]) -> None:
        """Confirm that all recorded changes are in the graph, except those of the nodes with these ids."""
        for some in in_batches(unwritten, _AT_ONCE):
            self._run.changes.filter(node_id__in=some).delete()
        if unwritten:
            _forget_creations(self._run, set(unwritten))
        self._run.changes.filter(is_certain=False).update(is_certain=True)
        self._run.creations.filter(is_certain=False).update(is_certain=True)


def settle_broken_runs() -> None:
    """Delete the rows of interrupted runs that never reached the graph. Only the holder of the lease may call this.

    Call it before anything else is written, while the graph is as the interrupted run left it.
    """
    broken = NodeChange.objects.filter(is_certain=False).values("run_id").distinct()
    for run in SyncRun.objects.filter(pk__in=broken).defer("log"):
        last = 0
        # Several short reads: behind one long read, SQLite refuses a write as soon as another process has written.
        while rows := list(run.changes.filter(is_certain=False, pk__gt=last).order_by("pk")[:_AT_ONCE]):
            last = rows[-1].pk
            now = existing.properties_of([row.node_id for row in rows])
            absent = [row.pk for row in rows if not is_in_graph(row, now.get(row.node_id))]
            NodeChange.objects.filter(pk__in=absent).delete()
        run.changes.filter(is_certain=False).update(is_certain=True)
    for batch in CreatedNodes.objects.filter(is_certain=False):
        there = existing.ids_there(batch.node_ids)
        _rewrite(batch, [uid for uid in batch.node_ids if uid in there])


def is_in_graph(row: NodeChange, now: dict[str, Any] | None) -> bool:
    """Whether a node with these properties is as this change left it."""
    if now is None:
        return False
    if row.action == "archive" and "archived_at" not in row.after:
        return now.get("archived_with") == row.codex_key and now.get("fingerprint") == row.base
    return all(now.get(name) == value for name, value in row.after.items())


def creator_of(node_id: str, created_at: datetime) -> SyncRun | None:
    """The run that created the node, if its creations are still kept. ``created_at``: the time to the second."""
    around = CreatedNodes.objects.filter(
        at__gte=created_at - CREATED_WITHIN, at__lte=created_at + ONE_SECOND
    ).select_related("run")
    return next((batch.run for batch in around.order_by("-at") if node_id in batch.node_ids), None)


def _forget_creations(run: SyncRun, unwritten: set[str]) -> None:
    for batch in run.creations.all():
        if not unwritten.isdisjoint(batch.node_ids):
            _rewrite(batch, [uid for uid in batch.node_ids if uid not in unwritten])


def _rewrite(batch: CreatedNodes, node_ids: list[str]) -> None:
    if not node_ids:
        batch.delete()
        return
    batch.packed, batch.is_certain = CreatedNodes.pack(node_ids), True
    batch.save(update_fields=["packed", "is_certain"])
