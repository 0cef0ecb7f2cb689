"""Asks Core over HTTP, with limits on time and size."""

import json
import time
from typing import Any

import requests
from django.conf import settings

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 2, 3, 5
MOST_BYTES = 256 * 1024


class NoAnswer(Exception):
    """Core gave no answer that can be used."""


def ask(path: str, sent: Any = None) -> tuple[int, Any]:
    """GET this path of Core, or POST what is ``sent``. Returns the status and the JSON, None if it is not JSON.

    Raises NoAnswer if Core cannot be reached, or its answer is too slow or too large. A redirect is not followed,
    because a token that was sent to Core must not go elsewhere.
    """
    method, url = ("GET" if sent is None else "POST"), f"{settings.CORE.url}{path}"
    ends = time.monotonic() + WHOLE_SECONDS
    try:
        with requests.request(
            method, url, json=sent, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, stream=True
        ) as response:
            content = b""
            for piece in response.iter_content(8192):
                content += piece
                if len(content) > MOST_BYTES or time.monotonic() > ends:
                    raise NoAnswer(f"The answer of {url} is too large or too slow.")
            return response.status_code, _decoded(content)
    except requests.RequestException as error:
        raise NoAnswer(f"{url} does not answer: {type(error).__name__}.") from error


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
