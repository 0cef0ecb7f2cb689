"""Checks every request against the table of rights, and says what is in the way."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render, resolve_url
from django.urls import ResolverMatch
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from knowledgetree import problems
from knowledgetree.accounts.identify import identity_of
from knowledgetree.accounts.login import fresh_login
from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.rights.reader_of import reader_of


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
        return problems.for_programs(request, 403, "You have no right to this.") or render(
            request, "403.html", {"exception": match.view_name if match else ""}, status=403
        )


def _despite_the_right(request: HttpRequest, match: ResolverMatch) -> HttpResponse | None:
    """The response to somebody who may use the route, but not now or not yet; None if nothing is in the way."""
    if policy.is_viewing(request.user) and not policy.may_while_viewing(match, request.method or ""):
        why = "You are viewing the site as somebody else, so nothing can be changed. Stop that first."
        return _forbidden(request, why, "viewing.html")
    if policy.needs_a_company(request.user, match) and not reader_of(request).companies:
        return _forbidden(request, "No company is open to you yet. Ask your IT provider.", "no_company.html")
    return _to_confirm(request, match) if fresh_login.is_missing(request, match) else None


def _forbidden(request: HttpRequest, why: str, page: str) -> HttpResponse:
    return problems.for_programs(request, 403, why) or render(request, page, {"why": why}, status=403)


def _to_login(request: HttpRequest) -> HttpResponse:
    if problems.is_for_machines(request):
        return problems.unauthorized(request, "Authorization is missing: log in first.")
    if problems.wants_json(request):
        return JsonResponse({"error": "Log in first."}, status=401)
    login_url = resolve_url(settings.LOGIN_URL)
    if getattr(request, "htmx", False):
        current = urlsplit(request.htmx.current_url_abs_path or "/")  # type: ignore[attr-defined]
        page = current.path + (f"?{current.query}" if current.query else "")
        return HttpResponseClientRedirect(redirect_to_login(page, login_url).url)
    return redirect_to_login(request.get_full_path(), login_url)


def _to_confirm(request: HttpRequest, match: ResolverMatch) -> HttpResponse:
    why = "This needs a login of the last 15 minutes: log in again."
    if refused := problems.for_programs(request, 403, why):
        return refused
    answer = fresh_login.ask_for(request, match)
    if getattr(request, "htmx", False) and "Location" in answer.headers:
        return HttpResponseClientRedirect(answer.headers["Location"])
    return answer
