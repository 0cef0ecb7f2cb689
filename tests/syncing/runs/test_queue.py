"""Jobs are delivered at least once, by either broker; a run is done once all the same.

Real qclusters in processes of their own, on the SQL database and on a real Redis.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any

import pytest
import redis
from django_q.conf import Conf
from django_q.models import OrmQ, Task
from django_q.tasks import async_task

from syncing.models import FailedJob, SyncRun
from syncing.runs import lifecycle, queue
from syncing.sample_codex.server import SampleCodex
from tests.fault_counts import usual_or_all
from tests.people import client_of
from tests.syncing.conftest import Breaches
from tests.syncing.processes import REPOSITORY, environment_of_programs, wait_until
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.postgresql
StartCluster = Callable[..., subprocess.Popen[bytes]]
QUEUE = "django_q:sync:q"
PRINT_TIMES = """
import json, django
django.setup()
from django_q.conf import Conf as c
print(json.dumps([c.TIMEOUT, c.RETRY, c.MAX_ATTEMPTS, c.ACK_FAILURES, c.CATCH_UP, c.WORKERS, c.QUEUE_LIMIT, c.BULK]))
"""


@pytest.fixture
def start_cluster(codex: SampleCodex, graph: Graph, transactional_db: None, tmp_path: Path) -> Iterator[StartCluster]:
    """``start_cluster(retry=2, slow=0.3)``: a sync worker on this Codex and our database."""
    started: list[subprocess.Popen[bytes]] = []

    def start(broker: str = "", **constants: Any) -> subprocess.Popen[bytes]:
        environment = environment_of_programs(codex, tmp_path, Q_CLUSTER_NAME="sync", Q_BROKER_URL=broker)
        command = [sys.executable, "-m", "tests.syncing.cluster", json.dumps(constants)]
        started.append(subprocess.Popen(command, cwd=REPOSITORY, env=environment))
        return started[-1]

    yield start
    for cluster in started:
        cluster.send_signal(signal.SIGTERM)
    for cluster in started:
        cluster.wait(60)


@pytest.fixture
def on_redis(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """This process sends its jobs to the Redis, as the pages do with Q_BROKER_URL."""
    monkeypatch.setattr(Conf, "ORM", None)
    monkeypatch.setattr(Conf, "REDIS", redis_url)
    return redis_url


def done(run: SyncRun) -> SyncRun:
    wait_until(lambda: SyncRun.objects.get(pk=run.pk).is_finished)
    return SyncRun.objects.get(pk=run.pk)


def whole_reads(codex: SampleCodex) -> int:
    return len(codex.requests("/api/companies/bulk"))


@pytest.mark.parametrize("cluster", ["", "sync"])
def test_the_times_of_both_clusters_fit_together(cluster: str) -> None:
    """retry must be longer than a job can wait and last, or it is started twice; django-q2 does not check that."""
    environment = os.environ | {"Q_CLUSTER_NAME": cluster} if cluster else os.environ
    command = [sys.executable, "-c", PRINT_TIMES]
    out = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, check=True)
    timeout, retry, attempts, ack_failures, catch_up, workers, limit, bulk = json.loads(out.stdout)
    assert retry > timeout * (1 + ceil((limit + 1) / workers))
    assert (attempts, ack_failures, catch_up, workers, limit, bulk) == (1, True, False, 1, 1, 1)
    assert timeout >= (3600 if cluster else 300)


@pytest.mark.long
@pytest.mark.parametrize("max_attempts", [1, 0], ids=["one attempt", "any number of attempts"])
def test_a_job_that_is_delivered_again_while_it_runs_does_nothing(
    max_attempts: int, start_cluster: StartCluster, codex: SampleCodex, graph: Graph, breaches: Breaches
) -> None:
    run = lifecycle.enqueue(SyncRun.Command.CODEX)
    start_cluster(retry=2, timeout=60, slow=0.4, batch=5, max_attempts=max_attempts)
    wait_until(lambda: SyncRun.objects.get(pk=run.pk).status == SyncRun.Status.RUNNING)
    first_lock = OrmQ.objects.get().lock
    wait_until(lambda: OrmQ.objects.get().lock != first_lock)
    assert SyncRun.objects.get(pk=run.pk).status == SyncRun.Status.RUNNING, "it was not delivered while it ran"
    ended = done(run)
    assert (ended.status, ended.reason) == (SyncRun.Status.COMPLETE, "")
    second = done(lifecycle.enqueue(SyncRun.Command.CODEX))  # goes after the second delivery: one worker, in turn
    assert second.status == SyncRun.Status.COMPLETE
    again = SyncRun.objects.get(pk=run.pk)
    assert (again.finished_at, again.counts) == (ended.finished_at, ended.counts)
    assert whole_reads(codex) == 2
    assert breaches() == []


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.parametrize(
    ("nodes", "max_attempts"), usual_or_all([(0, 1), (5, 0), (20, 1)], list(product((0, 5, 20), (1, 0))))
)  # 0 allows any number of attempts
def test_the_job_of_a_killed_worker_comes_again_and_does_nothing(
    nodes: int, max_attempts: int, start_cluster: StartCluster, codex: SampleCodex, graph: Graph, breaches: Breaches
) -> None:
    run = lifecycle.enqueue(SyncRun.Command.CODEX)
    start_cluster(retry=2, timeout=60, slow=0.3, batch=5, max_attempts=max_attempts)
    wait_until(lambda: whole_reads(codex) == 1)
    wait_until(lambda: graph.rows("MATCH (n:ContextItem) RETURN count(n) AS n")[0]["n"] >= nodes)
    killed = SyncRun.objects.get(pk=run.pk)
    assert killed.pid is not None
    os.kill(killed.pid, signal.SIGKILL)
    wait_until(lambda: SyncRun.objects.get(pk=run.pk).status == SyncRun.Status.ABORTED and not OrmQ.objects.exists())
    assert SyncRun.objects.get(pk=run.pk).status == SyncRun.Status.ABORTED
    assert whole_reads(codex) == 1
    assert done(lifecycle.enqueue(SyncRun.Command.CODEX)).status == SyncRun.Status.COMPLETE
    assert breaches() == []


def test_a_job_that_fails_is_tried_once(start_cluster: StartCluster) -> None:
    async_task("syncing.jobs.run_sync", 999_999, cluster="sync", task_name="run-of-nobody")
    start_cluster(retry=20, timeout=60)  # what is not acknowledged comes again, but not because the machine is busy
    wait_until(lambda: FailedJob.objects.exists() and not OrmQ.objects.exists())
    assert done(lifecycle.enqueue(SyncRun.Command.CODEX)).status == SyncRun.Status.COMPLETE
    [failure] = FailedJob.objects.all()
    assert (failure.name, failure.func, failure.cluster) == ("run-of-nobody", "syncing.jobs.run_sync", "sync")
    assert "DoesNotExist" in failure.error
    assert not Task.objects.exists(), "a result was kept as a pickle"


def test_redis_brings_the_job_and_a_second_delivery_does_nothing(
    on_redis: str, start_cluster: StartCluster, codex: SampleCodex, graph: Graph, breaches: Breaches
) -> None:
    run = lifecycle.enqueue(SyncRun.Command.CODEX)
    server = redis.from_url(on_redis)
    [job] = server.lrange(QUEUE, 0, -1)
    server.rpush(QUEUE, job, job)
    assert not OrmQ.objects.exists()
    start_cluster(on_redis)
    assert done(run).status == SyncRun.Status.COMPLETE
    ended = SyncRun.objects.get(pk=run.pk)
    assert done(lifecycle.enqueue(SyncRun.Command.CODEX)).status == SyncRun.Status.COMPLETE
    again = SyncRun.objects.get(pk=run.pk)
    assert again.finished_at == ended.finished_at
    assert whole_reads(codex) == 2
    assert server.llen(QUEUE) == 0
    assert breaches() == []


def test_a_job_goes_to_redis_only_after_its_run_can_be_read(
    on_redis: str, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is quicker than the commit would find no run."""
    in_transaction: list[bool] = []
    original = queue._send

    def watched(run_id: int) -> None:
        from django.db import connection

        in_transaction.append(connection.in_atomic_block)
        original(run_id)

    monkeypatch.setattr(queue, "_send", watched)
    lifecycle.enqueue(SyncRun.Command.CODEX)
    assert in_transaction == [False]


def test_a_button_without_its_redis_says_so(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conf, "ORM", None)
    monkeypatch.setattr(Conf, "REDIS", "redis://worker:pass-of-redis@127.0.0.1:1/0")
    admin = client_of("admin")
    answer = admin.post("/sync/start/", {"command": "sync_codex"})
    run = SyncRun.objects.get()
    assert run.status == SyncRun.Status.FAILED
    page = admin.get(answer.headers["Location"]).content.decode()
    assert "The queue of jobs at redis://127.0.0.1:1 (Q_BROKER_URL) cannot be used" in page
    assert "Is Redis running?" in page
    assert "pass-of-redis" not in page
