"""What runs have changed is kept: ahead of the graph, without what was not written, so long, and no longer."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.models import F
from django.utils import timezone

from syncing.graph import existing, journal
from syncing.models import CreatedNodes, NodeChange, RefusedRecord, SyncRun
from syncing.runs import retention
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import by_key
from tests.syncing.conftest import Sync
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.postgresql


def test_changes_are_kept_with_what_they_replaced_and_creations_by_id(
    mirrored: SampleCodex, sync: Sync, graph: Graph
) -> None:
    first = SyncRun.objects.earliest("pk")
    created = {uid for batch in first.creations.all() for uid in batch.node_ids}
    rows = graph.rows("MATCH (n:ContextItem {origin: 'codex'}) WHERE NOT n:Ticket RETURN n.id AS id")
    assert created == {row["id"] for row in rows}
    assert not NodeChange.objects.exists()
    account = next(iter(mirrored.world.accounts))
    asset = mirrored.world.account(account).assets[0]
    old = asset.operating_system
    asset.operating_system = "System 1"
    run = sync("sync_codex").run
    [change] = run.changes.all()
    assert (change.action, change.kind, change.codex_key, change.is_certain) == (
        *("update", "Asset", f"asset:{asset.id}"),
        True,
    )
    assert (change.before["operating_system"], change.after["operating_system"]) == (old, "System 1")
    assert not run.creations.exists()
    assert not sync("sync_codex").run.changes.exists()


def test_what_a_broken_run_announced_and_did_not_write_is_struck_out(
    mirrored: SampleCodex, sync: Sync, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = mirrored.world
    account = world.add_company("NEW-1", "The new company").company.account_number
    world.add_asset(account, "new-host")
    assert sync("sync_codex").code == 0
    asset = world.account(account).assets[0]
    contact = world.add_contact(account, "Nell New", "nell@new.example")
    asset.operating_system = "System 1"
    world.rename_company(account, "A new name")

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("syncing.graph.apply._apply_in_parallel", _journal_then(killed))
        broken = sync("sync_codex")
    assert broken.code == 130
    assert set(broken.run.changes.values_list("codex_key", "is_certain")) == {
        (f"company:{account}", False),
        (f"asset:{asset.id}", False),
    }
    done = sync("sync_codex").run
    assert list(broken.run.changes.values_list("codex_key", "is_certain")) == [(f"company:{account}", True)]
    assert not broken.run.creations.exists()
    node = by_key(graph, f"user:{account}:{contact.id}")
    assert node is not None
    assert node["id"] in done.creations.get().node_ids
    assert [row.codex_key for row in done.changes.all()] == [f"asset:{asset.id}"]


def _journal_then(stop: Any) -> Any:
    """The second file of a plan is announced, and then the process ends."""

    def announced_only(changes: Any, lease: Any, wrote: Any, applied: Any, journal: journal.Journal) -> None:
        journal.ahead(list(changes))
        stop()

    return announced_only


def run_of(days_ago: float, status: str = "complete", **fields: Any) -> SyncRun:
    at = timezone.now() - timedelta(days=days_ago)
    fields.setdefault("command", "sync_codex")
    run = SyncRun.objects.create(status=status, created_at=at, finished_at=at, **fields)
    NodeChange.objects.bulk_create(
        NodeChange(run=run, node_id=str(n), codex_key="", action="update", name="x") for n in range(3)
    )
    CreatedNodes.objects.create(run=run, packed=CreatedNodes.pack(["a"]))
    RefusedRecord.objects.create(run=run, kind="Asset", reason="x")
    return run


@pytest.fixture
def some_runs(db: None) -> dict[str, SyncRun]:
    return {
        "older success": run_of(500),
        "latest success of tickets": run_of(400, command="sync_tickets"),
        "latest success of a company": run_of(390, companies=["1001"]),
        "held": run_of(380, "needs_approval"),
        "old failure": run_of(370, "failed"),
        "old check": run_of(360, "planned", dry_run=True),
        "partial": run_of(20, "partial"),
        "latest success": run_of(10),
        "new failure": run_of(1, "failed"),
    }


def names_left(some_runs: dict[str, SyncRun]) -> set[str]:
    left = set(SyncRun.objects.values_list("pk", flat=True))
    for model in (NodeChange, CreatedNodes, RefusedRecord):
        assert set(model._default_manager.values_list("run_id", flat=True)) == left
    return {name for name, run in some_runs.items() if run.pk in left}


FOR_GOOD = {"latest success of tickets", "latest success of a company", "held", "latest success"}


def test_runs_go_by_age(some_runs: dict[str, SyncRun], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS_A_BATCH", 2)
    assert retention.drop_old_runs(number=100, days=365) == 2
    assert names_left(some_runs) == FOR_GOOD | {"old check", "partial", "new failure"}


def test_runs_go_by_number(some_runs: dict[str, SyncRun]) -> None:
    assert retention.drop_old_runs(number=2, days=10_000) == 4
    assert names_left(some_runs) == FOR_GOOD | {"new failure"}


def test_an_undone_run_is_kept_as_long_as_what_undoes_it(db: None) -> None:
    undone, alone = run_of(500, "partial"), run_of(499, "failed")
    plan = run_of(498, "planned", dry_run=True, undoes=undone)
    undoing = run_of(10, "partial", undoes=undone)
    redone = run_of(5, "partial", undoes=undoing)
    assert retention.old_runs(100, 365) == [alone.pk, plan.pk]
    SyncRun.objects.filter(pk__in=[undoing.pk, redone.pk]).update(created_at=alone.created_at)
    assert retention.old_runs(100, 365, limit=1) == [undone.pk, plan.pk, undoing.pk, redone.pk]


def test_the_end_of_a_run_drops_a_few(some_runs: dict[str, SyncRun], settings: Any, sync: Sync) -> None:
    settings.RUNS_KEPT, settings.RUNS_KEPT_DAYS = 100, 365
    settings.CODEX = settings.CODEX.__class__(**(vars(settings.CODEX) | {"url": "http://127.0.0.1:9"}))
    assert sync("sync_codex").run.status == "failed"
    assert not SyncRun.objects.filter(pk__in=[some_runs["older success"].pk, some_runs["old failure"].pk]).exists()


def test_the_command_says_what_would_go(some_runs: dict[str, SyncRun], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("drop_old_runs", "--days", "365", "--dry-run")
    assert "2 of 9 runs would go" in capsys.readouterr().out
    assert SyncRun.objects.count() == 9
    call_command("drop_old_runs", "--days", "365")
    assert "2 of 9 runs are gone" in capsys.readouterr().out
    assert SyncRun.objects.count() == 7


def test_striking_out_does_not_mind_that_others_write_meanwhile(
    mirrored: SampleCodex, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Heartbeats of workers come at any moment, over connections of their own."""
    broken = SyncRun.objects.create(command="sync_codex", status=SyncRun.Status.ABORTED)
    NodeChange.objects.bulk_create(
        NodeChange(run=broken, node_id=f"none-{n}", codex_key="", action="update", name="x") for n in range(3000)
    )
    properties_of = existing.properties_of

    def while_others_write(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        def beat() -> None:
            SyncRun.objects.filter(pk=broken.pk).update(done=F("done") + 1)
            connections.close_all()

        other = threading.Thread(target=beat)
        other.start()
        other.join()
        return properties_of(ids)

    monkeypatch.setattr(existing, "properties_of", while_others_write)
    journal.settle_broken_runs()
    assert not NodeChange.objects.filter(run=broken).exists()
    broken.refresh_from_db()
    assert broken.done == 6
