"""People in the Django admin: one form for a new person, and one group for each."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.people import client_of, person
from tests.throwaway_neo4j import Graph

ADD = "/admin/auth/user/add/"
NEW = {"username": "tess", "first_name": "Tess", "last_name": "O'Hara", "email": "tess@msp.example"}


@pytest.fixture
def admin(graph: Graph, db: None) -> Client:
    return client_of("admin")


def groups(name: str) -> list[str]:
    return [group.name for group in User.objects.get(username=name).groups.all()]


def test_a_new_person_gets_a_group_and_a_first_password_that_is_shown_once(admin: Client) -> None:
    form = admin.get(ADD).content.decode()
    assert "Technician: reads everything" in form
    assert re.search(r"<h2[^>]*>\s*New person\s*</h2>", form)
    assert "user_permissions" not in form
    answer = admin.post(ADD, {**NEW, "group": "technician", "password": ""})
    shown = re.search(r'id="first-password">\s*(\S+)\s*</code>', answer.content.decode())
    assert shown is not None
    assert "no-store" in answer.headers["Cache-Control"]
    tess = User.objects.get(username="tess")
    assert tess.check_password(shown[1])
    assert (tess.email, tess.get_full_name(), groups("tess")) == ("tess@msp.example", "Tess O'Hara", ["technician"])
    assert not tess.is_superuser
    for address in (f"/admin/auth/user/{tess.pk}/change/", "/admin/auth/user/", f"/admin/auth/user/{tess.pk}/history/"):
        assert shown[1] not in admin.get(address).content.decode()


def test_a_password_of_ones_own_is_checked_and_not_shown(admin: Client) -> None:
    for wrong, why in (("12345678", "common"), ("tess@msp.example", "similar"), ("x", "short")):
        answer = admin.post(ADD, {**NEW, "group": "billing", "password": wrong})
        assert why in answer.content.decode(), wrong
    assert "required" in admin.post(ADD, {**NEW, "password": ""}).content.decode()  # the group
    assert not User.objects.filter(username="tess").exists()
    answer = admin.post(ADD, {**NEW, "group": "billing", "password": "Kf82-mmm-x1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/auth/user/")
    assert User.objects.get(username="tess").check_password("Kf82-mmm-x1")
    taken = admin.post(ADD, {**NEW, "username": "TESS", "group": "billing", "password": ""})
    assert "Somebody has this name already" in taken.content.decode()


def test_a_change_of_the_group_leaves_one_and_another_change_leaves_them(admin: Client) -> None:
    bill = person("billing")
    address = f"/admin/auth/user/{bill.pk}/change/"
    fields = {"username": "billing", "first_name": "Bill", "last_name": "", "email": "", "is_active": "on"}
    assert admin.post(address, {**fields, "group": "billing"}).status_code == 302
    assert groups("billing") == ["billing"]
    assert admin.post(address, {**fields, "group": "technician"}).status_code == 302
    assert groups("billing") == ["technician"]
    assert admin.post(address, {**fields, "group": ""}).status_code == 302
    assert groups("billing") == []
    assert admin.post(address, {**fields, "group": "owners"}).status_code == 200
    assert User.objects.get(pk=bill.pk).first_name == "Bill"


def test_titles_are_those_of_the_menu(admin: Client) -> None:
    bill = person("billing")
    for address, title in {
        "/admin/auth/user/": "Users",
        "/admin/axes/accessattempt/": "Wrong passwords",
        "/admin/tree/company/": "Companies",
        ADD: "New user",
        f"/admin/auth/user/{bill.pk}/change/": "billing",
    }.items():
        page = admin.get(address).content.decode()
        assert re.search(rf"<title>\s*{title}\b", page), address
        assert not re.search(r"Select \S+ to (change|view)", page), address
