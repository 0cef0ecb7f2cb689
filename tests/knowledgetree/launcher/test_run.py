"""``manage.py run`` from nothing to pages and back to nothing."""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from tests.knowledgetree.launcher.installation import REPOSITORY, local_environment, manage
from tests.syncing.processes import wait_until

pytestmark = pytest.mark.long
IN_THE_BACKGROUND = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")


@pytest.fixture(scope="module")
def environment(neo4j_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One installation for all tests here: the first of them sets it up."""
    return local_environment(tmp_path_factory.mktemp("run") / "instance")


@contextmanager
def running(environment: dict[str, str], *shell: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, started by ``shell``, and what it printed until it was ready; the test need not end it."""
    with subprocess.Popen(
        [*shell, sys.executable, "manage.py", "run"],
        cwd=REPOSITORY,
        env={**environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    ) as command:
        try:
            yield command, _until_ready(command)
        finally:
            if command.poll() is None:
                command.send_signal(signal.SIGTERM)


def _until_ready(command: subprocess.Popen[str]) -> str:
    assert command.stdout is not None
    printed = ""
    for line in command.stdout:
        printed += line
        if line.startswith("KnowledgeTree is ready at"):
            return printed
    raise AssertionError(f"it ended before it was ready:\n{printed}")


def stop(command: subprocess.Popen[str], signum: signal.Signals) -> tuple[int, str]:
    """The exit code and what was printed meanwhile. Asserts that nothing is left running."""
    family = psutil.Process(command.pid).children(recursive=True)
    assert "gunicorn" in {process.name() for process in family}
    assert command.stdout is not None
    command.send_signal(signum)
    printed = command.stdout.read()
    code = command.wait()
    assert [process for process in family if process.is_running() and process.status() != "zombie"] == []
    return code, printed


def test_from_nothing_to_a_filled_tree(environment: dict[str, str]) -> None:
    with running(environment) as (command, printed):
        assert f"KnowledgeTree is ready at http://127.0.0.1:{environment['PORT']}" in printed
        assert "The tree is empty: first sync from" in printed
        health = requests.get(f"http://127.0.0.1:{environment['PORT']}/health", timeout=30)
        assert health.status_code == 200
        code, _ = stop(command, signal.SIGINT)
        assert code == 130
    kept = Path(environment["KNOWLEDGETREE_INSTANCE"]) / "first-admin.txt"
    assert f"The first admin: name admin, password in {kept}." in printed
    password = kept.read_text().split()[-1]
    assert password not in printed, "it would stand in the journal of the system"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE((kept.parent / "db.sqlite3").stat().st_mode) == 0o600


def test_the_second_time_nothing_is_made_again_and_what_dies_or_fails_is_started_again(
    environment: dict[str, str],
) -> None:
    """Started in the background by a shell, so that it and all that it starts ignore Ctrl-C; SIGTERM ends it.

    Later the disk is full for Neo4j, as far as it can tell: the system lets it make no file larger.
    """
    url = f"http://127.0.0.1:{environment['PORT']}/health"
    with running(environment, *IN_THE_BACKGROUND) as (command, printed):
        assert "first sync" not in printed
        assert "password" not in printed
        again = manage(environment, "run")
        assert again.returncode == 1
        assert f"KnowledgeTree runs already (process {command.pid})" in again.stderr

        family = psutil.Process(command.pid).children(recursive=True)
        killed = next(process for process in family if process.name() == "gunicorn")
        killed.kill()
        wait_until(lambda: not killed.is_running() and answers(url) == 200)

        java = next(process for process in family if process.name() == "java")
        java.rlimit(psutil.RLIMIT_FSIZE, (1000, psutil.RLIM_INFINITY))
        manage(environment, "sync_codex")  # the heartbeat of its lease is written
        wait_until(lambda: answers(url) == 503)
        wait_until(lambda: not java.is_running() and answers(url) == 200)
        assert manage(environment, "sync_codex").returncode == 0
        code, told = stop(command, signal.SIGTERM)
        assert code == 0
    assert "web ended by itself (killed by SIGKILL)" in told
    assert "neo4j is restarted: " in told
    assert [process for process in family if process.is_running() and process.status() != "zombie"] == []


def answers(url: str) -> int:
    """The status code; 0 if nobody listens."""
    try:
        return requests.get(url, timeout=30).status_code
    except requests.ConnectionError:
        return 0


def test_a_run_after_a_killed_one_clears_up(environment: dict[str, str]) -> None:
    with running(environment) as (command, _):
        family = psutil.Process(command.pid).children(recursive=True)
        os.kill(command.pid, signal.SIGKILL)
    with running(environment) as (command, printed):
        assert "Stopped what a killed run had left behind: web, worker, sync, codex." in printed
        assert "which a killed run left behind. It is this run's from now on." in printed
        assert stop(command, signal.SIGINT)[0] == 130
    assert [process for process in family if process.is_running() and process.status() != "zombie"] == []


@pytest.mark.parametrize("variable", ["PORT", "NEO4J_BOLT_PORT", "SAMPLE_CODEX_PORT"])
def test_a_taken_port_is_named(environment: dict[str, str], variable: str) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = manage({**environment, variable: str(port)}, "run")
    assert told.returncode == 1
    assert f"Port {port} for " in told.stderr
    assert f"{variable}={port + 1}" in told.stderr
