"""Eight starts at the same moment: two cron lines, two hosts whose clocks are wrong, two buttons, two deliveries."""

import json
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from syncing.models import SyncRun
from syncing.runs import lifecycle
from syncing.sample_codex import faults
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex
from tests.fault_counts import usual_or_all
from tests.people import person
from tests.syncing.conftest import Breaches, Use
from tests.syncing.processes import PATIENCE, REPOSITORY, environment_of_programs
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.postgresql

ROUNDS = usual_or_all(5, 25)
STARTERS = (
    *(("command", "this", "0"), ("command", "this", "0")),
    *(("command", "early-host", "-1"), ("command", "late-host", "1")),
    *(("button", "this", "0"), ("button", "this", "0")),
    *(("job", "this", "0"), ("job", "other-host", "0")),
)


@pytest.fixture
def codex(make_codex: MakeCodex, use: Use) -> SampleCodex:
    return use(make_codex(companies=2, contacts=2, assets=2, tickets=0, requests_per_minute=100_000))


class Starter:
    """One of the eight."""

    def __init__(self, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
        self.arguments = arguments
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.syncing.starter", *arguments],
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout

    def __enter__(self) -> "Starter":
        assert self._line() == "ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def go(self, run: int) -> None:
        self._in.write(f"{run}\n")
        self._in.flush()

    def has_answered(self) -> bool:
        return bool(select.select([self._out], [], [], 0)[0])

    def answer(self) -> dict[str, object]:
        answer: dict[str, object] = json.loads(self._line())
        return answer

    def _line(self) -> str:
        assert select.select([self._out], [], [], PATIENCE)[0], f"{self.arguments} says nothing"
        return self._out.readline()


@pytest.fixture
def starters(codex: SampleCodex, graph: Graph, transactional_db: None, tmp_path: Path) -> Iterator[list[Starter]]:
    environment = environment_of_programs(codex, tmp_path)
    with ExitStack() as running:
        yield [running.enter_context(Starter(arguments, environment)) for arguments in STARTERS]


@pytest.mark.faults
@pytest.mark.long
def test_one_runs_and_seven_are_told_which(starters: list[Starter], codex: SampleCodex, breaches: Breaches) -> None:
    """Codex holds its answer back until seven have theirs: so they all came while the run was under way."""
    person("admin")
    for number in range(ROUNDS):
        gate = threading.Event()
        codex.faults.add(faults.before(lambda gate=gate: gate.wait(PATIENCE)), "/api/companies")  # type: ignore[misc]
        codex.log.clear()
        asked = lifecycle.enqueue("sync_codex")
        for starter in starters:
            starter.go(asked.pk)
        working, answers = _seven_answers(starters)
        assert [answer["run"] for answer in answers] == [asked.pk] * 7, (number, answers)
        assert {answer["status"] for answer in answers} <= {"running", "queued"}, (number, answers)
        gate.set()
        last = working.answer()
        assert (last["run"], last["status"]) == (asked.pk, "complete"), (number, last)
        assert SyncRun.objects.count() == number + 1, "somebody made a run of their own"
        assert len(codex.requests("/api/companies")) == 1
    assert breaches() == []


def _seven_answers(starters: list[Starter]) -> tuple[Starter, list[dict[str, object]]]:
    """The one that works, and what the others were told."""
    waiting, answers = list(starters), []
    while len(waiting) > 1:
        outputs = [starter._out for starter in waiting]
        assert select.select(outputs, [], [], PATIENCE)[0], [starter.arguments for starter in waiting]
        for starter in [starter for starter in waiting if starter.has_answered()]:
            answers.append(starter.answer())
            waiting.remove(starter)
    return waiting[0], answers
