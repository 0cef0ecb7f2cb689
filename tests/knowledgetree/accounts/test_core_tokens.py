"""Tokens of Core: good ones, and every bad kind, against the sample Core over real HTTP."""

import base64
import json
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.core import keys as core_keys
from knowledgetree.accounts.core import people, sessions
from knowledgetree.accounts.models import CorePerson
from knowledgetree.basics.scopes import Scope
from syncing.sample_codex.core import ISSUER, KEY_ID
from syncing.sample_codex.server import SampleCodex
from tests.people import person

pytestmark = pytest.mark.django_db
JWKS, VALIDATE = "/.well-known/jwks.json", "/api/token/validate"


def asked(token: str, address: str = "/accounts/password/done/", **headers: str) -> Any:
    """The response to a request with this bearer token. The default page needs no graph."""
    return Client(raise_request_exception=False).get(address, headers={"Authorization": f"Bearer {token}", **headers})


def why(answer: Any) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return str(answer.json()["detail"])


def encoded(part: Any) -> str:
    whole = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()


def signed(claims: Any, key: Any, **header: Any) -> str:
    """A token with these claims, or this JSON, signed as Core signs. PyJWT refuses to make some of them."""
    head = {"alg": "RS256", "kid": KEY_ID, **header}
    start = f"{encoded({name: value for name, value in head.items() if value is not ...})}.{encoded(claims)}"
    rs256 = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    return f"{start}.{encoded(rs256.sign(start.encode(), key))}"


def person_claims(**changed: Any) -> dict[str, Any]:
    now = time.time()
    claims = {"sub": "u1", "jti": "j1", "permission_level": "technician", "iss": ISSUER, "iat": now, "exp": now + 600}
    return {name: value for name, value in {**claims, **changed}.items() if value is not ...}


def test_a_person_gets_an_account_with_the_group_of_their_level(core: SampleCodex) -> None:
    answer = asked(core.core.user_token("technician", sub="a-1", name="Tess Ito", email="tess@msp.example"))
    assert answer.status_code == 200
    tess = CorePerson.objects.get(sub="a-1").user
    assert (tess.username, tess.first_name, tess.last_name, tess.email) == ("sam", "Tess", "Ito", "tess@msp.example")
    assert [group.name for group in tess.groups.all()] == ["technician"]
    assert not tess.has_usable_password()
    for level, groups in (("admin", ["admin"]), ("billing", ["billing"]), ("client", [])):
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
    monkeypatch.setattr(people, "_free_name", lambda claims: next(names))
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


def bad_tokens(core: SampleCodex) -> dict[str, str]:
    """Tokens that must be refused, by what is wrong with them."""
    right = core.core.user_token()
    key = core.core._key
    head, body, signature = right.split(".")
    public = key.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    found = {"garbage": "a.b.c", "empty": "", "huge": "a" * 65_000, "cut": right[:-5], "trailing": right + "AA"}
    found |= {"other signature": f"{head}.{body}.{encoded(b'x' * 256)}", "no signature": f"{head}.{body}."}
    found["other body"] = f"{head}.{encoded(person_claims(permission_level='admin'))}.{signature}"
    for name in ("none", "None", "NONE", "nOnE"):
        found[f"alg {name}"] = f"{encoded({'alg': name, 'kid': KEY_ID})}.{encoded(person_claims())}.{encoded(b'x')}"
    hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    for name, secret in (("PEM", pem), ("DER", der)):
        start = f"{encoded({'alg': 'HS256', 'kid': KEY_ID})}.{encoded(person_claims())}"
        found[f"HS256 {name}"] = f"{start}.{encoded(hmac.sign(start.encode(), secret))}"
    for algorithm in ("RS384", "RS512", "PS256"):
        found[algorithm] = jwt.encode(person_claims(), key, algorithm=algorithm, headers={"kid": KEY_ID})
    curve = ec.generate_private_key(ec.SECP256R1())
    found["ES256"] = jwt.encode(person_claims(), curve, algorithm="ES256", headers={"kid": KEY_ID})
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    found["foreign key"] = jwt.encode(person_claims(), foreign, algorithm="RS256", headers={"kid": KEY_ID})
    for header, value in (
        ("jku", f"{core.url}/stolen"),
        ("x5u", f"{core.url}/stolen"),
        ("jwk", {"kty": "RSA"}),
        ("x5c", ["MII"]),
        ("crit", ["exp"]),
        ("b64", False),
    ):
        found[header] = signed(person_claims(), key, **{header: value})
    for name, key_id in (
        ("absent", ...),
        ("path", "../../key"),
        ("SQL", "' OR 1=1"),
        ("NUL", "\0"),
        ("long", "k" * 2000),
        ("list", [KEY_ID]),
    ):
        found[f"kid {name}"] = signed(person_claims(), key, kid=key_id)
    now = time.time()
    changes: dict[str, dict[str, Any]] = {
        "no exp": {"exp": ...},
        "exp past": {"exp": now - 60},
        "exp text": {"exp": "tomorrow"},
        "exp in ten years": {"exp": now + 10 * 365 * 86400},
        "no iat": {"iat": ...},
        "iat in future": {"iat": now + 3600},
        "nbf in future": {"nbf": now + 3600},
        "no iss": {"iss": ...},
        "other iss": {"iss": "hivematrix"},
        "iss list": {"iss": [ISSUER]},
        "iss slash": {"iss": ISSUER + "/"},
        "aud": {"aud": "codex"},
        "no sub": {"sub": ...},
        "long sub": {"sub": "s" * 3000},
        "sub number": {"sub": 7},
        "no jti": {"jti": ...},
        "no level": {"permission_level": ...},
        "level list": {"permission_level": ["admin"]},
        "level Admin": {"permission_level": "Admin"},
        "level root": {"permission_level": "root"},
        "type SERVICE": {"type": "SERVICE"},
        "service and admin": {"type": "service", "calling_service": "x", "target_service": "knowledgetree"},
    }
    found |= {name: signed(person_claims(**changed), key) for name, changed in changes.items()}
    service = {"type": "service", "calling_service": "brainhair", "permission_level": ...}
    for name, more in (
        ("target other", {"target_service": "codex"}),
        ("target absent", {}),
        ("caller's name too long", {"target_service": "knowledgetree", "calling_service": "x" * 60}),
    ):
        found[name] = signed(person_claims(**{**service, **more}), key)
    whole = json.dumps(person_claims())[:-1]
    found["level twice"] = signed(f'{whole}, "permission_level": "admin"}}'.encode(), key)
    found["exp 1e400"] = signed(json.dumps(person_claims(exp=...))[:-1].encode() + b', "exp": 1e400}', key)
    found["two headers"] = f"{right},Bearer {right}"
    return found


def test_every_bad_token_is_a_401_that_says_why_and_no_named_address_is_asked(
    core: SampleCodex, subtests: pytest.Subtests
) -> None:
    assert asked(core.core.user_token()).status_code == 200
    tokens = bad_tokens(core)
    assert len(tokens) > 50
    for name, token in tokens.items():
        with subtests.test(name):
            answer = asked(token)
            assert answer.status_code == 401
            assert why(answer).startswith(("The token", "The session"))
    assert {entry.path for entry in core.requests()} <= {JWKS, VALIDATE}
    assert not CorePerson.objects.exclude(sub="user-1").exists()


def test_a_token_in_the_address_is_none(core: SampleCodex) -> None:
    answer = Client().get("/api/browse", {"token": core.core.user_token(), "access_token": core.core.user_token()})
    assert answer.status_code == 401


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
    monkeypatch.setattr("knowledgetree.accounts.core.keys.time.monotonic", lambda: clock() + 3600)
    assert asked(token).status_code == 200
    assert asked(unknown).status_code == 503
    monkeypatch.setattr("knowledgetree.accounts.core.keys.time.monotonic", lambda: clock() + 13 * 3600)
    assert asked(token).status_code == 503


def test_a_thousand_unknown_keys_ask_core_once(core: SampleCodex) -> None:
    for number in range(1000):
        token = f"{encoded({'alg': 'RS256', 'kid': f'k{number}'})}.{encoded(person_claims())}.{encoded(b'x')}"
        assert asked(token).status_code == 401
    assert len(core.requests(JWKS)) == 1


def test_a_new_key_under_the_old_id_is_found(core: SampleCodex, monkeypatch: pytest.MonkeyPatch) -> None:
    before = core.core.user_token()
    assert asked(before).status_code == 200
    core.core.rotate_key()
    assert why(asked(core.core.user_token())) == "The token's signature is wrong."  # Core was asked just now
    monkeypatch.setattr(core_keys, "PAUSE_SECONDS", 0.0)
    assert asked(core.core.user_token()).status_code == 200
    assert asked(before).status_code == 401
    assert asked(core.core.user_token()).status_code == 200


@pytest.mark.parametrize(
    "answer",
    [
        {"keys": []},
        {"keys": None},
        [],
        {"keys": [{"kid": KEY_ID, "kty": "oct", "k": "c2VjcmV0"}]},
        {"keys": [{"kid": KEY_ID, "kty": "RSA", "n": "!", "e": 1}]},
    ],
)
def test_keys_that_cannot_be_used_leave_the_known_ones(
    core: SampleCodex, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    assert asked(core.core.user_token()).status_code == 200
    monkeypatch.setattr(core_keys, "ask", lambda path: (200, answer))
    monkeypatch.setattr(core_keys, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(core_keys, "PAUSE_SECONDS", 0.0)
    assert asked(core.core.user_token()).status_code == 200


def test_a_short_key_and_two_keys_of_one_id_are_not_believed(core: SampleCodex) -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that is what is refused
    row = {**jwt.algorithms.RSAAlgorithm.to_jwk(short.public_key(), as_dict=True), "kid": "short"}
    assert core_keys.usable_keys({"keys": [row]}) == {}
    right = core.core._public_key()
    assert set(core_keys.usable_keys({"keys": [right]})) == {KEY_ID}
    assert core_keys.usable_keys({"keys": [right, right]}) == {}
    odd: list[Any] = [[KEY_ID], {}, 7, None]
    assert set(core_keys.usable_keys({"keys": [*({**right, "kid": one} for one in odd), right]})) == {KEY_ID}


def test_a_known_session_costs_core_no_question(
    core: SampleCodex, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    token = core.core.user_token()
    asked(token)
    asked_before = len(core.requests())
    with django_assert_max_num_queries(9):
        assert asked(token).status_code == 200
    assert len(core.requests()) == asked_before
