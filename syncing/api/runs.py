"""Operations of the API v1 on runs: list, read, start, cancel, retry."""

from typing import Annotated, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Path, Router

from knowledgetree.accounts.rights.api_policy import NAMESPACE
from syncing.api import schemas
from syncing.api.records import run_record
from syncing.decisions import record_retries
from syncing.models import SyncRun
from syncing.runs import lifecycle, scopes
from tree.api.v1 import cursors
from tree.api.v1.answers import answer, page_answer
from tree.api.v1.errors import Problem, wrong
from tree.api.v1.parameters import IDEMPOTENCY_KEY, Cursor, limit_of
from tree.api.v1.repeats import once

router = Router(tags=["Syncs"])
RunId = Annotated[int, Path(description="The number of a run.", examples=[1])]
_LIST = "runs"


def run_with(run_id: int) -> SyncRun:
    """The run with this number. Raises Problem."""
    run = SyncRun.objects.select_related("started_by").defer("log").filter(pk=run_id).first()
    if run is None:
        raise Problem(404, "There is no such run, or none any more.")
    return run


def person_of(request: HttpRequest) -> User:
    """The person who asks, or whose token it is. Services have no right to what needs one."""
    return cast(User, request.user)


@router.get("/sync/runs", url_name="runs", response=schemas.Runs, summary="Runs")
def list_runs(
    request: HttpRequest,
    limit: limit_of(1000) = 50,  # type: ignore[valid-type]
    cursor: Cursor = "",
) -> HttpResponse:
    """All runs that are kept, the newest first."""
    before = cursors.place(_LIST, cursor)
    runs = SyncRun.objects.select_related("started_by").defer("log").order_by("-pk")
    found = list((runs.filter(pk__lt=before) if before else runs)[: limit + 1])
    more = cursors.written(_LIST, found[limit - 1].pk) if len(found) > limit else None
    return page_answer(request, [run_record(request, run) for run in found[:limit]], more)


@router.post(
    "/sync/runs", url_name="runs", response={201: schemas.Run}, summary="Start a run", openapi_extra=IDEMPOTENCY_KEY
)
def start_run(request: HttpRequest, body: schemas.NewRun) -> HttpResponse:
    """Ask for a sync, or with dry_run for its plan. If the same one waits or runs already, it is that one."""
    if body.kinds and body.command != "sync_codex":
        raise wrong("kinds", "Only sync_codex has kinds.")

    companies = scopes.accounts_of(body.companies)

    def start() -> SyncRun:
        run, _ = lifecycle.ask(
            body.command,
            trigger=SyncRun.Trigger.BUTTON,
            user=person_of(request),
            companies=companies,
            kinds=[kind for kind in scopes.CODEX_CHOICES if kind in body.kinds],
            dry_run=body.dry_run,
        )
        return run

    return once(request, start, lambda run: started(request, run))


@router.get("/sync/runs/{number:run_id}", url_name="run", response=schemas.Run, summary="A run")
def get_run(request: HttpRequest, run_id: RunId) -> HttpResponse:
    """A run: how far it is, how it ended, and whether its plan waits."""
    run = run_with(run_id)
    if run.looks_dead:
        lifecycle.settle_dead_runs()
        run = run_with(run_id)
    return answer(run_record(request, run))


@router.post("/sync/runs/{number:run_id}/cancel", url_name="cancel", response=schemas.Run, summary="Cancel a run")
def cancel_run(request: HttpRequest, run_id: RunId) -> HttpResponse:
    """Stop a run between two batches. A waiting one never begins; one that has ended is a 409."""
    if not lifecycle.cancel(run_with(run_id), person_of(request)):
        raise Problem(409, "This run has ended already.")
    return answer(run_record(request, run_with(run_id)))


@router.post(
    "/sync/runs/{number:run_id}/retry", url_name="retry", response={201: schemas.Run},
    summary="Retry what a run refused", openapi_extra=IDEMPOTENCY_KEY,
)  # fmt: skip
def retry_run(request: HttpRequest, run_id: RunId) -> HttpResponse:
    """Start a run over the companies whose records this run refused or skipped: they leave the quarantine if it can."""

    def retry() -> SyncRun:
        run = record_retries.retry(run_with(run_id), person_of(request))
        if run is None:
            raise Problem(409, f"Run {run_id} has not ended yet, or has no refused or skipped records.")
        return run

    return once(request, retry, lambda run: started(request, run))


def started(request: HttpRequest, run: SyncRun) -> HttpResponse:
    """The response for a run that was asked for."""
    record = run_record(request, run_with(run.pk))
    address = reverse(f"{NAMESPACE}:run", args=[run.pk])
    return answer(record, 201, {"Location": request.build_absolute_uri(address)})
