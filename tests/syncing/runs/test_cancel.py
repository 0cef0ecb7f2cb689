"""An admin stops a run: between two batches, with a sound graph, a free lease, and true counts."""

import json
import threading

import pytest

from syncing import engine
from syncing.graph import apply, lease
from syncing.jobs import run_sync
from syncing.models import SyncRun
from syncing.runs import lifecycle
from syncing.runs.heartbeat import Heartbeat
from syncing.sample_codex import faults
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex
from tests.graph_assertions import graph_hash
from tests.people import client_of, person
from tests.syncing.conftest import Breaches, Sync, Use
from tests.syncing.processes import Start, start, wait_until
from tests.throwaway_neo4j import Graph
from tree.graph import schema

__all__ = ["start"]


@pytest.fixture
def ten(make_codex: MakeCodex, use: Use) -> SampleCodex:
    return use(make_codex(companies=10, contacts=6, assets=6, tickets=8))


def people(graph: Graph) -> int:
    return int(graph.rows("MATCH (n:User) RETURN count(n) AS n")[0]["n"])


def test_a_cancelled_run_stops_between_two_batches_and_counts_what_it_wrote(
    ten: SampleCodex, graph: Graph, start: Start, sync: Sync, breaches: Breaches
) -> None:
    child = start(ten, "sync_codex", "--json", batch=5, slow=0.1)
    wait_until(lambda: people(graph) > 0)
    run = SyncRun.objects.get()
    answer = client_of("admin").post(f"/sync/runs/{run.pk}/cancel/")
    assert answer.headers["Location"] == f"/sync/runs/{run.pk}/"
    code, out, err = child.finish()
    assert code == 130, err
    assert "Traceback" not in err
    run.refresh_from_db()
    assert (run.status, run.ending, run.outcome) == ("aborted", "cancelled", "cancelled")
    assert run.reason == "Cancelled by admin. What was written is sound; the next sync does the rest."
    assert lease.current_holder() is None
    assert breaches() == []
    assert 0 < people(graph) < ten.world.counts()["contacts"]
    assert json.loads(out)["counts"]["User"]["created"] == people(graph)
    assert sync("sync_codex").code == 0
    cancelled_then_completed = graph_hash(graph)
    graph.empty()
    assert sync("sync_codex").code == 0
    assert graph_hash(graph) == cancelled_then_completed


def test_a_cancelled_first_load_leaves_the_search_index(
    world_codex: SampleCodex, graph: Graph, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has dropped the index to be quick, and builds it of what it has written."""
    monkeypatch.setattr(engine, "FIRST_LOAD_FROM", 1)
    wrote = Heartbeat.wrote
    indexes_meanwhile: list[str] = []

    def cancelled(self: Heartbeat, rows: int, place: str = "") -> None:
        indexes_meanwhile.extend(index.name for index in schema.ready_search_indexes())
        lifecycle.cancel(SyncRun.objects.get(), None)
        self.beat()
        wrote(self, rows, place)

    monkeypatch.setattr(Heartbeat, "wrote", cancelled)
    result = sync("sync_codex")
    assert (result.code, result.run.outcome) == (130, "cancelled"), result.run.reason
    assert indexes_meanwhile == [schema.TICKET_INDEX.name]
    assert schema.ready_search_indexes() == list(schema.SEARCH_INDEXES)


def test_a_run_is_cancelled_while_it_reads(ten: SampleCodex, graph: Graph, start: Start) -> None:
    ten.faults.add(faults.status(404), "/api/companies/bulk", times=faults.ALWAYS)  # one request a list
    ten.faults.add(faults.delay(0.3), "*", times=faults.ALWAYS)
    child = start(ten, "sync_codex")
    wait_until(lambda: len(ten.log) > 3)
    assert lifecycle.cancel(SyncRun.objects.get(), None)
    code, _, err = child.finish()
    assert code == 130, err
    assert people(graph) == 0
    assert len(ten.log) < 20


def test_a_run_is_cancelled_while_codex_does_not_answer(
    ten: SampleCodex, graph: Graph, start: Start, sync: Sync, breaches: Breaches
) -> None:
    gate = threading.Event()
    ten.faults.add(faults.before(lambda: gate.wait(60)), "/api/companies/bulk", times=1)
    child = start(ten, "sync_codex", lease=10)
    wait_until(lambda: lease.current_holder() and len(ten.log) > 1)
    assert lifecycle.cancel(SyncRun.objects.get(), None)
    code, _, err = child.finish()  # long before Codex answers, or is given up on
    gate.set()
    assert code == 130, err
    assert SyncRun.objects.get().outcome == "cancelled"
    assert (people(graph), lease.current_holder(), breaches()) == (0, None, [])
    assert sync("sync_codex").code == 0


def test_a_waiting_run_never_begins(world_codex: SampleCodex, graph: Graph, transactional_db: None) -> None:
    run = lifecycle.enqueue("sync_codex")
    assert lifecycle.cancel(run, person("admin"))
    assert "aborted" in run_sync(run.pk)
    run.refresh_from_db()
    assert (run.outcome, run.reason) == ("cancelled", "Cancelled by admin before it began.")
    assert world_codex.requests() == []


def test_an_ended_run_cannot_be_cancelled(mirrored: SampleCodex) -> None:
    ended = SyncRun.objects.latest("pk")
    assert not lifecycle.cancel(ended, None)
    page = client_of("admin").post(f"/sync/runs/{ended.pk}/cancel/", follow=True).content.decode()
    assert "This run has ended already." in page
    ended.refresh_from_db()
    assert (ended.status, ended.cancel_asked_at) == ("complete", None)


def test_a_wish_that_comes_during_the_last_batch_is_not_lost(
    world_codex: SampleCodex, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is written at the end without overwriting what others have asked meanwhile."""
    original = apply.apply_plan

    def asked_during(*arguments: object) -> None:
        original(*arguments)  # type: ignore[arg-type]
        assert lifecycle.cancel(SyncRun.objects.get(), None)

    monkeypatch.setattr("syncing.engine.apply_plan", asked_during)
    run = sync("sync_codex").run
    assert run.cancel_asked_at is not None
    assert run.status in ("complete", "aborted")


@pytest.mark.parametrize("identity", ["billing", "technician"])
def test_only_admins_cancel(identity: str, transactional_db: None) -> None:
    run = SyncRun.objects.create(command="sync_codex", status="running")
    client = client_of(identity)
    assert client.post(f"/sync/runs/{run.pk}/cancel/").status_code == 403
    assert "Cancel" not in client.get(f"/sync/runs/{run.pk}/").content.decode()
    run.refresh_from_db()
    assert run.cancel_asked_at is None
