"""Shows a stored plan with filter and search, offers it as a download and takes the decision about it."""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe
from msgspec import Struct

from knowledgetree.accounts.login import fresh_login
from syncing.decisions import approvals, stored_plans
from syncing.decisions.record_history import difference
from syncing.exceptions import PlanNotUsable
from syncing.graph import existing
from syncing.graph.existing import Described
from syncing.models import SyncRun
from syncing.pages import plan_words
from syncing.pages.plan_download import csv_response, json_response
from syncing.pages.plan_form import NO_COMPANY, PlanForm, parameters
from syncing.pages.titles import Changed, titles_of
from syncing.plan.plan_files import ACTIONS, plan_folder
from syncing.plan.reading import Filter, PlanRow, PlanRows
from tree.exceptions import GraphUnavailable
from tree.kinds import KINDS
from tree.pages.responses import asks_only_for

ROWS_A_PAGE = 100
FRAGMENT = "plan-rows"


class ShownRow(Struct):
    """A row as the page shows it. ``fields``, ``text``: see record_history.Moment. ``state``: "", "gone", "changed".

    ``below``: the number of nodes that are archived with it.
    """

    row: PlanRow
    title: str
    fields: list[tuple[str, Any, Any]]
    text: list[str] | None
    is_there: bool
    state: str
    below: int


class Group(Struct):
    """Rows of one company, either removals or other changes."""

    heading: str
    company: str
    rows: list[ShownRow]


def plan_context(request: HttpRequest, run: SyncRun) -> dict[str, Any]:
    """The template context for the plan of a finished run. ``plan_error``: the error in its files, if there is one."""
    if not run.is_finished:
        return {}
    wanted, page = PlanForm(request.GET).read()
    try:
        with PlanRows(plan_folder(run.pk)) as rows:
            found = _page_of(run, rows, wanted, page)
    except PlanNotUsable as error:
        found = {"plan_error": str(error)}
    asked = parameters(wanted)
    shown = {"filter": wanted, "filters": urlencode(asked), "chosen_company": asked.get("company")}
    return shown | found | _words(run, bool(found.get("has_plan"))) | _decision(request, run)


@require_safe
def download(request: HttpRequest, run_id: int, ending: str) -> HttpResponseBase:
    """All rows that match the filter, as CSV or JSON."""
    run = get_object_or_404(SyncRun.objects.defer("log"), pk=run_id)
    if not run.is_finished:
        messages.error(request, f"Run {run.pk} has not ended yet: its plan is not complete.")
        return redirect("sync-run", run.pk)
    try:
        rows = PlanRows(plan_folder(run.pk))
        rows.check_sizes()  # before the first byte is sent, because later no error can be shown
    except PlanNotUsable as error:
        messages.error(request, str(error))
        return redirect("sync-run", run.pk)
    answer = csv_response if ending == "csv" else json_response
    return answer(run, rows, PlanForm(request.GET).read()[0])


@require_POST
def apply(request: HttpRequest, run_id: int) -> HttpResponse:
    """Apply exactly the stored plan (``plan``: its hash). As ``approve`` for what is held and for a mass removal."""
    return _decide(request, run_id, approvals.request_apply)


@require_POST
def approve(request: HttpRequest, run_id: int) -> HttpResponse:
    """Write exactly the held changes of the plan (``plan``: its hash). Needs a fresh login."""
    return _decide(request, run_id, approvals.request_apply)


@require_POST
def discard(request: HttpRequest, run_id: int) -> HttpResponse:
    """Discard the plan (``plan``: its hash). A plan with held removals needs a fresh login."""
    return _decide(request, run_id, approvals.discard)


def _decide(
    request: HttpRequest, run_id: int, decide: Callable[[SyncRun, str, User | None], SyncRun | None]
) -> HttpResponse:
    run = get_object_or_404(SyncRun, pk=run_id)
    here = reverse("sync-run", args=[run.pk])
    if (run.status != SyncRun.Status.PLANNED or run.asks_for_approval) and not fresh_login.is_fresh(request):
        return fresh_login.ask_again(request, here)
    try:
        applying = decide(run, request.POST.get("plan", ""), cast(User, request.user))
    except PlanNotUsable as error:
        messages.error(request, str(error))
        return redirect(here)
    if applying is None:
        what = "archived" if run.status != SyncRun.Status.PLANNED and not run.holds_updates else "written"
        messages.success(request, f"Discarded: nothing of it will be {what}. The next full sync looks anew.")
        return redirect(here)
    return redirect("sync-run", applying.pk)


def _page_of(run: SyncRun, rows: PlanRows, wanted: Filter, page: int) -> dict[str, Any]:
    count = rows.count(wanted)
    last = max((count + ROWS_A_PAGE - 1) // ROWS_A_PAGE, 1)
    page = min(page, last)
    numbers, below = rows.numbers(), rows.below()
    removals = sum(number for _, action, _, number in numbers if action == "archive")
    all_below = sum(number for *_, number in below)
    noted, asked = rows.with_notes()
    held = sum(number for _, _, is_held, number in numbers if is_held)
    held_removals = sum(number for _, action, is_held, number in numbers if is_held and action == "archive")
    held_below = sum(number for is_held, _, number in below if is_held)
    held_noted, held_asked = rows.held_with_notes() if held else (0, 0)
    return {
        "has_plan": rows.exists,
        "groups": _groups(run, rows.page(wanted, (page - 1) * ROWS_A_PAGE, ROWS_A_PAGE)),
        "count": count,
        "page_number": page,
        "last_page": last,
        "table": _table(numbers),
        "plan_actions": _sums(((action, number) for _, action, _, number in numbers), ACTIONS),
        "plan_kinds": _sums(((kind, number) for kind, _, _, number in numbers), KINDS),
        "companies": [(account or NO_COMPANY, name, number) for account, name, number in rows.companies()],
        "held_count": held,
        "held_removals": held_removals,
        "held_updates": held - held_removals,
        "held_below": held_below,
        "held_words": plan_words.decision(held_removals, held_below, held - held_removals),
        "below": all_below,
        "below_kinds": _sums(((kind, number) for _, kind, number in below), KINDS),
        "free_count": sum(number for *_, number in numbers) - held,
        "archived": removals + all_below,
        "removals": removals,
        "noted": noted if asked else None,
        "held_noted": held_noted if held_asked else None,
    }


def _words(run: SyncRun, has_plan: bool) -> dict[str, str]:
    return {
        "plan_heading": plan_words.heading(run, waits=bool(stored_plans.waiting_hash(run))),
        "plan_early_end": plan_words.early_end(run) if has_plan else "",
        "plan_nothing": "" if has_plan else plan_words.nothing(run),
    }


def _table(numbers: list[tuple[str, str, int, int]]) -> dict[str, Any]:
    """The numbers by kind and action, removals first and without empty columns."""
    actions = [a for a in ("archive", "move", "restore", "update", "create") if any(n[1] == a for n in numbers)]
    kinds = [kind for kind in KINDS if any(n[0] == kind for n in numbers)]
    lines = [(kind, [(a, sum(n for k, b, _, n in numbers if (k, b) == (kind, a))) for a in actions]) for kind in kinds]
    return {"actions": actions, "lines": lines}


def _sums(numbers: Iterable[tuple[str, int]], names: tuple[str, ...]) -> list[tuple[str, int]]:
    """The sum of the numbers of each name, in the order of ``names``, without those that are 0."""
    sums: Counter[str] = Counter()
    for name, number in numbers:
        sums[name] += number
    return [(name, sums[name]) for name in names if sums[name]]


def _groups(run: SyncRun, rows: list[PlanRow]) -> list[Group]:
    now = _nodes_of(rows)
    changes = [row.change for row in rows]
    titles = titles_of(Changed(c.id, c.kind, c.name, c.before, c.set) for c in changes)
    titled = zip(rows, titles, strict=True)
    waits = bool(stored_plans.waiting_hash(run))
    archive = "To archive" if waits or run.dry_run or plan_words.early_end(run) else "Archived"
    groups = []
    for (removed, held, company), some in groupby(titled, lambda t: _group_of(t[0])):
        heading = "Held back" if held else archive if removed else ""
        groups.append(
            Group(heading, company, [_shown(row, title, now, waits and _waits(run, row)) for row, title in some])
        )
    return groups


def _waits(run: SyncRun, row: PlanRow) -> bool:
    """Whether this row has not been written yet."""
    return row.held or run.status == SyncRun.Status.PLANNED


def _group_of(row: PlanRow) -> tuple[bool, bool, str]:
    return row.change.action == "archive", row.held, row.company


def _shown(row: PlanRow, title: str, now: dict[str, Described] | None, waits: bool) -> ShownRow:
    change = row.change
    text = None
    if change.action != "create" and "content" in change.set:
        text = difference(str(change.before.get("content") or ""), str(change.set["content"] or ""))
    fields = [field for field in row.fields if field[0] != "content"]
    node = (now or {}).get(change.id)
    state = ""
    if waits and now is not None and change.action != "create":
        state = "gone" if node is None else "changed" if node.fingerprint != change.base else ""
    return ShownRow(row, title, fields, text, node is not None or now is None, state, sum(change.below.values()))


def _nodes_of(rows: list[PlanRow]) -> dict[str, Described] | None:
    """The current nodes of these rows; None if the graph is unavailable."""
    try:
        return existing.described([row.change.id for row in rows]) if rows else {}
    except GraphUnavailable:
        return None


def _decision(request: HttpRequest, run: SyncRun) -> dict[str, Any]:
    """The decisions that are possible, and the one that was made."""
    return {
        "waiting_hash": stored_plans.waiting_hash(run),
        "is_fresh": fresh_login.is_fresh(request),
        "appliers": run.applied_by.select_related("started_by").order_by("-pk")[:3],
    }


def wants_only_rows(request: HttpRequest) -> bool:
    """Whether the request replaces only the rows of the plan, as every key press in its search does."""
    return asks_only_for(request, FRAGMENT)


def rows_of_plan(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The response if ``wants_only_rows``. ``context``: the context of ``plan_context`` and the run."""
    return _varied(render(request, "syncing/_plan_rows.html", context))


def run_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The whole page of the run at the same address."""
    return _varied(render(request, "syncing/run_detail.html", context))


def _varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response
