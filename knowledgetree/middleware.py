"""Middleware for all views: access rights, request size, a full disk, an unavailable graph."""

import logging
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    JsonResponse,
    UnreadablePostError,
)
from django.shortcuts import render, resolve_url
from django.urls import ResolverMatch
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from neo4j.exceptions import DriverError, Neo4jError

from knowledgetree import problems
from knowledgetree.accounts.identify import identity_of
from knowledgetree.accounts.login import fresh_login
from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.rights.readers import reader_of
from tree.exceptions import GraphOverloaded, GraphUnavailable, NoSpace
from tree.files import storage

_LARGE_BODIES = ("import", "legacy-import")
_FORM_BYTES = 64 * 1024  # what the form around a file adds
logger = logging.getLogger(__name__)


class PolicyMiddleware:
    """Checks every request against ``policy``; responds with 403, or redirects to a page that asks for the password."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:  # shared caches must not store it for others
            response.headers.setdefault("Cache-Control", "private, no-cache")
            patch_vary_headers(response, ("Cookie", "Authorization", "HX-Request"))
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is not None and policy.may_use(identity_of(request), request.user, match, request.method or ""):
            return _despite_the_right(request, match)
        if policy.role_of(request.user) is policy.Role.ANONYMOUS:
            return _to_login(request)
        if match is not None and (methods := policy.methods_of(match)) and request.method not in methods:
            return HttpResponseNotAllowed(methods)
        if problems.is_for_machines(request):
            return problems.problem(request, 403, "You have no right to this.")
        if _wants_json(request):
            return JsonResponse({"error": "You have no right to this."}, status=403)
        return render(request, "403.html", {"exception": match.view_name if match else ""}, status=403)


def _despite_the_right(request: HttpRequest, match: ResolverMatch) -> HttpResponse | None:
    """The response to somebody who may use the route, but not now or not yet; None if nothing is in the way."""
    if policy.is_viewing(request.user) and not policy.may_while_viewing(match, request.method or ""):
        why = "You look at the site as somebody else, so nothing can be changed. Stop that first."
        return _forbidden(request, why, "viewing.html")
    if policy.needs_a_company(request.user, match) and not reader_of(request).companies:
        return _forbidden(request, "No company is open to you yet. Ask your IT provider.", "no_company.html")
    return _to_confirm(request, match) if fresh_login.is_missing(request, match) else None


def _forbidden(request: HttpRequest, why: str, page: str) -> HttpResponse:
    if problems.is_for_machines(request):
        return problems.problem(request, 403, why)
    if _wants_json(request):
        return JsonResponse({"error": why}, status=403)
    return render(request, page, {"why": why}, status=403)


class _BeforeTheView:
    """A middleware that does nothing but look at requests before their view is called."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class BodyLimitMiddleware(_BeforeTheView):
    """Refuses an oversized request body before it is read. Archives to import have a limit of their own."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        match = request.resolver_match
        is_import = match is not None and match.url_name in _LARGE_BODIES
        limit = settings.IMPORT_LIMIT_BYTES if is_import else settings.REQUEST_LIMIT_BYTES
        if not length.isdecimal() or int(length) <= limit + (_FORM_BYTES if is_import else 0):
            return None
        setting = " (IMPORT_LIMIT_MB)" if is_import else ""
        why = f"This is too large: at most {limit / 2**20:g} MB can be sent at once{setting}."
        return _refused(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why)


class FullDiskMiddleware(_BeforeTheView):
    """Responds with 507 if the disk is full. Uploads are parsed here, which writes the large ones to disk."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.content_type != "multipart/form-data":
            return None
        try:
            with storage.no_space_told():
                storage.make_folders()
                _ = request.FILES
        except NoSpace as error:
            for handler in request.upload_handlers:
                with suppress(OSError):  # flushing its buffer fails for the same reason
                    handler.upload_interrupted()
            return _refused(request, HTTPStatus.INSUFFICIENT_STORAGE, str(error))
        except UnreadablePostError:  # raised again where the view reads the body
            pass
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NoSpace):
            why = str(exception)
        elif storage.is_no_space(exception):
            why = "The server's disk is full, so this was not done. Tell an administrator."
        else:
            return None
        logger.error("The disk is full at %s: %s", request.path, exception)
        return _refused(request, HTTPStatus.INSUFFICIENT_STORAGE, why)


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
        elif _wants_json(request):
            response = JsonResponse({"error": words["in_short"], "detail": words["detail"]}, status=503)
        elif getattr(request, "htmx", False) and not request.htmx.boosted:  # type: ignore[attr-defined]
            response = render(request, "_graph_unavailable.html", words, status=503)
        else:
            response = render(request, "503.html", words, status=503)
        response["Retry-After"] = problems.RETRY_AFTER_SECONDS
        return response


def _refused(request: HttpRequest, status: HTTPStatus, why: str) -> HttpResponse:
    if problems.is_for_machines(request):
        return problems.problem(request, status, why)
    if _wants_json(request) or request.headers.get("Sec-Fetch-Dest") == "empty":
        return JsonResponse({"error": why}, status=status)
    return render(request, f"{status:d}.html", {"why": why}, status=status)


def _to_login(request: HttpRequest) -> HttpResponse:
    if problems.is_for_machines(request):
        return problems.unauthorized(request, "Authorization is missing: log in first.")
    if _wants_json(request):
        return JsonResponse({"error": "Log in first."}, status=401)
    login_url = resolve_url(settings.LOGIN_URL)
    if getattr(request, "htmx", False):
        current = urlsplit(request.htmx.current_url_abs_path or "/")  # type: ignore[attr-defined]
        page = current.path + (f"?{current.query}" if current.query else "")
        return HttpResponseClientRedirect(redirect_to_login(page, login_url).url)
    return redirect_to_login(request.get_full_path(), login_url)


def _to_confirm(request: HttpRequest, match: ResolverMatch) -> HttpResponse:
    why = "This needs a login of the last 15 minutes: log in again."
    if problems.is_for_machines(request):
        return problems.problem(request, 403, why)
    if _wants_json(request):
        return JsonResponse({"error": why}, status=403)
    answer = fresh_login.ask_for(request, match)
    if getattr(request, "htmx", False) and "Location" in answer.headers:
        return HttpResponseClientRedirect(answer.headers["Location"])
    return answer


def _wants_json(request: HttpRequest) -> bool:
    prefers_json = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    return request.path_info.endswith(".json") or problems.is_for_machines(request) or prefers_json
