"""What is recorded of sign-ins, people and tokens, and with what: who, through what, from where."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.acting import Way, acting_as, now_acting
from knowledgetree.accounts.models import CorePerson
from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.sso import people as outside_people
from knowledgetree.audit import log, routes
from knowledgetree.audit.actions import Action
from knowledgetree.audit.models import Entry
from knowledgetree.basics.marks import marks
from knowledgetree.basics.rights.scopes import Scope
from syncing.sample_codex.server import SampleCodex
from tests.knowledgetree.accounts.conftest import core, make_codex
from tests.people import client_of, person

__all__ = ["core", "make_codex"]
pytestmark = pytest.mark.django_db
PASSWORD = "a-password-of-tests"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    marks.clear()


def told(*names: str) -> list[tuple[Any, ...]]:
    """These values of all entries, the oldest first, without the making of the people of tests."""
    made = (Action.PERSON_ADDED, Action.GROUP_CHANGED)
    return list(Entry.objects.exclude(action__in=made).order_by("pk").values_list("action", *names))


def told_of_people() -> list[tuple[Any, ...]]:
    of_people = Entry.objects.filter(action__in=("person_added", "person_changed", "group_changed"))
    return list(of_people.order_by("pk").values_list("action", "detail"))


def test_every_route_is_in_one_part_of_the_table() -> None:
    parts = [set(routes.READ) | set(routes.SENT), routes.TOLD, routes.QUIET]
    assert set().union(*parts) == set(policy.ROUTES)
    assert sum(map(len, parts)) == len(policy.ROUTES)


def test_signing_in_and_out() -> None:
    person("technician")
    client = Client(headers={"X-Request-ID": "req-7"})
    client.post("/accounts/login/", {"username": "technician", "password": "wrong"})
    client.post("/accounts/login/", {"username": "my-secret-password", "password": "x"})
    client.post("/accounts/login/", {"username": "technician", "password": PASSWORD})
    client.post("/accounts/logout/")
    assert told("who", "way", "address", "request_id", "detail") == [
        ("sign_in_failed", "technician", "page", "127.0.0.1", "req-7", ""),
        ("sign_in_failed", "", "page", "127.0.0.1", "req-7", "a name that nobody has"),
        ("signed_in", "technician", "page", "127.0.0.1", "req-7", ""),
        ("signed_out", "technician", "page", "127.0.0.1", "req-7", ""),
    ]
    assert Entry.objects.filter(who="technician").last().account_id == User.objects.get().pk  # type: ignore[union-attr]


def test_an_odd_request_id_is_replaced() -> None:
    client = Client(headers={"X-Request-ID": "a b\x01"})
    answer = client.post("/accounts/login/", {"username": "x", "password": "y"})
    assert told("request_id") == [("sign_in_failed", answer.headers["X-Request-Id"])]


def test_guessing_on_is_recorded_once_a_minute() -> None:
    client = client_of("anonymous")
    for _ in range(12):
        client.post("/accounts/login/", {"username": "technician", "password": "wrong"})
    assert [action for action, *_ in told()] == ["sign_in_failed"] * 5
    for _ in range(3):
        client.get("/api/node/root", headers={"Authorization": "Bearer kt_guess"})
    assert told("way", "who", "detail")[5:] == [("sign_in_failed", "token", "", "a token was refused")]


def test_the_life_of_a_token() -> None:
    tess = person("technician")
    row, text = api_tokens.make(tess, "nightly", [Scope.READ])
    for _ in range(2):
        Client().get("/api/none", headers={"Authorization": f"Bearer {text}"})
    call_command("revoke_token", row.prefix, stdout=StringIO())
    assert told("who", "way", "through")[1:] == [
        ("token_used", "technician", "token", "nightly"),
        ("token_revoked", now_acting().name, "command", ""),
    ]
    assert text[api_tokens.PREFIX_CHARACTERS :] not in str(list(Entry.objects.values_list()))


def test_people_of_core_sign_in_once_and_services_use_their_token(core: SampleCodex) -> None:
    for token in (core.core.user_token(), core.core.service_token("brainhair", "knowledgetree")):
        for _ in range(2):
            Client().get("/api/none", headers={"Authorization": f"Bearer {token}"})
    assert told("way", "who") == [("signed_in", "core", "sam"), ("token_used", "service", "service brainhair")]


@pytest.mark.django_db(transaction=True)
def test_changes_of_people() -> None:
    admin = client_of("admin")
    form = {"username": "mallory", "group": "billing", "password": "Kf82-mmm-x1"}
    admin.post("/admin/auth/user/add/", form)
    mallory = User.objects.get(username="mallory")
    change = {"username": "mallory", "email": "m@acme.example", "group": "technician", "is_superuser": "on"}
    admin.post(f"/admin/auth/user/{mallory.pk}/change/", change)
    admin.post(f"/admin/auth/user/{mallory.pk}/delete/", {"post": "yes"})
    found = Entry.objects.filter(detail__startswith="mallory").order_by("pk").values_list("action", "who", "detail")
    assert list(found) == [
        ("person_added", "admin", "mallory"),
        ("group_changed", "admin", "mallory: billing"),
        ("person_changed", "admin", "mallory: e-mail, may log in no, superuser yes"),
        ("group_changed", "admin", "mallory: technician"),
        ("person_deleted", "admin", "mallory"),
    ]
    assert "Kf82" not in str(list(Entry.objects.values_list()))


@pytest.mark.django_db(transaction=True)
def test_what_another_place_says_of_a_person_is_recorded(core: SampleCodex) -> None:
    asked = {"sub": "a-1", "name": "Sam Ito", "email": "sam@msp.example"}
    for level in ("technician", "technician", "billing"):
        Client().get("/api/none", headers={"Authorization": f"Bearer {core.core.user_token(level, **asked)}"})
        User.objects.update(is_superuser=True)
    assert told_of_people() == [
        ("person_added", "sam"),
        ("person_changed", "sam: first name, last name, e-mail"),
        ("group_changed", "sam: technician"),
        ("person_changed", "sam: superuser no"),
        ("person_changed", "sam: superuser no"),
        ("group_changed", "sam: billing"),
    ]


@pytest.mark.django_db(transaction=True)
def test_an_account_that_somebody_else_made_first_is_not_recorded_twice(
    core: SampleCodex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def name_while_another_request_is_quicker(wanted: str, origin: str) -> str:
        CorePerson.objects.create(sub="a-1", user=User.objects.create_user("quicker"))
        return wanted

    monkeypatch.setattr(outside_people, "free_name", name_while_another_request_is_quicker)
    token = core.core.user_token("technician", sub="a-1", name="", email="")
    assert Client().get("/api/none", headers={"Authorization": f"Bearer {token}"}).status_code == 404
    assert told_of_people() == [("person_added", "quicker"), ("group_changed", "quicker: technician")]


@pytest.mark.django_db(transaction=True)
def test_other_changes_in_the_administration() -> None:
    client_of("admin").post("/admin/tree/notetemplate/add/", {"name": "Handover", "text": "secret text", "kind": ""})
    [entry] = Entry.objects.filter(action=Action.SETTING_CHANGED)
    assert (entry.who, entry.detail) == ("admin", "note template “Handover”, added")


def test_many_nodes_become_several_entries() -> None:
    with acting_as(Way.IMPORT, "tess", 7, through="all.zip"):
        log.record(Action.IMPORTED, nodes=[f"n{number}" for number in range(2500)])
    rows = Entry.objects.order_by("pk")
    assert [len(row.nodes) for row in rows] == [1000, 1000, 500]
    assert {(row.who, row.account_id, row.way, row.through) for row in rows} == {("tess", 7, "import", "all.zip")}
