"""The fake Codex of ``tests/fake_codex.py``, and a way to ask it."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import API_KEY, codex, make_codex

__all__ = ["Ask", "ask", "codex", "make_codex"]

Ask = Callable[..., requests.Response]


@pytest.fixture
def ask() -> Ask:
    """``ask(codex, "/api/companies")``: one GET (or ``method=``) with the API key (or ``token=``, None: none)."""

    def send(
        server: SampleCodex, path: str, method: str = "GET", token: str | None = API_KEY, **options: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        options = {"allow_redirects": False, **options}
        timeout = options.pop("timeout", 20)
        return requests.request(method, server.url + path, headers=headers, timeout=timeout, **options)

    return send
