"""A run that is kept, and what the next one says beside it."""

from pathlib import Path

import pytest

from tests.bench.cost import Cost
from tests.bench.table import Figure, NotComparable, Table, read_kept

SIZE = {"rounds": 1, "companies": 20}


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A run with two figures: a sync of 3 CPU seconds, and its memory."""
    table = Table(SIZE, None)
    table.add(Figure("first", Cost(wall=2, client=1, neo4j=2)), Figure("peak memory", value=117, unit="MB", goal=300))
    table.keep(tmp_path / "before.json")
    return tmp_path / "before.json"


def test_cpu_sums_are_compared_by_name(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    table = Table(SIZE, read_kept(kept, SIZE))
    table.add(
        Figure("first", Cost(wall=20, client=2, neo4j=2.5)),
        Figure("new", Cost(wall=1, client=1, neo4j=1)),
        Figure("peak memory", value=120, unit="MB", goal=300),
    )
    first, new, memory = capsys.readouterr().out.splitlines()[-3:]
    assert first.split() == ["first", "20.00", "s", "2.00", "s", "2.50", "s", "4.50", "s", "1.50", "×"]
    assert new.split() == ["new", *("1.00", "s") * 3, "2.00", "s"]
    assert memory.split() == ["peak", "memory", "120", "MB", "≤", "300", "MB"]


def test_kept_figures_are_objects_with_seconds(kept: Path) -> None:
    first, memory = read_kept(kept, SIZE)["figures"]
    assert (first["name"], first["cost"], first["cpu"]) == ("first", {"wall": 2, "client": 1, "neo4j": 2}, 3)
    assert (memory["value"], memory["unit"], memory["goal"], memory["cpu"]) == (117, "MB", 300, None)


def test_a_run_of_another_size_is_refused(kept: Path) -> None:
    with pytest.raises(NotComparable, match="another size"):
        read_kept(kept, SIZE | {"companies": 300})


@pytest.mark.parametrize("text", [None, "", "[]", '{"figures": []}', '{"size": {"rounds": 1, "companies": 20}}'])
def test_a_file_that_is_no_kept_run_is_refused(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "other.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(NotComparable, match="not a run that was kept"):
        read_kept(file, SIZE)
