"""One writer at a time: who holds the lease, who takes it over, and who writes nothing any more."""

import os
import signal
import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from neo4j import ManagedTransaction

from syncing.exceptions import LeaseLost, SyncAlreadyRunning
from syncing.graph import apply, lease, writing
from syncing.models import SyncRun
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex
from tests.fault_counts import usual_or_all
from tests.graph_assertions import graph_hash, is_lock_awaited
from tests.syncing.conftest import Breaches, Sync, Use
from tests.syncing.processes import Child, Start, start, wait_until
from tests.throwaway_neo4j import Graph
from tree.graph.connection import write

__all__ = ["start"]
DEAD = 2**22 + 1  # above every pid
SLOW, OPEN = {"slow": 0.1}, {"open": 1}
USUAL_PAUSES = [(4, SLOW), (19, SLOW), (14, OPEN)]
ALL_PAUSES = [*((people, SLOW) for people in (1, 4, 9, 14, 19)), (1, OPEN), (14, OPEN)]


def holder(graph: Graph, **changes: object) -> None:
    graph.rows("MATCH (l:SyncLease {name: 'sync'}) SET l += $changes", changes=changes)


def test_a_second_sync_ends_at_once_and_names_the_first(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    held = lease.take(4711)
    before = graph_hash(graph, stamps=True)
    mirrored.log.clear()
    second = sync("sync_codex")
    assert second.code == 5
    assert second.run.was_blocked
    assert "Run 4711" in second.run.reason
    assert mirrored.requests() == []
    assert graph_hash(graph, stamps=True) == before
    held.release()
    assert sync("sync_codex").code == 0


def test_a_dry_run_needs_no_lease(mirrored: SampleCodex, sync: Sync) -> None:
    lease.take(4711)
    assert sync("sync_codex", "--dry-run").code == 0


@pytest.mark.parametrize("changes", [{"pid": DEAD}, {"pid_started": 1.0}, {"pid": 1, "pid_started": 5.0}], ids=repr)
def test_a_dead_holder_of_this_host_is_replaced_at_once(
    changes: dict[str, object], mirrored: SampleCodex, sync: Sync, graph: Graph
) -> None:
    lease.take(4711)
    holder(graph, **({"pid": os.getppid()} | changes))
    assert sync("sync_codex").code == 0


def test_a_holder_of_another_host_is_waited_for_until_its_lease_runs_out(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    lease.take(4711)
    holder(graph, pid=DEAD, host="elsewhere")
    assert sync("sync_codex").code == 5
    assert breaches() == []
    holder(graph, expires_at=0)
    assert [b["check"] for b in breaches()] == ["sync lease"]
    assert sync("sync_codex").code == 0
    assert breaches() == []


def test_the_lease_lasts_a_minute_and_is_renewed_four_times_in_it(graph: Graph) -> None:
    assert (lease.LEASE_SECONDS, lease.RENEW_SECONDS) == (60, 15)
    mine = lease.take(1)
    for left in (60_000, 60_000):
        [row] = graph.rows("MATCH (l:SyncLease {name: 'sync'}) RETURN l.expires_at - timestamp() AS left")
        assert 0 < row["left"] <= left
        holder(graph, expires_at=0)
        mine.renew()


def test_who_lost_the_lease_neither_renews_nor_releases_nor_writes(graph: Graph) -> None:
    first = lease.take(1)
    holder(graph, expires_at=0)
    second = lease.take(2)
    assert second.fence == first.fence + 1
    with pytest.raises(LeaseLost):
        first.renew()
    first.release()
    with pytest.raises(SyncAlreadyRunning):
        lease.take(3)
    for writer in lease.WRITERS:

        def work(transaction: ManagedTransaction, writer: str = writer) -> None:
            first.check(transaction, writer)
            transaction.run("CREATE (:ContextItem {id: 'written'})").consume()

        with pytest.raises(LeaseLost):
            write(work)
    assert graph.rows("MATCH (n {id: 'written'}) RETURN n") == []


def test_what_still_writes_after_the_lease_was_given_up_is_refused(graph: Graph) -> None:
    """A thread that a stopped run has left behind, before anyone else takes the lease."""
    mine = lease.take(1)
    mine.release()
    with pytest.raises(LeaseLost):
        write(lambda transaction: mine.check(transaction, lease.WRITERS[1]))
    lease.take(2).release()


def test_a_take_over_waits_for_what_is_being_written(graph: Graph) -> None:
    """Between check and commit nobody else gets the lease, so what is committed then is still written under it."""
    first = lease.take(1)
    holder(graph, expires_at=0)
    with ThreadPoolExecutor(1) as elsewhere:

        def work(transaction: ManagedTransaction) -> Future[lease.Lease]:
            first.check(transaction, lease.WRITERS[1])
            transaction.run("CREATE (:ContextItem {id: 'written'})").consume()
            taking = elsewhere.submit(lease.take, 2)
            wait_until(lambda: taking.done() or is_lock_awaited(graph))
            assert not taking.done(), "taken over in the middle of a write"
            return taking

        second = write(work).result()
    assert graph.rows("MATCH (n {id: 'written'}) RETURN n.id AS id") == [{"id": "written"}]
    assert second.fence == first.fence + 1


@pytest.mark.parametrize("stolen_at", [1, 2, 4, 6])
def test_the_fence_is_checked_in_every_write_transaction(
    stolen_at: int, world_codex: SampleCodex, sync: Sync, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever batch it is in which the lease has gone, neither that nor a later one is written."""
    monkeypatch.setattr(apply, "ROWS_A_BATCH", 10)
    monkeypatch.setattr(apply, "ThreadPoolExecutor", _InTurn)
    original = writing.write_changes
    calls: list[int] = []
    at_theft: list[str] = []

    def stealing(*arguments: object) -> None:
        calls.append(1)
        if len(calls) == stolen_at:
            holder(graph, expires_at=0)
            lease.take(4711)
            at_theft.append(graph_hash(graph))
        original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(apply, "write_changes", stealing)
    result = sync("sync_codex")
    assert result.code == 1, result.run.reason
    assert "lost its lease" in result.run.reason
    assert "Start it again" in result.run.reason
    assert graph_hash(graph) == at_theft[0]


def _stopped_outside_of_sql(child: Child) -> bool:
    """Who is stopped while it writes into SQLite keeps its only lock: that is another story."""
    child.send_signal(signal.SIGSTOP)
    with closing(sqlite3.connect(str(settings.DATABASES["default"]["NAME"]), timeout=0.2)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            child.send_signal(signal.SIGCONT)
            return False
    return True


class _InTurn:
    """Runs jobs as they come, so that the test knows which batch is the stolen one."""

    def __init__(self, workers: int) -> None: ...

    def __enter__(self) -> "_InTurn":
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit(self, work: object, *arguments: object) -> object:
        from concurrent.futures import Future

        future: Future[object] = Future()
        try:
            future.set_result(work(*arguments))  # type: ignore[operator]
        except LeaseLost as error:
            future.set_exception(error)
        return future


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.parametrize(("people", "pauses"), usual_or_all(USUAL_PAUSES, ALL_PAUSES))
def test_a_paused_holder_that_wakes_up_writes_nothing(
    people: int,
    pauses: dict[str, float],
    make_codex: MakeCodex,
    use: Use,
    sync: Sync,
    graph: Graph,
    start: Start,
    breaches: Breaches,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codex = use(make_codex(companies=3, contacts=10, assets=10, tickets=0))
    first = start(codex, "sync_codex", lease=1, batch=5, **pauses)
    wait_until(lambda: graph.rows("MATCH (n:User) RETURN count(n) AS n")[0]["n"] >= people)
    wait_until(lambda: _stopped_outside_of_sql(first))
    wait_until(lambda: graph.rows("MATCH (l:SyncLease {name: 'sync'}) RETURN l.expires_at < timestamp() AS x")[0]["x"])
    monkeypatch.setattr("syncing.runs.lifecycle.DEAD_AFTER", timedelta(seconds=1))  # as short as the lease
    wait_until(lambda: SyncRun.objects.filter(heartbeat_at__lt=timezone.now() - timedelta(seconds=1)).exists())
    second = sync("sync_codex")
    assert second.code == 0, second.run.reason
    after = graph_hash(graph, stamps=True)
    first.send_signal(signal.SIGCONT)
    code, _, err = first.finish()
    assert code == 1
    assert "lost its lease" in err
    assert graph_hash(graph, stamps=True) == after
    assert breaches() == []
    assert SyncRun.objects.exclude(pk=second.run.pk).get().status == SyncRun.Status.FAILED
