"""What webhooks and the audit log are told of runs: their beginning, their end, and what they changed."""

import json
import socket
from typing import Any

from django.contrib.auth.models import User
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from knowledgetree.accounts.acting import now_acting
from knowledgetree.audit.models import Entry
from knowledgetree.webhooks.event_types import EACH_RECORD, EventType
from knowledgetree.webhooks.models import Delivery
from syncing import jobs
from syncing.models import SyncRun
from syncing.runs import lifecycle
from syncing.sample_codex.server import SampleCodex
from syncing.schedules import alarms
from tests.knowledgetree.webhooks.conftest import Receiver, receiver
from tests.people import person
from tests.syncing.conftest import Sync
from tests.syncing.runs.test_runs import DEAD

__all__ = ["receiver"]


def told() -> list[tuple[str, Any]]:
    """The events since the last look."""
    found = [json.loads(delivery.body) for delivery in Delivery.objects.order_by("pk")]
    Delivery.objects.all().delete()
    return [(one["type"], one["data"]) for one in found]


def test_a_first_run_a_second_one_and_a_change(world_codex: SampleCodex, sync: Sync, receiver: Receiver) -> None:
    receiver.endpoint()
    run = sync("sync_codex").run
    events = told()
    assert [kind for kind, _ in events] == [
        *("sync.started", "sync.completed", *["records.created"] * (len(events) - 3), "records.changed")
    ]
    started, completed, *created, changed = [data for _, data in events]
    assert (started["run"], started["accounts"], completed["status"]) == (run.pk, [], "complete")
    assert completed["counts"] == changed["counts"] == run.counts
    records = [record for data in created for record in data["records"]]
    assert changed["is_whole"]
    assert sum(company["records"] for company in changed["companies"]) == len(records)
    assert {company["account"] for company in changed["companies"]} == set(world_codex.world.accounts)
    assert all((record["name"] is None) == (record["compliance_level"] != "standard") for record in records)
    sync("sync_codex")
    assert [kind for kind, _ in told()] == ["sync.started", "sync.completed"]
    account = next(iter(world_codex.world.accounts))
    world_codex.world.rename_company(account, "New name")
    sync("sync_codex")
    _, _, (kind, data), (_, changed) = told()
    assert kind == "records.updated"
    assert account in [company["account"] for company in changed["companies"]]
    assert {"Company"} <= {record["kind"] for record in data["records"]}


def test_an_endpoint_need_not_be_told_of_each_record(world_codex: SampleCodex, sync: Sync, receiver: Receiver) -> None:
    receiver.endpoint(*(set(EventType) - EACH_RECORD))
    sync("sync_codex", "--dry-run")
    assert [kind for kind, _ in told()] == ["sync.started", "sync.completed"]
    sync("sync_codex")
    assert [kind for kind, _ in told()] == ["sync.started", "sync.completed", "records.changed"]


def test_the_records_of_a_dead_run_are_told_by_a_job(world_codex: SampleCodex, sync: Sync, receiver: Receiver) -> None:
    run = sync("sync_codex").run
    receiver.endpoint()
    OrmQ.objects.all().delete()
    SyncRun.objects.filter(pk=run.pk).update(status="running", pid=DEAD)
    lifecycle.settle_dead_runs()
    assert [kind for kind, _ in told()] == ["sync.failed"]
    queued = [SignedPackage.loads(row.payload) for row in OrmQ.objects.all()]
    [job] = [one for one in queued if one["func"] == "syncing.jobs.tell_records"]
    jobs.tell_records(*job["args"])
    assert {kind for kind, _ in told()} == {"records.created", "records.changed"}


def test_every_ending_is_told_once(transactional_db: None, receiver: Receiver) -> None:
    receiver.endpoint()
    tess = person("admin")
    run, _ = lifecycle.ask("sync_codex", trigger=SyncRun.Trigger.BUTTON, user=tess)
    lifecycle.cancel(run, tess)
    dead = SyncRun.objects.create(command="sync_codex", status="running", host=socket.gethostname(), pid=DEAD)
    for _ in range(2):
        lifecycle.settle_dead_runs()
    held = SyncRun.objects.create(command="sync_codex")
    lifecycle.start(held)
    lifecycle.finish(held, SyncRun.Status.NEEDS_APPROVAL, "secret words of the reason")
    events = told()
    assert [(kind, data["run"]) for kind, data in events] == [
        ("sync.failed", run.pk),
        ("sync.failed", dead.pk),
        ("sync.started", held.pk),
        ("sync.held", held.pk),
    ]
    assert "secret words" not in str(events)


def test_who_asked_for_what_is_in_the_audit_log(transactional_db: None) -> None:
    run, _ = lifecycle.ask("sync_codex", trigger=SyncRun.Trigger.COMMAND, companies=["1001"], dry_run=True)
    lifecycle.ask("sync_codex", trigger=SyncRun.Trigger.COMMAND, companies=["1001"], dry_run=True)  # joins it
    lifecycle.cancel(run, User.objects.first())
    later, _ = lifecycle.ask("sync_tickets", trigger=SyncRun.Trigger.SCHEDULE)
    undo = lifecycle.enqueue_undo(later, None)
    mine = now_acting().name
    assert list(Entry.objects.order_by("pk").values_list("action", "who", "way", "company", "detail")) == [
        ("sync_started", mine, "command", "1001", f"run {run.pk}: sync_codex; check only"),
        ("sync_cancelled", mine, "command", "1001", f"run {run.pk}: sync_codex; check only"),
        ("sync_started", "schedule", "job", "", f"run {later.pk}: sync_tickets"),
        ("sync_undo", mine, "command", "", f"run {undo.pk}: sync_tickets; undoes run {later.pk}"),
    ]


def test_alarms_are_told_though_nobody_else_is(transactional_db: None, receiver: Receiver) -> None:
    from syncing.models import WorkerAlarm

    receiver.endpoint()
    alarm = WorkerAlarm.objects.create(cluster="sync")
    rows = WorkerAlarm.objects.filter(pk=alarm.pk)
    for begins in (True, True, False):
        alarms._tell(rows, "worker_silent", "text", {"cluster": "sync"}, begins=begins)
    assert told() == [
        ("alarm.raised", {"alarm": "worker_silent", "cluster": "sync"}),
        ("alarm.cleared", {"alarm": "worker_silent", "cluster": "sync"}),
    ]
