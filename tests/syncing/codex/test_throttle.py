"""Never more than 400 requests in any minute and 8,000 in any hour, over all processes."""

import os
import subprocess
import sys
import time
from bisect import bisect_left

import pytest

from syncing.codex import throttle
from syncing.codex.throttle import LIMITS, Limit, wait_for_turn
from syncing.models import RequestBudget
from tests.syncing.processes import database_url

pytestmark = pytest.mark.postgresql


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(throttle, "time", clock)
    return clock


def most_in(window: float, moments: list[float]) -> int:
    return max(bisect_left(moments, start + window) - index for index, start in enumerate(moments))


@pytest.mark.django_db
@pytest.mark.parametrize("pause", [0.0, 0.05, 0.3])
def test_the_limits_hold_in_every_window(clock: Clock, pause: float) -> None:
    moments = []
    for number in range(1000):
        wait_for_turn()
        moments.append(clock.now)
        clock.sleep(pause + (90 if number % 600 == 599 else 0))
    most = most_in(60 - 1e-6, moments)  # sums of fractions are not exact
    assert most <= 400
    assert pause or most == 400


@pytest.mark.django_db
def test_an_hour(clock: Clock) -> None:
    hourly = Limit(LIMITS[1].name, LIMITS[1].burst // 100, LIMITS[1].spacing * 100)  # a hundredth of all
    moments = []
    for _ in range(300):
        wait_for_turn((hourly,))
        moments.append(clock.now)
    assert most_in(3600, moments) <= 80


@pytest.mark.django_db
def test_a_burst_is_free_and_comes_back(clock: Clock) -> None:
    assert [wait_for_turn() for _ in range(40)] == [0.0] * 40
    clock.sleep(3600)
    assert [wait_for_turn() for _ in range(40)] == [0.0] * 40


_TURNS = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "knowledgetree.settings"
import django
django.setup()
from syncing.codex.throttle import Limit, wait_for_turn
for _ in range(300):
    wait_for_turn((Limit("shared", 100_000, 0.02),))
"""


def test_processes_share_one_budget(transactional_db: None) -> None:
    """The bucket is empty in a quarter of an hour, within the burst: nobody waits, and each turn moves that on."""
    before = time.time() + 1000
    RequestBudget.objects.create(name="shared", next_at=before)
    environment = os.environ | {"DATABASE_URL": database_url()}
    children = [subprocess.Popen([sys.executable, "-c", _TURNS], env=environment) for _ in range(2)]
    assert [child.wait() for child in children] == [0, 0]
    assert RequestBudget.objects.get(name="shared").next_at == pytest.approx(before + 600 * 0.02, rel=0, abs=1e-4)
