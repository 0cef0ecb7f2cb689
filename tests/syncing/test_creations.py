"""New nodes rendered in a thread: the same plan, in the same order."""

import threading
from pathlib import Path
from unittest.mock import Mock

import msgspec
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
    nodes = [desired_ticket(ticket, msgspec.json.encode(ticket), Nobody({}, {})) for ticket in tickets]
    return [Wanted(node, "42", "Acme / Tickets", "folder") for node in nodes]


@pytest.fixture
def files(tmp_path: Path) -> PlanFiles:
    return PlanFiles(tmp_path / "plan")


def test_the_plan_has_all_in_the_order_asked_for(files: PlanFiles) -> None:
    groups = [wanted(1, 50), wanted(100, 3), [], wanted(200, 50), wanted(300, 50), wanted(400, 50)]
    made = Creations(files)
    for group in groups:
        made.add(group)
    made.finish()
    made.close()
    files.close()
    assert list(files.read("rest")) == [creation(want) for group in groups for want in group]
    assert files.numbers["rest"] == 203


def test_what_fails_in_the_thread_fails_here(files: PlanFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(creations, "creation", Mock(side_effect=ValueError("a bad record")))
    made = Creations(files)
    made.add(wanted(1, 20))
    with pytest.raises(ValueError, match="a bad record"):
        made.finish()
    made.close()


def test_no_thread_is_left_behind(files: PlanFiles) -> None:
    made = Creations(files)
    made.add(wanted(1, 20))
    made.close()
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("render")] == []


def test_a_change_is_read_back_as_it_was_planned(files: PlanFiles) -> None:
    [want] = wanted(7, 1)
    [(file, lines, entries)] = creations.rendered([want])
    assert (file, [entry[0] for entry in entries]) == ("rest", [len(lines)])
    assert msgspec.json.decode(lines, type=Change).set["content"].endswith("Printer **jams**\n")
