"""Times of the graph are texts of one form, in UTC."""

from datetime import UTC, datetime, timedelta, timezone

from knowledgetree.basics.times import utc_now, utc_text


def test_a_time_of_any_zone_is_told_in_utc_to_the_second() -> None:
    there = timezone(timedelta(hours=-5))
    assert utc_text(datetime(2026, 3, 8, 22, 30, 59, 999_999, tzinfo=there)) == "2026-03-09T03:30:59+00:00"


def test_now_can_be_read_back() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert before <= datetime.fromisoformat(utc_now()) <= datetime.now(UTC)
