"""A run is a row with exactly one ending, and the exit code and the line of JSON say the same."""

import io
import json
import logging
import os
import socket
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from syncing import engine, lease, runs
from syncing.jobs import run_sync
from syncing.models import SyncRun
from syncing.sample_codex import faults
from syncing.sample_codex.faults import ALWAYS
from syncing.sample_codex.server import SampleCodex
from tests.syncing.conftest import Sync
from tests.throwaway_neo4j import Graph

ACTIONS = {"created", "updated", "moved", "archived", "restored", "unchanged", "quarantined"}
KEYS = ["run", "command", "status", "reason", "counts", "requests", "seconds", "peak_rss_mb", "plan"]
DEAD = 2**22 + 1  # above every pid


def test_the_line_of_json(world_codex: SampleCodex, sync: Sync) -> None:
    for arguments in (
        ("sync_codex",),
        ("sync_tickets",),
        ("sync_codex", "--dry-run"),
        ("sync_codex", "--company", "?"),
    ):
        result = sync(*arguments, "--json")
        line = json.loads(result.out.splitlines()[-1])
        assert list(line) == KEYS
        assert list(line["seconds"]) == ["fetch", "plan", "apply", "total"]
        assert all(set(actions) == ACTIONS for actions in line["counts"].values())
        assert (line["run"], line["command"], line["status"]) == (result.run.pk, arguments[0], result.run.status)
        assert line["requests"] > 0
        assert line["peak_rss_mb"] > 10
        assert line["seconds"]["total"] > 0


@pytest.mark.parametrize(
    ("fault", "path", "code", "status"),
    [
        (None, "", 0, "complete"),
        (faults.set_field((0, "assets", 0, "id"), "x"), "/api/companies/bulk", 3, "partial"),
        (faults.status(403), "*", 1, "failed"),
        (faults.empty(), "/api/companies*", 4, "needs_approval"),
    ],
    ids=["complete", "partial", "failed", "needs approval"],
)
def test_every_ending(
    fault: faults.Responder | None, path: str, code: int, status: str, mirrored: SampleCodex, sync: Sync
) -> None:
    if fault is not None:
        mirrored.faults.add(fault, path, times=ALWAYS)
    result = sync("sync_codex")
    run = result.run
    assert (result.code, run.status) == (code, status)
    assert run.stage == SyncRun.Stage.DONE
    assert run.started_at is not None
    assert run.finished_at is not None
    assert run.started_at <= run.finished_at
    assert (run.host, run.pid) == (socket.gethostname(), os.getpid())
    assert bool(run.reason) == (code != 0)
    assert run.log
    assert bool(result.err) == (code != 0)
    assert result.out == ""
    json_line = json.loads(sync("sync_codex", "--json").out)
    assert json_line["status"] == status


def test_an_error_of_the_program_ends_the_run_too(
    world_codex: SampleCodex, graph: Graph, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(engine, "apply_plan", broken)
    with pytest.raises(ZeroDivisionError):
        call_command("sync_codex")
    run = SyncRun.objects.get()
    assert run.status == SyncRun.Status.FAILED
    assert "error in the program" in run.reason
    assert lease.current_holder() is None


def test_a_full_disk_is_told_in_one_line(world_codex: SampleCodex, sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "/somewhere/bulk.json")

    monkeypatch.setattr(engine, "fetch", full)
    failed = sync("sync_codex")
    assert failed.code == 1
    assert failed.run.reason == "Cannot write to /somewhere/bulk.json: No space left on device."


def test_a_job_delivered_twice_runs_once(mirrored: SampleCodex, graph: Graph) -> None:
    run = runs.enqueue("sync_codex")
    assert "complete" in run_sync(run.pk)
    mirrored.log.clear()
    run.refresh_from_db()
    ended = run.finished_at
    assert "complete" in run_sync(run.pk)
    run.refresh_from_db()
    assert mirrored.requests() == []
    assert run.finished_at == ended


def test_a_second_click_joins_the_waiting_run(transactional_db: None) -> None:
    first = runs.enqueue("sync_codex")
    assert runs.enqueue("sync_codex").pk == first.pk
    assert runs.enqueue("sync_tickets").pk != first.pk
    assert runs.enqueue("sync_codex", dry_run=True).pk != first.pk


@pytest.mark.parametrize("status", [SyncRun.Status.RUNNING, SyncRun.Status.QUEUED])
def test_a_run_whose_process_died_is_settled(status: str, transactional_db: None) -> None:
    run = SyncRun.objects.create(command="sync_codex", status=status, host=socket.gethostname(), pid=DEAD)
    waiting = SyncRun.objects.create(command="sync_codex", status=SyncRun.Status.QUEUED)
    mine = SyncRun.objects.create(
        command="sync_codex", status=SyncRun.Status.RUNNING, host=socket.gethostname(), pid=os.getpid()
    )
    elsewhere = SyncRun.objects.create(
        command="sync_codex",
        status=SyncRun.Status.RUNNING,
        host="elsewhere",
        pid=1,
        heartbeat_at=timezone.now() - timedelta(seconds=44),
    )
    runs.settle_dead_runs()
    states = dict(SyncRun.objects.values_list("pk", "status"))
    assert states[run.pk] == SyncRun.Status.ABORTED
    assert states[waiting.pk] == SyncRun.Status.QUEUED
    assert states[mine.pk] == states[elsewhere.pk] == SyncRun.Status.RUNNING
    SyncRun.objects.filter(pk=elsewhere.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=46))
    runs.settle_dead_runs()
    elsewhere.refresh_from_db()
    assert elsewhere.status == SyncRun.Status.ABORTED
    assert elsewhere.finished_at is not None


def test_the_debug_log_shows_requests_and_no_key(
    world_codex: SampleCodex, graph: Graph, transactional_db: None, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SystemExit), caplog.at_level(logging.DEBUG, "syncing"):
        call_command("sync_codex", "-v", "3", stdout=io.StringIO(), stderr=io.StringIO())
    assert f"GET {world_codex.url}/api/companies: 200" in caplog.text
    assert "the-key-of-the-tests" not in caplog.text
