"""Keeps the log short: what was refused is one line, and only what went wrong here has a traceback."""

import logging
from http import HTTPStatus


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
