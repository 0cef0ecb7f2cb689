"""A run that is told to stop at any moment: by SIGTERM, or by the alarm of a job that takes too long."""

import signal
import time
from typing import Any

import pytest
from django_q.exceptions import TimeoutException
from django_q.timeout import TimeoutHandler

from syncing import engine
from syncing.graph import lease
from syncing.jobs import run_sync
from syncing.management import sync_command
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
TENTHS = range(0, 10, usual_or_all(4, 1))


@pytest.fixture
def ten(make_codex: MakeCodex, use: Use) -> SampleCodex:
    return use(make_codex(companies=10, contacts=6, assets=6, tickets=0))


def assert_sound(run: SyncRun, breaches: Breaches, graph: Graph, sync: Sync) -> None:
    """Aborted, the lease free, the graph sound, and complete after the next run."""
    run.refresh_from_db()
    assert (run.status, run.ending) == ("aborted", "stopped"), run.reason
    assert lease.current_holder() is None
    assert breaches() == []
    assert sync("sync_codex").code == 0
    stopped_then_completed = graph_hash(graph)
    graph.empty()
    assert sync("sync_codex").code == 0
    assert graph_hash(graph) == stopped_then_completed


@pytest.mark.faults
@pytest.mark.parametrize("tenths", TENTHS)
def test_sigterm_at_any_moment(
    tenths: int, ten: SampleCodex, graph: Graph, start: Start, sync: Sync, breaches: Breaches
) -> None:
    child = start(ten, "sync_codex", batch=5, slow=0.1)
    wait_until(lambda: SyncRun.objects.filter(status="running").exists())
    time.sleep(0.1 * tenths)
    child.send_signal(signal.SIGTERM)
    code, _, err = child.finish()
    assert code == 130, err
    assert "Traceback" not in err
    assert_sound(SyncRun.objects.get(), breaches, graph, sync)


@pytest.mark.parametrize("moment", ["row written", "row known"])
def test_a_signal_between_the_row_and_the_work(
    moment: str, ten: SampleCodex, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = lifecycle.ask

    def ask(*arguments: Any, **options: Any) -> Any:
        run = written(*arguments, **options)
        signal.raise_signal(signal.SIGTERM)
        return run

    def execute(*_: Any) -> None:
        signal.raise_signal(signal.SIGTERM)

    if moment == "row written":
        monkeypatch.setattr(lifecycle, "ask", ask)
    else:
        monkeypatch.setattr(sync_command, "execute", execute)
    finished = sync("sync_codex")
    assert (finished.code, finished.run.status, finished.run.ending) == (130, "aborted", "stopped")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["kept_log", "_tidy_up"])
def test_an_alarm_just_before_or_after_the_work_of_a_job(
    moment: str, ten: SampleCodex, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    def alarm(*_: Any) -> None:
        TimeoutHandler(1).raise_timeout_exception(signal.SIGALRM, None)

    monkeypatch.setattr(engine, moment, alarm)
    run = lifecycle.enqueue("sync_codex")
    with pytest.raises(TimeoutException):
        run_sync(run.pk)
    run.refresh_from_db()
    assert (run.status, run.ending) == (("aborted", "stopped") if moment == "kept_log" else ("complete", ""))


@pytest.mark.faults
@pytest.mark.parametrize("tenths", TENTHS)
def test_the_alarm_of_a_job_at_any_moment(
    tenths: int, ten: SampleCodex, graph: Graph, start: Start, sync: Sync, breaches: Breaches
) -> None:
    """django-q raises in the main thread, also in the middle of the driver's reading and writing."""
    run = lifecycle.enqueue("sync_codex")
    child = start(ten, "job", str(run.pk), batch=5, slow=0.1, alarm=0.02 + 0.1 * tenths)
    code, _, err = child.finish()
    assert code == 1, err
    assert "Task exceeded maximum timeout value" in err
    assert_sound(run, breaches, graph, sync)
