"""A button, a schedule and a cron line at the same moment: one run, and the others are told which."""

import json
import os
import socket

import pytest
from django.contrib.auth.models import User

from syncing import engine
from syncing.graph import lease
from syncing.jobs import run_sync
from syncing.models import SyncRun
from syncing.runs import lifecycle
from syncing.runs.heartbeat import Heartbeat
from syncing.sample_codex.server import SampleCodex
from syncing.schedules.freshness import sync_state
from tests.pages import squeezed
from tests.people import client_of, person
from tests.syncing.conftest import Sync
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.postgresql


def running(**fields: object) -> SyncRun:
    """A run of a living process: of this test's parent."""
    fields = {"command": "sync_codex", "trigger": "button", "status": "running"} | fields
    return SyncRun.objects.create(host=socket.gethostname(), pid=os.getppid(), **fields)


def test_a_command_joins_the_run_that_does_the_same(mirrored: SampleCodex, sync: Sync) -> None:
    mirrored.log.clear()
    first = running(started_by=person("admin"))
    joined = sync("sync_codex")
    assert joined.code == 5
    assert f"run {first.pk}, started by admin's button on {socket.gethostname()}" in joined.err
    assert "joined it" in joined.err
    assert SyncRun.objects.latest("pk") == first, "it made a row of its own"
    assert mirrored.requests() == []
    assert json.loads(sync("sync_codex", "--json").out)["run"] == first.pk


@pytest.mark.parametrize("arguments", [("--company", "1001"), ("--dry-run",)])
def test_a_command_with_another_scope_is_a_run_of_its_own(
    arguments: tuple[str, ...], mirrored: SampleCodex, sync: Sync
) -> None:
    first = running()
    assert sync("sync_codex", *arguments).run != first


def test_a_command_takes_over_a_run_that_waits(world_codex: SampleCodex, sync: Sync) -> None:
    """Also when no worker runs: a waiting button must not keep cron from syncing."""
    waiting = lifecycle.enqueue("sync_codex")
    done = sync("sync_codex")
    assert (done.code, done.run.pk, done.run.status) == (0, waiting.pk, "complete")
    assert "complete" in run_sync(waiting.pk), "the job that comes later does nothing"
    assert SyncRun.objects.count() == 1


def test_a_button_is_told_which_run_it_joined(transactional_db: None) -> None:
    client = client_of("admin")
    first = running(trigger="schedule")
    answer = client.post("/sync/start/", {"command": "sync_codex"}, follow=True)
    assert answer.redirect_chain == [(f"/sync/runs/{first.pk}/", 302)]
    assert f">Run {first.pk}</a>, started by the schedule, is on its way already: you joined" in answer.content.decode()
    assert SyncRun.objects.get() == first


@pytest.mark.parametrize("other", [{"since": "2026-11-01"}, {"approve": "abc"}, {"companies": ["1001"]}], ids=repr)
def test_a_button_joins_no_run_that_does_less(other: dict[str, object], transactional_db: None) -> None:
    first = running(**other)
    assert lifecycle.enqueue("sync_codex") != first


def test_who_started_a_run(transactional_db: None) -> None:
    ana = User(username="ana")
    cases = [("button", ana, "ana's button"), ("button", None, "a button")]
    cases += [("schedule", None, "the schedule"), ("command", None, "a command")]
    for trigger, user, words in cases:
        assert SyncRun(trigger=trigger, started_by=user).started_by_whom == words


def test_a_run_that_was_blocked_does_not_make_the_mirror_look_failed(mirrored: SampleCodex, sync: Sync) -> None:
    held = lease.take(4711)
    assert sync("sync_codex").run.was_blocked
    held.release()
    assert sync_state().state == "fresh"


@pytest.mark.parametrize("trigger", ["button", "schedule"])
def test_what_was_asked_for_waits_its_turn_behind_a_command(
    trigger: str, mirrored: SampleCodex, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = lease.take(running(command="sync_tickets", trigger="script").pk)
    technician, pages = client_of("technician"), list[str]()

    def look_and_then_let_go(heartbeat: Heartbeat, holder: str) -> None:
        waits(heartbeat, holder)
        heartbeat.beat()
        pages.append(squeezed(technician.get(f"/sync/runs/{run.pk}/").content.decode()))
        if len(pages) == 2:
            held.release()

    waits = Heartbeat.waits
    monkeypatch.setattr(Heartbeat, "waits", look_and_then_let_go)
    monkeypatch.setattr(engine, "TURN_SECONDS", 0.01)
    run = SyncRun.objects.create(command="sync_codex", trigger=trigger)
    assert engine.execute(run).status == "complete", run.reason
    assert len(pages) == 2
    assert "Waiting for its turn" in pages[1]
    assert f"Run {held.run} on {socket.gethostname()} is syncing" in pages[1]


def test_who_waits_its_turn_can_be_cancelled(
    mirrored: SampleCodex, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelled(heartbeat: Heartbeat, holder: str) -> None:
        lifecycle.cancel(run, None)
        heartbeat.beat()
        waits(heartbeat, holder)

    waits = Heartbeat.waits
    monkeypatch.setattr(Heartbeat, "waits", cancelled)
    held = lease.take(4711)
    run = SyncRun.objects.create(command="sync_codex", trigger="button")
    done = engine.execute(run)
    held.release()
    assert (done.status, done.ending) == ("aborted", "cancelled")
