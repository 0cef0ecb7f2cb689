"""Raises alarms if no worker does its jobs or a sync has not succeeded for two periods of its schedule.

Alarms appear on every page, in ``/health`` and in ``manage.py check_syncs``; the settings can add a webhook and e-mail.
``PING_URL`` is requested after each successful full run, for services that raise an alarm when no request arrives.
These addresses may contain secrets, so they appear in no log, page or row.
"""

import logging
import socket
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import requests
from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.timesince import timesince

from knowledgetree.webhooks import deliveries, events
from knowledgetree.webhooks.event_types import EventType
from knowledgetree.webhooks.models import Endpoint
from syncing.models import SyncRun, SyncSchedule, WorkerAlarm
from syncing.runs import workers
from syncing.schedules import due

TIMEOUT_SECONDS = 10
SHOWN_FOR_SECONDS = 5
_SHOWN = "alarms"  # their key in the cache
_JOBS = "The worker for short jobs"
_NAMES = {workers.SYNC: "The sync worker"}
_NO_SYNC_WORKER = "No sync worker is running: nothing that a button or a schedule asks for begins."
_NO_JOBS_WORKER = "No worker for short jobs is running: the schedules do not start anything."
_NEXT = "Look at “Sync” in KnowledgeTree, or run `manage.py check_syncs` on its host"
_RESTART = "It is restarted by itself; if this stays, restart KnowledgeTree and look at its log."
logger = logging.getLogger("syncing")


@dataclass(frozen=True)
class Loud:
    """An alarm. ``what``: worker, jobs, overdue or webhook; ``command``: the command that starts a missing worker."""

    what: str
    text: str
    command: str = ""


def loud() -> list[Loud]:
    """The current alarms, most serious first. Takes a few small queries."""
    now = timezone.now()
    rows = due.all_schedules()
    found = []
    if not workers.is_alive(workers.SYNC):
        found.append(Loud("worker", _NO_SYNC_WORKER, workers.COMMANDS[workers.SYNC]))
    elif text := _deafness(workers.SYNC):
        found.append(Loud("worker", text))
    if any(due.is_active(row) for row in rows) and not workers.is_alive(workers.jobs_cluster()):
        found.append(Loud("jobs", _NO_JOBS_WORKER, workers.COMMANDS[""]))
    elif text := _deafness(workers.jobs_cluster()):
        found.append(Loud("jobs", text))
    found += [Loud("webhook", _given_up(endpoint)) for endpoint in deliveries.disabled()]
    missed = [(row, since) for row in rows if (since := due.missed(row, now)) is not None]
    return found + [Loud("overdue", _overdue(row, since, now)) for row, since in missed]


def shown() -> list[Loud]:
    """The alarms, for the pages, which all show them: looked up once in ``SHOWN_FOR_SECONDS``."""
    kept = cache.get(_SHOWN)
    if kept is None:
        kept = [asdict(alarm) for alarm in loud()]
        cache.set(_SHOWN, kept, SHOWN_FOR_SECONDS)
    return [Loud(**alarm) for alarm in kept]


def watch() -> None:
    """Send one message when a sync becomes overdue and one when it has recovered, and ping after successful runs."""
    now = timezone.now()
    for schedule in due.all_schedules():
        since = due.missed(schedule, now)
        told = {"command": schedule.command}
        rows = SyncSchedule.objects.filter(pk=schedule.pk)
        if since is not None and schedule.alarmed_at is None:
            text = f"{_overdue(schedule, since, now)} {_last_end(schedule.command)}{_NEXT}."
            _tell(rows, "sync_overdue", text, told, begins=True)
        elif since is None and schedule.alarmed_at is not None and due.last_good(schedule.command):
            _tell(rows, "sync_recovered", f"{schedule.get_command_display()}: synced again.", told, begins=False)
        _ping(schedule)
    watch_workers()


def watch_workers() -> None:
    """Send one message when the workers of a cluster stop doing jobs and one when they do them again.

    A deaf worker cannot tell this itself. So the other cluster, ``manage.py run`` and ``check_syncs`` all call this;
    only one of them sends each message.
    """
    for cluster, missing in ((workers.SYNC, _NO_SYNC_WORKER), (workers.jobs_cluster(), _NO_JOBS_WORKER)):
        is_alive = workers.is_alive(cluster)
        text = _deafness(cluster) if is_alive else _absence(cluster, missing)
        alarm, _ = WorkerAlarm.objects.get_or_create(cluster=cluster)
        rows, told = WorkerAlarm.objects.filter(pk=alarm.pk), {"cluster": cluster}
        if text and alarm.alarmed_at is None:
            start = f" Start it, best with all others by `manage.py run`. {_NEXT}." if not is_alive else ""
            _tell(rows, "worker_silent", f"{text}{start}", told, begins=True)
        elif is_alive and not text and alarm.alarmed_at is not None:
            _tell(rows, "worker_recovered", f"{_NAMES.get(cluster, _JOBS)} does its jobs again.", told, begins=False)


def send(event: str, text: str, **more: str) -> str:
    """Send a message to all receivers in the settings. Returns what went wrong, in words; empty if one has got it."""
    problem, has_arrived = _sent(event, text, more)
    return "" if has_arrived else problem


def _sent(event: str, text: str, more: dict[str, str]) -> tuple[str, bool]:
    """What went wrong, in words, and whether any receiver of the settings has the message."""
    answers = []
    if settings.ALARM_WEBHOOK_URL:
        answers.append(_to_webhook(event, text, more))
    if settings.ALARM_EMAILS:
        answers.append(_by_mail(text))
    problems = [answer for answer in answers if answer]
    for problem in problems:
        logger.warning("%s", problem)
    return " ".join(problems), len(problems) < len(answers)


def _deafness(cluster: str) -> str:
    """Why this cluster, whose workers are alive, is not doing its jobs; empty if it is."""
    if workers.are_deaf(cluster):
        return f"{_NAMES.get(cluster, _JOBS)} is running but has done nothing for two minutes. {_RESTART}"
    if cluster == workers.SYNC and workers.neglect_a_run():
        return f"A sync has waited for more than two minutes although the sync worker is idle. {_RESTART}"
    return ""


def _absence(cluster: str, text: str) -> str:
    """``text`` if a worker of this cluster was there lately and is gone for longer than a restart takes."""
    last_beat = workers.last_beat(cluster)
    return text if last_beat is not None and timezone.now() - last_beat > workers.DEAF_AFTER else ""


def _last_end(command: str) -> str:
    """Why the last run that did not come to a good end did not; empty if there is none, or it gives no reason."""
    last = SyncRun.objects.filter(command=command, finished_at__isnull=False, dry_run=False).order_by("-pk").first()
    is_good = last is None or last.status == SyncRun.Status.COMPLETE
    return "" if last is None or is_good or not last.reason else f"The last one said: {last.reason} "


def _given_up(endpoint: Endpoint) -> str:
    return f"The webhook “{endpoint.name}” is told nothing any more. {endpoint.disabled_why}"


def _overdue(schedule: SyncSchedule, since: datetime, now: datetime) -> str:
    return (
        f"{schedule.get_command_display()}: no sync has succeeded for {timesince(since, now)}, "
        "which is two periods of its schedule or more."
    )


def _tell(rows: QuerySet[Any], event: str, text: str, told: dict[str, str], *, begins: bool) -> None:
    """Send a message once, whoever else is about to. If nobody has got it, it is retried each minute.

    A receiver that could not be reached while another was gets nothing more of it, because the other would get the
    message anew with each try. What went wrong is kept in the row.
    """
    is_repeated = rows.exclude(alarm_problem="").exists()  # because no receiver had got it
    claimed = rows.filter(alarmed_at__isnull=begins).update(alarmed_at=timezone.now() if begins else None)
    if not claimed:
        return
    if not is_repeated:
        events.emit(EventType.ALARM_RAISED if begins else EventType.ALARM_CLEARED, {"alarm": event, **told})
    problem, has_arrived = _sent(event, text, told)
    as_before = {"alarmed_at": None if begins else timezone.now()} if problem and not has_arrived else {}
    rows.update(alarm_problem=problem[:255], **as_before)


def _to_webhook(event: str, text: str, told: dict[str, str]) -> str:
    body = {"service": "knowledgetree", "event": event, **told, "text": f"KnowledgeTree: {text}"}
    return _called("ALARM_WEBHOOK_URL", "POST", body)


def _by_mail(text: str) -> str:
    words = f"{text}\n\nKnowledgeTree on {socket.gethostname()}"
    try:
        send_mail(f"KnowledgeTree: {text[:100]}", words, None, settings.ALARM_EMAILS)
    except (OSError, ValueError) as error:  # of the network, of smtplib, or of an address that cannot be written
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
