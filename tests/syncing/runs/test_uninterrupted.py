"""Work in a thread of its own: signals stop it, and break into nothing."""

import os
import signal
import threading
from collections.abc import Callable

import pytest

from syncing.runs import uninterrupted as module
from syncing.runs.uninterrupted import uninterrupted


def no_call() -> None:
    raise AssertionError("not to be called")


def no_wish() -> None:
    return None


def test_gives_back_what_the_work_does() -> None:
    assert uninterrupted(lambda: 7, no_call, no_call, no_wish) == 7


@pytest.mark.parametrize("error", [OSError("disk"), KeyboardInterrupt()], ids=repr)
def test_raises_what_the_work_raises(error: BaseException) -> None:
    def work() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        uninterrupted(work, no_call, no_call, no_wish)
    assert raised.value is error


def test_work_that_nobody_waits_for_any_more_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.01)
    ended, wishes = threading.Event(), iter((None, None, RuntimeError("enough")))
    with pytest.raises(RuntimeError, match="enough"):
        uninterrupted(lambda: ended.wait(60), no_call, no_call, lambda: next(wishes))
    ended.set()


def interrupting(then: Callable[[], object]) -> Callable[[], None]:
    """Work that sends Ctrl-C to its own process."""

    def work() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        then()

    return work


def test_a_signal_asks_the_work_to_stop_and_waits_for_it() -> None:
    asked = threading.Event()
    steps: list[str] = []

    def until_asked() -> None:
        assert asked.wait(10)
        steps.append("the step is finished")

    with pytest.raises(KeyboardInterrupt):
        uninterrupted(interrupting(until_asked), asked.set, no_call, no_wish)
    assert steps == ["the step is finished"]


def test_work_that_does_not_hear_loses_its_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.1)
    hung_up = threading.Event()
    steps: list[str] = []

    def deaf() -> None:
        assert hung_up.wait(10)
        steps.append("broken off")

    with pytest.raises(KeyboardInterrupt):
        uninterrupted(interrupting(deaf), lambda: steps.append("asked"), hung_up.set, no_wish)
    assert steps == ["asked", "broken off"]


def test_work_that_nothing_stops_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.1)
    late = threading.Event()
    calls: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        uninterrupted(interrupting(late.wait), lambda: calls.append("stop"), lambda: calls.append("hang up"), no_wish)
    assert calls == ["stop", "hang up"]
    late.set()
