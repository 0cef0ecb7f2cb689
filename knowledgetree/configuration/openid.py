"""The settings of an OpenID Connect provider, at which people may sign in; see docs/sign-in.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

GROUPS = ("admin", "technician", "billing", "client")  # from the strongest on
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class OpenIdSettings:
    """A provider. ``groups``: the groups there by our group; ``userinfo_url`` may be empty."""

    issuer: str
    name: str
    client_id: str
    client_secret: str = field(repr=False)
    authorization_url: str
    token_url: str
    keys_url: str
    userinfo_url: str
    scopes: str
    groups_claim: str
    groups: dict[str, frozenset[str]]


def openid_settings(env: Mapping[str, str]) -> OpenIdSettings | None:
    """The provider that the OIDC_… settings describe, None without OIDC_ISSUER. Raises ImproperlyConfigured."""
    issuer = _address(env.get("OIDC_ISSUER", ""), "OIDC_ISSUER")
    if not issuer:
        return None
    found = OpenIdSettings(
        issuer=issuer,
        name=env.get("OIDC_NAME", "").strip() or str(urlsplit(issuer).hostname),
        client_id=env.get("OIDC_RP_CLIENT_ID", "").strip(),
        client_secret=env.get("OIDC_RP_CLIENT_SECRET", "").strip(),
        authorization_url=_address(env.get("OIDC_OP_AUTHORIZATION_ENDPOINT", ""), "OIDC_OP_AUTHORIZATION_ENDPOINT"),
        token_url=_address(env.get("OIDC_OP_TOKEN_ENDPOINT", ""), "OIDC_OP_TOKEN_ENDPOINT"),
        keys_url=_address(env.get("OIDC_OP_JWKS_ENDPOINT", ""), "OIDC_OP_JWKS_ENDPOINT"),
        userinfo_url=_address(env.get("OIDC_OP_USER_ENDPOINT", ""), "OIDC_OP_USER_ENDPOINT"),
        scopes=env.get("OIDC_RP_SCOPES", "").strip() or "openid email profile",
        groups_claim=env.get("OIDC_GROUPS_CLAIM", "").strip() or "groups",
        groups=_groups(env.get("OIDC_GROUPS", "")),
    )
    needed = {
        "OIDC_RP_CLIENT_ID": found.client_id,
        "OIDC_RP_CLIENT_SECRET": found.client_secret,
        "OIDC_OP_AUTHORIZATION_ENDPOINT": found.authorization_url,
        "OIDC_OP_TOKEN_ENDPOINT": found.token_url,
        "OIDC_OP_JWKS_ENDPOINT": found.keys_url,
        "OIDC_GROUPS": found.groups,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise ImproperlyConfigured(f"OIDC_ISSUER is set, so {', '.join(missing)} must be, too.")
    if "openid" not in found.scopes.split():
        raise ImproperlyConfigured("OIDC_RP_SCOPES must have openid among its words.")
    return found


def _address(text: str, name: str) -> str:
    """Raises ImproperlyConfigured unless it is https, or on this machine."""
    parts = urlsplit(text.strip())
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if text.strip() and not (parts.hostname and is_safe):
        raise ImproperlyConfigured(f"{name} is {text!r}; write an address that begins with https://.")
    return text.strip()


def _groups(text: str) -> dict[str, frozenset[str]]:
    """``admin=kt-admins; technician=helpdesk,field``. Raises ImproperlyConfigured."""
    found: dict[str, frozenset[str]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        ours, equals, theirs = (piece.strip() for piece in part.partition("="))
        names = frozenset(name.strip() for name in theirs.split(",") if name.strip())
        if ours not in GROUPS or not equals or not names:
            raise ImproperlyConfigured(
                f"OIDC_GROUPS has {part!r}; write for example admin=kt-admins; technician=helpdesk,field "
                f"(groups here: {', '.join(GROUPS)})."
            )
        found[ours] = names
    return found
