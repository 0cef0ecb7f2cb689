"""Times as the graph keeps them: ISO 8601 text in UTC, to the second, so that their order is that of the texts.

SQL keeps datetimes; for those, ``django.utils.timezone.now`` is the present time.
"""

from datetime import UTC, datetime


def utc_now() -> str:
    """The present time as nodes keep it, such as ``2026-03-09T10:30:00+00:00``."""
    return utc_text(datetime.now(UTC))


def utc_text(moment: datetime) -> str:
    """A time with a zone as nodes keep it; fractions of a second are cut off."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
