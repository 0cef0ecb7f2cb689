"""The job of the worker for short jobs that sends events."""

import time

from knowledgetree.webhooks import deliveries, events

_SECONDS = 20.0  # of one job; others come in between


def deliver() -> str:
    """Send what is due. Returns a line for the list of jobs."""
    number, until = 0, time.monotonic() + _SECONDS
    while sent := deliveries.send_due():
        number += sent
        if time.monotonic() > until:
            events.ask_for_job()
            break
    return f"{number} requests"


def every_minute() -> None:
    """Send what waits for its next try, and forget what is old."""
    deliver()
    deliveries.drop_old()
