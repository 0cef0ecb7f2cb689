"""Every bad token is a 401 that says why: the thirteen kinds, headers, claims, forms, and what Core's keys may be."""

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from knowledgetree.accounts.models import CorePerson
from knowledgetree.accounts.sso.core import keys as core_keys
from knowledgetree.accounts.sso.core import sessions
from syncing.sample_codex import faults
from syncing.sample_codex.core import KEY_ID
from syncing.sample_codex.faults import ALWAYS
from syncing.sample_codex.server import SampleCodex
from tests.knowledgetree.accounts.bad_tokens import by_claims, by_form, by_header, encoded, person_claims
from tests.people import person

pytestmark = pytest.mark.django_db
JWKS, VALIDATE = "/.well-known/jwks.json", "/api/token/validate"
PAGE = "/accounts/password/done/"  # needs no graph


def asked(token: str, address: str = PAGE, scheme: str = "Bearer", **headers: str) -> Any:
    return Client(raise_request_exception=False).get(address, headers={"Authorization": f"{scheme} {token}", **headers})


def why(answer: Any) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return str(answer.json()["detail"])


def test_the_thirteen_kinds(core: SampleCodex, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests) -> None:
    headers, claims, forms = by_header(core), by_claims(core), by_form(core)
    revoked = core.core.user_token(jti="revoked")
    core.core.revoked.add("revoked")
    kinds = {
        "wrong signature": (forms["wrong signature"], "The token's signature is wrong."),
        "algorithm none": (headers["alg none"], "The token is not signed in the way that Core signs."),
        "HS256 with the public key": (headers["HS256 PEM"], "The token is not signed in the way that Core signs."),
        "expired": (claims["exp past"], "The token has expired."),
        "not yet valid": (claims["nbf in future"], "The token is not good yet: is a clock wrong?"),
        "wrong issuer": (claims["iss other"], "The token is of another issuer (CORE_ISSUER)."),
        "no exp": (claims["exp absent"], "The token lacks the claim exp."),
        "unknown level": (claims["level unknown"], "The token's permission_level is unknown here."),
        "foreign target": (claims["target other"], "The token is for another service."),
        "revoked": (revoked, "The session of the token has ended: log in again."),
        "garbage": (forms["garbage"], "The token cannot be read."),
        "other key": (headers["other key"], "The token's signature is wrong."),
        "huge": (forms["huge"], "The token is no token of ours, and none of Core."),
    }
    assert len(kinds) == 13
    monkeypatch.setattr(sessions, "BELIEVED_SECONDS", 0)
    for name, (token, word) in kinds.items():
        for address in (PAGE, "/api/browse", "/", "/admin/export"):
            with subtests.test(name, address=address):
                answer = asked(token, address)
                assert (answer.status_code, why(answer)) == (401, word)
                assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert not CorePerson.objects.exists()


@pytest.mark.parametrize(("made", "least"), [(by_header, 24), (by_claims, 32), (by_form, 10)])
def test_every_bad_token_is_a_401_that_says_why_and_no_named_address_is_asked(
    core: SampleCodex, subtests: pytest.Subtests, made: Any, least: int
) -> None:
    assert asked(core.core.user_token()).status_code == 200
    tokens = made(core)
    assert len(tokens) >= least
    for name, token in tokens.items():
        with subtests.test(name):
            answer = asked(token)
            assert answer.status_code == 401
            assert why(answer).startswith(("The token", "The session"))
    assert {entry.path for entry in core.requests()} <= {JWKS, VALIDATE}
    assert not CorePerson.objects.exclude(sub="user-1").exists()


def test_the_header_alone_has_the_token_and_counts_more_than_a_cookie(core: SampleCodex) -> None:
    token = core.core.user_token()
    client = Client()
    client.force_login(person("admin"))
    for address, more in (
        (f"/api/browse?token={token}", {}),
        (f"/api/browse?access_token={token}", {}),
        ("/api/browse", {"Cookie": f"access_token={token}"}),
        ("/api/browse", {"X-Access-Token": token}),
        ("/api/browse", {"Proxy-Authorization": f"Bearer {token}"}),
    ):
        assert Client().get(address, headers=more).status_code == 401, address
    assert Client().post("/api/node", {"access_token": token}).status_code == 401
    for scheme, status in (("bearer", 200), ("BEARER", 200), ("Basic", 302), ("Token", 302)):
        assert asked(token, scheme=scheme).status_code == status, scheme
    assert client.get(PAGE, headers={"Authorization": "Bearer nothing"}).status_code == 401
    assert client.get(PAGE, headers={"Authorization": "Bearer"}).status_code in (200, 401)
    assert asked(f"{token}é").status_code == 401


def test_a_thousand_unknown_keys_ask_core_once(core: SampleCodex) -> None:
    for number in range(1000):
        token = f"{encoded({'alg': 'RS256', 'kid': f'k{number}'})}.{encoded(person_claims())}.{encoded(b'x')}"
        assert asked(token).status_code == 401
    assert len(core.requests(JWKS)) == 1


def test_a_thousand_wrong_signatures_ask_core_once_more_at_most(core: SampleCodex) -> None:
    head, body, _ = core.core.user_token().split(".")
    for number in range(1000):
        assert asked(f"{head}.{body}.{encoded(number.to_bytes(256))}").status_code == 401
    assert len(core.requests(JWKS)) <= 2


def test_a_new_key_under_the_old_id_is_found(core: SampleCodex, monkeypatch: pytest.MonkeyPatch) -> None:
    before = core.core.user_token()
    assert asked(before).status_code == 200
    core.core.rotate_key()
    assert why(asked(core.core.user_token())) == "The token's signature is wrong."  # Core was asked just now
    monkeypatch.setattr(core_keys, "PAUSE_SECONDS", 0.0)
    assert asked(core.core.user_token()).status_code == 200
    assert asked(before).status_code == 401
    assert asked(core.core.user_token()).status_code == 200


def test_a_key_under_a_new_id_is_found_and_the_old_one_is_out(
    core: SampleCodex, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = core.core.user_token()
    assert asked(before).status_code == 200
    new = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    row = jwt.algorithms.RSAAlgorithm.to_jwk(new.public_key(), as_dict=True) | {"kid": "k2"}
    core.faults.add(faults.edit(lambda _: {"keys": [row]}), JWKS, times=ALWAYS)
    monkeypatch.setattr(core_keys, "PAUSE_SECONDS", 0.0)
    claims = person_claims(jti="with-the-new-key")
    assert "signature" not in asked(jwt.encode(claims, new, algorithm="RS256", headers={"kid": "k2"})).content.decode()
    assert why(asked(before)) == "The token is signed with a key that Core does not have."


UNUSABLE: list[tuple[str, Any]] = [
    ("500", faults.status(500)),
    ("HTML", faults.html()),
    ("not JSON", faults.body(b"{")),
    ("cut off", faults.cut(20)),
    ("a reset", faults.reset()),
    ("deep", faults.nested(100_000)),
    ("endless", faults.endless()),
    ("a redirect", faults.redirect("/stolen")),
    ("no keys", faults.edit(lambda _: {"keys": []})),
    ("null", faults.edit(lambda _: {"keys": None})),
    ("a list", faults.edit(lambda _: [])),
    ("oct", faults.edit(lambda _: {"keys": [{"kid": KEY_ID, "kty": "oct", "k": "c2VjcmV0"}]})),
    ("no number", faults.edit(lambda _: {"keys": [{"kid": KEY_ID, "kty": "RSA", "n": "!", "e": 1}]})),
]


def test_keys_that_cannot_be_used_leave_the_known_ones(
    core: SampleCodex, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    assert len(UNUSABLE) >= 12
    token = core.core.user_token()
    assert asked(token).status_code == 200
    monkeypatch.setattr(core_keys, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(core_keys, "PAUSE_SECONDS", 0.0)
    for name, fault in UNUSABLE:
        with subtests.test(name):
            before = len(core.requests(JWKS))
            core.faults.add(fault, JWKS)
            assert asked(token).status_code == 200
            assert len(core.requests(JWKS)) == before + 1
    assert core.requests("/stolen") == []


def test_a_short_key_and_two_keys_of_one_id_are_not_believed(core: SampleCodex) -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - that is what is refused
    row = {**jwt.algorithms.RSAAlgorithm.to_jwk(short.public_key(), as_dict=True), "kid": "short"}
    assert core_keys.usable_keys({"keys": [row]}) == {}
    right = core.core._public_key()
    assert set(core_keys.usable_keys({"keys": [right]})) == {KEY_ID}
    assert core_keys.usable_keys({"keys": [right, right]}) == {}
    odd: list[Any] = [[KEY_ID], {}, 7, None]
    assert set(core_keys.usable_keys({"keys": [*({**right, "kid": one} for one in odd), right]})) == {KEY_ID}


def test_clocks_may_differ_by_half_a_minute(core: SampleCodex) -> None:
    now = time.time()
    for early, status in ((20, 200), (60, 401)):
        claims = {**person_claims(jti=f"early-{early}"), "iat": now + early, "exp": now + 600}
        assert asked(core.core.sign(claims, 600)).status_code == status
    for late, status in ((20, 200), (60, 401)):
        claims = {**person_claims(jti=f"late-{late}"), "iat": now - 600, "exp": now - late}
        token = core.core.sign(claims, 600)
        if status == 200:  # Core itself has no such patience, so its answer is that of another session
            core.faults.add(faults.body(b'{"valid": true}'), VALIDATE)
        assert asked(token).status_code == status
