"""A sync killed at every border of a batch: before each commit and after it. Then a clean one completes the graph."""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from syncing.engine import execute
from syncing.graph import apply, writing
from syncing.models import SyncRun
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex
from tests.fault_counts import usual_or_all
from tests.graph_assertions import graph_hash
from tests.syncing.conftest import Breaches, Sync, Use
from tests.throwaway_neo4j import Graph

ROWS_A_BATCH = 3
STEP = usual_or_all(4, 1)  # every fourth border, or every one


@pytest.fixture
def five(make_codex: MakeCodex, use: Use, monkeypatch: pytest.MonkeyPatch) -> SampleCodex:
    monkeypatch.setattr(apply, "ROWS_A_BATCH", ROWS_A_BATCH)
    return use(make_codex(companies=5, contacts=5, assets=5, tickets=0))


def killed_at(border: int, before_commit: bool) -> bool:
    """A sync in a fork of this process, which kills itself at this border; False when it ended before."""
    child = os.fork()
    if child == 0:
        _run_until(border, before_commit)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def _run_until(border: int, before_commit: bool) -> None:
    """Never returns: the fork must not go on with the tests."""
    try:
        for connection in connections.all():
            connection.connection = None  # the parent's: not to be closed here
        setattr(apply, "write_changes", _dying(writing.write_changes, border, before_commit))  # noqa: B010 (mypy)
        run = execute(SyncRun.objects.create(command=SyncRun.Command.CODEX))
        os._exit(0 if run.status == SyncRun.Status.COMPLETE else 2)
    finally:
        os._exit(3)


def _dying(write: Callable[..., None], border: int, before_commit: bool) -> Callable[..., None]:
    written: list[int] = []

    def dying(*arguments: Any) -> None:
        if len(written) == border and not before_commit:
            os.kill(os.getpid(), signal.SIGKILL)
        write(*arguments)
        if len(written) == border:
            os.kill(os.getpid(), signal.SIGKILL)
        written.append(1)

    return dying


@pytest.mark.usefixtures("no_turns")
@pytest.mark.faults
@pytest.mark.long
@pytest.mark.parametrize("before_commit", [False, True], ids=["between", "before the commit"])
def test_killed_at_every_border(
    before_commit: bool, five: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    assert sync("sync_codex").code == 0
    undisturbed = graph_hash(graph)
    graph.empty()
    border = 0
    while killed_at(border, before_commit):
        assert {b["check"] for b in breaches()} <= {"sync lease"}, border
        assert sync("sync_codex").code == 0, border
        assert graph_hash(graph) == undisturbed, border
        graph.empty()
        border += STEP
    assert border >= 40, "with both kinds of border about 80"
    assert graph_hash(graph) == undisturbed
    assert not SyncRun.objects.filter(status__in=(SyncRun.Status.RUNNING, SyncRun.Status.QUEUED)).exists()
