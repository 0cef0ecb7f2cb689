"""What the watchdog does about a local Neo4j, whose answers are scripted here."""

import io
from pathlib import Path
from typing import Any

import pytest
from neo4j.exceptions import AuthError, ServiceUnavailable

from knowledgetree.launcher.neo4j_local.installation import Installation
from knowledgetree.launcher.neo4j_local.server import Running
from knowledgetree.launcher.run_record import RunRecord
from knowledgetree.launcher.supervisor import Supervisor
from knowledgetree.launcher.watchdog import Watchdog
from tree.exceptions import GraphFailed, GraphTimedOut, GraphUnavailable

SILENT = GraphUnavailable("It fell silent.")
SILENT.__cause__ = ServiceUnavailable()
REFUSING = GraphUnavailable("It refuses the password.")
REFUSING.__cause__ = AuthError()


class Scene:
    """A Neo4j with a process and an answer, and what the supervisor was told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.neo4j = Installation(folder, 7687, "secret", folder, "")
        self.pid: int | None = 1
        self.answer: Exception | None = None
        self.restarts: list[str] = []
        self.output = io.StringIO()
        programs = Supervisor(RunRecord(folder / "run.json"), self.output)
        monkeypatch.setattr(programs, "restart", lambda name, why: self.restarts.append(why))
        monkeypatch.setattr("tree.queries.ping", self._ping)
        monkeypatch.setattr("knowledgetree.launcher.neo4j_local.server.running", self._running)
        self.watchdog = Watchdog(programs, self.neo4j)

    def look(self, times: int, answer: Exception | None) -> None:
        self.answer = answer
        for _ in range(times):
            self.watchdog.look_at_neo4j(self.neo4j)

    def _ping(self) -> None:
        if self.answer:
            raise self.answer

    def _running(self, neo4j: Installation) -> Running | None:
        return Running(self.pid, 0.0, 7687, "", 0) if self.pid else None


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path, monkeypatch)


def test_a_neo4j_that_hangs_is_restarted_once_it_has_been_silent_for_a_minute(scene: Scene) -> None:
    scene.look(1, None)
    scene.look(5, SILENT)
    assert scene.restarts == []
    scene.look(1, SILENT)
    assert scene.restarts == ["it has not answered for 60 s"]
    scene.pid = 2
    scene.look(30, SILENT)
    assert len(scene.restarts) == 1, "the new one is still starting"
    scene.look(1, None)
    scene.look(6, SILENT)
    assert len(scene.restarts) == 2


@pytest.mark.parametrize("answer", [REFUSING, GraphTimedOut("It took too long.")])
def test_whoever_refuses_or_is_slow_does_not_hang(scene: Scene, answer: Any) -> None:
    scene.look(1, None)
    scene.look(30, answer)
    assert scene.restarts == []


def test_a_failed_database_is_restarted(scene: Scene) -> None:
    scene.look(2, GraphFailed("The database has failed."))
    assert len(scene.restarts) == 1


@pytest.mark.parametrize(("pid", "told"), [(1, "process 1: it has not answered for 60 s"), (None, "it has ended")])
def test_the_neo4j_of_another_command_is_told_about_once(scene: Scene, pid: int | None, told: str) -> None:
    scene.watchdog.foreign_owner = "manage.py neo4j start"
    scene.look(1, None)
    scene.pid = pid
    scene.look(20, SILENT)
    assert scene.restarts == []
    assert scene.output.getvalue().count(f"neo4j is in trouble ({told}). `manage.py neo4j start` started it") == 1
    scene.look(1, None)
    assert "neo4j answers again." in scene.output.getvalue()
