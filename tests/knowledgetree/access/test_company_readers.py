"""The page on which an admin sees who can read a company, and opens it to a person of the client."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.login import fresh_login
from knowledgetree.accounts.models import OpenedCompany
from knowledgetree.audit.models import Entry
from knowledgetree.basics.rights.scopes import Scope
from tests.people import client_of, person
from tests.tree.factory import Acme, make

pytestmark = pytest.mark.django_db


def words(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def logged_in(identity: str) -> tuple[Client, int]:
    user = person(identity)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client, user.pk


def test_an_admin_opens_a_company_to_a_person_and_closes_it(acme: Acme, admin: Client) -> None:
    visitor, number = logged_in("client")
    page = f"/node/{acme.company}/readers/"
    refused = visitor.get("/")
    assert (refused.status_code, "No company is open to you yet" in refused.content.decode()) == (403, True)
    assert visitor.get(f"/node/{acme.company}/").status_code == 403
    assert f'href="{page}"' in admin.get(f"/node/{acme.company}/").content.decode()
    assert "They read all that your technicians wrote here." in words(admin.get(page))

    admin.post(f"{page}change/", {"person": number, "on": "1"})
    row = OpenedCompany.objects.get()
    assert (row.account_number, row.user_id, row.opened_by and row.opened_by.username) == ("1001", number, "admin")
    assert "Acme Dental" in visitor.get("/").content.decode()
    assert visitor.get(f"/node/{acme.laptop}/").status_code == 200
    assert visitor.get(f"/node/{acme.open}/").status_code == 404  # a ticket
    assert "client" in words(admin.get(page))

    entry = Entry.objects.get(action="company_opened")
    assert (entry.who, entry.company, entry.detail) == ("admin", "1001", "to client")

    admin.post(f"{page}change/", {"person": number, "on": "0"})
    assert Entry.objects.filter(action="company_closed").count() == 1
    assert not OpenedCompany.objects.exists()
    assert visitor.get(f"/node/{acme.company}/").status_code == 403


def test_it_is_opened_to_people_of_clients_only_and_by_admins_with_a_fresh_login(acme: Acme, admin: Client) -> None:
    page = f"/node/{acme.company}/readers/change/"
    number = person("billing").pk
    for wrong in (str(number), "", "x", "99999999999999999999", "123456789x", "²", "-1", "999999"):
        assert admin.post(page, {"person": wrong, "on": "1"}).status_code == 302
    assert not OpenedCompany.objects.exists()
    for other in (acme.users, "root", "nothing"):
        assert admin.get(f"/node/{other}/readers/").status_code == 404
        assert admin.post(f"/node/{other}/readers/change/", {"person": number, "on": "1"}).status_code == 404
    visitor = person("client")
    session = admin.session
    session[fresh_login.ENTERED_AT] -= 16 * 60
    session.save()
    assert "/accounts/confirm/" in admin.post(page, {"person": visitor.pk, "on": "1"}).headers["Location"]
    assert client_of("technician").post(page, {"person": visitor.pk, "on": "1"}).status_code == 403
    assert not OpenedCompany.objects.exists()


def test_the_page_lists_staff_and_the_tokens_that_can_read_the_company(acme: Acme, admin: Client) -> None:
    owner = person("technician")
    for name, scopes, companies, ends in (
        ("of all", {Scope.READ}, [], None),
        ("of Acme", {Scope.READ, Scope.TICKETS}, ["1001", "2002"], None),
        ("of another", {Scope.READ}, ["2002"], None),
        ("that only watches", {Scope.SYNC}, [], None),
        ("that has ended", {Scope.READ}, [], timezone.now() - timedelta(days=1)),
    ):
        api_tokens.make(owner, f"token {name}", scopes, ends, companies)
    page = words(admin.get(f"/node/{acme.company}/readers/"))
    shown = [
        name for name in ("of all", "of Acme", "of another", "that only", "that has ended") if f"token {name}" in page
    ]
    assert shown == ["of all", "of Acme"]
    assert "Technicians read everything, write notes technician" in page


def test_who_leaves_the_group_loses_what_was_open(acme: Acme) -> None:
    visitor, number = logged_in("client")
    row = OpenedCompany.objects.create(account_number="1001", user_id=number)
    assert visitor.get("/").status_code == 200
    row.user.groups.set(Group.objects.filter(name="billing"))
    other = make("Company", "Brown Law", account_number="2002", codex_key="company:2002")
    assert visitor.get(f"/node/{other}/").status_code == 200  # as billing, who reads all companies
    row.user.groups.clear()
    assert visitor.get("/").status_code == 403


def test_the_pages_of_a_client_have_nothing_of_the_staff(acme: Acme) -> None:
    visitor, number = logged_in("client")
    OpenedCompany.objects.create(account_number="1001", user_id=number)
    make("Note", "Ours", acme.company, origin="staff", content="text", created_by="tess")
    for address in ("/", f"/node/{acme.company}/", f"/node/{acme.laptop}/", "/search/?q=acme", "/list/people/"):
        page = visitor.get(address).content.decode()
        for word in ("/history/", "/pin/", "/saved/", "/sync/", "/changes/", "/readers/", "/tokens/", 'sync-pill"'):
            assert word not in page.replace('select-oob="#sync-pill"', ""), (address, word)
