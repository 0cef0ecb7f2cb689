"""The tokens that Core gives us for Codex, where Codex takes no key."""

import time
from typing import Any

import requests

from syncing.codex import responses
from syncing.codex.request_retries import Again, later, translated
from syncing.codex.responses import SMALL_BYTES, content_of, decoded
from syncing.exceptions import CodexGarbled, CoreGarbled, CoreRefused, CoreUnavailable

TOKEN_MARGIN_SECONDS = 30
_IS_IT_CORE = "Check that core.url or CORE_SERVICE_URL leads to Core."
_CORE_KNOWS_NOT = (
    "Core gives tokens only to services that stand in its own services.json: add {name!r} there and restart Core"
)


class CoreTokens:
    """Fetches a token when it is needed, and keeps it until shortly before it ends."""

    def __init__(self, codex: Any, session: requests.Session) -> None:
        self._codex, self._session = codex, session
        self._token: str | None = None
        self._ends = 0.0

    def token(self) -> str:
        """A token that is still good for a while. Raises CoreRefused, CoreGarbled, Again."""
        if self._token is None or time.time() > self._ends - TOKEN_MARGIN_SECONDS:
            self._token = self._fetched()
            self._ends = _end_of(self._token)
        return self._token

    def forget(self) -> None:
        """Fetch another token next time, because Codex has refused this one."""
        self._token = None

    def _fetched(self) -> str:
        """POST {core}/service-token, as all services of the platform do. The token is valid for five minutes."""
        where = f"Core at {self._codex.core_url}/service-token ({self._codex.core_source})"
        with translated(where, CoreUnavailable), self._ask() as response:
            status = response.status_code
            if status >= 500 or status == 429:
                raise later(response, CoreUnavailable(f"Core answers {status}: {where} gives no token."))
            content = self._content(response, where)
        if status != 200:
            raise CoreRefused(
                f"Core gives no token for {self._codex.service_name!r}: {where} answers {status}"
                f"{self._reason(status, content)}"
            )
        try:
            token = decoded(content)["token"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CoreGarbled(f"The response of {where} holds no token. {_IS_IT_CORE}") from error
        if not isinstance(token, str) or not token:
            raise CoreGarbled(f"The response of {where} holds no token. {_IS_IT_CORE}")
        return token

    def _content(self, response: requests.Response, where: str) -> bytes:
        try:
            return content_of(response, where, SMALL_BYTES)
        except CodexGarbled as error:
            raise CoreGarbled(str(error)) from error
        except Again as again:
            raise Again(CoreUnavailable(str(again.error))) from again

    def _reason(self, status: int, content: bytes) -> str:
        """What Core says, and what to do about it."""
        try:
            said = str(decoded(content)["error"])[:200]
        except (ValueError, KeyError, TypeError, RecursionError):
            return f". {_IS_IT_CORE}"
        if "target_service" in said:
            return f", {said!r}. {_CORE_KNOWS_NOT.format(name='codex')}."
        if "format" in said:
            return f", {said!r}. SERVICE_NAME may have lower-case letters, digits, - and _, at most 50 of them."
        if status == 400:
            name = _CORE_KNOWS_NOT.format(name=self._codex.service_name)
            return f", {said!r}. Is SERVICE_NAME a service that Core knows? {name}."
        return f", {said!r}. {_IS_IT_CORE}"

    def _ask(self) -> requests.Response:
        wanted = {"calling_service": self._codex.service_name, "target_service": "codex"}
        times = (responses.CONNECT_SECONDS, responses.READ_SECONDS)
        url = f"{self._codex.core_url}/service-token"
        return self._session.post(url, json=wanted, timeout=times, allow_redirects=False, stream=True)


def _end_of(token: str) -> float:
    """When the token expires, in Unix seconds. It is only used to renew the token; Codex verifies the signature."""
    import jwt  # it imports all of cryptography, which only Core's tokens need

    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        return float(claims["exp"])
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
        raise CoreGarbled(f"The token of Core is no JWT with an end. {_IS_IT_CORE}") from error
