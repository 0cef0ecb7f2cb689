"""Tells webhooks of runs: that one began, how it ended, what it changed. What goes wrong with it disturbs no run."""

import logging
from collections.abc import Iterator
from typing import Any

from django.db import Error

from knowledgetree.basics.batches import in_batches
from knowledgetree.webhooks import events
from knowledgetree.webhooks.event_types import EACH_RECORD, EventType
from syncing.models import CreatedNodes, NodeChange, SyncRun
from syncing.runs import queue
from tree.exceptions import GraphUnavailable
from tree.graph.told import ToldNode, read_about

RECORDS_AN_EVENT = 100
MOST_RECORDS = 20_000  # of a run; a first load creates a hundred thousand
_ENDS = {
    SyncRun.Status.COMPLETE: EventType.SYNC_COMPLETED,
    SyncRun.Status.PARTIAL: EventType.SYNC_COMPLETED,
    SyncRun.Status.PLANNED: EventType.SYNC_COMPLETED,
    SyncRun.Status.NEEDS_APPROVAL: EventType.SYNC_HELD,
    SyncRun.Status.FAILED: EventType.SYNC_FAILED,
    SyncRun.Status.ABORTED: EventType.SYNC_FAILED,
}
_logger = logging.getLogger("syncing")


def tell_begin(run: SyncRun) -> None:
    """A process has begun with this run."""
    events.emit(EventType.SYNC_STARTED, _told(run), once=f"run {run.pk}")


def tell_end(run: SyncRun, *, is_here: bool = False) -> None:
    """This run has ended, and its row says how.

    ``is_here``: it ran to its end in this process, which takes the time to tell each record. Otherwise a job does that,
    because somebody may wait for a response, or for the end of a process.
    """
    kind = _ENDS.get(SyncRun.Status(run.status))
    if kind is None:
        return
    more = {"status": run.status, "ending": run.ending or None, "counts": run.counts}
    events.emit(kind, _told(run) | more, once=f"run {run.pk}")
    if run.started_at and not run.dry_run and events.is_wanted(EventType.RECORDS_CHANGED, *EACH_RECORD):
        if is_here:
            tell_records(run)
        else:
            queue.put_telling(run.pk)


def tell_records(run: SyncRun) -> None:
    """Tell what this run has changed."""
    try:
        _tell_records(run)
    except (Error, GraphUnavailable) as error:
        _logger.warning("Webhooks are not told all of run %s: %s", run.pk, error)


def _told(run: SyncRun) -> dict[str, Any]:
    return {
        "run": run.pk,
        "command": run.command,
        "trigger": run.trigger,
        "dry_run": run.dry_run,
        "undoes": run.undoes_id,
        "accounts": list(run.companies),  # empty: all
    }


def _tell_records(run: SyncRun) -> None:
    companies: dict[str, dict[str, Any]] = {}
    number = 0
    for kind, nodes in _changed(run):
        number += len(nodes)
        for node in nodes:
            client = node.client
            if client:
                company = {"company_id": client.uid, "account": client.account, "records": 0}
                companies.setdefault(client.uid, company)["records"] += 1
        told = {"run": run.pk, "records": [node.as_json for node in nodes]}
        events.emit(kind, told, once=f"run {run.pk}, {kind} up to {number}")
    if number:
        told = {"run": run.pk, "counts": run.counts, "companies": list(companies.values())}
        events.emit(EventType.RECORDS_CHANGED, told | {"is_whole": number < MOST_RECORDS}, once=f"run {run.pk}")


def _changed(run: SyncRun) -> Iterator[tuple[EventType, list[ToldNode]]]:
    """What the run wrote, in batches of one type of event. Raises GraphUnavailable, django.db.Error."""
    left = MOST_RECORDS
    for kind, ids in _ids(run):
        for some in in_batches(ids, RECORDS_AN_EVENT):
            if left <= 0:
                return
            nodes = read_about(some)
            left -= len(some)
            if nodes:
                yield kind, nodes


def _ids(run: SyncRun) -> Iterator[tuple[EventType, Iterator[str]]]:
    created = CreatedNodes.objects.filter(run=run, is_certain=True).iterator(10)
    yield EventType.RECORDS_CREATED, (uid for batch in created for uid in batch.node_ids)
    changes = NodeChange.objects.filter(run=run, is_certain=True)
    archived = changes.filter(action="archive").values_list("node_id", flat=True)
    yield EventType.RECORDS_ARCHIVED, archived.iterator(RECORDS_AN_EVENT)
    others = changes.exclude(action__in=("archive", "create")).values_list("node_id", flat=True)
    yield EventType.RECORDS_UPDATED, others.iterator(RECORDS_AN_EVENT)
