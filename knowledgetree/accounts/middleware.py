"""Middleware that finds out who sends a request with a bearer token."""

from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from knowledgetree import problems
from knowledgetree.accounts import acting
from knowledgetree.accounts.identify import bearer_token, identified
from knowledgetree.accounts.identity import BadToken, CoreSilent, Via
from knowledgetree.accounts.rights import policy

_AFTER_LOGIN = "token"  # the parameter in which Core's redirect to the start page has the token of the person
# Headers that browsers send. A proxy may turn a browser's session into a token, and then a page of somebody else could
# have requests sent in a person's name.
_OF_BROWSERS = ("Origin", "Sec-Fetch-Site", "Cookie")


class IdentityMiddleware:
    """Puts the user of a bearer token into ``request.user``, and into ``request.identity`` what it may do.

    A bad token is a 401, also if a good session cookie came along. It must follow AuthenticationMiddleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _AFTER_LOGIN in request.GET and request.path_info == "/":
            return redirect(request.path)  # Core sends people there with a token, which we read from the header only
        token = bearer_token(request)
        if token is not None:
            try:
                user, identity = identified(token)
            except BadToken as error:
                response = _refused(request, 401, str(error))
                response.headers["WWW-Authenticate"] = problems.challenge(request)
                return response
            except CoreSilent as error:
                response = _refused(request, 503, str(error))
                response.headers["Retry-After"] = problems.RETRY_AFTER_SECONDS
                return response
            policy.limit(user, identity.scopes, identity.companies)
            request.user, request.identity = user, identity  # type: ignore[attr-defined]
            if identity.via is not Via.CORE or not any(request.headers.get(name) for name in _OF_BROWSERS):
                request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        with acting.in_request(request):
            return self.get_response(request)


def _refused(request: HttpRequest, status: int, why: str) -> HttpResponse:
    """A page for people, whose proxy sent the token; a problem for programs."""
    is_for_people = "text/html" in request.headers.get("Accept", "") or "HX-Request" in request.headers
    if not is_for_people or problems.is_for_machines(request):
        return problems.problem(request, status, why)
    request.user = AnonymousUser()
    return render(
        request, "401.html", {"why": why, "is_silent": status == HTTPStatus.SERVICE_UNAVAILABLE}, status=status
    )
