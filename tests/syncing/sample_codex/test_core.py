"""Core's tokens over HTTP, checked the way that a service checks them."""

from typing import Any

import jwt
import pytest

from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import MakeCodex
from tests.syncing.sample_codex.conftest import Ask

NAMES = {"calling_service": "knowledgetree", "target_service": "codex"}


def get_token(codex: SampleCodex, ask: Ask) -> str:
    answer = ask(codex, "/service-token", method="POST", token=None, json=NAMES)
    assert answer.status_code == 200
    token = answer.json()["token"]
    assert isinstance(token, str)
    return token


def checked_claims(codex: SampleCodex, token: str) -> dict[str, Any]:
    keys = jwt.PyJWKClient(f"{codex.url}/.well-known/jwks.json")
    key = keys.get_signing_key_from_jwt(token)
    claims: dict[str, Any] = jwt.decode(token, key.key, algorithms=["RS256"], issuer="hivematrix-core")
    return claims


def test_a_service_token_opens_codex(make_codex: MakeCodex, ask: Ask) -> None:
    codex = make_codex(api_key=None)

    assert ask(codex, "/api/companies", token=get_token(codex, ask)).status_code == 200


def test_claims_and_header_of_a_service_token(codex: SampleCodex, ask: Ask) -> None:
    token = get_token(codex, ask)
    claims = checked_claims(codex, token)
    expires_in = claims.pop("exp") - claims.pop("iat")

    assert 300 <= expires_in < 301
    assert jwt.get_unverified_header(token) == {
        "alg": "RS256",
        "typ": "JWT",
        "kid": "hivematrix-signing-key-1",
    }
    assert claims == {
        "iss": "hivematrix-core",
        "sub": "service:knowledgetree",
        "type": "service",
        **NAMES,
    }


@pytest.mark.parametrize(
    "asked", [{}, {"calling_service": "knowledgetree"}, {**NAMES, "calling_service": "nobody"}, [1]]
)
def test_an_unknown_caller_gets_no_token(codex: SampleCodex, ask: Ask, asked: object) -> None:
    answer = ask(codex, "/service-token", method="POST", json=asked)

    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]


def test_public_keys(codex: SampleCodex, ask: Ask) -> None:
    (key,) = ask(codex, "/.well-known/jwks.json", token=None).json()["keys"]

    assert set(key) == {"kty", "alg", "kid", "use", "n", "e"}


def test_an_expired_token_is_401(codex: SampleCodex, ask: Ask) -> None:
    codex.core.token_seconds = 0

    assert ask(codex, "/api/companies", token=get_token(codex, ask)).status_code == 401


def test_a_token_dies_when_the_key_is_rotated(codex: SampleCodex, ask: Ask) -> None:
    token = get_token(codex, ask)
    codex.core.rotate_key()

    assert ask(codex, "/api/companies", token=token).status_code == 401
    assert ask(codex, "/api/companies", token=get_token(codex, ask)).status_code == 200


def test_a_token_of_another_issuer_is_401(codex: SampleCodex, ask: Ask) -> None:
    token = codex.core.sign({"iss": "someone", "type": "service"}, 300)

    assert ask(codex, "/api/companies", token=token).status_code == 401


@pytest.mark.parametrize(("level", "status"), [("admin", 200), ("technician", 200), ("billing", 200), ("client", 403)])
def test_peoples_tokens(codex: SampleCodex, ask: Ask, level: str, status: int) -> None:
    answer = ask(codex, "/api/companies", token=codex.core.user_token(level))

    assert answer.status_code == status


def test_validate_knows_revoked_sessions(codex: SampleCodex, ask: Ask) -> None:
    token = codex.core.user_token("admin", jti="session-1")

    answer = ask(codex, "/api/token/validate", method="POST", json={"token": token})
    assert (answer.status_code, answer.json()["valid"]) == (200, True)
    assert answer.json()["user"]["permission_level"] == "admin"

    codex.core.revoked.add("session-1")
    answer = ask(codex, "/api/token/validate", method="POST", json={"token": token})
    assert (answer.status_code, answer.json()["valid"]) == (401, False)


@pytest.mark.parametrize(("asked", "status"), [({"token": "rubbish"}, 401), ({}, 400), ({"token": 7}, 400)])
def test_validate_refuses_what_is_no_token(codex: SampleCodex, ask: Ask, asked: object, status: int) -> None:
    assert ask(codex, "/api/token/validate", method="POST", json=asked).status_code == status


def test_a_clock_that_runs_ahead_shows_in_its_tokens(codex: SampleCodex, ask: Ask) -> None:
    honest = jwt.decode(get_token(codex, ask), options={"verify_signature": False})
    codex.core.clock_offset = 86_400
    ahead = jwt.decode(get_token(codex, ask), options={"verify_signature": False})

    assert ahead["iat"] - honest["iat"] >= 86_400
