"""Shows and edits the schedules. Only SyncSchedule is changed, never django-q's own schedules."""

from datetime import datetime
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from syncing.models import SyncRun, SyncSchedule
from syncing.runs import workers
from syncing.schedules import due
from syncing.schedules.cadence import next_due
from syncing.schedules.forms import ScheduleForm

_UPCOMING = 3


@require_safe
def schedule_list(request: HttpRequest) -> HttpResponse:
    """The page of all schedules, with the next start and the last run of each."""
    rows = due.all_schedules()
    return render(
        request,
        "syncing/schedule_list.html",
        {
            "schedules": [
                {
                    "row": row,
                    "rule": due.described(row),
                    "is_active": due.is_active(row),
                    "upcoming": _upcoming(row),
                    "missed": due.missed(row, timezone.now()),
                }
                for row in rows
            ],
            "has_some": any(row.kind != SyncSchedule.Kind.OFF for row in rows),
            "has_worker": workers.is_alive(workers.jobs_cluster()),
            "worker_command": workers.COMMANDS[""],
            "zone": timezone.get_current_timezone_name(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def schedule_edit(request: HttpRequest, command: str) -> HttpResponse:
    """The page that edits the schedule of one command."""
    schedule = _schedule(command)
    form = ScheduleForm(schedule, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        due.save(form.changed(), cast(User, request.user))
        messages.success(request, f"{schedule.get_command_display()}: {due.described(schedule)}.")
        return redirect("sync-schedules")
    status = 422 if form.errors else 200
    context = {"form": form, "schedule": schedule, "zone": timezone.get_current_timezone_name()}
    return render(request, "syncing/schedule_edit.html", context, status=status)


@require_POST
def schedule_pause(request: HttpRequest, command: str) -> HttpResponse:
    """Pause or resume a schedule. ``paused``: 1 or 0."""
    due.pause(_schedule(command).command, request.POST.get("paused") == "1", cast(User, request.user))
    return redirect("sync-schedules")


@require_POST
def schedule_recommended(request: HttpRequest) -> HttpResponse:
    """Install the recommended schedules, like ``manage.py install_schedules``."""
    made = due.install_recommended()
    for schedule in made:
        messages.success(request, f"{schedule.get_command_display()}: {due.described(schedule)}.")
    return redirect("sync-schedules")


def _schedule(command: str) -> SyncSchedule:
    if command not in SyncRun.Command.values:
        raise Http404
    return due.schedule_of(command)


def _upcoming(schedule: SyncSchedule) -> list[datetime]:
    """The next starts."""
    starts: list[datetime] = []
    start = schedule.due_at if due.is_active(schedule) else None
    while start is not None and len(starts) < _UPCOMING:
        starts.append(start)
        start = next_due(schedule, start)
    return starts
