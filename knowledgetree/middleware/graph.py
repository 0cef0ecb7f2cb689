"""Turns an unavailable graph into a page that says so."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from neo4j.exceptions import DriverError, Neo4jError

from knowledgetree import problems
from knowledgetree.accounts.rights import policy
from tree.exceptions import GraphOverloaded, GraphUnavailable

logger = logging.getLogger(__name__)


class GraphUnavailableMiddleware:
    """Turns GraphUnavailable into a 503 that says what happened, what still works and what to do.

    An error of Neo4j that nobody expected is answered in the same way. It may be a bug, so it is logged with its
    traceback.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Neo4jError | DriverError):
            logger.error("An unexpected error of Neo4j at %s", request.path, exc_info=exception)
        elif not isinstance(exception, GraphUnavailable):
            return None
        words = {
            "in_short": getattr(exception, "in_short", GraphOverloaded.in_short),
            "detail": str(exception) if policy.role_of(request.user) is policy.Role.ADMIN else "",
        }
        if problems.is_for_api_v1(request):
            response: HttpResponse = problems.problem(request, 503, f"{words['in_short']} {words['detail']}".strip())
        elif problems.wants_json(request):
            response = JsonResponse({"error": words["in_short"], "detail": words["detail"]}, status=503)
        elif getattr(request, "htmx", False) and not request.htmx.boosted:  # type: ignore[attr-defined]
            response = render(request, "_graph_unavailable.html", words, status=503)
        else:
            response = render(request, "503.html", words, status=503)
        response["Retry-After"] = problems.RETRY_AFTER_SECONDS
        return response
