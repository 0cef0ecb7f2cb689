"""New nodes in a second process: the same plan, in the same order, whatever becomes of that process."""

import os
import signal
from pathlib import Path

import msgspec
import psutil
import pytest

from syncing import creations
from syncing.changes import Wanted, creation
from syncing.creations import Creations
from syncing.desired import People as Nobody
from syncing.desired import desired_ticket
from syncing.plan import Change, PlanFiles
from syncing.records import Ticket


def wanted(first: int, number: int) -> list[Wanted]:
    tickets = [
        Ticket(ticket_id=i, total_hours_spent=0.5, description="<p>Printer <b>jams</b></p>")
        for i in range(first, first + number)
    ]
    nodes = [desired_ticket("42", ticket, msgspec.json.encode(ticket), Nobody({}, {})) for ticket in tickets]
    return [Wanted(node, "42", "Acme / Tickets", "folder") for node in nodes]


@pytest.fixture
def files(tmp_path: Path) -> PlanFiles:
    return PlanFiles(tmp_path / "plan")


def test_many_give_the_same_plan_as_few_in_the_same_order(files: PlanFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creations, "WORTH_A_PROCESS", 10)
    groups = [wanted(1, 50), wanted(100, 3), wanted(200, 50), wanted(300, 50), wanted(400, 50)]
    made = Creations(files)
    for group in groups:
        made.add(group)
    made.finish()
    made.close()
    files.close()
    assert list(files.read("rest")) == [creation(want) for group in groups for want in group]
    assert files.numbers["rest"] == 203


def test_few_start_no_process(files: PlanFiles) -> None:
    before = len(psutil.Process().children())
    made = Creations(files)
    made.add(wanted(1, 20))
    assert len(psutil.Process().children()) == before
    assert files.numbers["rest"] == 20


def test_a_killed_process_loses_nothing(files: PlanFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creations, "WORTH_A_PROCESS", 10)
    made = Creations(files)
    made.add(wanted(1, 20))
    made.finish()
    [child] = [p for p in psutil.Process().children(recursive=True) if "spawn_main" in " ".join(p.cmdline())]
    os.kill(child.pid, signal.SIGSTOP)
    made.add(wanted(100, 20))
    os.kill(child.pid, signal.SIGKILL)
    made.finish()
    made.close()
    files.close()
    names = [change.name for change in files.read("rest")]
    assert names == [f"Ticket_{i}.md" for i in (*range(1, 21), *range(100, 120))]


def test_no_process_is_left_behind(files: PlanFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creations, "WORTH_A_PROCESS", 10)
    made = Creations(files)
    made.add(wanted(1, 20))
    made.close()
    left = [p for p in psutil.Process().children(recursive=True) if "spawn_main" in " ".join(p.cmdline())]
    assert left == []


def test_a_change_is_read_back_as_it_was_planned(files: PlanFiles) -> None:
    [want] = wanted(7, 1)
    [(file, lines, number)] = creations.rendered([want])
    assert (file, number) == ("rest", 1)
    assert msgspec.json.decode(lines, type=Change).set["content"].endswith("Printer **jams**\n")
