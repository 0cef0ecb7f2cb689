"""Operations of the API v1 on schedules: list, read, change, pause."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Path, Router

from syncing.api import schemas
from syncing.api.records import schedule_record
from syncing.api.runs import person_of
from syncing.models import SyncRun, SyncSchedule
from syncing.schedules import due
from syncing.schedules.forms import ScheduleForm
from tree.api.v1.answers import answer, page_answer
from tree.api.v1.errors import Problem

router = Router(tags=["Syncs"])
_FIELDS = {"every": "every_minutes"}  # what the API calls the fields of the form
Command = Annotated[str, Path(description="The command that is scheduled.", examples=["sync_codex"])]


@router.get("/sync/schedules", url_name="schedules", response=schemas.Schedules, summary="Schedules")
def list_schedules(request: HttpRequest) -> HttpResponse:
    """The schedules of all commands, also of those that are not scheduled."""
    return page_answer(request, [schedule_record(request, schedule) for schedule in due.all_schedules()], None)


@router.get("/sync/schedules/{command}", url_name="schedule", response=schemas.Schedule, summary="A schedule")
def get_schedule(request: HttpRequest, command: Command) -> HttpResponse:
    """The schedule of one command."""
    return answer(schedule_record(request, _schedule(command)))


@router.patch("/sync/schedules/{command}", url_name="schedule", response=schemas.Schedule, summary="Change a schedule")
def change_schedule(request: HttpRequest, command: Command, body: schemas.ChangedSchedule) -> HttpResponse:
    """Give a command another rule, or pause or resume it. With kind, the whole rule is what the body says."""
    schedule = _schedule(command)
    if body.kind is not None:
        form = ScheduleForm(schedule, _answers(body))
        if not form.is_valid():
            errors = {_FIELDS.get(field, field): str(said[0]) for field, said in form.errors.items()}
            raise Problem(422, "; ".join(f"{field}: {what}" for field, what in errors.items()), errors)
        due.save(form.changed(), person_of(request))
    elif body.every_minutes or body.cron or body.window_from or body.window_to:
        raise Problem(422, "Send kind, too: the rule is changed as a whole.", {"kind": "It is missing."})
    if body.is_paused is not None:
        due.pause(command, body.is_paused, person_of(request))
    return answer(schedule_record(request, _schedule(command)))


def _schedule(command: str) -> SyncSchedule:
    if command not in SyncRun.Command.values:
        raise Problem(404, f"There is no such schedule: there are {' and '.join(SyncRun.Command.values)}.")
    return due.schedule_of(command)


def _answers(body: schemas.ChangedSchedule) -> QueryDict:
    """The body as the form of the page sends it."""
    answers = QueryDict(mutable=True)
    given = {
        "kind": body.kind,
        "every": body.every_minutes,
        "unit": "minutes" if body.every_minutes else None,
        "cron": body.cron,
        "window_from": body.window_from,
        "window_to": body.window_to,
    }
    answers.update({name: str(value) for name, value in given.items() if value})
    return answers
