"""A run is a row with exactly one ending, and the exit code and the line of JSON say the same."""

import io
import json
import logging
import os
import re
import socket
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from syncing import engine
from syncing.compare.comparison import Comparison
from syncing.compare.held_removals import plan_removals
from syncing.graph import lease
from syncing.graph.apply import apply_plan
from syncing.jobs import run_sync
from syncing.models import SyncRun
from syncing.plan.index import IndexWriter, index_writer
from syncing.plan.plan_files import plan_folder
from syncing.plan.reading import Filter, PlanRows
from syncing.runs import lifecycle, retention
from syncing.sample_codex import faults
from syncing.sample_codex.faults import ALWAYS
from syncing.sample_codex.server import SampleCodex
from tests.syncing.conftest import Sync
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.postgresql

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
        for actions in line["counts"].values():
            assert ACTIONS <= set(actions) <= ACTIONS | {"held", "skipped"}
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
    run = lifecycle.enqueue("sync_codex")
    assert "complete" in run_sync(run.pk)
    mirrored.log.clear()
    run.refresh_from_db()
    ended = run.finished_at
    assert "complete" in run_sync(run.pk)
    run.refresh_from_db()
    assert mirrored.requests() == []
    assert run.finished_at == ended


def test_a_second_click_joins_the_waiting_run(transactional_db: None) -> None:
    first = lifecycle.enqueue("sync_codex")
    assert lifecycle.enqueue("sync_codex").pk == first.pk
    assert lifecycle.enqueue("sync_tickets").pk != first.pk
    assert lifecycle.enqueue("sync_codex", dry_run=True).pk != first.pk


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
    lifecycle.settle_dead_runs()
    states = dict(SyncRun.objects.values_list("pk", "status"))
    assert states[run.pk] == SyncRun.Status.ABORTED
    assert states[waiting.pk] == SyncRun.Status.QUEUED
    assert states[mine.pk] == states[elsewhere.pk] == SyncRun.Status.RUNNING
    SyncRun.objects.filter(pk=elsewhere.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=46))
    lifecycle.settle_dead_runs()
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


def test_a_waiting_run_of_a_command_that_died_elsewhere_is_settled(transactional_db: None) -> None:
    died = SyncRun.objects.create(command="sync_codex", host="elsewhere", pid=1)
    asked = SyncRun.objects.create(command="sync_codex", host="", pid=None)
    lifecycle.settle_dead_runs()
    assert SyncRun.objects.unfinished().count() == 2
    SyncRun.objects.update(created_at=timezone.now() - timedelta(seconds=46))
    lifecycle.settle_dead_runs()
    assert list(SyncRun.objects.unfinished()) == [asked]
    died.refresh_from_db()
    assert died.outcome == "interrupted"


def test_what_cannot_be_tidied_up_does_not_fail_the_run(
    mirrored: SampleCodex, sync: Sync, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(retention, "drop_some_old_runs", Mock(side_effect=OperationalError("database is locked")))
    done = sync("sync_codex")
    assert (done.code, done.run.status, done.err) == (0, SyncRun.Status.COMPLETE, "")
    assert "not dropped: database is locked" in caplog.text


def test_old_plans_are_dropped_but_not_those_in_use(transactional_db: None, settings: Settings, tmp_path: Path) -> None:
    settings.INSTANCE_DIR = tmp_path
    running = SyncRun.objects.create(command="sync_codex", status=SyncRun.Status.RUNNING)
    held = SyncRun.objects.create(command="sync_codex", status=SyncRun.Status.NEEDS_APPROVAL)
    others = [SyncRun.objects.create(command="sync_codex", status=SyncRun.Status.FAILED) for _ in range(25)]
    for run in (running, held, *others):
        plan_folder(run.pk).mkdir(parents=True)
    begun_meanwhile = plan_folder(others[-1].pk + 1)
    begun_meanwhile.mkdir()
    lifecycle.drop_old_plans()
    kept = [running, held, *others[-lifecycle.KEPT_PLANS :]]
    assert {path.name for path in (tmp_path / "plans").iterdir()} == {
        *(plan_folder(run.pk).name for run in kept),
        begun_meanwhile.name,
    }


def test_a_plan_that_vanishes_while_it_is_written_is_no_complete_run(
    world_codex: SampleCodex, sync: Sync, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_its_rest(folder: Path, *rest: Any) -> None:
        (folder / "rest.jsonl").unlink()
        apply_plan(folder, *rest)

    monkeypatch.setattr(engine, "apply_plan", without_its_rest)
    failed = sync("sync_codex")
    assert (failed.code, failed.run.status) == (1, SyncRun.Status.FAILED)
    assert "rows went missing" in failed.run.reason
    monkeypatch.undo()
    assert sync("sync_codex").code == 0


@pytest.mark.parametrize(("owner", "name"), [(IndexWriter, "_write"), (sqlite3, "connect")])
def test_no_room_for_the_index_of_a_plan(
    owner: Any, name: str, mirrored: SampleCodex, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirrored.world.rename_company(next(iter(mirrored.world.accounts)), "Renamed Ltd.")
    full = Mock(side_effect=sqlite3.OperationalError("database or disk is full"))
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, full)
        done = sync("sync_codex")
    assert done.code == 0
    assert "database or disk is full" in done.run.log
    with PlanRows(plan_folder(done.run.pk)) as rows:
        assert rows.count(Filter()) == done.written
    assert [path.name for path in plan_folder(done.run.pk).glob("rows*")] == ["rows.sqlite3"]


def test_an_index_that_is_not_of_this_plan_is_replaced(
    world_codex: SampleCodex, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked_at(comparison: Comparison) -> list[str]:
        with index_writer(comparison.files.folder):
            pass
        return plan_removals(comparison)

    monkeypatch.setattr(engine, "plan_removals", looked_at)
    done = sync("sync_codex")
    with PlanRows(plan_folder(done.run.pk)) as rows:
        assert rows.count(Filter()) == done.written


def test_a_command_loads_nothing_that_only_others_need(settings: Settings, tmp_path: Path) -> None:
    """Cron starts one every few minutes; these take a third of the time until it begins."""
    command = [sys.executable, "-X", "importtime", "manage.py", "sync_codex", "--approve", ""]
    own = os.environ | {"KNOWLEDGETREE_INSTANCE": str(tmp_path)}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    loaded = set(re.findall(r"^import time:.*\|\s+(\S+)$", done.stderr, re.MULTILINE))
    assert "syncing.management.sync_command" in loaded
    assert loaded.isdisjoint({"tree.admin.graph_admin", "redis", "pypdf", "PIL", "jwt", "confusable_homoglyphs"})


@pytest.mark.parametrize("option", ["--approve", "--apply"])
def test_an_empty_hash_is_no_sync_of_everything(option: str, sync: Sync) -> None:
    SyncRun.objects.create(command="sync_codex", status=SyncRun.Status.FAILED)
    refused = sync("sync_codex", option, "")
    assert (refused.code, SyncRun.objects.count()) == (2, 1)
    assert "needs the hash of a plan" in refused.err


def test_who_asks_after_a_cancel_joins_nothing(transactional_db: None) -> None:
    first = lifecycle.enqueue("sync_codex")
    SyncRun.objects.filter(pk=first.pk).update(status=SyncRun.Status.RUNNING, heartbeat_at=timezone.now())
    assert lifecycle.enqueue("sync_codex") == first
    lifecycle.cancel(first, None)
    assert lifecycle.enqueue("sync_codex") != first


def test_an_error_of_the_network_is_no_full_disk(
    world_codex: SampleCodex, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "fetch", Mock(side_effect=ConnectionResetError(104, "Connection reset by peer")))
    reason = sync("sync_codex").run.reason
    assert reason.startswith("Broken off by the system: Connection reset by peer.")


@pytest.mark.parametrize("option", [("--dry-run",), ("--company", "1001"), ("--since", "2026-11-01")])
def test_a_stored_plan_is_applied_as_it_is(option: tuple[str, ...], sync: Sync) -> None:
    SyncRun.objects.create(command="sync_tickets", status=SyncRun.Status.FAILED)
    refused = sync("sync_tickets", "--approve", "abc", *option)
    assert (refused.code, "give it alone" in refused.err) == (2, True)
