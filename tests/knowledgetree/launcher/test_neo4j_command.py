"""``manage.py neo4j`` as a person or cron calls it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.knowledgetree.launcher.installation import REPOSITORY, local_environment, manage

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def environment(neo4j_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One installation for all tests here; each leaves it stopped."""
    variables = local_environment(tmp_path_factory.mktemp("command") / "instance")
    yield variables
    manage(variables, "neo4j", "stop")


def test_it_starts_tells_and_stops(environment: dict[str, str], tmp_path: Path) -> None:
    started = manage(environment, "neo4j", "start")
    assert started.returncode == 0, started.stderr
    assert f"ready at bolt://127.0.0.1:{environment['NEO4J_BOLT_PORT']}" in started.stdout
    instance = Path(environment["KNOWLEDGETREE_INSTANCE"])
    assert (instance / "neo4j-password").read_text().strip() not in started.stdout

    told = manage(environment, "neo4j", "status", "--json")
    assert told.returncode == 0
    assert json.loads(told.stdout)["running"] is True
    assert "runs already" in manage(environment, "neo4j", "start").stdout
    assert manage(environment, "setup_graph").returncode == 0

    refused = manage(environment, "neo4j", "restore", "/nowhere.dump")
    assert (refused.returncode, refused.stderr) == (
        1,
        "CommandError: Nothing was restored. Answer yes, or give --yes.\n",
    )
    saved = manage(environment, "neo4j", "backup", str(tmp_path / "tree.dump"))
    assert saved.returncode == 0, saved.stderr
    assert (tmp_path / "tree.dump").stat().st_size > 0

    assert manage(environment, "neo4j", "stop").returncode == 0
    gone = manage(environment, "neo4j", "status", "--json")
    assert (gone.returncode, json.loads(gone.stdout)["running"]) == (3, False)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_it_runs_until_told_to_stop(environment: dict[str, str], signum: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "manage.py", "neo4j", "run"],
        cwd=REPOSITORY,
        env={**environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert any("Ctrl-C stops it" in line for line in running.stdout)
        busy = manage(environment, "neo4j", "stop")
        assert busy.returncode == 1
        assert "belongs to `manage.py neo4j run`" in busy.stderr
        running.send_signal(signum)
        assert "Stopping Neo4j." in running.stdout.read()
    assert running.returncode == 0
    assert manage(environment, "neo4j", "status").returncode == 3


def test_status_without_a_server(environment: dict[str, str]) -> None:
    told = manage(environment, "neo4j", "status")
    assert told.returncode == 3
    assert "Start it with `manage.py neo4j start`" in told.stdout


@pytest.mark.parametrize("action", ["start", "stop", "status", "run"])
def test_a_neo4j_of_yours_is_left_alone(environment: dict[str, str], action: str) -> None:
    elsewhere = {"NEO4J_URI": "neo4j+s://graph.example", "NEO4J_PASSWORD": "secret-word"}
    told = manage(environment | elsewhere, "neo4j", action)
    assert told.returncode == 1
    assert "neo4j+s://graph.example (NEO4J_URI)" in told.stderr
    assert "Nothing was done" in told.stderr
    assert "secret-word" not in told.stderr + told.stdout


def test_the_help_teaches(environment: dict[str, str]) -> None:
    told = manage(environment, "neo4j", "--help").stdout
    assert "manage.py neo4j backup tree.dump" in told
    assert "NEO4J_BOLT_PORT" in told
