"""Why somebody is not signed in, and the provider that is set."""

from typing import Any

from django.conf import settings
from django.http import Http404

from knowledgetree.configuration.openid import OpenIdSettings

SKEW_SECONDS = 30  # by which the clocks of two hosts may differ


class SignInRefused(Exception):
    """The person is not signed in. The text says why; ``status`` is that of the response."""

    def __init__(self, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.status = status


def configured() -> OpenIdSettings:
    """The provider of the settings. Raises Http404 if none is set."""
    found: OpenIdSettings | None = settings.OPENID
    if found is None:
        raise Http404("No OpenID provider is set.")
    return found


def setting(name: str, *default: Any) -> Any:
    """A setting of mozilla-django-oidc, from ours."""
    ours = configured()
    values = {
        "OIDC_RP_CLIENT_ID": ours.client_id,
        "OIDC_RP_CLIENT_SECRET": ours.client_secret,
        "OIDC_RP_SIGN_ALGO": "RS256",
        "OIDC_RP_SCOPES": ours.scopes,
        "OIDC_OP_AUTHORIZATION_ENDPOINT": ours.authorization_url,
        "OIDC_OP_TOKEN_ENDPOINT": ours.token_url,
        "OIDC_OP_USER_ENDPOINT": ours.userinfo_url,
        "OIDC_OP_JWKS_ENDPOINT": ours.keys_url,
        "OIDC_AUTHENTICATION_CALLBACK_URL": "openid-callback",
        "OIDC_USE_PKCE": True,
    }
    return values[name] if name in values else default[0]
