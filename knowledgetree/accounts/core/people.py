"""The account of a person who comes from Core: made at the first visit, and kept as Core has it."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from knowledgetree.accounts.core.claims import PersonClaims
from knowledgetree.accounts.identity import BadToken, CoreSilent
from knowledgetree.accounts.models import CorePerson
from knowledgetree.accounts.outside_people import bring_up_to_date, free_name
from knowledgetree.accounts.roles import Role

_SEEN_AGAIN = timedelta(hours=1)
_TRIES = 3
# Core does not say of which client somebody is, so they see nothing until an admin opens a company to them.
LEVELS = {
    "admin": Role.ADMIN.value,
    "technician": Role.TECHNICIAN.value,
    "billing": Role.BILLING.value,
    "client": Role.CLIENT.value,
}


def account_of(claims: PersonClaims) -> User:
    """The account of this person, with the name, e-mail address and group that Core gives.

    An account with a password is never taken over, whatever name Core gives. Raises BadToken for an unknown level, and
    for an account that an admin has closed here.
    """
    if claims.permission_level not in LEVELS:
        raise BadToken("The token's permission_level is unknown here.")
    person = CorePerson.objects.select_related("user").filter(sub=claims.sub).first() or _made(claims)
    if not person.user.is_active:
        raise BadToken("The account of this person is closed here.")
    bring_up_to_date(
        person.user, name=claims.name or "", email=claims.email or "", group=LEVELS[claims.permission_level]
    )
    if timezone.now() - person.seen_at > _SEEN_AGAIN:
        CorePerson.objects.filter(pk=person.pk).update(seen_at=timezone.now())
    return person.user


def _made(claims: PersonClaims) -> CorePerson:
    """A new account. Two people may want one name at the same moment, and one person may come twice."""
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                user = User.objects.create_user(_free_name(claims))
                return CorePerson.objects.create(sub=claims.sub, user=user)
        except IntegrityError:
            if made := CorePerson.objects.select_related("user").filter(sub=claims.sub).first():
                return made
    raise CoreSilent("The account of this person cannot be made just now.")


def _free_name(claims: PersonClaims) -> str:
    return free_name(claims.preferred_username or claims.email or claims.sub, "core")
