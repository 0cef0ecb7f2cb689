"""The id of a request: taken over from the header X-Request-Id or made, sent back, and written into the log.

Services of HiveMatrix send it as X-Correlation-ID, and get it back so, too.
"""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from knowledgetree.log_lines import current_request_id

HEADER, OF_HIVEMATRIX = "X-Request-Id", "X-Correlation-ID"
_SANE = re.compile(r"[A-Za-z0-9._:+/=-]{1,64}")  # the audit log keeps so many characters


class RequestIdMiddleware:
    """Must come first, so that what the others log and refuse has the id, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER) or request.headers.get(OF_HIVEMATRIX, "")
        request.request_id = given if _SANE.fullmatch(given) else uuid.uuid4().hex  # type: ignore[attr-defined]
        before = current_request_id.set(request.request_id)  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            current_request_id.reset(before)
        response.headers[HEADER] = response.headers[OF_HIVEMATRIX] = request.request_id  # type: ignore[attr-defined]
        return response
