"""A program that calls the API v1 with a token, as tests need it."""

import json
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from knowledgetree.accounts import api_tokens
from knowledgetree.basics.rights.scopes import Scope
from tests.people import person

BASE = "/api/v1"


class Caller:
    """Sends requests with a token of this person's; ``scopes`` as words, ``companies`` by account number."""

    def __init__(
        self, owner: User, scopes: str = "read tickets write sync export", companies: Sequence[str] = ()
    ) -> None:
        wanted = [Scope(scope) for scope in scopes.split()]
        _, self.token = api_tokens.make(owner, "tests", wanted, companies=companies)
        self.client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {self.token}"})

    def send(
        self, method: str, path: str, body: Any = None, /, *, headers: dict[str, str] | None = None, **query: Any
    ) -> Any:
        """The response. ``path``: behind /api/v1."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        response: Any = self.client.generic(
            method,
            f"{BASE}{path}",
            data,
            content_type="application/json",
            headers=headers or {},
            query_params=query,
        )
        return response

    def get(self, path: str, status: int = 200, /, **query: Any) -> Any:
        """The JSON of a GET."""
        return read(self.send("GET", path, **query), status)

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """The JSON of a POST; headers as If_Match."""
        return read(self.send("POST", path, body, headers=_named(headers)), status)

    def patch(self, path: str, body: Any, status: int = 200, **headers: str) -> Any:
        """The JSON of a PATCH; headers as If_Match."""
        return read(self.send("PATCH", path, body, headers=_named(headers)), status)

    def etag(self, uid: str) -> str:
        """The present ETag of a node."""
        return str(self.send("GET", f"/nodes/{uid}").headers["ETag"])

    def all(self, path: str, /, **query: Any) -> list[Any]:
        """The items of all pages."""
        items, cursor = [], ""
        while True:
            page = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return items


def caller(identity: str, scopes: str = "read tickets write sync export") -> Caller:
    """A caller with a token of a new person of this group."""
    return Caller(person(identity), scopes)


def read(response: Any, status: int) -> Any:
    """The JSON of a response with this status; a refusal is a problem."""
    assert response.status_code == status, response.content[:800]
    kind = "application/problem+json" if status >= 400 else "application/json"
    assert response.headers["Content-Type"] == kind
    return json.loads(response.content)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
