"""New nodes rendered beside the comparison: the same plan, in the same order."""

import os
import threading
import time
from pathlib import Path
from typing import NamedTuple
from unittest.mock import Mock, create_autospec

import msgspec
import psutil
import pytest

from knowledgetree.basics.time_limits import TimeLimitedChild
from syncing.compare import creations
from syncing.compare.changes import Match, creation
from syncing.compare.comparison import Comparison
from syncing.compare.creations import Creations
from syncing.kinds import TICKETS
from syncing.kinds.declaration.people_and_computers import Computers, People
from syncing.kinds.ticket import Ticket
from syncing.plan.plan_files import Change, PlanFiles
from tests.throwaway_neo4j import Graph


class Directory(NamedTuple):
    people: People
    everybody: People
    computers: Computers


def matches(first: int, number: int) -> list[Match]:
    tickets = [
        Ticket(ticket_id=i, total_hours_spent=0.5, description="<p>Printer <b>jams</b> at PC-07</p>")
        for i in range(first, first + number)
    ]
    computers = Computers.of([("asset:7", "PC-07")])
    directory = Directory(People({}, {}), People({}, {}), computers)
    nodes = [TICKETS.nodes("42", ticket, msgspec.json.encode(ticket), directory)[0] for ticket in tickets]
    return [Match(node, "42", "Acme", "Acme / Tickets", "folder", is_folder=False) for node in nodes]


@pytest.fixture
def files(tmp_path: Path) -> PlanFiles:
    return PlanFiles(tmp_path / "plan")


def test_the_plan_has_all_in_the_order_asked_for(files: PlanFiles) -> None:
    groups = [matches(1, 50), matches(100, 3), [], matches(200, 50), matches(300, 50), matches(400, 50)]
    made = Creations(files)
    for group in groups:
        made.add(group)
    made.finish()
    made.close()
    files.close()
    assert list(files.read("rest")) == [creation(match) for group in groups for match in group]
    assert files.numbers["rest"] == 203


def test_many_nodes_are_rendered_by_processes_in_the_same_order(
    files: PlanFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Mock(side_effect=AssertionError("rendered in this process"))
    groups = [matches(1 + 5000 * i, size) for i, size in enumerate((1000, 700, 1, 2800, 300, 900))]
    asked = create_autospec(TimeLimitedChild.exchange, side_effect=TimeLimitedChild.exchange)
    made = Creations(files)
    with monkeypatch.context() as patched:
        patched.setattr(creations, "rendered", here)
        patched.setattr(TimeLimitedChild, "exchange", asked)
        for group in groups:
            made.add(group)
        made.finish()
    assert asked.call_count == 8, "the largest group is asked for in parts"
    processes = [child.pid for child in psutil.Process().children() if "syncing.compare.creations" in child.cmdline()]
    assert os.getpgrp() not in map(os.getpgid, processes), "Ctrl-C would end them before they are asked to"
    made.close()
    files.close()
    assert list(files.read("rest")) == [creation(match) for group in groups for match in group]
    assert len(processes) == creations.PROCESSES
    assert not any(psutil.pid_exists(pid) for pid in processes)


def test_processes_that_are_killed_cost_nothing(files: PlanFiles, caplog: pytest.LogCaptureFixture) -> None:
    groups = [matches(1, 1200), matches(2000, 1200), matches(4000, 300), matches(5000, 10)]
    made = Creations(files)
    for group in groups[:2]:
        made.add(group)
    made.finish()
    processes = [child for child in psutil.Process().children() if "syncing.compare.creations" in child.cmdline()]
    for process in processes:
        process.suspend()  # so that it has a question, and dies with it
    for group in groups[2:]:
        made.add(group)
    while not made._idle.empty():
        time.sleep(0.1)
    time.sleep(0.2)  # the question is on its way
    for process in processes:
        process.kill()
    made.finish()
    made.close()
    files.close()
    assert list(files.read("rest")) == [creation(match) for group in groups for match in group]
    assert "300 records are rendered here" in caplog.text


@pytest.mark.parametrize("number", [20, 1200])
def test_what_cannot_be_rendered_fails_here(number: int, files: PlanFiles) -> None:
    group = matches(1, number)
    group[-1].desired.encoded = b"{}"
    made = Creations(files)
    made.add(group)
    with pytest.raises(msgspec.ValidationError, match="ticket_id"):
        made.finish()
    made.close()


def test_a_comparison_that_fails_leaves_no_process_behind(graph: Graph, tmp_path: Path) -> None:
    group = matches(1, 1200)
    group[-1].desired.encoded = b"{}"
    before = {child.pid for child in psutil.Process().children()}
    failing = pytest.raises(msgspec.ValidationError, match="ticket_id")
    with failing as caught, Comparison(PlanFiles(tmp_path / "plan")) as comparison:
        comparison.compare(group)
    assert {child.pid for child in psutil.Process().children()} <= before, caught
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("render")] == []


def test_no_thread_is_left_behind(files: PlanFiles) -> None:
    made = Creations(files)
    made.add(matches(1, 20))
    made.close()
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("render")] == []


def test_a_change_is_read_back_as_it_was_planned(files: PlanFiles) -> None:
    [match] = matches(7, 1)
    [(file, lines, number)] = creations.rendered([match])
    assert (file, number) == ("rest", 1)
    change = msgspec.json.decode(lines, type=Change)
    assert change.set["content"].endswith("Printer **jams** at PC-07\n")
    assert change.set["mentioned_keys"] == ["asset:7"]
