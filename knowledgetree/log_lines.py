"""Keeps the log short: what was refused is one line, and only what went wrong here has a traceback.

A line that was written while a request was served has the id of the request.
"""

import logging
from contextvars import ContextVar
from http import HTTPStatus

current_request_id: ContextVar[str] = ContextVar("request_id", default="")


class WithRequestId(logging.Filter):
    """Gives each record ``request_mark``: `` [id]``, or nothing outside requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        served = getattr(record, "request", None)  # Django logs refusals when all middleware is done with them
        found = current_request_id.get() or getattr(served, "request_id", "")
        record.request_mark = f" [{found}]" if found else ""
        return True


class RefusalsInOneLine(logging.Filter):
    """Replaces the traceback of a response by the reason, unless its status is 500.

    Django writes a traceback for every refused page, so anybody could fill the log and hide what matters.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR)
        if status != HTTPStatus.INTERNAL_SERVER_ERROR and record.exc_info:
            reason = " ".join(str(record.exc_info[1]).split())
            record.msg, record.args = "%s (%s)", (record.getMessage(), reason or type(record.exc_info[1]).__name__)
            record.exc_info = record.exc_text = None
        return True
