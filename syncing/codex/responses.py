"""Bodies of responses: read with a deadline and a maximum size, decoded as JSON."""

import json
import time
from collections.abc import Iterator
from typing import Any, Protocol

import msgspec
import requests
from urllib3.exceptions import HTTPError

from syncing.codex.request_retries import Again
from syncing.exceptions import CodexGarbled, CodexUnavailable

CONNECT_SECONDS, READ_SECONDS = 5.0, 30.0
REQUEST_DEADLINE_SECONDS = 60.0
SMALL_BYTES = 1024 * 1024  # the limit for a health report or a token
_CHUNK = 256 * 1024


class Target(Protocol):
    """Receives the body of a response."""

    def write(self, chunk: bytes) -> None: ...


class Memory:
    """Keeps the body of a response."""

    def __init__(self) -> None:
        self.content = bytearray()

    def write(self, chunk: bytes) -> None:
        self.content += chunk


def content_of(response: requests.Response, whose: str, cap: int) -> bytes:
    """The body, of at most ``cap`` bytes, within REQUEST_DEADLINE_SECONDS. Raises CodexGarbled, Again."""
    body = Memory()
    copy(response, body, whose, REQUEST_DEADLINE_SECONDS, cap)
    return bytes(body.content)


def copy(response: requests.Response, target: Target, whose: str, seconds: float, cap: int) -> None:
    """Copy the body and enforce a deadline and a maximum size, because requests' time-out covers single reads."""
    deadline = time.monotonic() + seconds
    size = 0
    for chunk in _as_they_come(response):
        size += len(chunk)
        if size > cap:
            megabytes = cap // 2**20
            raise CodexGarbled(f"The response of {whose} is larger than {megabytes} MB; refused. Check its address.")
        if time.monotonic() > deadline:
            raise Again(CodexUnavailable(f"The response of {whose} takes too long."))
        target.write(chunk)
    expected = response.headers.get("Content-Length", "")
    if expected.isdecimal() and "Content-Encoding" not in response.headers and size != int(expected):
        raise Again(CodexGarbled(f"The response of {whose} was cut after {size} of {expected} bytes."))


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


def _as_they_come(response: requests.Response) -> Iterator[bytes]:
    """Pieces of the body as they arrive. ``iter_content`` waits for full pieces: slow senders could pass a deadline."""
    try:
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            yield chunk
    except HTTPError as error:
        raise requests.ConnectionError(error) from error
