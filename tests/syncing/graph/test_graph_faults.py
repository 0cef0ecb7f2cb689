"""Neo4j that is down, refuses us, or goes away in mid-sync."""

import io
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from neo4j.exceptions import Neo4jError, ServiceUnavailable
from pytest_django import Settings

from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.installation import Installation
from syncing.graph import apply
from syncing.graph.writing import write_changes
from syncing.models import SyncRun
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex
from tests.fault_counts import usual_or_all
from tests.graph_assertions import graph_hash
from tests.isolation import free_ports
from tests.syncing.conftest import Breaches, Sync, Use
from tests.syncing.processes import Start, start, wait_until
from tests.throwaway_neo4j import Graph, small_installation, throwaway_neo4j
from tree.exceptions import GraphUnavailable
from tree.graph import connection

__all__ = ["start"]


@pytest.fixture
def other_neo4j(settings: Settings) -> Iterator[Callable[..., None]]:
    """``other_neo4j(uri=…)`` names another Neo4j for this test."""

    def name_it(**changes: object) -> None:
        settings.NEO4J = replace(django_settings.NEO4J, **changes)  # type: ignore[arg-type]
        connection.graph_driver().close()
        connection.graph_driver.cache_clear()

    yield name_it
    connection.graph_driver().close()
    connection.graph_driver.cache_clear()


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "down": ({"uri": f"bolt://127.0.0.1:{free_ports(1)[0]}"}, "Cannot reach Neo4j at bolt://127.0.0.1"),
    "wrong password": ({"user": "nobody", "password": "wrong"}, "refuses the user 'nobody' or the password"),
    "unknown host": ({"uri": "bolt://graph.invalid:7687"}, "Cannot reach Neo4j at bolt://graph.invalid"),
    "unknown database": ({"database": "nosuch"}, "has no database 'nosuch'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_every_command_says_so_in_one_line(
    name: str, mirrored: SampleCodex, sync: Sync, graph: Graph, other_neo4j: Callable[..., None]
) -> None:
    changes, expected = WRONG[name]
    before = graph_hash(graph, stamps=True)
    other_neo4j(**changes)
    for command in ("sync_codex", "sync_tickets"):
        failed = sync(command)
        assert failed.code == 1
        assert failed.run.status == SyncRun.Status.FAILED
        assert expected in failed.run.reason
        assert len(failed.err.strip().splitlines()) == 1, failed.err
    for command in ("setup_graph", "check_graph"):
        with pytest.raises(CommandError) as error:
            call_command(command, stdout=io.StringIO())
        assert error.value.returncode == 1
        assert expected in str(error.value)
        assert len(str(error.value).splitlines()) == 1
        assert "wrong" not in str(error.value)
    assert graph_hash(graph, stamps=True) == before


@pytest.fixture
def second_neo4j(tmp_path: Path, neo4j_installation: Installation) -> Installation:
    return small_installation(
        home=tmp_path / "neo4j",
        bolt_port=free_ports(1)[0],
        password="a-password-of-the-test",
        jars_folder=neo4j_installation.jars_folder,
        repository=neo4j_installation.repository,
    )


def test_too_many_wrong_passwords(
    second_neo4j: Installation, other_neo4j: Callable[..., None], sync: Sync, db: None
) -> None:
    with throwaway_neo4j(second_neo4j):
        other_neo4j(uri=second_neo4j.uri, password="wrong")
        reasons = [sync("sync_codex").err for _ in range(6)]
    assert "refuses the user" in reasons[0]
    assert "takes no password for the moment, after too many wrong ones" in reasons[-1]
    assert "Traceback" not in "".join(reasons)


# Nodes that are there, and seconds until Neo4j is started again (which takes some more).
KILLED_AT = usual_or_all([(8, 0.0), (32, 5.0)], [(0, 0.0), (8, 1.0), (16, 5.0), (32, 0.0), (48, 10.0)])


@pytest.mark.faults
@pytest.mark.long
def test_neo4j_is_killed_in_mid_sync_and_comes_back(
    second_neo4j: Installation,
    other_neo4j: Callable[..., None],
    make_codex: MakeCodex,
    use: Use,
    start: Start,
    sync: Sync,
    breaches: Breaches,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sync waits for it and finishes, or fails clean; the next one completes the graph either way."""
    codex = use(make_codex(companies=3, contacts=8, assets=8, tickets=0))
    monkeypatch.setenv("NEO4J_URI", second_neo4j.uri)
    monkeypatch.setenv("NEO4J_PASSWORD", second_neo4j.password)
    with ExitStack() as servers, throwaway_neo4j(second_neo4j) as graph:
        other_neo4j(uri=second_neo4j.uri, password=second_neo4j.password)
        assert sync("sync_codex").code == 0
        undisturbed = graph_hash(graph)
        codes = []
        for nodes, seconds_down in KILLED_AT:
            graph.empty()
            SyncRun.objects.all().delete()
            first = start(codex, "sync_codex", batch=5, slow=0.1)
            wait_until(lambda: SyncRun.objects.exists() and _nodes(graph) >= nodes)  # noqa: B023
            found = server.running(second_neo4j)
            assert found is not None
            _kill(found.pid)
            time.sleep(seconds_down)
            servers.callback(_end, server.start(second_neo4j, "tests"))
            code, _, err = first.finish()
            codes.append(code)
            assert code in (0, 1, 3), (nodes, err)
            assert "Traceback" not in err
            assert SyncRun.objects.get().status in ("complete", "failed", "partial")
            _forget_connections(graph)
            other_neo4j(uri=second_neo4j.uri, password=second_neo4j.password)
            assert sync("sync_codex").code == 0
            assert graph_hash(graph) == undisturbed, nodes
            assert breaches() == [], nodes
        assert 0 in codes, "none has waited for it and gone on"


def _nodes(graph: Graph) -> int:
    return int(graph.rows("MATCH (n:ContextItem) RETURN count(n) AS nodes")[0]["nodes"])


def _forget_connections(graph: Graph) -> None:
    """Those of before the kill fail once, on their next use."""
    with suppress(ServiceUnavailable):
        graph.rows("RETURN 1")


def _end(again: subprocess.Popen[bytes]) -> None:
    again.kill()
    again.wait()


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2])


def test_a_commit_whose_answer_got_lost_counts_as_written(
    mirrored: SampleCodex, sync: Sync, breaches: Breaches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every batch is committed and its answer lost: the next try finds it there, and reports nothing as skipped."""
    world = mirrored.world
    account, listed = next(iter(world.accounts.items()))
    listed.assets[0].operating_system = "Changed"
    world.remove_asset(listed.assets[1].id)
    world.add_asset(account, "NEW-1")
    world.add_contact(account, "Nell New", "nell@new.example")
    answered: list[object] = []

    def answer_lost(work: Callable[[Any], Any]) -> None:
        connection.write(work)
        if work not in answered:
            answered.append(work)
            raise GraphUnavailable("The connection was closed.")

    monkeypatch.setattr(apply, "write", answer_lost)
    done = sync("sync_codex")
    assert (done.code, done.reasons) == (0, [])
    assert answered
    assert done.counts["Asset"] == {"unchanged": 13, "updated": 1, "archived": 1, "created": 1}
    assert done.counts["User"]["created"] == 1
    assert breaches() == []
    monkeypatch.undo()
    assert sync("sync_codex").written == 0


@pytest.mark.parametrize("fits", [3, 0])
def test_what_is_too_much_for_the_memory_of_neo4j_is_written_in_parts(
    fits: int, mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = mirrored.world
    for asset in world.account(next(iter(world.accounts))).assets:
        asset.operating_system = "System 1"

    def within_memory(transaction: Any, batch: list[Any], *rest: Any) -> None:
        if len(batch) > fits:
            raise Neo4jError.hydrate(code="Neo.TransientError.General.MemoryPoolOutOfMemoryError", message="Too much.")
        write_changes(transaction, batch, *rest)

    monkeypatch.setattr(apply, "write_changes", within_memory)
    done = sync("sync_codex")
    assert done.code == (0 if fits else 1), done.run.reason
    assert done.counts["Asset"].get("updated", 0) == (5 if fits else 0)
    if not fits:
        assert "Neo4j needs more memory" in done.run.reason
        assert "Traceback" not in done.err
    assert breaches() == []
