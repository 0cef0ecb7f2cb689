"""What a token of Core says, once its signature, issuer, times and kind are right (RFC 7519, RFC 8725)."""

import json
import re
import time
from typing import Annotated, Any, TypeVar

import msgspec
from django.conf import settings
from msgspec import Meta, Struct

from knowledgetree.accounts.identity import BadToken
from knowledgetree.accounts.sso.core.keys import CoreKeys

MOST_CHARACTERS = 8192
LONGEST_LIFE_SECONDS = 24 * 3600
SKEW_SECONDS = 30  # by which the clocks of two hosts may differ
KEYS = CoreKeys()
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_KNOWN_HEADERS = frozenset({"alg", "typ", "kid"})  # others name a key, or have to be understood

Text = Annotated[str, Meta(max_length=255)]
Name = Annotated[str, Meta(min_length=1, max_length=255)]
ServiceName = Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,50}\Z")]
Claims = TypeVar("Claims", bound=Struct)


class PersonClaims(Struct):
    """The token of a person. ``jti`` is the session at Core, ``iat`` and ``exp`` are Unix seconds."""

    sub: Name
    jti: Name
    permission_level: Name
    iat: float
    exp: float
    name: Text | None = None
    email: Text | None = None
    preferred_username: Text | None = None


class ServiceClaims(Struct):
    """The token of a service that calls another one."""

    calling_service: ServiceName
    target_service: ServiceName
    exp: float


def claims_of(token: str) -> PersonClaims | ServiceClaims:
    """What a token of Core says. Raises BadToken, CoreSilent."""
    if len(token) > MOST_CHARACTERS or not _FORM.fullmatch(token):
        raise BadToken("The token is no token of ours, and none of Core.")
    key_id = _key_id(token)
    claims = _checked(token, key_id)
    if claims["exp"] - time.time() > LONGEST_LIFE_SECONDS + SKEW_SECONDS:
        raise BadToken("The token is good for longer than a day, which Core's tokens never are.")
    kind = claims.get("type")
    if kind is None:
        return _typed(claims, PersonClaims)
    if kind != "service" or "permission_level" in claims:
        raise BadToken("The token is neither of a person nor of a service.")
    service = _typed(claims, ServiceClaims)
    if service.target_service != settings.CORE.service_name:
        raise BadToken("The token is for another service.")
    return service


def _key_id(token: str) -> str:
    import jwt  # it imports all of cryptography, which only Core's tokens need

    try:
        header = jwt.get_unverified_header(token)
    except (jwt.InvalidTokenError, RecursionError) as error:
        raise BadToken("The token cannot be read.") from error
    if header.get("alg") != "RS256" or not header.keys() <= _KNOWN_HEADERS:
        raise BadToken("The token is not signed in the way that Core signs.")
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= 255:
        raise BadToken("The token does not name the key that it is signed with.")
    return key_id


def _checked(token: str, key_id: str) -> dict[str, Any]:
    """The claims of a token with a right signature. A wrong one may mean that Core has a new key under the old id."""
    import jwt

    key = KEYS.key(key_id)
    try:
        return _verified(token, key)
    except jwt.InvalidSignatureError as error:
        if not KEYS.have_changed(key_id, key):
            raise BadToken("The token's signature is wrong.") from error
    try:
        return _verified(token, KEYS.key(key_id))
    except jwt.InvalidSignatureError as error:
        raise BadToken("The token's signature is wrong.") from error


def _verified(token: str, key: Any) -> dict[str, Any]:
    """Raises BadToken, and InvalidSignatureError."""
    import jwt

    from knowledgetree.accounts.sso.token_faults import TokenFaults, in_words

    options: Any = {"require": ["exp", "iat", "iss"]}
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=["RS256"], issuer=settings.CORE.issuer, leeway=SKEW_SECONDS, options=options
        )
        json.loads(jwt.utils.base64url_decode(token.split(".")[1]), object_pairs_hook=_each_once)
    except jwt.InvalidSignatureError:
        raise
    except TokenFaults as error:
        raise BadToken(in_words(error, issuer="CORE_ISSUER", audience="aud")) from error
    return claims


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises ValueError if a name comes twice, since another reader may have believed the other value."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a claim comes twice")
    return found


def _typed(claims: dict[str, Any], kind: type[Claims]) -> Claims:
    try:
        return msgspec.convert(claims, kind)
    except msgspec.ValidationError as error:
        raise BadToken("The token lacks a claim, or one has the wrong type or length.") from error
