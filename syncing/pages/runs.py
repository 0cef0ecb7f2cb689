"""Shows the list of runs and each run with its plan, and handles the buttons, which only enqueue runs."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from syncing.decisions import stored_plans
from syncing.models import HOMELESS, QuarantinedRecord, SyncRun
from syncing.pages.charts import chart
from syncing.pages.plan import plan_context, rows_of_plan, run_page, wants_only_rows
from syncing.pages.run_records import afterwards
from syncing.runs import lifecycle, scopes, workers
from syncing.runs.as_json import with_progress
from syncing.runs.progress import progress_of

RUNS_A_PAGE = 30
REFUSED_SHOWN = 200
_LOG_CHARACTERS = 60_000
_CHECKS = "checks_under_way"  # in the session: the runs of this person's check, which leads to its plan at its end
_ACTION_COLUMNS = (
    *("created", "updated", "moved", "restored", "archived", "held", "unchanged", "quarantined", "skipped"),
)


@require_safe
def run_list(request: HttpRequest) -> HttpResponse:
    """The page of the syncs: the state of the mirror, pending decisions, buttons and the list of runs."""
    _ended_checks(request)  # who opens this page anew is led nowhere
    return render(request, "syncing/run_list.html", _state_context(request) | _list_context(request))


@require_safe
def sync_state(request: HttpRequest) -> HttpResponse:
    """The parts of the list that change while a run waits or runs: the cards, and the rows unless already ``seen``."""
    if ended := _ended_checks(request):
        return _to_the_plan(request, ended)
    state = _state_context(request)
    if request.GET.get("seen") == state["stamp"]:
        return render(request, "syncing/_state.html", state)
    return render(request, "syncing/_state_and_runs.html", state | _list_context(request) | {"swaps": True})


@require_safe
def run_detail(request: HttpRequest, run_id: int) -> HttpResponse:
    """The page of one run: its progress, its changes, refused records and the plan."""
    run = get_object_or_404(SyncRun, pk=run_id)
    plan = plan_context(request, run)
    if wants_only_rows(request):
        return rows_of_plan(request, plan | {"run": run})
    return run_page(request, _run_context(run) | plan | _refusals(run) | afterwards(run))


@require_safe
def run_progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """The part of a run's page that shows its progress. When the run has ended, the whole page must be reloaded."""
    run = get_object_or_404(SyncRun, pk=run_id)
    if progress_of(run).silent:
        lifecycle.settle_dead_runs()
        run.refresh_from_db()
    if lifecycle.is_lost(run):
        workers.requeue_lost_runs()
    if run.is_finished:
        response = HttpResponse(status=200)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "syncing/_progress.html", _run_context(run) | {"swaps": True})


@require_safe
def run_json(request: HttpRequest, run_id: int) -> JsonResponse:
    """The run as JSON: the keys of ``--json`` and its progress."""
    return JsonResponse(with_progress(get_object_or_404(SyncRun, pk=run_id)))


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Request runs of ``command`` (one, or both for a check) or of ``kind`` (one or several of scopes.CHOICES).

    ``company``: account numbers or names, none for all; ``dry_run``: 1 for a check.
    """
    try:
        wanted = scopes.asked_for(request.POST.getlist("command"), request.POST.getlist("kind"))
    except ValueError as error:
        return HttpResponseBadRequest(str(error), content_type="text/plain")
    dry_run = request.POST.get("dry_run", "") in ("1", "true", "on")
    companies = scopes.accounts_of(request.POST.getlist("company"))
    trigger, user = SyncRun.Trigger.BUTTON, cast(User, request.user)
    made = []
    for command, kinds in wanted:
        run, joined = lifecycle.ask(
            command, trigger=trigger, user=user, companies=companies, kinds=kinds, dry_run=dry_run
        )
        if joined:
            joining = "{}, started by {}, is on its way already: you joined it."
            messages.info(request, format_html(joining, _link(run, "Run"), run.started_by_whom))
        made.append(run)
    if len(made) > 1:
        links = format_html_join(" and ", "{}", ((_link(run),) for run in made))
        messages.success(request, format_html("On their way, one after the other: {}.", links))
        if dry_run:
            request.session[_CHECKS] = [run.pk for run in made]
        return redirect("sync")
    return redirect("sync-run", made[0].pk)


@require_POST
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask a run to stop between two batches; a waiting run never begins."""
    run = get_object_or_404(SyncRun, pk=run_id)
    if not lifecycle.cancel(run, cast(User, request.user)):
        messages.info(request, "This run has ended already.")
    return redirect("sync-run", run.pk)


@require_safe
def pill(request: HttpRequest) -> HttpResponse:
    """The sync state in the header, which open pages request regularly."""
    return render(request, "_pill_and_loud.html", {"swaps": True})


def _link(run: SyncRun, word: str = "run") -> SafeString:
    return format_html('<a href="{}">{} {}</a>', reverse("sync-run", args=[run.pk]), word, run.pk)


def _ended_checks(request: HttpRequest) -> list[SyncRun]:
    """The runs of this person's check, once all of them have ended; only once."""
    asked = request.session.get(_CHECKS)
    runs = list(SyncRun.objects.filter(pk__in=asked).defer("log").order_by("pk")) if asked else []
    if any(not run.is_finished for run in runs):
        return []
    request.session.pop(_CHECKS, None)
    return runs


def _to_the_plan(request: HttpRequest, ended: list[SyncRun]) -> HttpResponse:
    """Lead the open page to the plan of a check, or to the run that says that there is nothing to change."""
    first, *others = [run for run in ended if stored_plans.waiting_changes(run)] or ended
    for other in others:
        messages.info(request, format_html("{} belongs to this check, too.", _link(other, "Run")))
    response = HttpResponse()
    response["HX-Redirect"] = f"{reverse('sync-run', args=[first.pk])}#plan"
    return response


def _state_context(request: HttpRequest) -> dict[str, Any]:
    """The context of the cards. ``stamp`` changes with the rows; of ended runs, only those that wait can change."""
    lifecycle.settle_dead_runs()
    all_runs = SyncRun.objects.select_related("started_by").defer("log")
    running, waiting = list(all_runs.unfinished()), list(all_runs.holding())
    planned = stored_plans.waiting_plans()
    newest = SyncRun.objects.values_list("pk", flat=True).first()
    return {
        "page_number": request.GET.get("page", "1"),
        "stamp": ".".join(
            [
                str(newest),
                *(f"{run.pk}-{run.status}" for run in running + waiting),
                *(f"{run.pk}-plan" for run, _ in planned),
            ]
        ),
        "last": {
            label: all_runs.full().filter(command=command).exclude(finished_at=None).first()
            for command, label in SyncRun.Command.choices
        },
        "running": running,
        "waiting": waiting,
        "planned": planned,
        "quarantined": QuarantinedRecord.objects.count(),
    }


def _list_context(request: HttpRequest) -> dict[str, Any]:
    all_runs = SyncRun.objects.select_related("started_by").defer("log")
    return {"page": Paginator(all_runs, RUNS_A_PAGE).get_page(request.GET.get("page")), "chart": chart()}


def _run_context(run: SyncRun) -> dict[str, Any]:
    columns = [a for a in _ACTION_COLUMNS if any(actions.get(a) for actions in run.counts.values())]
    return {
        "run": run,
        "job": run,
        "progress": progress_of(run),
        "columns": columns,
        "counts": [(kind, [actions.get(a, 0) for a in columns]) for kind, actions in run.counts.items()],
        "phases": _phases(run.seconds),
        "log": run.log[-_LOG_CHARACTERS:],
        "is_log_cut": len(run.log) > _LOG_CHARACTERS,
    }


def _phases(seconds: dict[str, float]) -> list[tuple[str, float, int]]:
    """(name, seconds, percent of the total) of each phase."""
    phases = {name: value for name, value in seconds.items() if name != "total"}
    whole = sum(phases.values())
    return [(name, value, round(100 * value / whole) if whole else 0) for name, value in phases.items()]


def _refusals(run: SyncRun) -> dict[str, Any]:
    refused, skipped, notices = run.refused.bad(), run.refused.skipped(), run.refused.noticed()
    return {
        "refused": refused[:REFUSED_SHOWN],
        "refused_count": refused.count(),
        "skipped": skipped[:REFUSED_SHOWN],
        "skipped_count": skipped.count(),
        "notices": notices[:REFUSED_SHOWN],
        "notices_count": run.totals().get(HOMELESS) or notices.count(),
    }
