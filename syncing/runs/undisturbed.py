"""Work that no signal breaks into.

Python raises what a signal asks for (Ctrl-C, SIGTERM, the alarm of django-q) in the main thread, between any two
steps of it: also while the driver reads an answer, or holds the lock of its connection pool, which nobody gives back
then. So the work has a thread of its own. The main thread only waits, takes the signal, and asks the work to stop.
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


def undisturbed(
    work: Callable[[], Result],
    stop: Callable[[], None],
    hang_up: Callable[[], None],
    given_up: Callable[[], Exception | None],
) -> Result:
    """What ``work`` returns or raises.

    ``given_up`` is asked now and then: an error that it returns is raised here, and the work is left alone.

    On a signal ``stop`` is called, which asks the work to end at its next step; when it has not ended STOP_SECONDS
    later, ``hang_up`` takes its connections away. Raises KeyboardInterrupt or SystemExit as the signal's handler did;
    work that still goes on after another STOP_SECONDS is left alone then, in a thread that keeps no process alive.
    """
    answer: Future[Result] = Future()
    ended: SimpleQueue[None] = SimpleQueue()  # unlike a Future or a Thread, it can be waited for through signals

    def in_thread() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:  # noqa: BLE001  (raised again below)
            answer.set_exception(error)
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
    return answer.result()


def _has_ended(ended: SimpleQueue[None]) -> bool:
    """Wait for it, not for long."""
    with suppress(Empty):
        ended.get(timeout=STOP_SECONDS)
        return True
    return False
