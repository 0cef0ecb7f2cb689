"""What became of each record of a run, a new run over those that it could not take, and the chart of the last runs."""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from syncing import quarantine, runs, undo
from syncing.models import QuarantinedRecord, RefusedRecord, SyncRun
from syncing.timemachine import moment_of

ROWS_A_PAGE = 100
RETRY_AT_MOST = 50  # companies one by one; for more, the answer for all in one is quicker
CHARTED_RUNS = 40
CHART_HEIGHT, BAR_WIDTH, BAR_GAP = 56, 10, 4
OUTCOMES = ("changed", "refused", "skipped", "noticed")


@require_safe
def records(request: HttpRequest, run_id: int) -> HttpResponse:
    """Record by record: changed, refused, skipped or noticed (``outcome``), a hundred a page."""
    run = get_object_or_404(SyncRun.objects.defer("log"), pk=run_id)
    numbers = {
        "changed": run.changes.count(),
        "refused": run.refused.filter(is_notice=False, is_skipped=False).count(),
        "skipped": run.refused.filter(is_skipped=True).count(),
        "noticed": run.refused.filter(is_notice=True).count(),
    }
    asked = request.GET.get("outcome", "")
    outcome = asked if asked in OUTCOMES else next((name for name in OUTCOMES if numbers[name]), "changed")
    page = Paginator(_of_outcome(run, outcome), ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "syncing/run_records.html",
        {
            "run": run,
            "numbers": [(name, numbers[name]) for name in OUTCOMES],
            "outcome": outcome,
            "page": page,
            "moments": [(row, moment_of(row)) for row in page.object_list] if outcome == "changed" else (),
            "created": sum(actions.get("created", 0) for actions in run.counts.values()),
        }
        | afterwards(run),
    )


@require_POST
def retry(request: HttpRequest, run_id: int) -> HttpResponse:
    """A run over the companies of the records that this run refused or skipped; over all, if they are many."""
    run = get_object_or_404(SyncRun, pk=run_id)
    failed = _failed(run)
    if not run.is_finished or not failed.exists():
        messages.info(request, f"Run {run.pk} has no refused or skipped records.")
        return redirect("sync-run", run.pk)
    new = runs.enqueue(
        run.command, user=cast(User, request.user), companies=_companies_to_retry(run), kinds=list(run.kinds)
    )
    return redirect("sync-run", new.pk)


def afterwards(run: SyncRun) -> dict[str, Any]:
    """What a finished run's page offers: to undo it, to retry what failed."""
    if not run.is_finished:
        return {}
    failed = _failed(run).count()
    return {
        "undo_refused": undo.why_not(run),
        "undone_by": undo.applied_undo(run),
        "failed_count": failed,
        "retry_companies": len(_companies_to_retry(run)) if failed else 0,
        "in_quarantine": QuarantinedRecord.objects.filter(last_run=run).count() if failed else 0,
    }


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
    """The last finished runs, the oldest first: how long each took and how much it wrote."""
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
    """At least two pixels for what is there at all."""
    return max(round(CHART_HEIGHT * value / most), 2) if value and most else 0


def _of_outcome(run: SyncRun, outcome: str) -> "QuerySet[Any]":
    if outcome == "changed":
        return run.changes.all()
    return {
        "refused": run.refused.filter(is_notice=False, is_skipped=False),
        "skipped": run.refused.filter(is_skipped=True),
        "noticed": run.refused.filter(is_notice=True),
    }[outcome]


def _failed(run: SyncRun) -> "QuerySet[RefusedRecord]":
    return run.refused.filter(is_notice=False)


def _companies_to_retry(run: SyncRun) -> list[str]:
    """Empty means all."""
    companies = quarantine.accounts_of(_failed(run).only("kind", "account", "codex_id"))
    return companies if len(companies) <= RETRY_AT_MOST else []
