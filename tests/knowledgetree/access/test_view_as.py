"""“View as …”: the rights of somebody else, nothing that writes, and the way back."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils.html import strip_tags

from knowledgetree.accounts.rights import openings
from knowledgetree.audit.models import Entry
from tests.people import client_of, person
from tests.tree.factory import Acme, make
from tree import queries
from tree.models import MissedSearch, Presence, SeenNode

pytestmark = pytest.mark.django_db
PAGE, STOP = "/accounts/view-as/", "/accounts/view-as/stop/"


def words(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def test_an_admin_sees_what_somebody_of_a_group_sees(acme: Acme, admin: Client) -> None:
    assert admin.get(f"/node/{acme.open}/").status_code == 200
    assert admin.post(PAGE, {"role": "billing"}).headers["Location"] == "/"
    page = words(admin.get(f"/node/{acme.company}/"))
    assert "You are viewing the site as a person of the group billing." in page
    assert admin.get(f"/node/{acme.open}/").status_code == 404
    assert [admin.get(address).status_code for address in ("/admin/", "/sync/", PAGE)] == [403, 403, 403]
    assert "You are viewing the site as" in words(admin.get("/admin/"))
    assert admin.post(STOP).headers["Location"] == "/"
    entries = Entry.objects.filter(action="viewed_as").order_by("pk").values_list("who", "detail")
    assert list(entries) == [("admin", "the group billing"), ("admin", "stopped")]
    assert "You are viewing the site as" not in words(admin.get("/"))
    assert admin.get(f"/node/{acme.open}/").status_code == 200


def test_nothing_is_written_meanwhile(acme: Acme, admin: Client) -> None:
    note = make("Note", "Ours", acme.company, origin="staff", content="text")
    admin.post(PAGE, {"role": "technician"})
    for method, address in (
        ("post", f"/node/{note}/trash/"),
        ("post", f"/node/{note}/new/"),
        ("post", f"/node/{note}/pin/"),
        ("put", f"/api/node/{note}"),
        ("delete", f"/api/node/{note}"),
        ("patch", f"/api/node/{note}"),
        ("post", PAGE),
        ("post", "/accounts/tokens/make/"),
        ("post", "/accounts/password/"),
        ("get", f"/node/{note}/edit/"),  # which tells others that somebody edits
    ):
        assert getattr(admin, method)(address, {}).status_code == 403, (method, address)
    assert "Nothing was changed" in words(admin.post(f"/node/{note}/trash/"))
    assert admin.get(f"/node/{note}/").status_code == 200
    assert not queries.get_node(note).is_trashed
    assert admin.get("/search/?q=nowhere").status_code == 200
    assert not MissedSearch.objects.exists()
    assert not SeenNode.objects.exists()
    assert not Presence.objects.exists()


def test_the_rights_of_a_person_are_those_of_this_moment(acme: Acme, admin: Client) -> None:
    visitor = person("client")
    other = make("Company", "Brown Law", account_number="2002", codex_key="company:2002")
    admin.post(PAGE, {"person": visitor.pk, "role": "technician"})
    assert admin.get("/").status_code == 403
    assert "No company is open to you yet" in words(admin.get("/"))
    openings.open_company("1001", visitor, by=None)
    assert [admin.get(f"/node/{uid}/").status_code for uid in (acme.company, other, acme.open)] == [200, 404, 404]
    visitor.groups.set(Group.objects.filter(name="technician"))
    assert [admin.get(f"/node/{uid}/").status_code for uid in (acme.company, other, acme.open)] == [200, 200, 200]
    visitor.groups.set(Group.objects.filter(name="admin"))  # whose rights are the viewer's own
    assert "You are viewing the site as" not in words(admin.get("/"))
    visitor.delete()
    assert admin.get("/").status_code == 403
    assert admin.post(STOP).status_code == 302
    assert admin.get("/").status_code == 200


def test_a_company_is_seen_as_its_people_would(acme: Acme, admin: Client) -> None:
    other = make("Company", "Brown Law", account_number="2002", codex_key="company:2002")
    for wrong in ({}, {"role": "client"}, {"role": "client", "company": "Nobody"}, {"role": "admin"}, {"person": "x"}):
        assert admin.post(PAGE, wrong).status_code == 422, wrong
    itself = str(person("superuser").pk)
    assert "sees what you see" in words(admin.post(PAGE, {"person": itself}))
    admin.post(PAGE, {"role": "client", "company": "Acme Dental"})
    assert [admin.get(f"/node/{uid}/").status_code for uid in (acme.company, other)] == [200, 404]
    assert "as a person of Acme Dental (1001)." in words(admin.get("/"))


def test_only_admins_view_as_others_and_the_choice_is_theirs_alone(acme: Acme, admin: Client) -> None:
    technician = client_of("technician")
    assert technician.post(PAGE, {"role": "billing"}).status_code == 403
    assert technician.post(STOP).status_code == 302
    admin.post(PAGE, {"role": "billing"})
    kept = dict(admin.session["view-as"])
    session = technician.session
    session["view-as"] = kept | {"role": "admin"}  # as if somebody could write into a session
    session.save()
    assert technician.get("/admin/").status_code == 403
    assert technician.get(f"/node/{acme.open}/").status_code == 200
    admin.logout()
    admin.force_login(person("superuser"))
    assert "You are viewing the site as" not in words(admin.get("/"))
