"""The first person who may log in."""

import stat
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from knowledgetree.accounts.login.first_admin import announcement, make_first_admin

pytestmark = pytest.mark.django_db


def test_the_first_admin_can_log_in(tmp_path: Path, client: Client) -> None:
    password = make_first_admin(tmp_path / "first-admin.txt")
    assert client.post("/accounts/login/", {"username": "admin", "password": password}).status_code == 302
    admin = User.objects.get()
    assert admin.is_superuser
    assert list(admin.groups.values_list("name", flat=True)) == ["admin"]


def test_the_password_is_kept_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "first-admin.txt"
    password = make_first_admin(file)
    assert file.read_text() == f"name: admin\npassword: {password}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_log_is_told_where_the_password_is(tmp_path: Path) -> None:
    file = tmp_path / "first-admin.txt"
    password = make_first_admin(file)
    assert password is not None
    assert password in announcement(password, file, is_terminal=True)
    in_a_log = announcement(password, file, is_terminal=False)
    assert password not in in_a_log
    assert str(file) in in_a_log


def test_all_groups_are_made(tmp_path: Path) -> None:
    make_first_admin(tmp_path / "first-admin.txt")
    assert set(Group.objects.values_list("name", flat=True)) >= {"admin", "technician", "billing"}


def test_where_somebody_is_nobody_is_added(tmp_path: Path) -> None:
    User.objects.create_user("ana")
    assert make_first_admin(tmp_path / "first-admin.txt") is None
    assert list(User.objects.values_list("username", flat=True)) == ["ana"]
    assert not (tmp_path / "first-admin.txt").exists()
