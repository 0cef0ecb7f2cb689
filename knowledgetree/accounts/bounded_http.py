"""HTTP to the services that sign people in, with limits on time and size."""

import json
import time
from typing import Any

import requests

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 2, 3, 5
MOST_BYTES = 256 * 1024


class NoAnswer(Exception):
    """The service gave no answer that can be used."""


def answer_of(method: str, url: str, **sent: Any) -> tuple[int, Any]:
    """The status and the JSON of the answer, None if it is not JSON. ``sent``: arguments of ``requests.request``.

    Raises NoAnswer if the service cannot be reached, or its answer is too slow or too large. A redirect is not
    followed, because a token or secret that was sent there must not go elsewhere.
    """
    ends = time.monotonic() + WHOLE_SECONDS
    try:
        with requests.request(
            method, url, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, stream=True, **sent
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
