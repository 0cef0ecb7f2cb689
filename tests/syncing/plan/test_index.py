"""The index of a plan puts its rows into the order in which the pages show them."""

from typing import Final

import pytest

from syncing.plan import index
from syncing.plan.index import entry_of
from syncing.plan.plan_files import Change

RANK: Final = 6  # its place in an entry


def test_rows_are_ordered_by_action_then_by_kind_however_many_kinds_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_KINDS", {f"Kind{number:02}": number for number in range(30)})
    wanted = [(action, f"Kind{number:02}") for action in ("archive", "move", "update") for number in (0, 9, 10, 29)]
    wanted.append(("update", "KindOfAnotherVersion"))
    changes = [Change(action, kind, "ticket:1", "1", "a", "A", "Place", "2") for action, kind in wanted]
    ranks = [entry_of(change, 1)[RANK] for change in changes]
    assert ranks == sorted(set(ranks))
