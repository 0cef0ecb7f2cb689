"""Limits how many requests a caller sends to the API v1 within a minute, and tells each response what is left.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10. The counts are in the cache: with a shared one
(CACHE_URL), the limit is that of all processes together; else, each process counts for itself.
"""

import hashlib
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from knowledgetree import problems
from knowledgetree.accounts.identify import identity_of
from knowledgetree.basics.marks import count

WINDOW_SECONDS = 60


class RateLimitMiddleware:
    """Must come after those that find out who asks. Without a caller there is no limit, because nothing is done."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        most = settings.API_REQUESTS_PER_MINUTE
        if not (most and problems.is_for_api_v1(request) and request.user.is_authenticated):
            return self.get_response(request)
        window, into = divmod(int(time.time()), WINDOW_SECONDS)
        used = count(f"api-requests:{_caller(request)}:{window}", 2 * WINDOW_SECONDS)
        left = WINDOW_SECONDS - into
        if used > most:
            why = f"This is more than {most} requests in a minute. Try again in {left} seconds."
            response: HttpResponse = problems.problem(request, 429, why)
            response.headers["Retry-After"] = str(left)
        else:
            response = self.get_response(request)
        response.headers["RateLimit-Policy"] = f'"caller";q={most};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"caller";r={max(most - used, 0)};t={left}'
        return response


def _caller(request: HttpRequest) -> str:
    """Who asks, and with which token; in a form that any cache takes as a key."""
    identity = identity_of(request)
    whole = "\0".join((identity.via, identity.name, identity.through))
    return hashlib.sha256(whole.encode()).hexdigest()[:32]
