"""Times as the graph stores them: ISO 8601 strings in UTC, to the second, which sort chronologically.

SQL stores datetimes; use ``django.utils.timezone.now`` for those.
"""

from datetime import UTC, datetime


def utc_now() -> str:
    """The current time as nodes store it, such as ``2026-03-09T10:30:00+00:00``."""
    return utc_text(datetime.now(UTC))


def utc_text(moment: datetime) -> str:
    """An aware datetime as nodes store it, without fractions of a second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
