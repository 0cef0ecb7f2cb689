"""Implements the part of HiveMatrix Core that a service needs: tokens, the public key and session checks."""

import json
import re
import time
import uuid
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from syncing.sample_codex.answer import Answer, Request, as_json

_NAME = re.compile(r"[a-z0-9_-]{1,50}")
ISSUER = "hivematrix-core"
KEY_ID = "hivematrix-signing-key-1"
SERVICES = frozenset(("core", "codex", "knowledgetree", "nexus", "helm", "brainhair", "ledger", "beacon", "archive"))


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def _first_key() -> rsa.RSAPrivateKey:
    return _new_key()  # making one takes a moment; a test run starts many servers


@dataclass
class Core:
    """Signs tokens as Core does. ``token_seconds`` is a service token's life, ``clock_offset`` in seconds."""

    token_seconds: float = 300
    user_token_seconds: float = 3600
    clock_offset: float = 0
    revoked: set[str] = field(default_factory=set)
    _key: rsa.RSAPrivateKey = field(default_factory=_first_key, repr=False)

    def service_token(self, caller: str = "knowledgetree", target: str = "codex") -> str:
        claims = {"sub": f"service:{caller}", "calling_service": caller, "target_service": target}
        return self.sign({**claims, "type": "service"}, self.token_seconds)

    def user_token(self, permission_level: str = "technician", **claims: Any) -> str:
        """A person's token; ``claims`` replace the made-up ones, ``jti`` is the session."""
        person = {
            "sub": "user-1",
            "jti": str(uuid.uuid4()),
            "name": "Sam Sample",
            "email": "sam@msp.example",
            "preferred_username": "sam",
            "permission_level": permission_level,
            "groups": [permission_level],
        }
        return self.sign({**person, **claims}, self.user_token_seconds)

    def sign(self, claims: dict[str, Any], seconds: float) -> str:
        """Any claims, with issuer and times added where they are missing."""
        now = self._now()
        whole = {"iss": ISSUER, "iat": int(now), "exp": now + seconds, **claims}
        return jwt.encode(whole, self._key, algorithm="RS256", headers={"kid": KEY_ID})

    def rotate_key(self) -> None:
        """A new key under the old key id, which is what Core does."""
        self._key = _new_key()

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a valid token. Raises jwt.PyJWTError for an invalid, foreign or expired one.

        Codex does not compare ``target_service``, so neither does this.
        """
        options: Any = {"verify_exp": False, "verify_iat": False, "require": ["exp", "iss"]}
        claims: dict[str, Any] = jwt.decode(
            token, self._key.public_key(), algorithms=["RS256"], issuer=ISSUER, options=options
        )
        if claims["exp"] <= self._now():
            raise jwt.ExpiredSignatureError("Token has expired")
        return claims

    def respond(self, request: Request) -> Answer | None:
        """Core's response; None if the request is not for Core."""
        match request.method, request.path:
            case "POST", "/service-token":
                return self._service_token(request)
            case "GET", "/.well-known/jwks.json":
                return as_json({"keys": [self._public_key()]})
            case "POST", "/api/token/validate":
                return self._validate(request)
        return None

    def _service_token(self, request: Request) -> Answer:
        asked = _json_object(request)
        caller, target = asked.get("calling_service"), asked.get("target_service")
        if not caller or not target:
            return as_json({"error": "calling_service and target_service are required"}, 400)
        for name, what in ((caller, "calling_service"), (target, "target_service")):
            if not _NAME.fullmatch(str(name)):
                return as_json({"error": f"Invalid {what} format"}, 400)
        for name, what in ((caller, "calling_service"), (target, "target_service")):
            if name not in SERVICES:
                return as_json({"error": f"Unknown {what}"}, 400)
        return as_json({"token": self.service_token(caller, target)})

    def _validate(self, request: Request) -> Answer:
        token = _json_object(request).get("token")
        if not isinstance(token, str):
            return as_json({"error": "token is required"}, 400)
        try:
            claims = self.claims(token)
        except jwt.PyJWTError as error:
            return as_json({"valid": False, "error": str(error)}, 401)
        if claims.get("jti") in self.revoked:
            return as_json({"valid": False, "error": "Session has been revoked"}, 401)
        return as_json({"valid": True, "user": claims})

    def _public_key(self) -> dict[str, Any]:
        numbers = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        shape = {"kty": "RSA", "alg": "RS256", "kid": KEY_ID, "use": "sig"}
        return {**shape, "n": numbers["n"], "e": numbers["e"]}

    def _now(self) -> float:
        return time.time() + self.clock_offset


def _json_object(request: Request) -> dict[str, Any]:
    try:
        asked = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}
