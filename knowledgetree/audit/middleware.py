"""Middleware that writes what happened in a request to the audit log, once its response was sent."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from knowledgetree.accounts.identity import Identity, Via
from knowledgetree.audit import log, routes, sign_ins
from knowledgetree.audit.actions import Action
from knowledgetree.basics.marks import marks

_ONE_SIGN_IN_SECONDS = 24 * 3600  # a token of Core lives shorter than that
_ONE_USE_SECONDS = 60


class AuditMiddleware:
    """Must come before IdentityMiddleware, whose refusals belong into the log, and after AuthenticationMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trail, token = log.begin(request)
        try:
            response = self.get_response(request)
            identity: Identity | None = getattr(request, "identity", None)
            if identity is not None:
                _note_first_use(identity)
            elif response.status_code == 401:
                sign_ins.note_refused_token(request)
        finally:
            log.end(token)
        seen = routes.seen_action(request, response.status_code)
        if trail.entries or seen is not None:
            _write_when_sent(response, trail, seen)
        return response


def _note_first_use(identity: Identity) -> None:
    """A person of Core signs in with their first request, a service uses its token once a minute."""
    if identity.via is Via.CORE:
        key = f"audit-core-{identity.signed_in_at}-{identity.name}"
        if marks.add(sign_ins.cache_key(key), True, _ONE_SIGN_IN_SECONDS):
            log.record(Action.SIGNED_IN, detail="at Core")
    elif identity.via is Via.SERVICE and marks.add(
        sign_ins.cache_key(f"audit-service-{identity.name}"), True, _ONE_USE_SECONDS
    ):
        log.record(Action.TOKEN_USED)


def _write_when_sent(response: HttpResponse, trail: log.Trail, seen: Action | None) -> None:
    """The server closes the response after it was sent, or broken off; a long list notes its rows until then."""

    def write() -> None:
        if seen is not None:
            routes.note_address(trail, seen)
        log.write(trail, seen)

    response._resource_closers.append(write)  # type: ignore[attr-defined]
