"""Tokens that look like Core's and must be refused: by their headers, by their claims."""

import base64
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from syncing.sample_codex.core import ISSUER, KEY_ID
from syncing.sample_codex.server import SampleCodex

DAY = 86_400


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


def by_header(core: SampleCodex) -> dict[str, str]:
    """Tokens with good claims whose header, or signature, must not be believed."""
    key = core.core._key
    public = key.public_key()
    found: dict[str, str] = {}
    for name in ("none", "None", "NONE", "nOnE"):
        found[f"alg {name}"] = f"{encoded({'alg': name, 'kid': KEY_ID})}.{encoded(person_claims())}.{encoded(b'x')}"
    hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    for name, encoding in (("PEM", serialization.Encoding.PEM), ("DER", serialization.Encoding.DER)):
        secret = public.public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
        start = f"{encoded({'alg': 'HS256', 'kid': KEY_ID})}.{encoded(person_claims())}"
        found[f"HS256 {name}"] = f"{start}.{encoded(hmac.sign(start.encode(), secret))}"
    for algorithm in ("RS384", "RS512", "PS256"):
        found[algorithm] = jwt.encode(person_claims(), key, algorithm=algorithm, headers={"kid": KEY_ID})
    curve = ec.generate_private_key(ec.SECP256R1())
    found["ES256"] = jwt.encode(person_claims(), curve, algorithm="ES256", headers={"kid": KEY_ID})
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    found["other key"] = jwt.encode(person_claims(), foreign, algorithm="RS256", headers={"kid": KEY_ID})
    headers: dict[str, dict[str, Any]] = {
        "no alg": {"alg": ...},
        "alg list": {"alg": ["RS256"]},
        "alg number": {"alg": 256},
        "jku": {"jku": f"{core.url}/stolen"},
        "x5u": {"x5u": f"{core.url}/stolen"},
        "jwk": {"jwk": {"kty": "RSA"}},
        "x5c": {"x5c": ["MII"]},
        "crit": {"crit": ["exp"]},
        "b64": {"b64": False},
        "kid absent": {"kid": ...},
        "kid path": {"kid": "../../key"},
        "kid SQL": {"kid": "' OR 1=1"},
        "kid NUL": {"kid": "\0"},
        "kid long": {"kid": "k" * 2000},
        "kid list": {"kid": [KEY_ID]},
        "kid unknown": {"kid": "k2"},
    }
    return found | {name: signed(person_claims(), key, **header) for name, header in headers.items()}


def by_claims(core: SampleCodex) -> dict[str, str]:
    """Tokens with a right signature whose claims must not be believed."""
    key, now = core.core._key, time.time()
    changes: dict[str, dict[str, Any]] = {
        "exp absent": {"exp": ...},
        "exp past": {"exp": now - 60},
        "exp text": {"exp": "tomorrow"},
        "exp null": {"exp": None},
        "exp in ten years": {"exp": now + 10 * 365 * DAY},
        "iat absent": {"iat": ...},
        "iat in future": {"iat": now + 3600},
        "iat text": {"iat": "today"},
        "nbf in future": {"nbf": now + 3600},
        "nbf text": {"nbf": "today"},
        "iss absent": {"iss": ...},
        "iss other": {"iss": "hivematrix"},
        "iss list": {"iss": [ISSUER]},
        "iss slash": {"iss": ISSUER + "/"},
        "aud": {"aud": "codex"},
        "sub absent": {"sub": ...},
        "sub empty": {"sub": ""},
        "sub long": {"sub": "s" * 3000},
        "sub number": {"sub": 7},
        "jti absent": {"jti": ...},
        "level absent": {"permission_level": ...},
        "level list": {"permission_level": ["admin"]},
        "level Admin": {"permission_level": "Admin"},
        "level unknown": {"permission_level": "root"},
        "type SERVICE": {"type": "SERVICE"},
        "type list": {"type": ["service"]},
        "service and admin": {"type": "service", "calling_service": "x", "target_service": "knowledgetree"},
    }
    found = {name: signed(person_claims(**changed), key) for name, changed in changes.items()}
    service = {"type": "service", "calling_service": "brainhair", "permission_level": ...}
    for name, more in (
        ("target other", {"target_service": "codex"}),
        ("target absent", {}),
        ("target list", {"target_service": ["knowledgetree"]}),
        ("caller long", {"target_service": "knowledgetree", "calling_service": "x" * 60}),
        ("caller with blanks", {"target_service": "knowledgetree", "calling_service": "brain hair"}),
        ("caller absent", {"target_service": "knowledgetree", "calling_service": ...}),
    ):
        found[name] = signed(person_claims(**{**service, **more}), key)
    whole = json.dumps(person_claims())[:-1]
    found["level twice"] = signed(f'{whole}, "permission_level": "admin"}}'.encode(), key)
    found["exp 1e400"] = signed(json.dumps(person_claims(exp=...))[:-1].encode() + b', "exp": 1e400}', key)
    return found


def by_form(core: SampleCodex) -> dict[str, str]:
    """What is no token, or a good one with something else than Core made of it."""
    right = core.core.user_token()
    head, body, signature = right.split(".")
    return {
        "garbage": "a.b.c",
        "empty": "",
        "huge": "a" * 65_000,
        "cut": right[:-5],
        "trailing": right + "AA",
        "wrong signature": f"{head}.{body}.{encoded(b'x' * 256)}",
        "no signature": f"{head}.{body}.",
        "other body": f"{head}.{encoded(person_claims(permission_level='admin'))}.{signature}",
        "two headers": f"{right},Bearer {right}",
        "two parts": f"{head}.{body}",
    }
