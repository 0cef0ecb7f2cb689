"""Raises alarms if no worker is running or a sync has not succeeded for two periods of its schedule.

Alarms appear on every page, in ``/health`` and in ``manage.py check_syncs``; the settings can add a webhook and e-mail.
``PING_URL`` is requested after each successful full run, for services that raise an alarm when no request arrives.
These addresses may contain secrets, so they appear in no log, page or row.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

import requests
from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone
from django.utils.timesince import timesince

from syncing.models import SyncRun, SyncSchedule
from syncing.runs import workers
from syncing.schedules import due

TIMEOUT_SECONDS = 10
logger = logging.getLogger("syncing")


@dataclass(frozen=True)
class Loud:
    """An alarm. ``what``: worker, jobs or overdue; ``command``: the command that starts the missing worker."""

    what: str
    text: str
    command: str = ""


def loud() -> list[Loud]:
    """The current alarms, most serious first. Takes a few small queries."""
    now = timezone.now()
    rows = due.all_schedules()
    found = []
    if not workers.is_alive(workers.SYNC):
        text = "No sync worker is running: nothing that a button or a schedule asks for begins."
        found.append(Loud("worker", text, workers.COMMANDS[workers.SYNC]))
    if any(due.is_active(row) for row in rows) and not workers.is_alive(workers.jobs_cluster()):
        text = "No worker for short jobs is running: the schedules do not start anything."
        found.append(Loud("jobs", text, workers.COMMANDS[""]))
    missed = [(row, since) for row in rows if (since := due.missed(row, now)) is not None]
    return found + [Loud("overdue", _overdue(row, since, now)) for row, since in missed]


def watch() -> None:
    """Send one message when a sync becomes overdue and one when it has recovered, and ping after successful runs."""
    now = timezone.now()
    for schedule in due.all_schedules():
        since = due.missed(schedule, now)
        if since is not None and schedule.alarmed_at is None:
            _tell(schedule, "sync_overdue", _overdue(schedule, since, now), now)
        elif since is None and schedule.alarmed_at is not None and due.last_good(schedule.command):
            _tell(schedule, "sync_recovered", f"{schedule.get_command_display()}: synced again.", None)
        _ping(schedule)


def _overdue(schedule: SyncSchedule, since: datetime, now: datetime) -> str:
    return (
        f"{schedule.get_command_display()}: no sync has come to a good end for {timesince(since, now)}, "
        "which is two periods of its schedule or more."
    )


def _tell(schedule: SyncSchedule, event: str, text: str, alarmed_at: datetime | None) -> None:
    """Send a message to all receivers in the settings. A failure is shown with the schedule and retried each minute."""
    problems = [problem for problem in (_to_webhook(event, schedule, text), _by_mail(text)) if problem]
    for problem in problems:
        logger.warning("%s", problem)
    rows = SyncSchedule.objects.filter(pk=schedule.pk)
    rows.update(alarm_problem=" ".join(problems)[:255], **({} if problems else {"alarmed_at": alarmed_at}))


def _to_webhook(event: str, schedule: SyncSchedule, text: str) -> str:
    if not settings.ALARM_WEBHOOK_URL:
        return ""
    body = {"service": "knowledgetree", "event": event, "command": schedule.command, "text": f"KnowledgeTree: {text}"}
    return _called("ALARM_WEBHOOK_URL", "POST", body)


def _by_mail(text: str) -> str:
    if not settings.ALARM_EMAILS:
        return ""
    try:
        send_mail(f"KnowledgeTree: {text[:100]}", text, None, settings.ALARM_EMAILS)
    except OSError as error:  # smtplib's exceptions are OSErrors, too
        return f"The e-mail of ALARM_EMAILS could not be sent ({type(error).__name__}); see EMAIL_URL."
    return ""


def _ping(schedule: SyncSchedule) -> None:
    if not settings.PING_URL:
        return
    last = SyncRun.objects.full().good().filter(command=schedule.command).values_list("pk", flat=True).first()
    if last is None or last <= schedule.pinged_run:
        return
    if problem := _called("PING_URL", "GET"):
        logger.warning("%s", problem)
        return
    SyncSchedule.objects.update_or_create(command=schedule.command, defaults={"pinged_run": last})


def _called(setting: str, method: str, body: dict[str, str] | None = None) -> str:
    """Request the address in this setting. Returns the error without the address; empty if there is none."""
    try:
        response = requests.request(
            method, getattr(settings, setting), json=body, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
    except requests.RequestException as error:
        return f"The address in {setting} could not be called ({type(error).__name__})."
    return (
        ""
        if response.status_code < requests.codes.multiple_choices
        else f"The address in {setting} answered {response.status_code}."
    )
