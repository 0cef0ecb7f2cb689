"""The account of a person who comes from Core: made at the first visit, and kept as Core has it."""

from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.utils import timezone

from knowledgetree.accounts.core.claims import PersonClaims
from knowledgetree.accounts.identity import BadToken, CoreSilent
from knowledgetree.accounts.models import CorePerson
from knowledgetree.accounts.roles import Role

_SEEN_AGAIN = timedelta(hours=1)
_TRIES = 3
# A client of the MSP has no group: there is nothing in the tree that is known to be theirs.
LEVELS = {
    "admin": Role.ADMIN.value,
    "technician": Role.TECHNICIAN.value,
    "billing": Role.BILLING.value,
    "client": None,
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
    _bring_up_to_date(person.user, claims)
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
    wanted = User.normalize_username((claims.preferred_username or claims.email or claims.sub)[:140])[:140]
    taken = {
        name.lower() for name in User.objects.filter(username__istartswith=wanted).values_list("username", flat=True)
    }
    names = (wanted, f"{wanted}@core", *(f"{wanted}@core-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name.lower() not in taken)


def _bring_up_to_date(user: User, claims: PersonClaims) -> None:
    first, _, last = (claims.name or "").strip().partition(" ")
    wanted = {"first_name": first[:150], "last_name": last.strip()[:150], "email": (claims.email or "")[:254]}
    changed = {name: value for name, value in wanted.items() if getattr(user, name) != value}
    if changed:
        User.objects.filter(pk=user.pk).update(**changed)
        vars(user).update(changed)
    group = LEVELS[claims.permission_level]
    names = set(user.groups.values_list("name", flat=True))
    if names != ({group} if group else set()):
        user.groups.set(Group.objects.filter(name=group))
    if user.is_superuser or user.is_staff:  # Core alone says what they may do
        User.objects.filter(pk=user.pk).update(is_superuser=False, is_staff=False)
        user.is_superuser = user.is_staff = False
