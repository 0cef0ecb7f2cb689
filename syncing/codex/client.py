"""The HTTP client of Codex, with authentication, throttling, retries, deadlines and size limits.

Every method returns a complete response or raises a CodexError; an outage is never an empty list.
"""

import json
import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol
from urllib.parse import quote, urljoin

import msgspec
import requests
from django.conf import settings
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential
from urllib3.exceptions import HTTPError

from syncing.codex.throttle import wait_for_turn
from syncing.exceptions import (
    CodexError,
    CodexFailing,
    CodexGarbled,
    CodexNotFound,
    CodexRefused,
    CodexUnavailable,
    CoreError,
    CoreGarbled,
    CoreRefused,
    CoreUnavailable,
)

ATTEMPTS = 5
RETRY_SECONDS = 1.0  # the pause before the first retry; it doubles from there, with jitter
# The pauses, in RETRY_SECONDS, after a response that may mean "too many requests": Codex says 500 for up to 60 s then.
OUTLASTING = (1, 4, 16, 42)
CONNECT_SECONDS, READ_SECONDS = 5.0, 30.0
REQUEST_DEADLINE_SECONDS = 60.0
BULK_DEADLINE_SECONDS = 900.0
RESPONSE_BYTES = 64 * 1024 * 1024
BULK_BYTES = 4 * 1024 * 1024 * 1024
SMALL_BYTES = 1024 * 1024  # the limit for a health report or a token
TOKEN_MARGIN_SECONDS = 30
LONGEST_RETRY_AFTER_SECONDS = 300
WORTH_A_LINE_SECONDS = 3.0
BULK = "/api/companies/bulk"
_CHUNK = 256 * 1024
logger = logging.getLogger(__name__)
_CANNOT_RETRY = "Check that Codex runs and that the address is right, then try `manage.py check_codex`."
IS_IT_CODEX = "Check that codex.url leads to a Codex: `manage.py check_codex`."
_IS_IT_CORE = "Check that core.url or CORE_SERVICE_URL leads to Core."
_CANNOT_RETRY_CORE = "Check that Core runs and that this address is right, then try `manage.py check_codex`."
_CORE_KNOWS_NOT = (
    "Core gives tokens only to services that stand in its own services.json: add {name!r} there and restart Core"
)


class Target(Protocol):
    """Receives the body of a response."""

    def write(self, chunk: bytes) -> None: ...


class Bearer(AuthBase):
    """Our key or token for one request, or none. Without ``auth``, requests would send the credentials of ~/.netrc."""

    def __init__(self, credential: str | None) -> None:
        self._credential = credential

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._credential is not None:
            request.headers["Authorization"] = f"Bearer {self._credential}"
        return request


class CodexClient:
    """Reads from one Codex. Use it as a context manager. ``requests``: the number of requests sent, with retries."""

    def __init__(self, codex: Any = None) -> None:
        self._codex = codex or settings.CODEX
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", "User-Agent": "KnowledgeTree"})
        self._session.auth = Bearer(None)
        self._token: str | None = None
        self._token_ends = 0.0
        self._retry_seconds = RETRY_SECONDS
        self._outlasted: set[str] = set()  # routes that still failed when their limit was over, so it was not the limit
        self.requests = 0

    def __enter__(self) -> "CodexClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def companies(self) -> list[Any]:
        """GET /api/companies."""
        return self._list("/api/companies")

    def company(self, account: str) -> dict[str, Any]:
        """GET /api/companies/<account>. Raises CodexNotFound for an unknown one."""
        company = self._get(f"/api/companies/{quote(account, safe='', errors='replace')}")
        if not isinstance(company, dict):
            raise CodexGarbled(f"Codex answers {_shape(company)} instead of company {account!r}. {IS_IT_CODEX}")
        return company

    def company_list(self, account: str, what: str) -> list[Any]:
        """GET /api/companies/<account>/<what>, one list of one company, such as its contacts."""
        return self._list(f"/api/companies/{quote(account, safe='', errors='replace')}/{what}")

    def ticket_page(self, limit: int, offset: int) -> dict[str, Any]:
        """GET /api/tickets: ``{"tickets", "total", …}``, newest first, without the bodies."""
        page = self._get("/api/tickets", {"limit": str(limit), "offset": str(offset)})
        if not isinstance(page, dict) or not isinstance(page.get("tickets"), list):
            raise CodexGarbled(
                f"Codex answers {_shape(page)} at /api/tickets instead of a page of tickets. {IS_IT_CODEX}"
            )
        if not isinstance(page.get("total"), int):
            raise CodexGarbled(f"Codex does not say how many tickets there are (total) at /api/tickets. {IS_IT_CODEX}")
        return page

    def download_bulk(self, begin: Callable[[], AbstractContextManager[Target]], *, tickets: bool) -> None:
        """GET /api/companies/bulk. Raises CodexNotFound if this Codex is too old, CodexFailing if a record is broken.

        ``begin()`` opens the file to write to; it is called once for every attempt.
        """
        params = {"include_tickets": "true"} if tickets else {}

        def save() -> None:
            with begin() as target:
                self._send(BULK, params, target, BULK_DEADLINE_SECONDS, BULK_BYTES)

        self._retried(save, BULK)

    def health(self) -> dict[str, Any]:
        """GET /health, which needs no key and responds even if Codex is unhealthy."""

        path = "/health"

        def ask() -> Any:
            with self._request(path, {}, with_key=False) as response, self._translated(path):
                content = self._content(response, f"Codex at {path}", SMALL_BYTES)
            try:
                return decoded(content)
            except (ValueError, RecursionError) as error:
                raise CodexGarbled(
                    f"{self._where(path)} answers {response.status_code} without JSON: is this a Codex?"
                ) from error

        report = self._retried(ask, path)
        return report if isinstance(report, dict) else {}

    def _list(self, path: str) -> list[Any]:
        rows = self._get(path)
        if not isinstance(rows, list):
            raise CodexGarbled(f"Codex answers {_shape(rows)} at {path} instead of a list. {IS_IT_CODEX}")
        return rows

    def _get(self, path: str, params: dict[str, str] | None = None) -> Any:
        def fetch() -> Any:
            body = _Memory()
            self._send(path, params or {}, body, REQUEST_DEADLINE_SECONDS, RESPONSE_BYTES)
            try:
                return decoded(bytes(body.content))
            except (ValueError, RecursionError) as error:
                raise _Again(CodexGarbled(f"The response of Codex at {path} is not complete JSON: {error}")) from error

        return self._retried(fetch, _route(path))

    def _retried(self, work: Any, route: str) -> Any:
        """Call ``work`` up to ATTEMPTS times. ``route``: what Codex counts requests by."""
        started = time.monotonic()
        try:
            return Retrying(
                stop=stop_after_attempt(ATTEMPTS),
                wait=lambda state: self._pause(state, route),
                retry=retry_if_exception_type(_Again),
                reraise=True,
            )(work)
        except _Again as last:
            if last.may_be_limit:
                self._outlasted.add(route)
            seconds = time.monotonic() - started
            advice = _CANNOT_RETRY_CORE if isinstance(last.error, CoreError) else _CANNOT_RETRY
            raise type(last.error)(f"{last.error} Tried {ATTEMPTS} times in {seconds:.0f} s. {advice}") from last

    def _pause(self, state: RetryCallState, route: str) -> float:
        error = state.outcome.exception() if state.outcome else None
        if not isinstance(error, _Again):
            return 0.0
        if error.may_be_limit and route not in self._outlasted:
            longer = OUTLASTING[min(state.attempt_number, len(OUTLASTING)) - 1]
            pause = longer * self._retry_seconds * random.uniform(1, 1.2)  # noqa: S311 (jitter)
        else:
            pause = wait_random_exponential(multiplier=self._retry_seconds, max=60)(state)
        pause = max(pause, error.retry_after or 0.0)
        if pause > WORTH_A_LINE_SECONDS:
            logger.info("%s Trying again in %.0f s.", error, pause)
        return pause

    def _send(self, path: str, params: dict[str, str], target: Target, deadline: float, cap: int) -> None:
        response = self._request(path, params)
        if response.status_code == 401 and self._codex.api_key is None:
            response.close()
            self._token = None
            response = self._request(path, params)
        with response, self._translated(path):
            self._check(response, path)
            self._copy(response, target, f"Codex at {path}", deadline, cap)

    def _content(self, response: requests.Response, whose: str, cap: int) -> bytes:
        body = _Memory()
        self._copy(response, body, whose, REQUEST_DEADLINE_SECONDS, cap)
        return bytes(body.content)

    def _copy(self, response: requests.Response, target: Target, whose: str, seconds: float, cap: int) -> None:
        """Copy the body and enforce a deadline and a maximum size, because requests' time-out covers single reads."""
        deadline = time.monotonic() + seconds
        size = 0
        for chunk in _as_they_come(response):
            size += len(chunk)
            if size > cap:
                megabytes = cap // 2**20
                raise CodexGarbled(
                    f"The response of {whose} is larger than {megabytes} MB; refused. Check its address."
                )
            if time.monotonic() > deadline:
                raise _Again(CodexUnavailable(f"The response of {whose} takes too long."))
            target.write(chunk)
        expected = response.headers.get("Content-Length", "")
        if expected.isdecimal() and "Content-Encoding" not in response.headers and size != int(expected):
            raise _Again(CodexGarbled(f"The response of {whose} was cut after {size} of {expected} bytes."))

    def _request(self, path: str, params: dict[str, str], with_key: bool = True) -> requests.Response:
        wait_for_turn()
        credential = Bearer(self._credential() if with_key else None)
        with self._translated(path):
            self.requests += 1
            response = self._session.get(
                self._url(path),
                params=params,
                auth=credential,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            )
        logger.debug("GET %s: %s", response.url, response.status_code)
        return response

    def _check(self, response: requests.Response, path: str) -> None:
        status = response.status_code
        where = self._where(path)
        if status == 200:
            kind = response.headers.get("Content-Type", "")
            if "json" not in kind:
                raise CodexGarbled(f"{where} answers {kind or 'an unnamed type'} instead of JSON: is this a Codex?")
            return
        if status == 404:
            raise CodexNotFound(f"Codex knows nothing at {where}: is the address right?")
        if status in (401, 403):
            raise CodexRefused(f"Codex refuses us with {status} at {where}. {self._credential_advice()}")
        if status == 429:
            raise _later(response, CodexUnavailable(f"Codex answers 429 at {where}."))
        if status >= 500:
            raise _later(response, CodexFailing(f"Codex answers {status} at {where}."))
        if 300 <= status < 400:
            raise CodexGarbled(
                f"{where} redirects elsewhere ({status}); we do not follow with our key. "
                "Give codex.url the address it leads to."
            )
        raise CodexGarbled(f"Codex answers {status} at {where}. Look into the log of Codex, then run the sync again.")

    def _credential(self) -> str:
        if self._codex.api_key is not None:
            return str(self._codex.api_key)
        if self._token is None or time.time() > self._token_ends - TOKEN_MARGIN_SECONDS:
            self._token = self._service_token()
            self._token_ends = _end_of(self._token)
        return self._token

    def _service_token(self) -> str:
        """POST {core}/service-token, as all services of the platform do. The token is valid for five minutes."""
        where = f"Core at {self._codex.core_url}/service-token ({self._codex.core_source})"
        with _translated(where, CoreUnavailable), self._ask_core(f"{self._codex.core_url}/service-token") as response:
            status = response.status_code
            if status >= 500 or status == 429:
                raise _later(response, CoreUnavailable(f"Core answers {status}: {where} gives no token."))
            content = self._content_of_core(response, where)
        if status != 200:
            raise CoreRefused(
                f"Core gives no token for {self._codex.service_name!r}: {where} answers {status}"
                f"{self._reason_of_core(status, content)}"
            )
        try:
            token = decoded(content)["token"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CoreGarbled(f"The response of {where} holds no token. {_IS_IT_CORE}") from error
        if not isinstance(token, str) or not token:
            raise CoreGarbled(f"The response of {where} holds no token. {_IS_IT_CORE}")
        return token

    def _content_of_core(self, response: requests.Response, where: str) -> bytes:
        try:
            return self._content(response, where, SMALL_BYTES)
        except CodexGarbled as error:
            raise CoreGarbled(str(error)) from error
        except _Again as again:
            raise _Again(CoreUnavailable(str(again.error))) from again

    def _reason_of_core(self, status: int, content: bytes) -> str:
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

    def _ask_core(self, url: str) -> requests.Response:
        wanted = {"calling_service": self._codex.service_name, "target_service": "codex"}
        times = (CONNECT_SECONDS, READ_SECONDS)
        return self._session.post(url, json=wanted, timeout=times, allow_redirects=False, stream=True)

    def _credential_advice(self) -> str:
        if self._codex.api_key is not None:
            return (
                "Check codex.api_key in services.json. The Codex of a HiveMatrix takes no API key at all, only tokens "
                "of Core: take codex.api_key out, and set core.url or CORE_SERVICE_URL."
            )
        return f"The token came from Core at {self._codex.core_url}; check CORE_SERVICE_URL and SERVICE_NAME."

    def _url(self, path: str) -> str:
        return urljoin(self._codex.url.rstrip("/") + "/", path.lstrip("/"))

    def _translated(self, path: str) -> AbstractContextManager[None]:
        return _translated(f"Codex at {self._where(path)}")

    def _where(self, path: str) -> str:
        return f"{self._url(path)} ({self._codex.source})"


class _Again(Exception):
    """Asks for a retry. ``error`` is raised after the last attempt; ``retry_after`` is a pause in seconds.

    ``may_be_limit``: Codex may have refused the request because there were too many in the last minute.
    """

    def __init__(self, error: CodexError, retry_after: float | None = None, *, may_be_limit: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.retry_after = retry_after
        self.may_be_limit = may_be_limit


class _Memory:
    def __init__(self) -> None:
        self.content = bytearray()

    def write(self, chunk: bytes) -> None:
        self.content += chunk


def _as_they_come(response: requests.Response) -> Iterator[bytes]:
    """Pieces of the body as they arrive. ``iter_content`` waits for full pieces: slow senders could pass a deadline."""
    try:
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            yield chunk
    except HTTPError as error:
        raise requests.ConnectionError(error) from error


@contextmanager
def _translated(whom: str, kind: type[CodexError] = CodexUnavailable) -> Iterator[None]:
    try:
        yield
    except requests.RequestException as error:
        raise _Again(kind(f"Cannot connect to {whom}: {_short(error)}.")) from error


def decoded(content: bytes) -> Any:
    """Decode the JSON of a response, even if a text has an unpaired surrogate or a number is out of range.

    Such a value only makes its own record invalid (see ``records.py``). Raises ValueError, RecursionError.
    """
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:
        return json.loads(content.decode(), parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _end_of(token: str) -> float:
    """When the token expires, in Unix seconds. It is only used to renew the token; Codex verifies the signature."""
    import jwt  # it imports all of cryptography, which only Core's tokens need

    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        return float(claims["exp"])
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
        raise CoreGarbled(f"The token of Core is no JWT with an end. {_IS_IT_CORE}") from error


def _later(response: requests.Response, error: CodexError) -> Exception:
    """Retry after the pause that the response asks for; do not retry if that pause is very long."""
    text = response.headers.get("Retry-After", "")
    seconds = float(text) if text.isdecimal() else None
    if seconds is not None and seconds > LONGEST_RETRY_AFTER_SECONDS:
        return type(error)(f"{error} It asks us to wait {seconds / 60:,.0f} minutes; run the sync again then.")
    return _Again(error, seconds, may_be_limit=not isinstance(error, CoreError))


def _route(path: str) -> str:
    """The path without the account number in it: Codex counts the requests of each route by itself."""
    parts = path.strip("/").split("/")
    return "/".join(parts[:2] + parts[3:] if len(parts) > 3 else parts[:2])


def _shape(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number")


def _short(error: Exception) -> str:
    """The innermost reason, without the nested representation that requests prints."""
    while error.__context__ is not None and isinstance(error.__context__, Exception):
        error = error.__context__
    return (str(error) or type(error).__name__).splitlines()[0][:200]
