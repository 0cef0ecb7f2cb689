"""Tokens of Core against the sample Core over real HTTP: accounts, rights, sessions. Bad ones: test_bad_tokens.py."""

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.models import CorePerson
from knowledgetree.accounts.sso import people as outside_people
from knowledgetree.accounts.sso.core import sessions
from knowledgetree.basics.rights.scopes import Scope
from syncing.sample_codex.server import SampleCodex
from tests.knowledgetree.accounts.bad_tokens import person_claims
from tests.people import person

pytestmark = pytest.mark.django_db
JWKS, VALIDATE = "/.well-known/jwks.json", "/api/token/validate"


def asked(token: str, address: str = "/accounts/password/done/", **headers: str) -> Any:
    """The response to a request with this bearer token. The default page needs no graph."""
    return Client(raise_request_exception=False).get(address, headers={"Authorization": f"Bearer {token}", **headers})


def why(answer: Any) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return str(answer.json()["detail"])


def test_a_person_gets_an_account_with_the_group_of_their_level(core: SampleCodex) -> None:
    answer = asked(core.core.user_token("technician", sub="a-1", name="Tess Ito", email="tess@msp.example"))
    assert answer.status_code == 200
    tess = CorePerson.objects.get(sub="a-1").user
    assert (tess.username, tess.first_name, tess.last_name, tess.email) == ("sam", "Tess", "Ito", "tess@msp.example")
    assert [group.name for group in tess.groups.all()] == ["technician"]
    assert not tess.has_usable_password()
    for level, groups in (("admin", ["admin"]), ("billing", ["billing"]), ("client", ["client"])):
        asked(core.core.user_token(level, sub="a-1", name="Tess", email=""))
        tess.refresh_from_db()
        assert [group.name for group in tess.groups.all()] == groups
    assert (tess.first_name, tess.last_name, tess.email) == ("Tess", "", "")
    assert User.objects.count() == 1


def test_an_account_with_a_password_is_never_taken_over(core: SampleCodex) -> None:
    local = person("admin")
    for number, sub in enumerate(("a-1", "a-2", "a-3")):
        asked(core.core.user_token("technician", sub=sub, preferred_username="Admin"))
        user = CorePerson.objects.get(sub=sub).user
        assert user.pk != local.pk
        assert user.username == ("Admin@core", "Admin@core-2", "Admin@core-3")[number]


def test_names_that_only_look_different_and_names_that_are_taken_meanwhile(
    core: SampleCodex, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = person("admin")
    asked(core.core.user_token("technician", sub="a-1", preferred_username="\uff41dmin"))
    assert CorePerson.objects.get(sub="a-1").user.username == "admin@core"
    names = iter(["admin", "tess"])
    monkeypatch.setattr(outside_people, "free_name", lambda wanted, origin: next(names))
    assert asked(core.core.user_token("technician", sub="a-2")).status_code == 200
    assert CorePerson.objects.get(sub="a-2").user.username == "tess"
    local.refresh_from_db()
    assert local.has_usable_password()


def test_api_tokens_of_people_of_core_end_when_they_stay_away(core: SampleCodex) -> None:
    token = core.core.user_token("technician", sub="a-1")
    asked(token)
    known = CorePerson.objects.get(sub="a-1")
    _, own = api_tokens.make(known.user, "nightly", {Scope.READ})
    health = "/health/live"
    assert asked(own, health).status_code == 200
    CorePerson.objects.update(seen_at=timezone.now() - timedelta(days=31))
    assert "has not come from Core" in why(asked(own, health))
    asked(token)
    assert asked(own, health).status_code == 200


def test_people_get_a_page_and_programs_a_problem(core: SampleCodex) -> None:
    answer = asked("nothing", Accept="text/html")
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "text/html; charset=utf-8")
    assert "You are not logged in any more" in answer.content.decode()
    assert asked("nothing", "/api/browse", Accept="text/html").headers["Content-Type"] == "application/problem+json"


def test_an_admin_of_core_logs_in_there_again_for_what_needs_it(core: SampleCodex) -> None:
    now = time.time()
    old = core.core.sign({**person_claims(permission_level="admin"), "iat": now - 1000}, 600)
    for address in ("/exchange/", "/admin/auth/user/add/"):
        answer = asked(old, address, Accept="text/html")
        assert answer.status_code == 403
        assert "Log in again at HiveMatrix" in answer.content.decode()
    new = core.core.user_token("admin")
    page = asked(new, "/exchange/", Accept="text/html")
    assert page.status_code == 200
    assert "Log out" not in page.content.decode()
    assert "Change password" not in page.content.decode()


def test_a_closed_account_stays_closed(core: SampleCodex) -> None:
    token = core.core.user_token("technician", sub="a-1")
    asked(token)
    User.objects.update(is_active=False)
    assert why(asked(token)) == "The account of this person is closed here."


def test_a_bad_token_is_not_rescued_by_a_good_cookie(core: SampleCodex) -> None:
    client = Client()
    client.force_login(person("admin"))
    assert client.get("/accounts/password/done/").status_code == 200
    answer = client.get("/accounts/password/done/", headers={"Authorization": "Bearer nothing"})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


def test_a_revoked_login_is_out_when_core_is_asked_again(core: SampleCodex, monkeypatch: pytest.MonkeyPatch) -> None:
    token = core.core.user_token(jti="session-1")
    assert [asked(token).status_code for _ in range(3)] == [200] * 3
    assert len(core.requests(VALIDATE)) == 1
    core.core.revoked.add("session-1")
    with monkeypatch.context() as soon:
        soon.setattr(sessions, "BELIEVED_SECONDS", 0)
        assert why(asked(token)) == "The session of the token has ended: log in again."
    core.stop()
    assert asked(token).status_code == 401


def test_a_silent_core_ends_no_session(core: SampleCodex, monkeypatch: pytest.MonkeyPatch) -> None:
    known, young = core.core.user_token(jti="1"), core.core.user_token(jti="2")
    old = core.core.sign({**person_claims(), "iat": time.time() - 301}, 600)
    assert asked(known).status_code == 200
    monkeypatch.setattr(sessions, "BELIEVED_SECONDS", 0)
    monkeypatch.setattr(sessions, "SILENT_SECONDS", 0)
    core.core._validate = lambda request: 1 / 0  # type: ignore[assignment, method-assign, return-value]
    for _ in range(2):
        assert asked(known).status_code == 200
        assert asked(young).status_code == 200
        answer = asked(old)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        core.stop()
    core.start()


def test_keys_are_kept_while_core_is_down_and_an_unknown_one_is_a_503(
    core: SampleCodex, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = core.core.user_token()
    unknown = jwt.encode(person_claims(), core.core._key, algorithm="RS256", headers={"kid": "k2"})
    assert asked(token).status_code == 200
    core.stop()
    clock = time.monotonic
    monkeypatch.setattr("knowledgetree.accounts.sso.core.keys.time.monotonic", lambda: clock() + 3600)
    assert asked(token).status_code == 200
    assert asked(unknown).status_code == 503
    monkeypatch.setattr("knowledgetree.accounts.sso.core.keys.time.monotonic", lambda: clock() + 13 * 3600)
    assert asked(token).status_code == 503


def test_a_known_session_costs_core_no_question(
    core: SampleCodex, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    token = core.core.user_token()
    asked(token)
    asked_before = len(core.requests())
    with django_assert_max_num_queries(10):
        assert asked(token).status_code == 200
    assert len(core.requests()) == asked_before
