"""The sliding window, on a clock that the test moves."""

from syncing.sample_codex.limits import RateLimit


class Clock:
    """Shows what the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def allowed_at(limit: RateLimit, clock: Clock, seconds: tuple[float, ...]) -> list[bool]:
    answers = []
    for clock.now in seconds:
        answers.append(limit.allows("a"))
    return answers


def test_calls_come_back_one_by_one_as_the_window_slides() -> None:
    limit = RateLimit(per_minute=2, clock=(clock := Clock()))

    allowed = allowed_at(limit, clock, (0, 30, 31, 59, 61, 62, 91))
    assert allowed == [True, True, False, False, True, False, True]


def test_callers_are_counted_apart() -> None:
    limit = RateLimit(per_minute=1, clock=lambda: 0.0)

    assert [limit.allows("a"), limit.allows("b"), limit.allows("a")] == [True, True, False]


def test_the_hour_has_a_limit_of_its_own() -> None:
    limit = RateLimit(per_minute=10, per_hour=3, clock=(clock := Clock()))

    assert allowed_at(limit, clock, (0, 100, 200, 300, 3599, 3601)) == [True, True, True, False, False, True]


def test_zero_allows_nothing() -> None:
    assert not RateLimit(per_minute=0).allows("a")
