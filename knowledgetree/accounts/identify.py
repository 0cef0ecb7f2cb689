"""Who sends a request. Whoever sends a bearer token is who it says, whatever cookies come along."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.identity import BadToken, CallingService, Identity, Via
from knowledgetree.accounts.sso.core import sessions
from knowledgetree.accounts.sso.core.claims import ServiceClaims, claims_of
from knowledgetree.accounts.sso.core.people import account_of
from knowledgetree.basics.rights.scopes import Scope

_BEARER = "bearer "


def bearer_token(request: HttpRequest) -> str | None:
    """The token of the Authorization header (RFC 6750), None if there is none."""
    header = request.headers.get("Authorization", "")
    return header[len(_BEARER) :].strip() if header[: len(_BEARER)].lower() == _BEARER else None


def identity_of(request: HttpRequest) -> Identity:
    """The identity that ``IdentityMiddleware`` found by a token; else the person of the session cookie, or nobody."""
    known: Identity | None = getattr(request, "identity", None)
    return known or Identity(request.user.get_username(), Via.SESSION)


def identified(token: str) -> tuple[Any, Identity]:
    """The user and the identity that a bearer token stands for. Raises BadToken, CoreSilent."""
    if token.startswith(api_tokens.BEGINNING):
        row = api_tokens.found(token)
        return row.owner, Identity(row.owner.get_username(), Via.TOKEN, row.allowed, row.name, row.only_companies)
    if not settings.CORE.url:
        raise BadToken("The token is no API token, and no Core is set here (CORE_SERVICE_URL).")
    claims = claims_of(token)
    if isinstance(claims, ServiceClaims):
        service = CallingService(claims.calling_service)
        return service, Identity(service.username, Via.SERVICE, _scopes_of(claims.calling_service))
    sessions.check(token, claims)
    user = account_of(claims)
    return user, Identity(user.get_username(), Via.CORE, signed_in_at=claims.iat)


def _scopes_of(service: str) -> frozenset[Scope]:
    """What the setting SERVICE_SCOPES allows this service; ``*`` stands for those that it does not name."""
    allowed: dict[str, frozenset[Scope]] = settings.CORE.service_scopes
    return allowed.get(service, allowed["*"])
