"""The accounts of people who sign in elsewhere: a free name, and what that place says of them."""

from django.contrib.auth.models import Group, User


def free_name(wanted: str, origin: str) -> str:
    """The wanted name if nobody has it, or else the name with ``@origin``. So no account is ever taken over."""
    wanted = User.normalize_username(wanted[:140])[:140]
    taken = {
        name.lower() for name in User.objects.filter(username__istartswith=wanted).values_list("username", flat=True)
    }
    names = (wanted, f"{wanted}@{origin}", *(f"{wanted}@{origin}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name.lower() not in taken)


def bring_up_to_date(user: User, *, name: str, email: str, group: str | None) -> None:
    """Write the full name, the e-mail address and the one group. That place alone says what the person may do."""
    first, _, last = name.strip().partition(" ")
    wanted = {"first_name": first[:150], "last_name": last.strip()[:150], "email": email[:254]}
    changed = {field: value for field, value in wanted.items() if getattr(user, field) != value}
    if changed:
        User.objects.filter(pk=user.pk).update(**changed)
        vars(user).update(changed)
    names = set(user.groups.values_list("name", flat=True))
    if names != ({group} if group else set()):
        user.groups.set(Group.objects.filter(name=group))
    if user.is_superuser or user.is_staff:
        User.objects.filter(pk=user.pk).update(is_superuser=False, is_staff=False)
        user.is_superuser = user.is_staff = False
