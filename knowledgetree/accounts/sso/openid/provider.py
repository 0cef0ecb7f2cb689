"""Asks the provider for the token of a person, and checks what it says (OpenID Connect Core 1.0, section 3.1.3.7).

mozilla-django-oidc checks the signature and the nonce. Issuer, audience, times, the key's length and the limits on what
is read from the provider are checked here.
"""

from typing import Any

import jwt
from django.utils.crypto import constant_time_compare
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from knowledgetree.accounts.sso.bounded_http import NoAnswer, answer_of
from knowledgetree.accounts.sso.core.keys import usable_keys
from knowledgetree.accounts.sso.openid.configured import SKEW_SECONDS, SignInRefused, configured, setting
from knowledgetree.accounts.sso.openid.people import account_of
from knowledgetree.accounts.sso.token_faults import TokenFaults, in_words

MOST_CHARACTERS = 16_384  # of a token; some have many groups


class Provider(OIDCAuthenticationBackend):
    """``authenticate(request, nonce, code_verifier)`` returns the user, and leaves the claims in ``claims``.

    Raises SignInRefused.
    """

    get_settings = staticmethod(setting)

    def __init__(self) -> None:
        super().__init__()
        self.claims: dict[str, Any] = {}

    def get_token(self, payload: dict[str, Any]) -> dict[str, Any]:
        """What the provider gives for the code."""
        status, answer = _asked("POST", self.OIDC_OP_TOKEN_ENDPOINT, data=payload)
        if status != 200 or not isinstance(answer, dict) or not isinstance(answer.get("id_token"), str):
            raise SignInRefused(f"{configured().name} gave no token for this sign-in (status {status}).")
        return answer

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """The claims of an ID token. ``nonce``: the one that was sent to the provider."""
        claims = self._decoded(token)
        nonce = kwargs.get("nonce")
        if not nonce or not isinstance(claims.get("nonce"), str) or not constant_time_compare(claims["nonce"], nonce):
            raise SignInRefused("The token belongs to another sign-in (nonce).")
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != self.OIDC_RP_CLIENT_ID:
            raise SignInRefused("The token is for another application (azp).")
        return claims

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        """The claims of the token, and those that the provider tells on request where that is set."""
        if not self.OIDC_OP_USER_ENDPOINT or not isinstance(access_token, str):
            return payload
        headers = {"Authorization": f"Bearer {access_token}"}
        status, answer = _asked("GET", self.OIDC_OP_USER_ENDPOINT, headers=headers)
        if status != 200 or not isinstance(answer, dict):
            raise SignInRefused(f"{configured().name} does not say who this is (status {status}).")
        if answer.get("sub") != payload["sub"]:
            raise SignInRefused(f"{configured().name} says of somebody else who they are (sub).")
        return answer | payload

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> Any:
        """The account of the person."""
        self.claims = self.get_userinfo(access_token, id_token, payload)
        return account_of(self.claims)

    def _decoded(self, token: str) -> dict[str, Any]:
        if len(token) > MOST_CHARACTERS:
            raise SignInRefused("The token is too long.")
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != "RS256":
                raise SignInRefused("The token is not signed with RS256.")
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(header.get("kid")),
                algorithms=["RS256"],
                audience=self.OIDC_RP_CLIENT_ID,
                issuer=configured().issuer,
                leeway=SKEW_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except TokenFaults as error:
            words = in_words(error, issuer="OIDC_ISSUER", audience="OIDC_RP_CLIENT_ID")
            raise SignInRefused(words) from error
        return claims

    def _key(self, key_id: Any) -> Any:
        status, answer = _asked("GET", self.OIDC_OP_JWKS_ENDPOINT)
        keys = usable_keys(answer) if status == 200 else {}
        if not keys:
            raise SignInRefused(f"{configured().name} gives no keys to check its token with.", 503)
        if not isinstance(key_id, str) or key_id not in keys:
            raise SignInRefused(f"The token is signed with a key that {configured().name} does not have.")
        return keys[key_id]


def _asked(method: str, url: str, **sent: Any) -> tuple[int, Any]:
    try:
        return answer_of(method, url, **sent)
    except NoAnswer as error:
        raise SignInRefused(f"{configured().name} does not answer. Try again in a minute.", 503) from error
