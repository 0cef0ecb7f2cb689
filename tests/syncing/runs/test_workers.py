"""A button's run reaches the sync worker: the real queue, the real cluster, a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from syncing.models import SyncRun, SyncWorker
from syncing.runs import lifecycle, workers
from syncing.sample_codex.server import SampleCodex
from tests.people import client_of
from tests.syncing.processes import REPOSITORY, environment_of_programs, wait_until
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.postgresql


@pytest.fixture
def sync_worker(codex: SampleCodex, graph: Graph, transactional_db: None, tmp_path: Path) -> Iterator[None]:
    environment = environment_of_programs(codex, tmp_path, Q_CLUSTER_NAME="sync")
    cluster = subprocess.Popen([sys.executable, "manage.py", "qcluster"], cwd=REPOSITORY, env=environment)
    yield
    cluster.send_signal(signal.SIGTERM)
    cluster.wait(60)


def test_what_is_asked_for_is_done(sync_worker: None, codex: SampleCodex, graph: Graph) -> None:
    asked = lifecycle.enqueue(SyncRun.Command.CODEX)
    assert asked.status == SyncRun.Status.QUEUED
    wait_until(lambda: SyncRun.objects.get(pk=asked.pk).is_finished)
    done = SyncRun.objects.get(pk=asked.pk)
    assert (done.status, done.reason) == (SyncRun.Status.COMPLETE, "")
    [companies] = graph.rows("MATCH (c:Company) RETURN count(c) AS number")
    assert companies["number"] == len(codex.world.accounts)


@pytest.mark.django_db
def test_a_waiting_run_whose_job_is_lost_gets_one_when_asked_for_again() -> None:
    lost = lifecycle.enqueue(SyncRun.Command.CODEX)
    OrmQ.objects.all().delete()
    assert lifecycle.enqueue(SyncRun.Command.CODEX) == lost
    assert not OrmQ.objects.exists(), "a job that has just been sent is not sent twice"
    SyncRun.objects.filter(pk=lost.pk).update(sent_at=timezone.now() - 2 * lifecycle.LOST_AFTER)
    assert lifecycle.enqueue(SyncRun.Command.CODEX) == lost
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db
def test_a_lost_run_is_queued_again_when_the_worker_is_idle() -> None:
    lost = lifecycle.enqueue(SyncRun.Command.CODEX)
    OrmQ.objects.all().delete()
    assert workers.requeue_lost_runs() == [], "it may still come"
    SyncRun.objects.update(sent_at=timezone.now() - 2 * lifecycle.LOST_AFTER)
    assert workers.requeue_lost_runs() == [], "no worker is there that should have begun it"
    SyncWorker.objects.create(host="h", pid=1, cluster="sync", beat_at=timezone.now())
    busy = SyncRun.objects.create(command=SyncRun.Command.TICKETS, status=SyncRun.Status.RUNNING)
    assert workers.requeue_lost_runs() == [], "the worker is at another one"
    busy.delete()
    assert workers.requeue_lost_runs() == [lost.pk]
    assert workers.requeue_lost_runs() == [], "once"
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db
def test_who_watches_a_lost_run_has_it_queued_again() -> None:
    lost = lifecycle.enqueue(SyncRun.Command.CODEX)
    OrmQ.objects.all().delete()
    SyncRun.objects.update(sent_at=timezone.now() - 2 * lifecycle.LOST_AFTER)
    SyncWorker.objects.create(host="h", pid=1, cluster="sync", beat_at=timezone.now())
    assert client_of("technician").get(f"/sync/runs/{lost.pk}/progress/").status_code == 200
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db
def test_a_run_of_the_command_line_gets_no_job() -> None:
    SyncRun.objects.create(
        command=SyncRun.Command.CODEX, pid=os.getpid(), created_at=timezone.now() - timedelta(hours=1)
    )
    SyncWorker.objects.create(host="h", pid=1, cluster="sync", beat_at=timezone.now())
    assert workers.requeue_lost_runs() == []
