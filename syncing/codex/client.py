"""The HTTP client of Codex, with authentication, throttling, retries, deadlines and size limits.

Every method returns a complete response or raises a CodexError; an outage is never an empty list.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import quote, urljoin

import requests
from django.conf import settings
from requests.auth import AuthBase

from syncing.codex import responses
from syncing.codex.core import CoreTokens
from syncing.codex.request_retries import Again, Retries, later, translated
from syncing.codex.responses import SMALL_BYTES, Memory, Target, content_of, copy, decoded
from syncing.codex.throttle import wait_for_turn
from syncing.exceptions import CodexError, CodexFailing, CodexGarbled, CodexNotFound, CodexRefused, CodexUnavailable

BULK_DEADLINE_SECONDS = 900.0
RESPONSE_BYTES = 64 * 1024 * 1024
BULK_BYTES = 4 * 1024 * 1024 * 1024
BULK = "/api/companies/bulk"
COMPANIES = "/api/companies"
IS_IT_CODEX = "Check that codex.url leads to a Codex: `manage.py check_codex`."
logger = logging.getLogger(__name__)


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
        self._core = CoreTokens(self._codex, self._session)
        self._retries = Retries()
        self.requests = 0

    def __enter__(self) -> "CodexClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def companies(self) -> list[Any]:
        """GET /api/companies."""
        return self._list(COMPANIES)

    def company(self, account: str) -> dict[str, Any]:
        """GET /api/companies/<account>. Raises CodexNotFound for an unknown one."""
        company = self._get(f"/api/companies/{quote(account, safe='', errors='replace')}")
        if not isinstance(company, dict):
            raise CodexGarbled(f"Codex answers {_shape(company)} instead of company {account!r}. {IS_IT_CODEX}")
        return company

    def company_list(self, account: str, what: str, neighbour: str | None = None) -> list[Any]:
        """GET /api/companies/<account>/<what>, one list of one company, such as its contacts.

        ``neighbour``: another company. While Codex answers with its list, a failure is no limit to wait for.
        """
        return self._list(_path_of(account, what), _path_of(neighbour, what) if neighbour else "")

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

        ``begin()`` opens the file to write to; it is called once for every attempt. Nobody gets hundreds of these in a
        minute, so while Codex answers at all, a failure is no limit to wait for.
        """
        params = {"include_tickets": "true"} if tickets else {}

        def save() -> None:
            with begin() as target:
                self._send(BULK, params, target, BULK_DEADLINE_SECONDS, BULK_BYTES, COMPANIES)

        self._retries.call(save, BULK)

    def health(self) -> dict[str, Any]:
        """GET /health, which needs no key and responds even if Codex is unhealthy."""

        path = "/health"

        def ask() -> Any:
            with self._request(path, {}, with_key=False) as response, self._translated(path):
                content = content_of(response, f"Codex at {path}", SMALL_BYTES)
            try:
                return decoded(content)
            except (ValueError, RecursionError) as error:
                raise CodexGarbled(
                    f"{self._where(path)} answers {response.status_code} without JSON: is this a Codex?"
                ) from error

        report = self._retries.call(ask, path)
        return report if isinstance(report, dict) else {}

    def _list(self, path: str, like: str = "") -> list[Any]:
        rows = self._get(path, like=like)
        if not isinstance(rows, list):
            raise CodexGarbled(f"Codex answers {_shape(rows)} at {path} instead of a list. {IS_IT_CODEX}")
        return rows

    def _get(self, path: str, params: dict[str, str] | None = None, like: str = "") -> Any:
        def fetch() -> Any:
            body = Memory()
            self._send(path, params or {}, body, responses.REQUEST_DEADLINE_SECONDS, RESPONSE_BYTES, like)
            try:
                return decoded(bytes(body.content))
            except (ValueError, RecursionError) as error:
                raise Again(CodexGarbled(f"The response of Codex at {path} is not complete JSON: {error}")) from error

        return self._retries.call(fetch, _route(path))

    def _send(self, path: str, params: dict[str, str], target: Target, deadline: float, cap: int, like: str) -> None:
        """Save the response. Raises CodexError, Again; ``like`` is a path to try then: do others come?"""
        try:
            self._save(path, params, target, deadline, cap)
        except Again as again:
            if again.may_be_limit and like not in ("", path) and self._comes(like):
                again.others_come()
            raise

    def _comes(self, path: str) -> bool:
        """Whether Codex answers this request now."""
        try:
            with self._request(path, {}) as response:
                return response.status_code == 200
        except (Again, CodexError):
            return False

    def _save(self, path: str, params: dict[str, str], target: Target, deadline: float, cap: int) -> None:
        response = self._request(path, params)
        if response.status_code == 401 and self._codex.api_key is None:
            response.close()
            self._core.forget()
            response = self._request(path, params)
        with response, self._translated(path):
            self._check(response, path)
            copy(response, target, f"Codex at {path}", deadline, cap)

    def _request(self, path: str, params: dict[str, str], with_key: bool = True) -> requests.Response:
        wait_for_turn()
        credential = Bearer(self._credential() if with_key else None)
        with self._translated(path):
            self.requests += 1
            response = self._session.get(
                self._url(path),
                params=params,
                auth=credential,
                timeout=(responses.CONNECT_SECONDS, responses.READ_SECONDS),
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
            raise later(response, CodexUnavailable(f"Codex answers 429 at {where}."))
        if status >= 500:
            raise later(response, CodexFailing(f"Codex answers {status} at {where}."))
        if 300 <= status < 400:
            raise CodexGarbled(
                f"{where} redirects elsewhere ({status}); we do not follow with our key. "
                "Give codex.url the address it leads to."
            )
        raise CodexGarbled(f"Codex answers {status} at {where}. Look into the log of Codex, then run the sync again.")

    def _credential(self) -> str:
        if self._codex.api_key is not None:
            return str(self._codex.api_key)
        return self._core.token()

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
        return translated(f"Codex at {self._where(path)}")

    def _where(self, path: str) -> str:
        return f"{self._url(path)} ({self._codex.source})"


def _path_of(account: str, what: str) -> str:
    return f"{COMPANIES}/{quote(account, safe='', errors='replace')}/{what}"


def _route(path: str) -> str:
    """The path without the account number in it: Codex counts the requests of each route by itself."""
    parts = path.strip("/").split("/")
    return "/".join(parts[:2] + parts[3:] if len(parts) > 3 else parts[:2])


def _shape(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number")
