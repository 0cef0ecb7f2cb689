"""The account of a person who comes from Core."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from knowledgetree.accounts.identity import BadToken, CoreSilent
from knowledgetree.accounts.models import CorePerson
from knowledgetree.accounts.roles import Role
from knowledgetree.accounts.sso.core.claims import PersonClaims
from knowledgetree.accounts.sso.people import AccountClosed, AccountNotMade, Told, person_of

ORIGIN = "core"
_SEEN_AGAIN = timedelta(hours=1)
# Core does not say of which client somebody is, so they see nothing until an admin opens a company to them.
LEVELS = {
    "admin": Role.ADMIN.value,
    "technician": Role.TECHNICIAN.value,
    "billing": Role.BILLING.value,
    "client": Role.CLIENT.value,
}


def account_of(claims: PersonClaims) -> User:
    """The account of this person, as Core has it.

    Raises BadToken for an unknown level, and for an account that an admin has closed here; CoreSilent if no account can
    be made just now.
    """
    if claims.permission_level not in LEVELS:
        raise BadToken("The token's permission_level is unknown here.")
    told = Told(
        wanted=claims.preferred_username or claims.email or claims.sub,
        name=claims.name or "",
        email=claims.email or "",
        group=LEVELS[claims.permission_level],
    )
    try:
        person = person_of(CorePerson, told, ORIGIN, sub=claims.sub)
    except AccountClosed as error:
        raise BadToken("The account of this person is closed here.") from error
    except AccountNotMade as error:
        raise CoreSilent("The account of this person cannot be made just now.") from error
    if timezone.now() - person.seen_at > _SEEN_AGAIN:
        CorePerson.objects.filter(pk=person.pk).update(seen_at=timezone.now())
    return person.user
