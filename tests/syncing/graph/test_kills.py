"""A sync killed or stopped at any moment; then a clean one gives the graph of an undisturbed one."""

import random
import signal
import time

import pytest

from syncing.models import SyncRun
from syncing.runs import lifecycle
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex
from tests.fault_counts import usual_or_all
from tests.graph_assertions import graph_hash
from tests.syncing.conftest import Breaches, Sync, Use
from tests.syncing.processes import Start, start, wait_until
from tests.throwaway_neo4j import Graph

__all__ = ["start"]
SEEDS = range(usual_or_all(2, 10))
KILLS_A_SEED = 6


@pytest.fixture
def ten(make_codex: MakeCodex, use: Use) -> SampleCodex:
    return use(make_codex(companies=10, contacts=6, assets=6, tickets=8))


def leftovers(graph: Graph) -> int:
    """How far the database is, in written batches and nodes."""
    [row] = graph.rows("MATCH (n:ContextItem) RETURN count(n) AS nodes, sum(coalesce(n.version, 0)) AS versions")
    return int(row["nodes"]) + int(row["versions"])


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_any_moment(
    seed: int, ten: SampleCodex, sync: Sync, graph: Graph, start: Start, breaches: Breaches
) -> None:
    """Kills at random moments, at borders of batches and while the lease is taken; changes in between."""
    rng = random.Random(seed)  # noqa: S311
    for kill in range(KILLS_A_SEED):
        command = "sync_tickets" if kill >= KILLS_A_SEED // 2 else "sync_codex"
        if kill == KILLS_A_SEED // 2:
            assert sync("sync_codex").code == 0
        child = start(ten, command, batch=rng.choice((3, 10, 40)), slow=0.02)
        before = leftovers(graph)
        if kill % 2:
            wait_until(lambda: leftovers(graph) > before or child.poll() is not None)  # noqa: B023
        else:
            wait_until(lambda: len(ten.log) > kill or child.poll() is not None)  # noqa: B023
        time.sleep(rng.random() * 0.4)
        child.kill_now()
        assert {b["check"] for b in breaches()} <= {"sync lease"}
        ten.world.change(10)
        first, *_, last = ten.world.accounts
        ten.world.move_asset(rng.choice(ten.world.account(first).assets).id, last)
    for command in ("sync_codex", "sync_tickets"):
        assert sync(command).code == 0
    disturbed = graph_hash(graph)
    assert breaches() == []
    assert not SyncRun.objects.filter(status__in=(SyncRun.Status.RUNNING, SyncRun.Status.QUEUED)).exists()
    graph.empty()
    for command in ("sync_codex", "sync_tickets"):
        assert sync(command).code == 0
    assert graph_hash(graph) == disturbed, f"seed {seed}"


def test_a_killed_run_has_its_log_and_times(ten: SampleCodex, start: Start, graph: Graph) -> None:
    child = start(ten, "sync_codex", batch=5, slow=0.3, lease=10)
    wait_until(lambda: SyncRun.objects.filter(stage=SyncRun.Stage.APPLY, log__contains="Compared:").exists())
    child.kill_now()
    lifecycle.settle_dead_runs()
    run = SyncRun.objects.get()
    assert run.outcome == "interrupted"
    assert run.peak_rss_mb is not None
    assert {"fetch", "plan"} <= run.seconds.keys()
    assert "Fetched from Codex" in run.log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_run_says_so_and_frees_the_lease(
    number: signal.Signals, ten: SampleCodex, graph: Graph, start: Start, sync: Sync, breaches: Breaches
) -> None:
    child = start(ten, "sync_codex", batch=5, slow=0.05)
    wait_until(lambda: graph.rows("MATCH (n:User) RETURN count(n) AS n")[0]["n"] > 0)
    child.send_signal(number)
    code, _, err = child.finish()
    assert code == 130, err
    assert "Traceback" not in err
    run = SyncRun.objects.get()
    assert run.status == SyncRun.Status.ABORTED
    assert run.finished_at is not None
    assert graph.rows("MATCH (l:SyncLease {name: 'sync'}) RETURN l.run AS run") == [{"run": None}]
    assert breaches() == []
    assert sync("sync_codex").code == 0


def test_stopped_before_it_began(ten: SampleCodex, start: Start, graph: Graph) -> None:
    """At any moment of the start the row is settled, and there is no traceback once the command runs."""
    child = start(ten, "sync_codex", slow=1)
    wait_until(lambda: SyncRun.objects.exists() or child.poll() is not None)
    child.send_signal(signal.SIGTERM)
    code, _, err = child.finish()
    assert code == 130, err
    assert SyncRun.objects.get().status == SyncRun.Status.ABORTED


def test_the_answers_of_a_killed_run_do_not_stay_on_disk(
    ten: SampleCodex, start: Start, graph: Graph, sync: Sync
) -> None:
    from django.conf import settings

    child = start(ten, "sync_codex", slow=5)
    spool = settings.INSTANCE_DIR / "spool"
    wait_until(lambda: spool.exists() and any(spool.iterdir()))
    child.kill_now()
    assert sync("sync_codex").code == 0
    assert list(spool.iterdir()) == []


USUAL_TWICE = [  # each point of failpoints.SET at least once
    ("taking", "archiving"),
    ("archived", "taking"),
    ("taken", "releasing"),
    ("releasing", "released"),
]
ALL_TWICE = [
    ("taking", "taking"),
    ("taking", "archiving"),
    ("taken", "taken"),
    ("taken", "releasing"),
    ("archiving", "archiving"),
    ("archiving", "archived"),
    ("archived", "taking"),
    ("archived", "archived"),
    ("releasing", "released"),
    ("released", "taken"),
]


def leave_and_come(codex: SampleCodex) -> None:
    """In every company a contact and an asset leave, and a contact comes: the plan archives, and creates after it."""
    for account, listed in list(codex.world.accounts.items()):
        codex.world.remove_contact(listed.contacts[0].id, account)
        codex.world.remove_asset(listed.assets[0].id)
        codex.world.add_contact(account, f"Nell of {account}", f"nell@{account}.example")


@pytest.mark.faults
@pytest.mark.parametrize(("first", "second"), usual_or_all(USUAL_TWICE, ALL_TWICE))
def test_killed_twice_running(
    first: str, second: str, make_codex: MakeCodex, use: Use, sync: Sync, graph: Graph, start: Start, breaches: Breaches
) -> None:
    """Taking or giving up the lease, and while archiving; the second sync dies too, the third makes all good."""
    codex = use(make_codex())
    assert sync("sync_codex").code == 0
    leave_and_come(codex)
    for point in (first, second):
        before = graph_hash(graph)
        child = start(codex, "sync_codex", batch=2, die=point)
        code, _, err = child.finish()
        assert code == -signal.SIGKILL, (point, err)
        if point in ("taking", "taken", "archiving"):
            assert graph_hash(graph) == before, "what was not committed is not there"
        assert {b["check"] for b in breaches()} <= {"sync lease"}
    assert sync("sync_codex").code == 0
    assert sync("sync_codex").written == 0
    assert breaches() == []
    assert not SyncRun.objects.filter(status__in=(SyncRun.Status.RUNNING, SyncRun.Status.QUEUED)).exists()
    disturbed = graph_hash(graph)
    graph.empty()
    undisturbed = use(make_codex())
    assert sync("sync_codex").code == 0
    leave_and_come(undisturbed)
    assert sync("sync_codex").code == 0
    assert graph_hash(graph) == disturbed
