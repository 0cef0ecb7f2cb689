"""When a schedule is due: arithmetic only, in the time zone of the settings."""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice, pairwise

from croniter import CroniterError, croniter
from django.utils import timezone

from syncing.models import SyncSchedule

SHORTEST = timedelta(minutes=5)
_MAX_STARTS = 3_000  # more than the starts of a week, five minutes apart
_ALIASES = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")
_RANDOM = re.compile(r"(^|[\s,])[rh]", re.IGNORECASE)  # croniter's own additions: another time at each look
_HOW = "Write five fields: minute, hour, day, month, weekday; such as 15 */6 * * * for a quarter past 0, 6, 12, 18."


def next_due(schedule: SyncSchedule, after: datetime) -> datetime | None:
    """The first start later than ``after``; None when it is off, follows another command, or never comes."""
    if schedule.kind == SyncSchedule.Kind.INTERVAL and schedule.every_minutes:
        return _into_window(schedule, after + timedelta(minutes=schedule.every_minutes))
    if schedule.kind == SyncSchedule.Kind.CRON:
        return next((start for start in _cron_starts(schedule.cron, after) if is_in_window(schedule, start)), None)
    return None


def is_in_window(schedule: SyncSchedule, moment: datetime) -> bool:
    """Whether the window allows a start then. It may reach over midnight; without one, any time will do."""
    first, last = schedule.window_from, schedule.window_to
    if first is None or last is None:
        return True
    clock = timezone.localtime(moment).time()
    return first <= clock < last if first < last else clock >= first or clock < last


def cron_problem(expression: str) -> str:
    """What is wrong with a cron expression, for the person who wrote it; empty when nothing is."""
    if expression not in _ALIASES and (len(expression.split()) != 5 or _RANDOM.search(expression)):
        return f"This is no cron expression. {_HOW}"
    try:
        starts = list(islice(_cron_starts(expression, timezone.now()), 300))
    except (CroniterError, ValueError, OverflowError) as error:
        return f"This is no cron expression ({str(error).rstrip('.')}). {_HOW}"
    if not starts:
        return "No date fits this expression, so it would never start."
    if any(later - earlier < SHORTEST for earlier, later in pairwise(starts)):
        return f"This starts more often than every {SHORTEST.seconds // 60} minutes, the shortest that is allowed."
    return ""


def _cron_starts(expression: str, after: datetime) -> Iterator[datetime]:
    """At most _MAX_STARTS of them. Raises CroniterError when the expression is none; ends when no date fits."""
    times = croniter(expression, timezone.localtime(after))
    for _ in range(_MAX_STARTS):
        try:
            start: datetime = times.get_next(datetime)
        except CroniterError:
            return
        yield start


def _into_window(schedule: SyncSchedule, moment: datetime) -> datetime:
    """The moment itself, or the next opening of the window."""
    if is_in_window(schedule, moment):
        return moment
    opening = schedule.window_from or time()
    local = timezone.localtime(moment)
    naive = datetime.combine(local.date(), opening)
    if naive <= local.replace(tzinfo=None):
        naive += timedelta(days=1)
    return timezone.make_aware(naive)
