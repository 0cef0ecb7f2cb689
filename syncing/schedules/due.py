"""Requests the scheduled runs that are due, once a minute.

django-q has only one schedule of ours, the job ``jobs.minute``. The rules of the runs are in SyncSchedule, because
django-q lacks windows, pauses and one command after another, and so that nobody can schedule anything but the two
commands.
"""

import logging
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django_q.models import Schedule

from syncing.models import SyncRun, SyncSchedule
from syncing.runs import lifecycle
from syncing.schedules.cadence import next_due

MINUTE = "KnowledgeTree: every minute"
_CLAIMED_FOR = timedelta(minutes=1)  # if a process is killed before its request, the next minute retries
_RECOMMENDED_HOURS = 6
_UNITS = (("day", 1440), ("hour", 60), ("minute", 1))
_RULE = ("kind", "every_minutes", "cron", "window_from", "window_to", "is_paused")
logger = logging.getLogger("syncing")


def all_schedules() -> list[SyncSchedule]:
    """The schedules of all commands, in the order in which they run. A schedule that nobody has set is not saved."""
    found = SyncSchedule.objects.select_related("last_run__started_by", "changed_by").defer("last_run__log")
    by_command = {row.command: row for row in found}
    rows = [by_command.get(command) or SyncSchedule(command=command) for command in SyncRun.Command.values]
    for row in rows:
        row.leader = rows[0]
    return rows


def schedule_of(command: str) -> SyncSchedule:
    """The schedule of this command."""
    return next(schedule for schedule in all_schedules() if schedule.command == command)


def is_active(schedule: SyncSchedule) -> bool:
    """Whether the schedule starts runs; one that follows the companies does so only if theirs does."""
    if schedule.kind == SyncSchedule.Kind.OFF or schedule.is_paused:
        return False
    return schedule.kind != SyncSchedule.Kind.AFTER or is_active(_leader(schedule))


def described(schedule: SyncSchedule) -> str:
    """The rule in words: ``every 6 hours, from 08:00 until 18:00``."""
    minutes = schedule.every_minutes or 0
    unit, size = next((unit, size) for unit, size in _UNITS if minutes % size == 0)
    number = minutes // size
    rule = {
        SyncSchedule.Kind.OFF: "not scheduled",
        SyncSchedule.Kind.INTERVAL: f"every {number} {unit}s" if number != 1 else f"every {unit}",
        SyncSchedule.Kind.CRON: f"cron {schedule.cron}",
        SyncSchedule.Kind.AFTER: "after each scheduled run of the companies",
    }[SyncSchedule.Kind(schedule.kind)]
    if schedule.window_from and schedule.window_to:
        rule += f", from {schedule.window_from:%H:%M} until {schedule.window_to:%H:%M}"
    return f"{rule}, paused" if schedule.is_paused else rule


def save(schedule: SyncSchedule, user: User | None) -> None:
    """Save a changed rule and compute when it is due next, from the last full run and never in the past."""
    now = timezone.now()
    schedule.pk = SyncSchedule.objects.get_or_create(command=schedule.command)[0].pk
    schedule.changed_by, schedule.changed_at = user, now
    schedule.since, schedule.alarmed_at, schedule.alarm_problem = now, None, ""
    schedule.due_at = None
    if schedule.kind == SyncSchedule.Kind.INTERVAL:
        last = last_good(schedule.command)
        due = next_due(schedule, last) if last else now
        schedule.due_at = max(due or now, now)
    elif schedule.kind == SyncSchedule.Kind.CRON:
        schedule.due_at = next_due(schedule, now)
    if schedule.kind == SyncSchedule.Kind.AFTER:
        schedule.followed = schedule_of(SyncRun.Command.CODEX).last_run_id or 0
    schedule.save(
        update_fields=[
            *_RULE,
            *("changed_by", "changed_at", "since", "alarmed_at", "alarm_problem", "due_at", "followed"),
        ]
    )
    install_minute()


def pause(command: str, paused: bool, user: User | None) -> None:
    """Pause or resume this schedule without changing its rule."""
    with transaction.atomic():
        lifecycle.lock(command)
        schedule = schedule_of(command)
        schedule.is_paused = paused
        save(schedule, user)


def install_recommended() -> list[SyncSchedule]:
    """Schedule the companies every six hours and the tickets after them. Existing schedules stay as they are.

    Returns the new schedules.
    """
    made = []
    for schedule in all_schedules():
        if schedule.kind != SyncSchedule.Kind.OFF:
            continue
        if schedule.command == SyncRun.Command.CODEX:
            schedule.kind, schedule.every_minutes = SyncSchedule.Kind.INTERVAL, _RECOMMENDED_HOURS * 60
        else:
            schedule.kind = SyncSchedule.Kind.AFTER
        save(schedule, None)
        made.append(schedule)
    install_minute()
    return made


def install_minute() -> None:
    """Install the job of every minute in django-q's table, again if it is missing or was altered."""
    wanted = {
        "func": "syncing.jobs.minute",
        "args": None,
        "kwargs": "{'q_options': {'group': 'minute'}}",  # the name of the schedule makes no good key of a cache
        "hook": None,
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
        "repeats": -1,
        "cluster": None,
    }
    if Schedule.objects.filter(name=MINUTE, **wanted).count() != 1:
        Schedule.objects.filter(name=MINUTE).delete()
        Schedule.objects.create(name=MINUTE, next_run=timezone.now(), **wanted)


def start_due(now: datetime | None = None) -> list[SyncRun]:
    """Request the runs that are due. Several processes may call this at the same time."""
    now = now or timezone.now()
    due = [schedule for schedule in all_schedules() if is_active(schedule) and _is_due(schedule, now)]
    return [run for schedule in due if (run := _start(schedule, now)) is not None]


def last_good(command: str) -> datetime | None:
    """When the last full run of this command succeeded."""
    return SyncRun.objects.full().good().filter(command=command).values_list("finished_at", flat=True).first()


def missed(schedule: SyncSchedule, now: datetime) -> datetime | None:
    """When the schedule last succeeded, if that is at least two periods ago; None while a run is in progress."""
    leader = _leader(schedule) if schedule.kind == SyncSchedule.Kind.AFTER else schedule
    if not is_active(schedule) or schedule.since is None:
        return None
    since = max(last_good(schedule.command) or schedule.since, schedule.since)
    first = next_due(leader, since)
    second = next_due(leader, first) if first else None
    if second is None or now < second or _is_under_way(schedule.command):
        return None
    return since


def _leader(schedule: SyncSchedule) -> SyncSchedule:
    """The schedule of the companies, which this one may follow."""
    return schedule.leader or schedule_of(SyncRun.Command.CODEX)


def _is_due(schedule: SyncSchedule, now: datetime) -> bool:
    if schedule.kind == SyncSchedule.Kind.AFTER:
        run = _leader(schedule).last_run
        return run is not None and run.is_finished and run.pk > schedule.followed
    return schedule.due_at is not None and schedule.due_at <= now


def _start(schedule: SyncSchedule, now: datetime) -> SyncRun | None:
    """Claim the schedule, request its run and record it. Returns None if another process has claimed it."""
    mine = SyncSchedule.objects.filter(pk=schedule.pk, due_at=schedule.due_at, followed=schedule.followed)
    if not mine.update(**_claim(schedule, now)):
        return None
    run, joined = lifecycle.ask(schedule.command, trigger=SyncRun.Trigger.SCHEDULE)
    row = SyncSchedule.objects.filter(pk=schedule.pk)
    row.update(last_run=run, has_joined=joined)
    if schedule.kind != SyncSchedule.Kind.AFTER:  # unless somebody has saved another rule meanwhile
        row.filter(changed_at=schedule.changed_at).update(due_at=next_due(schedule, now))
    logger.info("Schedule of %s: run %s%s", schedule.command, run.pk, ", which was already requested" if joined else "")
    return run


def _claim(schedule: SyncSchedule, now: datetime) -> dict[str, object]:
    if schedule.kind == SyncSchedule.Kind.AFTER:
        return {"followed": _leader(schedule).last_run_id or 0}
    return {"due_at": now + _CLAIMED_FOR}


def _is_under_way(command: str) -> bool:
    running = SyncRun.objects.full().filter(command=command, status=SyncRun.Status.RUNNING)
    return any(not run.looks_dead for run in running.defer("log"))
