"""The figures of a run: printed as one table, kept in a file, and compared with those that were kept."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.cost import Cost

COLUMNS = "{:37} {:>8}  {:36} {:9} {:>8} {:>8} {:>8} {:>6} {:>6}"
HEAD = ("", "wall", "", "goal", "client", "Neo4j", "CPU sum", "CPU ×", "÷ kept")
LEGEND = """\
wall, client, Neo4j, CPU sum: time; of things done many times, that of one (wall: median, CPU: mean)
client: CPU time of the command with its children, or of the server of the pages; CPU sum: client and Neo4j
CPU ×: the ratio of CPU sums where the column before the goal has the ratio of wall times
÷ kept: CPU sum by that of the file given with --compare"""
_DECIMALS = {"×": 2, "ms": 1, "%": 2}


class NotComparable(Exception):
    """The file is not a kept run, or one of another size."""


@dataclass(frozen=True)
class Figure:
    """One measured thing. The goal is for ``value``; a name must be the same in each run, or it is not compared.

    ``cpu_ratio`` is to the same thing that ``value`` is a ratio to.
    """

    name: str
    cost: Cost | None = None
    value: float | None = None
    unit: str = ""
    of: str = ""  # what stands behind the unit
    goal: float | None = None
    cpu_ratio: float | None = None

    @classmethod
    def against(cls, name: str, cost: Cost, other: Cost, of: str) -> "Figure":
        """What something costs, as ratios to what the other costs."""
        return cls(name, cost, value=cost.wall / other.wall, unit="×", of=of, cpu_ratio=cost.cpu / other.cpu)


class Table:
    """Prints the figures of a run as they come, each beside the kept one of the same name."""

    def __init__(self, size: dict[str, int], kept: dict[str, Any] | None) -> None:
        self._size, self._figures = size, list[Figure]()
        self._before = {figure["name"]: figure["cpu"] for figure in kept["figures"]} if kept else {}

    def add(self, *figures: Figure) -> None:
        if not self._figures:
            print(LEGEND, COLUMNS.format(*HEAD).rstrip(), sep="\n")
        for figure in figures:
            self._figures.append(figure)
            print(self._line(figure).rstrip(), flush=True)

    def keep(self, file: Path) -> None:
        """An object for each figure; all times in seconds."""
        figures = [asdict(figure) | {"cpu": figure.cost and figure.cost.cpu} for figure in self._figures]
        text = json.dumps({"size": self._size, "figures": figures}, indent=1, ensure_ascii=False)
        file.write_text(text + "\n", encoding="utf-8")

    def _line(self, figure: Figure) -> str:
        cost, before = figure.cost, self._before.get(figure.name)
        return COLUMNS.format(
            figure.name,
            _time(cost.wall) if cost else "",
            f"{_number(figure.value, figure.unit)} {figure.of}".strip(),
            f"≤ {figure.goal:g} {figure.unit}" if figure.goal is not None else "",
            *((_time(cost.client), _time(cost.neo4j), _time(cost.cpu)) if cost else ("", "", "")),
            _number(figure.cpu_ratio),
            _number(cost.cpu / before) if cost and before else "",
        )


def read_kept(file: Path, size: dict[str, int]) -> dict[str, Any]:
    """What ``Table.keep`` wrote. Raises NotComparable when the file is another, or the run had another size."""
    try:
        kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        kept_size, _ = kept["size"], kept["figures"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise NotComparable(f"{file} is not a run that was kept with --json: {error!r}") from error
    if kept_size != size:
        raise NotComparable(f"{file} is a run of another size: {kept_size}, this one: {size}. Give the same options.")
    return kept


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.1f} ms"


def _number(value: float | None, unit: str = "×") -> str:
    if value is None:
        return ""
    return f"{value:,.{_DECIMALS.get(unit, 0)}f} {unit}"
