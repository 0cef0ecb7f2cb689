"""The account of a person who signs in at the OpenID provider.

Issuer and subject together say who it is, never a name or an e-mail address, which others could have.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from knowledgetree.accounts.models import OpenIdPerson
from knowledgetree.accounts.roles import GROUPS
from knowledgetree.accounts.sso.openid.configured import SignInRefused, configured
from knowledgetree.accounts.sso.people import AccountClosed, AccountNotMade, Told, person_of

ORIGIN = "openid"
_LONGEST = 255


def account_of(claims: Mapping[str, Any]) -> User:
    """The account of the person with these claims, as the provider has it.

    Raises SignInRefused, such as for an account that an admin has closed here.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST or "\0" in subject:
        raise SignInRefused("The token's subject cannot be used (sub).")
    told = Told(
        wanted=_text(claims, "preferred_username") or _text(claims, "email") or subject,
        name=_text(claims, "name"),
        email=_text(claims, "email"),
        group=group_of(claims),
    )
    try:
        person = person_of(OpenIdPerson, told, ORIGIN, issuer=configured().issuer, subject=subject)
    except AccountClosed as error:
        raise SignInRefused("Your account is closed here. An administrator can open it.") from error
    except AccountNotMade as error:
        raise SignInRefused("Your account cannot be made just now. Try again in a minute.", 503) from error
    OpenIdPerson.objects.filter(pk=person.pk).update(seen_at=timezone.now())
    return person.user


def group_of(claims: Mapping[str, Any]) -> str | None:
    """The strongest of our groups that OIDC_GROUPS gives to the groups in the claims; None if it gives none.

    The setting OIDC_GROUPS_CLAIM names the claim; ``realm_access.roles`` is a claim within another one. Keycloak may
    write a group with its path (``/helpdesk``).
    """
    found: Any = claims
    for name in configured().groups_claim.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    names = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    theirs = {name.removeprefix("/") for name in names if isinstance(name, str)}
    return next((ours for ours in GROUPS if theirs & configured().groups.get(ours, frozenset())), None)


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.replace("\0", "")[:_LONGEST] if isinstance(value, str) else ""
