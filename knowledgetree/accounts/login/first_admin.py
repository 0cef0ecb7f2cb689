"""Creation of the groups of ``policy`` and of the first admin account."""

import secrets
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction

from knowledgetree.accounts.rights.policy import GROUPS, Role
from knowledgetree.basics.private_files import owner_only

NAME = "admin"


def make_groups(**_: Any) -> None:
    """Create the groups of ``policy`` that do not exist."""
    for name in GROUPS:
        Group.objects.get_or_create(name=name)


def make_first_admin(password_file: Path) -> str | None:
    """If there are no users yet, create ``admin`` and store its password in ``password_file`` (mode 600).

    Returns the password, or None if there are users already. The groups are created in any case.
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


def announcement(password: str, password_file: Path, *, is_terminal: bool) -> str:
    """The line that tells people of the new account. A log, which others may read, gets no password."""
    if is_terminal:
        return f"The first admin: name {NAME}, password {password} (kept in {password_file})."
    return f"The first admin: name {NAME}, password in {password_file}."
