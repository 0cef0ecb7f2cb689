"""Errors on ``/api/`` as ``application/problem+json`` (RFC 9457), as in the old application."""

import sys
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views import defaults
from django.views.csrf import csrf_failure as csrf_page

API_PREFIX = "/api/"
API_V1_PREFIX = "/api/v1/"
# The old application's routes for administrators, which answer JSON as well.
ADMIN_ROUTES = frozenset(
    f"/admin/{route}" for route in ("sync/status", "sync/codex", "sync/tickets", "export", "import", "wipe")
)
MCP_PATH = "/mcp"
RETRY_AFTER_SECONDS = "10"


def is_for_machines(request: HttpRequest) -> bool:
    """Whether the caller is a program that reads JSON."""
    path = request.path_info
    return path.startswith(API_PREFIX) or path in ADMIN_ROUTES or path == MCP_PATH


def is_for_api_v1(request: HttpRequest) -> bool:
    """Whether the caller uses the API v1, all errors of which are problems."""
    return request.path_info.startswith(API_V1_PREFIX)


def problem(
    request: HttpRequest, status: int, detail: str, errors: Sequence[tuple[str, str]] = (), **more: Any
) -> JsonResponse:
    """A problem response with type, title, status, detail and instance.

    ``errors``: what is wrong with which field of the request. ``more``: further members, as RFC 9457 allows.
    """
    title = HTTPStatus(status).phrase
    body = {
        "type": f"about:blank#{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        **more,
    }
    if errors:
        body["errors"] = [{"field": field, "detail": what} for field, what in errors]
    return JsonResponse(body, status=status, content_type="application/problem+json")


def wants_json(request: HttpRequest) -> bool:
    """Whether the response is to be JSON: programs, addresses that end so, and whoever prefers it."""
    prefers_json = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    return request.path_info.endswith(".json") or is_for_machines(request) or prefers_json


def for_programs(request: HttpRequest, status: int, why: str, *, is_json: bool = False) -> HttpResponse | None:
    """The response for a program, or for whoever wants JSON or ``is_json``; None where a page is due."""
    if is_for_machines(request):
        return problem(request, status, why)
    return JsonResponse({"error": why}, status=status) if is_json or wants_json(request) else None


def unauthorized(request: HttpRequest, why: str) -> JsonResponse:
    """A 401 that says how to authorize (RFC 6750), and at /mcp where that is described (RFC 9728)."""
    response = problem(request, HTTPStatus.UNAUTHORIZED, why)
    response.headers["WWW-Authenticate"] = challenge(request)
    return response


def challenge(request: HttpRequest) -> str:
    """The value of the header WWW-Authenticate of a 401. Who sent no token is not told of an error of it."""
    parts = ['error="invalid_token"'] if "Authorization" in request.headers else []
    if request.path_info == MCP_PATH:
        parts.append(f'resource_metadata="{request.build_absolute_uri(reverse("mcp-resource"))}"')
    return f"Bearer {', '.join(parts)}".strip()


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's ``handler404``."""
    if is_for_machines(request):
        return problem(request, 404, "There is no such address.")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's ``handler500``. A locked or unavailable SQL database is not a bug, so the response is a 503."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _sql_unavailable(request)
    if is_for_machines(request):
        return problem(request, 500, "Something went wrong here; it is in the server's log.")
    return defaults.server_error(request)


def _sql_unavailable(request: HttpRequest) -> HttpResponse:
    """A 503 that does not depend on the user, who cannot be looked up without the database."""
    if is_for_machines(request):
        response: HttpResponse = problem(request, 503, "The SQL database does not answer. Try again in a minute.")
    else:
        response = HttpResponse(render_to_string("503_sql.html"), status=HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's ``handler400``."""
    if is_for_machines(request):
        return problem(request, 400, "The request cannot be read.")
    return defaults.bad_request(request, exception)


def csrf_failure(request: HttpRequest, reason: str = "", **options: Any) -> HttpResponse:
    """Django's ``CSRF_FAILURE_VIEW``."""
    if is_for_machines(request):
        return problem(request, 403, f"{reason} Send the cookie's token in the header X-CSRFToken.")
    return csrf_page(request, reason=reason, **options)


class MethodNotAllowedMiddleware:
    """Gives 405 responses on ``/api/``, which have no body, a problem body."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and is_for_machines(request):
            allow = response.headers.get("Allow", "")
            possible = f", but {allow} is" if allow else ""
            response = problem(request, 405, f"{request.method} is not possible here{possible}.")
            response.headers["Allow"] = allow
        return response
