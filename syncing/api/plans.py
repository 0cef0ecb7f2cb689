"""Operations of the API v1 on stored plans: read, apply, approve, discard; and the undo of a run, which makes one.

What the pages ask a fresh login for, a person must do: somebody who is logged in here or comes from Core, and did so
within the last 15 minutes. An API token cannot prove that anybody is there, so it is refused.
"""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from knowledgetree.accounts.identify import identity_of
from knowledgetree.accounts.login import fresh_login
from syncing.api import schemas
from syncing.api.records import is_held, plan_records, run_record
from syncing.api.runs import RunId, person_of, run_with, started
from syncing.decisions import approvals, undo
from syncing.exceptions import PlanNotUsable, UndoRefused
from syncing.models import SyncRun
from syncing.plan.plan_files import ACTIONS, plan_folder
from syncing.plan.reading import Filter, PlanRows
from tree.api.compliance import withheld_from
from tree.api.v1 import cursors
from tree.api.v1.answers import answer, page_answer
from tree.api.v1.errors import Problem
from tree.api.v1.parameters import IDEMPOTENCY_KEY, Cursor, limit_of
from tree.api.v1.repeats import once
from tree.kinds import KINDS

router = Router(tags=["Syncs"])
Action = Annotated[str, Query(pattern=f"^({'|'.join(ACTIONS)})?$", description="Only these changes.", examples=[""])]
Kind = Annotated[str, Query(pattern=f"^({'|'.join(KINDS)})?$", description="Only of this kind.", examples=[""])]
Account = Annotated[str, Query(max_length=255, description="Only of this account number.", examples=[""])]
Held = Annotated[Literal["", "0", "1"], Query(description="1: only what is held back; 0: only the rest.")]


@router.get("/sync/runs/{number:run_id}/plan", url_name="plan", response=schemas.PlanRows, summary="Rows of a plan")
def list_plan(
    request: HttpRequest,
    run_id: RunId,
    action: Action = "",
    kind: Kind = "",
    account: Account = "",
    held: Held = "",
    limit: limit_of(1000) = 100,  # type: ignore[valid-type]
    cursor: Cursor = "",
) -> HttpResponse:
    """What a run has changed or would change, removals first. A plan never changes, so cursors last as long as it."""
    if any(withheld_from(request).values()):
        raise Problem(403, "Plans hold what is withheld from you, because of the compliance level.")
    run = run_with(run_id)
    if not run.is_finished:
        raise Problem(409, f"Run {run.pk} has not ended yet: its plan is not complete.")
    purpose = f"plan {run.pk}\0{action}\0{kind}\0{account}\0{held}"
    skip = cursors.place(purpose, cursor) or 0
    wanted = Filter(action, kind, account or None, held)
    try:
        with PlanRows(plan_folder(run.pk)) as rows:
            found = rows.page(wanted, skip, limit + 1)
    except PlanNotUsable as error:
        raise Problem(409, str(error)) from error
    more = cursors.written(purpose, skip + limit) if len(found) > limit else None
    plan = run.held_hash or run.plan_hash or None
    return page_answer(request, plan_records(request, found[:limit]), more, plan=plan)


@router.post(
    "/sync/runs/{number:run_id}/apply", url_name="apply", response={201: schemas.Run}, summary="Apply a plan",
    openapi_extra=IDEMPOTENCY_KEY,
)  # fmt: skip
def apply_plan(request: HttpRequest, run_id: RunId, body: schemas.Plan) -> HttpResponse:
    """Write exactly the plan of a check. One that holds changes back is approved by a person: see approve."""
    run = run_with(run_id)
    if is_held(run):
        _require_person(request, run)
    return once(request, lambda: _applied(request, run, body.plan), lambda made: started(request, made))


@router.post(
    "/sync/runs/{number:run_id}/approve", url_name="approve", response={201: schemas.Run}, summary="Approve a plan",
    openapi_extra=IDEMPOTENCY_KEY,
)  # fmt: skip
def approve_plan(request: HttpRequest, run_id: RunId, body: schemas.Plan) -> HttpResponse:
    """Write exactly the changes that were held back for a person to decide."""
    run = run_with(run_id)
    _require_person(request, run)
    return once(request, lambda: _applied(request, run, body.plan), lambda made: started(request, made))


@router.post("/sync/runs/{number:run_id}/discard", url_name="discard", response=schemas.Run, summary="Discard a plan")
def discard_plan(request: HttpRequest, run_id: RunId, body: schemas.Plan) -> HttpResponse:
    """Never write the plan. The next full sync looks anew. One that holds changes back is decided by a person."""
    run = run_with(run_id)
    if is_held(run):
        _require_person(request, run)
    try:
        approvals.discard(run, body.plan, person_of(request))
    except PlanNotUsable as error:
        raise Problem(409, str(error)) from error
    return answer(run_record(request, run_with(run_id)))


@router.post(
    "/sync/runs/{number:run_id}/undo", url_name="undo", response={201: schemas.Run}, summary="Undo a run",
    openapi_extra=IDEMPOTENCY_KEY,
)  # fmt: skip
def undo_run(request: HttpRequest, run_id: RunId) -> HttpResponse:
    """Make the plan that takes back what a run has changed. It is reviewed and applied like any other."""
    run = run_with(run_id)
    _require_person(request, run)

    def plan() -> SyncRun:
        try:
            return undo.ask(run, person_of(request))
        except UndoRefused as error:
            raise Problem(409, str(error)) from error

    return once(request, plan, lambda made: started(request, made))


def _applied(request: HttpRequest, run: SyncRun, plan: str) -> SyncRun:
    try:
        return approvals.request_apply(run, plan, person_of(request))
    except PlanNotUsable as error:
        raise Problem(409, str(error)) from error


def _require_person(request: HttpRequest, run: SyncRun) -> None:
    """Raises Problem unless somebody who has just logged in asks."""
    page = run_record(request, run)["url"]
    if not identity_of(request).is_person_at_a_page:
        raise Problem(403, f"An API token cannot do this, because a person has to decide: at {page}", page=page)
    if not fresh_login.is_fresh(request):
        raise Problem(403, "This needs a login of the last 15 minutes: log in again.", page=page)
