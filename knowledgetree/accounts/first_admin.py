"""The groups that the rights speak of, and the first person who may log in."""

import secrets
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction

from knowledgetree.accounts.policy import GROUPS, Role
from knowledgetree.basics.private_files import owner_only

NAME = "admin"


def make_groups(**_: Any) -> None:
    """The groups that ``policy`` speaks of; made anew if somebody has removed one."""
    for name in GROUPS:
        Group.objects.get_or_create(name=name)


def make_first_admin(password_file: Path) -> str | None:
    """On an installation without users, make ``admin`` and keep the password in ``password_file`` (mode 600).

    Returns the password, or None when there are users already. The groups are made in any case.
    """
    with transaction.atomic():
        make_groups()
        users = get_user_model().objects
        if users.exists():
            return None
        password = secrets.token_urlsafe(12)
        admin = users.create_superuser(NAME, password=password)
        admin.groups.add(Group.objects.get(name=Role.ADMIN.value))
        password_file.unlink(missing_ok=True)
        with open(password_file, "x", encoding="utf-8", opener=owner_only) as file:
            file.write(f"name: {NAME}\npassword: {password}\n")
    return password
