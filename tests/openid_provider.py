"""A stand-in for an OpenID provider: a real HTTP server that signs real RS256 tokens and demands PKCE.

Whoever is sent to it is signed in at once as ``person``. ``change`` alters the claims of the next token, ``key`` and
``headers`` how it is signed, ``broken`` gives paths that answer with a status instead.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET, KEY_ID = "knowledgetree", "the-secret-of-tests", "k1"


@cache
def new_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key; the same one for the same number."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@dataclass
class OpenIdProvider:
    """``asked``: the parameters of the visits to the authorization endpoint, and ``paths`` of all requests."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "s-1", "preferred_username": "tess"})
    userinfo: dict[str, Any] | None = None
    change: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=new_key)
    algorithm: str = "RS256"
    headers: dict[str, Any] = field(default_factory=lambda: {"kid": KEY_ID})
    broken: dict[str, int] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorize(self, query: str) -> str:
        """Sign the visitor in. Returns the address that they are sent back to."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        self.asked.append(asked)
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, body: str) -> tuple[int, Any]:
        """The answer of the token endpoint: RFC 6749, section 4.1.3, and RFC 7636."""
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self._codes.pop(sent.get("code", ""), {})
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        is_right = (
            sent.get("client_id") == CLIENT_ID
            and sent.get("client_secret") == CLIENT_SECRET
            and sent.get("grant_type") == "authorization_code"
            and sent.get("redirect_uri") == asked.get("redirect_uri")
            and asked.get("code_challenge_method") == "S256"
            and challenge.rstrip(b"=").decode() == asked.get("code_challenge")
        )
        if not is_right:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "at-1", "token_type": "Bearer", "id_token": self.id_token(asked.get("nonce", ""))}

    def id_token(self, nonce: str) -> str:
        now = time.time()
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "auth_time": now, "nonce": nonce}
        claims |= self.person | self.change
        claims = {name: value for name, value in claims.items() if value is not ...}
        return jwt.encode(claims, self.key, algorithm=self.algorithm, headers=self.headers)

    def jwks(self) -> dict[str, Any]:
        numbers = jwt.algorithms.RSAAlgorithm.to_jwk(new_key().public_key(), as_dict=True)
        return {"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID, **numbers, "key_ops": ["verify"]}]}


class _Handler(BaseHTTPRequestHandler):
    provider: OpenIdProvider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if not self._is_fine(parts.path):
            return
        if parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(parts.query))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif parts.path == "/jwks":
            self._answer(200, self.provider.jwks())
        elif parts.path == "/userinfo" and self.headers["Authorization"] == "Bearer at-1":
            self._answer(200, self.provider.userinfo)
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self._is_fine(self.path):
            self._answer(*self.provider.token(body))

    def _is_fine(self, path: str) -> bool:
        self.provider.paths.append(path)
        if path in self.provider.broken:
            self._answer(self.provider.broken[path], {"error": "broken"})
        return path not in self.provider.broken

    def _answer(self, status: int, content: Any) -> None:
        whole = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole)

    def log_message(self, *_: Any) -> None:
        """Nothing: the tests look at ``paths``."""


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    """A provider that answers until the end of the block."""
    provider = OpenIdProvider()

    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
