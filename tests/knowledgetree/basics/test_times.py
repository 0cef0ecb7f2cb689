"""Times of the graph are texts of one form, in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from knowledgetree.basics.times import moment_of, utc_now, utc_text


def test_a_time_of_any_zone_is_told_in_utc_to_the_second() -> None:
    there = timezone(timedelta(hours=-5))
    assert utc_text(datetime(2026, 3, 8, 22, 30, 59, 999_999, tzinfo=there)) == "2026-03-09T03:30:59+00:00"


def test_now_can_be_read_back() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert before <= datetime.fromisoformat(utc_now()) <= datetime.now(UTC)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-11-01T10:00:00",
            "2026-11-01 10:00:00",
            "2026-11-01T10:00",
            " 2026-11-01T10:00:00Z ",
            "2026-11-01t10:00:00z",
        ),
        *(
            "2026-11-01T10:00:00+00:00",
            "2026-11-01T12:00:00+0200",
            "2026-11-01 05:00:00 -05:00",
            "2026-11-01 10:00 UTC",
        ),
        *("2026-11-01T10:00:00.000000Z", "Sun, 01 Nov 2026 11:00:00 +0100", "1 Nov 2026 10:00:00 GMT"),
    ],
)
def test_a_moment_is_the_same_in_any_zone_and_form(text: str) -> None:
    assert moment_of(text) == datetime(2026, 11, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "20261101",
        "2026-13-01",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:00:00-12:00",
        "2026-11-01" + " " * 99 + "x",
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert moment_of(text) is None
