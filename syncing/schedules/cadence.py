"""Computes when a schedule is due, in the time zone of the settings.

In the night in which the clocks go back, an hour comes twice: a start at a certain hour is made in the first of them
only. When the clocks go forward, a start in the hour that is left out is made as soon as that hour is over.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import islice, pairwise

from croniter import CroniterError, croniter
from django.utils import timezone

from syncing.models import SyncSchedule

SHORTEST = timedelta(minutes=5)
_MAX_STARTS = 3_000  # more than the starts of a week at five-minute intervals
_ALIASES = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")
_RANDOM = re.compile(
    r"(^|[\s,])[rh]", re.IGNORECASE
)  # croniter's random and hashed fields, which give another time at every call
_HOW = "Write five fields: minute, hour, day, month, weekday; such as 15 */6 * * * for a quarter past 0, 6, 12, 18."


def next_due(schedule: SyncSchedule, after: datetime) -> datetime | None:
    """The first start after ``after``; None if the schedule is off, follows another command or never starts."""
    if schedule.kind == SyncSchedule.Kind.INTERVAL and schedule.every_minutes:
        return _into_window(schedule, after + timedelta(minutes=schedule.every_minutes))
    if schedule.kind == SyncSchedule.Kind.CRON:
        return next((start for start in _cron_starts(schedule.cron, after) if is_in_window(schedule, start)), None)
    return None


def is_in_window(schedule: SyncSchedule, moment: datetime) -> bool:
    """Whether the window allows a start at this moment. It may span midnight; without one, any time is allowed."""
    first, last = schedule.window_from, schedule.window_to
    if first is None or last is None:
        return True
    clock = timezone.localtime(moment).time()
    return first <= clock < last if first < last else clock >= first or clock < last


def cron_problem(expression: str) -> str:
    """The error in a cron expression, for the person who wrote it; empty if there is none."""
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
    """At most _MAX_STARTS starts; fewer if no further date fits. Raises CroniterError if the expression is invalid."""
    times = croniter(expression, timezone.localtime(after))
    for _ in range(_MAX_STARTS):
        try:
            start: datetime = times.get_next(datetime)
        except CroniterError:
            return
        if not (_is_repeated(start) and _names_hours(expression)):
            yield start.astimezone(UTC)  # Python compares two times of one zone by what the clock shows


def _is_repeated(moment: datetime) -> bool:
    """Whether the clock has shown this time before, because it was put back meanwhile."""
    return moment.fold == 1 and moment.utcoffset() != moment.replace(fold=0).utcoffset()


def _names_hours(expression: str) -> bool:
    """Whether the cron expression starts at certain hours only; one for every hour starts in the repeated one, too."""
    return expression != "@hourly" and (expression in _ALIASES or expression.split()[1] not in ("*", "*/1"))


def _into_window(schedule: SyncSchedule, moment: datetime) -> datetime:
    """This moment, or the next one at which the window opens."""
    if is_in_window(schedule, moment):
        return moment
    opening = schedule.window_from or time()
    local = timezone.localtime(moment)
    naive = datetime.combine(local.date(), opening)
    if naive <= local.replace(tzinfo=None):
        naive += timedelta(days=1)
    return timezone.make_aware(naive)
