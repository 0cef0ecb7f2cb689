"""A cluster proves that it works, and ends if it takes no jobs: real clusters whose idle processes are killed."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psutil
import pytest
from django.db.models import F
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

from syncing.models import FailedJob, SyncRun, SyncWorker, WorkerAlarm
from syncing.runs import clusters, workers
from tests.fault_counts import usual_or_all
from tests.people import client_of
from tests.syncing.processes import PATIENCE, REPOSITORY, database_url, wait_until

Cluster = subprocess.Popen[str]


@pytest.fixture
def cluster(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[Cluster]:
    """A sync worker that proves itself each half second, and is deaf after the seconds that the test names."""
    environment = os.environ | {"Q_CLUSTER_NAME": "sync", "DATABASE_URL": database_url()}
    command = [sys.executable, "-m", "tests.syncing.cluster", json.dumps({"deaf_after": request.param})]
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE, text=True) as started:
        yield started
        if started.poll() is None:
            started.send_signal(signal.SIGTERM)


def proved_worker() -> SyncWorker:
    wait_until(SyncWorker.objects.exclude(proved_at=None).exists)
    return SyncWorker.objects.get()


def family_of(cluster: Cluster) -> list[psutil.Process]:
    """The guard, then worker, monitor and pusher in the order in which django-q starts them."""
    [guard] = psutil.Process(cluster.pid).children()
    return [guard, *sorted(guard.children(), key=lambda process: process.create_time())]


@pytest.mark.long
@pytest.mark.faults
@pytest.mark.parametrize("cluster", [4], indirect=True)
@pytest.mark.parametrize("victim", usual_or_all(["worker"], ["worker", "monitor", "guard"]))
def test_a_cluster_with_a_process_killed_while_idle_ends(victim: str, cluster: Cluster) -> None:
    worker = proved_worker()
    family = family_of(cluster)
    pid = {"worker": worker.pid, "monitor": family[2].pid, "guard": worker.guard_pid}[victim]
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    _, err = cluster.communicate(timeout=PATIENCE)
    assert cluster.returncode == 1
    assert "They were ended." in err
    assert WorkerAlarm.objects.filter(cluster="sync").exclude(alarmed_at=None).exists() is (victim != "guard")
    wait_until(lambda: not any(process.is_running() and process.status() != "zombie" for process in family))


@pytest.mark.long
@pytest.mark.parametrize("cluster", [PATIENCE], indirect=True)  # so that it does not end because the machine is busy
def test_proofs_go_on_and_leave_no_job_behind(cluster: Cluster) -> None:
    first = proved_worker().proved_at
    async_task("syncing.jobs.prove", cluster="sync")
    wait_until(lambda: not OrmQ.objects.exists())
    wait_until(SyncWorker.objects.filter(proved_at__gt=first).exists)
    assert cluster.poll() is None


def sync_worker(**minutes_ago: float | None) -> SyncWorker:
    """A sync worker whose row has these times, by default one that has been alive for an hour and does nothing."""
    times = {"started_at": 60.0, "proved_at": 0.5} | minutes_ago
    fields: dict[str, Any] = {
        name: None if ago is None else timezone.now() - timedelta(minutes=ago) for name, ago in times.items()
    }
    return SyncWorker.objects.create(host="h", pid=1, guard_pid=2, cluster="sync", beat_at=timezone.now(), **fields)


@pytest.mark.parametrize(
    ("times", "is_deaf"),
    [
        ({}, False),
        ({"proved_at": 3}, True),
        ({"proved_at": None}, True),
        ({"proved_at": None, "started_at": 1}, False),  # it has just begun
        ({"proved_at": 40, "working_since": 39}, False),  # it is at a long job
        ({"proved_at": 40, "free_since": 1}, False),  # it has just ended one
        ({"proved_at": 40, "free_since": 3}, True),
    ],
)
def test_an_idle_worker_without_proof_is_deaf(times: dict[str, float | None], is_deaf: bool, db: None) -> None:
    sync_worker(**times)
    assert workers.are_deaf() is is_deaf
    assert not workers.are_deaf(workers.jobs_cluster())


@pytest.mark.parametrize(
    ("times", "minutes", "is_neglected"),
    [
        ({}, 3, True),
        ({}, 1, False),
        ({"free_since": 1}, 30, False),  # it has waited for its turn
        ({"working_since": 30}, 30, False),
    ],
)
def test_a_run_that_an_idle_worker_does_not_take_is_neglected(
    times: dict[str, float | None], minutes: int, is_neglected: bool, db: None
) -> None:
    sync_worker(**times)
    run = SyncRun.objects.create(command=SyncRun.Command.CODEX)
    SyncRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=minutes))
    assert workers.neglect_a_run() is is_neglected
    assert not workers.neglect_a_run(guard_pid=3), "a new cluster would end because of the old one's worker"


def test_the_row_tells_of_jobs_but_not_of_proofs(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_beat", lambda: None)  # the thread would outlive the test
    workers.begin_beating()
    clusters.note_begin({"func": "syncing.jobs.run_sync"})
    assert SyncWorker.objects.get().working_since is not None
    clusters.note_end({"func": "syncing.jobs.run_sync"})
    ended = SyncWorker.objects.get()
    assert ended.working_since is None
    assert ended.free_since is not None
    clusters.note_begin({"func": clusters.PROOF})
    assert SyncWorker.objects.get().working_since is None
    SyncWorker.objects.update(guard_pid=os.getppid(), proved_at=None)
    clusters.note_proof({"func": "syncing.jobs.minute"})
    assert SyncWorker.objects.get().proved_at is None
    clusters.note_proof({"func": clusters.PROOF})
    assert SyncWorker.objects.filter(proved_at__gte=F("started_at")).exists()


def test_a_cluster_is_not_deaf_because_of_the_worker_of_another_host(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conf, "CLUSTER_NAME", "sync")
    deaf = sync_worker(proved_at=None)
    assert deaf.guard_pid is not None
    assert not clusters.is_deaf(deaf.guard_pid)
    SyncWorker.objects.update(host=socket.gethostname())
    assert clusters.is_deaf(deaf.guard_pid)


def test_failures_are_kept_as_words_and_not_for_ever(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "FAILURES_KEPT", 2)
    task = {"func": "syncing.jobs.minute", "success": False, "result": "it broke\x00 : Traceback\n…"}
    for name in ("first", "second", "third"):
        clusters.note_failure(task | {"name": name})
    clusters.note_failure(task | {"name": "fine", "success": True})
    assert [job.name for job in FailedJob.objects.order_by("pk")] == ["second", "third"]
    [*_, last] = FailedJob.objects.order_by("pk")
    assert (last.reason, last.func) == ("it broke : Traceback", "syncing.jobs.minute")
    assert "it broke : Traceback" in client_of("admin").get("/admin/syncing/failedjob/").content.decode()
