"""Shows the outcome of each record of a run, and retries the records that failed."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from knowledgetree.basics.address_forms import AddressForm, choice_field
from syncing.decisions import record_retries, undo
from syncing.decisions.record_history import Moment, moment_of
from syncing.models import NodeChange, QuarantinedRecord, SyncRun
from syncing.pages import plan_words
from syncing.pages.titles import Changed, titles_of

ROWS_A_PAGE = 100
OUTCOMES = ("changed", "refused", "skipped", "noticed")


class RecordsForm(AddressForm):
    """The filter by the outcome of records."""

    outcome = choice_field(OUTCOMES)


@require_safe
def records(request: HttpRequest, run_id: int) -> HttpResponse:
    """The records with this ``outcome`` (changed, refused, skipped or noticed), a hundred per page."""
    run = get_object_or_404(SyncRun.objects.defer("log"), pk=run_id)
    numbers = {
        "changed": run.changes.count(),
        "refused": run.refused.bad().count(),
        "skipped": run.refused.skipped().count(),
        "noticed": run.refused.noticed().count(),
    }
    asked = RecordsForm(request.GET).given()["outcome"]
    outcome = asked or next((name for name in OUTCOMES if numbers[name]), "changed")
    page = Paginator(_of_outcome(run, outcome), ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "syncing/run_records.html",
        {
            "run": run,
            "numbers": [(name, numbers[name]) for name in OUTCOMES],
            "outcome": outcome,
            "page": page,
            "moments": _moments(page.object_list) if outcome == "changed" else (),
            "created": plan_words.written(run).get("created", 0),
        }
        | afterwards(run),
    )


@require_POST
def retry(request: HttpRequest, run_id: int) -> HttpResponse:
    """Start a run over the companies whose records this run refused or skipped, or over all if they are many."""
    run = get_object_or_404(SyncRun, pk=run_id)
    new = record_retries.retry(run, cast(User, request.user))
    if new is None:
        messages.info(request, f"Run {run.pk} has no refused or skipped records.")
    return redirect("sync-run", (new or run).pk)


def afterwards(run: SyncRun) -> dict[str, Any]:
    """The actions that the page of a finished run offers: undo, and a retry of failed records."""
    if not run.is_finished:
        return {}
    failed = run.refused.failed().count()
    return {
        "undo_refused": undo.why_not(run),
        "undone_by": undo.undoings(run),
        "differs_from_codex": undo.takes_back(run),
        "failed_count": failed,
        "retry_companies": len(record_retries.companies_to_retry(run)) if failed else 0,
        "in_quarantine": QuarantinedRecord.objects.filter(last_run=run).count() if failed else 0,
    }


def _of_outcome(run: SyncRun, outcome: str) -> "QuerySet[Any]":
    if outcome == "changed":
        return run.changes.all()
    return {
        "refused": run.refused.bad(),
        "skipped": run.refused.skipped(),
        "noticed": run.refused.noticed(),
    }[outcome]


def _moments(rows: Iterable[NodeChange]) -> list[tuple[NodeChange, str, Moment]]:
    """The changes with the titles of their nodes."""
    rows = list(rows)
    titles = titles_of(Changed(row.node_id, row.kind, row.name, row.before, row.after) for row in rows)
    return [(row, title, moment_of(row)) for row, title in zip(rows, titles, strict=True)]
