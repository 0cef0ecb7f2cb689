"""The threads of live servers that are at work on a request.

A server writes the audit log once the response was sent, so that whoever asked knows nothing of it: a test may be over,
and its tables emptied, when the server writes.
"""

import threading
from typing import Any

from django.core.signals import request_finished, request_started

_threads: set[threading.Thread] = set()


def is_going_on() -> bool:
    """Whether one of them has not done with its request."""
    return any(thread.is_alive() for thread in list(_threads))


def watch() -> None:
    """Keep account from now on. The test client's requests, which are in the thread of the tests, do not count."""
    request_started.connect(_begun)
    request_finished.connect(_done)


def _begun(**_: Any) -> None:
    if threading.current_thread() is not threading.main_thread():
        _threads.add(threading.current_thread())


def _done(**_: Any) -> None:
    _threads.discard(threading.current_thread())
