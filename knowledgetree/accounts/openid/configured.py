"""Why somebody is not signed in, and the provider that is set."""

from django.conf import settings
from django.http import Http404

from knowledgetree.openid_configuration import OpenIdSettings


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
