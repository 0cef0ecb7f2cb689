"""Draws the chart of the last runs, with the duration and the number of changes of each."""

from dataclasses import dataclass
from typing import Any

from syncing.models import SyncRun

CHARTED_RUNS = 40
CHART_HEIGHT, BAR_WIDTH, BAR_GAP = 56, 10, 4


@dataclass(frozen=True)
class Bar:
    """One run in the chart; heights and places in pixels. ``written`` counts changes of the graph."""

    run: SyncRun
    x: int
    height: int
    written_height: int
    written: int

    @property
    def y(self) -> int:
        return CHART_HEIGHT - self.height

    @property
    def written_y(self) -> int:
        return CHART_HEIGHT - self.written_height


def chart() -> dict[str, Any]:
    """The chart of the last finished runs, oldest first."""
    finished = SyncRun.objects.exclude(finished_at=None).filter(dry_run=False).defer("log", "reason")
    shown = list(finished[:CHARTED_RUNS])[::-1]
    written = [_written(run) for run in shown]
    longest = max((run.duration_seconds or 0.0 for run in shown), default=0.0)
    bars = [
        Bar(
            run,
            place * (BAR_WIDTH + BAR_GAP),
            _height(run.duration_seconds or 0.0, longest),
            _height(number, max(written)),
            number,
        )
        for place, (run, number) in enumerate(zip(shown, written, strict=True))
    ]
    return {
        "bars": bars,
        "longest": longest,
        "most": max(written, default=0),
        "width": max(len(bars) * (BAR_WIDTH + BAR_GAP), 1),
        "height": CHART_HEIGHT,
        "bar": BAR_WIDTH,
    }


def _written(run: SyncRun) -> int:
    totals = run.totals()
    return sum(totals.get(action, 0) for action in ("created", "updated", "moved", "archived", "restored"))


def _height(value: float, most: float) -> int:
    """The height of a value in pixels, at least two unless it is zero."""
    return max(round(CHART_HEIGHT * value / most), 2) if value and most else 0
