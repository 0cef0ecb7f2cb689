"""Times as the graph stores them: ISO 8601 strings in UTC, to the second, which sort chronologically.

SQL stores datetimes; use ``django.utils.timezone.now`` for those.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_BEFORE_ZONE = re.compile(r"(?<!\s)(?:\s+(?=[+-]\d\d:?\d\d$)|\s*(?:UTC|GMT)$)")
_LONGEST = 60  # characters
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def utc_now() -> str:
    """The current time as nodes store it, such as ``2026-03-09T10:30:00+00:00``."""
    return utc_text(datetime.now(UTC))


def moment_of(text: str) -> datetime | None:
    """The moment that this text means, in UTC: a day or time in ISO 8601 or, as mails have it, in RFC 5322.

    A text without a zone is in UTC. None if it is no time, or one that cannot be told in UTC, as in the year 9999.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    try:
        moment = _iso_moment(text) if _DAY.match(text) else parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _iso_moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)  # fast path: most times are written so
    except ValueError:
        return datetime.fromisoformat(_BEFORE_ZONE.sub("", text.upper()))


def utc_text(moment: datetime) -> str:
    """An aware datetime as nodes store it, without fractions of a second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
