"""Runs work in a thread that signals cannot interrupt.

Python raises the exception of a signal (Ctrl-C, SIGTERM, the alarm of django-q) in the main thread between any two
steps, even while the driver reads a response or holds the lock of its connection pool, which would then never be
released. So the work has its own thread; the main thread only waits, receives the signal and asks the work to stop.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

from django.db import connections

STOP_SECONDS = 1.2  # twice; django-q kills a worker 3 s after its alarm
Result = TypeVar("Result")


def uninterrupted(
    work: Callable[[], Result],
    stop: Callable[[], None],
    hang_up: Callable[[], None],
    given_up: Callable[[], Exception | None],
) -> Result:
    """Run ``work`` and return its result or raise its exception.

    ``given_up`` is called periodically; an error that it returns is raised here, and the work is abandoned.

    On a signal, ``stop`` is called to ask the work to end at its next step. If it has not ended STOP_SECONDS later,
    ``hang_up`` closes its connections. Then the KeyboardInterrupt or SystemExit of the signal is raised; work that
    still runs after another STOP_SECONDS is abandoned in a daemon thread, which keeps no process alive.
    """
    result: Future[Result] = Future()
    ended: SimpleQueue[None] = SimpleQueue()  # unlike a Future or a Thread, it can be waited for through signals

    def in_thread() -> None:
        try:
            result.set_result(work())
        except BaseException as error:  # noqa: BLE001  (raised again below)
            result.set_exception(error)
        finally:
            connections.close_all()
            ended.put(None)

    thread = threading.Thread(target=in_thread, name="work-of-run", daemon=True)
    try:
        thread.start()
        while not _has_ended(ended):
            if (error := given_up()) is not None:
                raise error
    except (KeyboardInterrupt, SystemExit):
        stop()
        if not _has_ended(ended):
            hang_up()
            _has_ended(ended)
        raise
    return result.result()


def _has_ended(ended: SimpleQueue[None]) -> bool:
    """Wait up to STOP_SECONDS for the work to end."""
    with suppress(Empty):
        ended.get(timeout=STOP_SECONDS)
        return True
    return False
