"""The accounts of people who sign in elsewhere: made at the first time, and kept as that place has them.

An account with a password is never taken over, whatever name that place gives.
"""

from dataclasses import dataclass
from typing import TypeVar

from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from knowledgetree.accounts.models import CorePerson, OpenIdPerson

_TRIES = 3
Person = TypeVar("Person", CorePerson, OpenIdPerson)


class AccountClosed(Exception):
    """An admin has closed the account here."""


class AccountNotMade(Exception):
    """The account cannot be made just now."""


@dataclass(frozen=True)
class Told:
    """What that place says of a person. ``wanted`` becomes the name of their account, if nobody has it."""

    wanted: str
    name: str
    email: str
    group: str | None


def person_of(table: type[Person], told: Told, origin: str, **key: str) -> Person:
    """The person with this key in the table, and an account with the name, e-mail address and group that are told.

    ``origin`` is put behind a name that is taken. Raises AccountClosed, AccountNotMade.
    """
    person = _known(table, key) or _made(table, told, origin, key)
    if not person.user.is_active:
        raise AccountClosed
    _bring_up_to_date(person.user, told)
    return person


def free_name(wanted: str, origin: str) -> str:
    """The wanted name if nobody has it, or else the name with ``@origin``. So no account is ever taken over."""
    wanted = User.normalize_username(wanted[:140])[:140]
    taken = {
        name.lower() for name in User.objects.filter(username__istartswith=wanted).values_list("username", flat=True)
    }
    names = (wanted, f"{wanted}@{origin}", *(f"{wanted}@{origin}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name.lower() not in taken)


def _known(table: type[Person], key: dict[str, str]) -> Person | None:
    return table.objects.select_related("user").filter(**key).first()


def _made(table: type[Person], told: Told, origin: str, key: dict[str, str]) -> Person:
    """A new account. Two people may want one name at the same moment, and one person may come twice."""
    for _ in range(_TRIES):
        name = free_name(told.wanted, origin)
        try:
            with transaction.atomic():
                return table.objects.create(user=User.objects.create_user(name), **key)
        except IntegrityError:
            if person := _known(table, key):
                return person
    raise AccountNotMade


def _bring_up_to_date(user: User, told: Told) -> None:
    """Write the full name, the e-mail address and the one group. That place alone says what the person may do."""
    first, _, last = told.name.strip().partition(" ")
    wanted = {
        "first_name": first[:150],
        "last_name": last.strip()[:150],
        "email": told.email[:254],
        "is_superuser": False,
        "is_staff": False,
    }
    changed = {field: value for field, value in wanted.items() if getattr(user, field) != value}
    if changed:
        vars(user).update(changed)
        user.save(update_fields=[*changed])
    names = set(user.groups.values_list("name", flat=True))
    if names != ({told.group} if told.group else set()):
        user.groups.set(Group.objects.filter(name=told.group))
