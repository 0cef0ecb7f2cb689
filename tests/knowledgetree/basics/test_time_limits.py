"""The limit is of the work on a question, and no question waits for the work on another."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from knowledgetree.basics.shared_work import SharedWork
from knowledgetree.basics.time_limits import NoAnswer, TimeLimitedChild, TimeLimitedChildren, TimeLimitExceeded

MODULE = "tests.knowledgetree.basics.odd_child"
PATIENCE_SECONDS = 600.0


@pytest.fixture
def made() -> Iterator[Callable[..., TimeLimitedChildren]]:
    all_of_them: list[TimeLimitedChildren] = []

    def make(seconds: float = PATIENCE_SECONDS, places: int = 8, kept: int = 1) -> TimeLimitedChildren:
        all_of_them.append(TimeLimitedChildren(MODULE, seconds, places=places, kept=kept))
        return all_of_them[-1]

    yield make
    for children in all_of_them:
        children.stop()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(30) as pool:
        yield pool


def running() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if MODULE in child.cmdline()]


def until(happened: Callable[[], object]) -> None:
    while not happened():
        time.sleep(0.01)


def test_nobody_waits_for_slow_work(
    made: Callable[..., TimeLimitedChildren], threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    children = made()
    slow = [threads.submit(children.ask, f"work {tmp_path / 'end'}") for _ in range(4)]
    until(lambda: len(running()) == 4)
    others = [threads.submit(children.ask, f"hello {number}") for number in range(20)]
    assert [other.result().partition(" by ")[0] for other in others] == [f"hello {number}" for number in range(20)]
    assert not any(one.done() for one in slow)
    (tmp_path / "end").touch()
    assert len({one.result() for one in slow}) == 4, "each by a process of its own"
    assert len(running()) == 1


def test_the_limit_does_not_run_while_a_question_waits(
    made: Callable[..., TimeLimitedChildren], threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    """One place, and four questions that spend their time in turn: each gets the whole limit."""
    children = made(seconds=0.2, places=1)
    first = threads.submit(children.ask, f"wait {tmp_path / 'end'}")
    until(running)
    rest: list[Future[str]] = [threads.submit(children.ask, f"hello {number}") for number in range(4)]
    time.sleep(0.5)  # longer than the limit
    (tmp_path / "end").touch()
    assert first.result().startswith("wait")
    assert sorted(one.result()[:7] for one in rest) == [f"hello {number}" for number in range(4)]


def test_work_that_never_ends_is_ended_and_the_next_is_done(made: Callable[..., TimeLimitedChildren]) -> None:
    children = made(seconds=0.2)
    with pytest.raises(TimeLimitExceeded):
        children.ask("spin")
    assert children.ask("hello").startswith("hello")


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT"])
def test_a_question_that_breaks_its_child_is_told_from_a_child_that_was_killed(
    name: str, made: Callable[..., TimeLimitedChildren]
) -> None:
    children = made()
    with pytest.raises(TimeLimitExceeded):
        children.ask(f"die {name}")
    with pytest.raises(NoAnswer) as caught:
        children.ask("die SIGKILL")
    assert not isinstance(caught.value, TimeLimitExceeded)


def test_a_question_whose_child_was_killed_is_asked_again(
    made: Callable[..., TimeLimitedChildren], tmp_path: Path
) -> None:
    assert made().ask(f"die_once {tmp_path / 'mark'}").startswith("die_once")
    assert (tmp_path / "mark").exists()


def test_long_work_gives_way_and_its_child_is_not_used_again(
    made: Callable[..., TimeLimitedChildren], threads: ThreadPoolExecutor, tmp_path: Path
) -> None:
    children = made()
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    slow = threads.submit(children.ask, f"work {tmp_path / 'end'}")
    until(lambda: running() and running()[0].nice() > usual)
    (tmp_path / "end").touch()
    slow.result()
    assert running() == []


def test_a_child_without_others_keeps_its_priority(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    child = TimeLimitedChild(MODULE, PATIENCE_SECONDS)
    usual = int(child.ask("nice"))
    slow = threads.submit(child.ask, f"wait {tmp_path / 'end'}")
    time.sleep(0.5)
    (tmp_path / "end").touch()
    slow.result()
    assert int(child.ask("nice")) == usual
    child.stop()


def test_work_on_the_same_is_done_once_for_all_who_want_it(threads: ThreadPoolExecutor) -> None:
    shared: SharedWork[int] = SharedWork()
    begin, times = threading.Event(), []

    def work() -> int:
        times.append(1)
        begin.wait()
        return 7

    wanted = [threads.submit(shared.result, "a", work) for _ in range(20)]
    until(lambda: times and all(one.running() for one in wanted))
    begun = len(times)
    assert shared.result("b", lambda: 8) == 8
    begin.set()
    assert [one.result() for one in wanted] == [7] * 20
    assert begun == 1
    assert shared.result("a", lambda: 9) == 9
    with pytest.raises(ZeroDivisionError):
        shared.result("a", lambda: 1 // 0)
    assert shared.result("a", lambda: 10) == 10
