"""Runs that start by themselves: what is due is asked for, once a minute.

django-q has one schedule of ours, the minute (``jobs.minute``); it only ticks. When what is to run stands in
SyncSchedule: what django-q lacks (windows, pauses, one command after another) is there, and nobody can have it run
anything but the two commands.
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
_CLAIMED_FOR = timedelta(minutes=1)  # who is killed between claiming and asking is followed by the next minute
_RECOMMENDED_HOURS = 6
_UNITS = (("day", 1440), ("hour", 60), ("minute", 1))
_RULE = ("kind", "every_minutes", "cron", "window_from", "window_to", "is_paused")
logger = logging.getLogger("syncing")


def all_schedules() -> list[SyncSchedule]:
    """One a command, in the order in which they run. Writes nothing: one that nobody has set has no row yet."""
    found = SyncSchedule.objects.select_related("last_run__started_by", "changed_by").defer("last_run__log")
    by_command = {row.command: row for row in found}
    rows = [by_command.get(command) or SyncSchedule(command=command) for command in SyncRun.Command.values]
    for row in rows:
        row.leader = rows[0]
    return rows


def schedule_of(command: str) -> SyncSchedule:
    """That of this command."""
    return next(schedule for schedule in all_schedules() if schedule.command == command)


def is_active(schedule: SyncSchedule) -> bool:
    """Whether runs are expected of it; of one that follows the companies, whether they are."""
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
    """Keep a changed rule, and find when it is due next: counted from the last full run, never in the past."""
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
    """Pause this schedule, or have it go on; its rule stays as it is now."""
    with transaction.atomic():
        lifecycle.lock(command)
        schedule = schedule_of(command)
        schedule.is_paused = paused
        save(schedule, user)


def install_recommended() -> list[SyncSchedule]:
    """The companies every six hours, the tickets after them. A schedule that is there is left as it is.

    Returns the new ones.
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
    """The tick: one row in django-q's table, made again when it is missing or was altered."""
    wanted = {
        "func": "syncing.jobs.minute",
        "args": None,
        "kwargs": "{'q_options': {'save': False}}",  # or these jobs would push all others out of the list of successes
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
    """Ask for the runs that are due. Safe to call at any time, by several processes at once."""
    now = now or timezone.now()
    due = [schedule for schedule in all_schedules() if is_active(schedule) and _is_due(schedule, now)]
    return [run for schedule in due if (run := _start(schedule, now)) is not None]


def last_good(command: str) -> datetime | None:
    """When a full run of this command has last come to a good end."""
    return SyncRun.objects.full().good().filter(command=command).values_list("finished_at", flat=True).first()


def missed(schedule: SyncSchedule, now: datetime) -> datetime | None:
    """Since when it has not run well, if that is two periods or more; None while one is under way."""
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
    """The schedule of the companies, which this one may come after."""
    return schedule.leader or schedule_of(SyncRun.Command.CODEX)


def _is_due(schedule: SyncSchedule, now: datetime) -> bool:
    if schedule.kind == SyncSchedule.Kind.AFTER:
        run = _leader(schedule).last_run
        return run is not None and run.is_finished and run.pk > schedule.followed
    return schedule.due_at is not None and schedule.due_at <= now


def _start(schedule: SyncSchedule, now: datetime) -> SyncRun | None:
    """Claim the row, ask, note. None when another process has claimed it."""
    mine = SyncSchedule.objects.filter(pk=schedule.pk, due_at=schedule.due_at, followed=schedule.followed)
    if not mine.update(**_claim(schedule, now)):
        return None
    run, joined = lifecycle.ask(schedule.command, trigger=SyncRun.Trigger.SCHEDULE)
    row = SyncSchedule.objects.filter(pk=schedule.pk)
    row.update(last_run=run, has_joined=joined)
    if schedule.kind != SyncSchedule.Kind.AFTER:  # and nobody has saved another rule meanwhile
        row.filter(changed_at=schedule.changed_at).update(due_at=next_due(schedule, now))
    logger.info("Schedule of %s: run %s%s", schedule.command, run.pk, ", which was on its way" if joined else "")
    return run


def _claim(schedule: SyncSchedule, now: datetime) -> dict[str, object]:
    if schedule.kind == SyncSchedule.Kind.AFTER:
        return {"followed": _leader(schedule).last_run_id or 0}
    return {"due_at": now + _CLAIMED_FOR}


def _is_under_way(command: str) -> bool:
    running = SyncRun.objects.full().filter(command=command, status=SyncRun.Status.RUNNING)
    return any(not run.looks_dead for run in running.defer("log"))
