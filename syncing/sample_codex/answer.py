"""Defines HTTP requests and responses, and sends responses over the wire, intact or deliberately broken."""

import json
import socket
import struct
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any

PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Request:
    """``path`` is below the server's prefix and decoded; ``query`` is the raw text after the ``?``."""

    method: str
    path: str
    query: str
    parameters: Mapping[str, str]
    authorization: str | None = field(repr=False)
    body: bytes
    caller: str


class Framing(Enum):
    """How the end of a body is marked."""

    LENGTH = "Content-Length"
    CHUNKED = "Transfer-Encoding: chunked"
    CLOSE = "end of the connection"


@dataclass
class Answer:
    """A response. The fields from ``wait`` on are for faults; times in seconds, sizes in bytes of the body."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    content_type: str | None = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    framing: Framing = Framing.LENGTH
    declared_length: int | None = None
    wait: float = 0
    piece: int = 0
    pause: float = 0
    stall_after: int | None = None
    stall: float = 0
    cut_after: int | None = None
    reset: bool = False

    def whole_body(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else b"".join(self.body)

    def json(self) -> Any:
        return json.loads(self.whole_body())

    @property
    def leaves_the_connection_usable(self) -> bool:
        lies = self.declared_length is not None or self.cut_after is not None
        return not (lies or self.reset or self.framing is Framing.CLOSE)


def as_json(value: Any, status: int = 200, content_type: str = "application/json") -> Answer:
    """Encode like Python's own ``json``, including NaN, lone surrogates and integers of any size."""
    return Answer(status, json.dumps(value).encode(), content_type)


def problem(status: int, detail: str, instance: str = "") -> Answer:
    """An error of Codex's web framework (RFC 9457)."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": instance}
    return as_json(body, status, PROBLEM)


def send(answer: Answer, connection: socket.socket, version: str, stopping: threading.Event) -> None:
    """Send a response. Raises OSError if the client has gone. ``stopping`` ends waits early."""
    stopping.wait(answer.wait)
    if answer.reset and answer.cut_after is None:
        reset(connection)
        return
    framing = _framing(answer, version)
    connection.sendall(_head(answer, framing))
    left = answer.cut_after
    sent = 0
    for piece in _pieces(answer):
        part = piece if left is None else piece[:left]
        if part:
            connection.sendall(b"%x\r\n%b\r\n" % (len(part), part) if framing is Framing.CHUNKED else part)
        sent += len(part)
        if left is not None:
            left -= len(part)
            if left <= 0:
                break
        stopping.wait(answer.pause)
        if answer.stall_after is not None and sent >= answer.stall_after:
            stopping.wait(answer.stall)
            answer.stall_after = None
        if stopping.is_set():
            return
    if answer.cut_after is None and framing is Framing.CHUNKED:
        connection.sendall(b"0\r\n\r\n")
    if answer.reset:
        reset(connection)


def reset(connection: socket.socket) -> None:
    """Close so that the other side sees "connection reset by peer" instead of a regular end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _framing(answer: Answer, version: str) -> Framing:
    if answer.framing is not Framing.LENGTH or isinstance(answer.body, bytes):
        return answer.framing
    return Framing.CHUNKED if version >= "HTTP/1.1" else Framing.CLOSE


def _head(answer: Answer, framing: Framing) -> bytes:
    headers = {"Server": "SampleCodex", **answer.headers}
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    if framing is Framing.CHUNKED:
        headers["Transfer-Encoding"] = "chunked"
    elif framing is Framing.LENGTH and isinstance(answer.body, bytes):
        declared = answer.declared_length
        headers["Content-Length"] = str(len(answer.body) if declared is None else declared)
    if not answer.leaves_the_connection_usable or framing is Framing.CLOSE:
        headers["Connection"] = "close"
    phrase = HTTPStatus(answer.status).phrase
    lines = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _pieces(answer: Answer) -> Iterator[bytes]:
    bodies = [answer.body] if isinstance(answer.body, bytes) else answer.body
    for body in bodies:
        size = _piece_size(answer, len(body))
        for start in range(0, len(body), size):
            yield body[start : start + size]


def _piece_size(answer: Answer, whole: int) -> int:
    sizes = [size for size in (answer.piece, answer.stall_after) if size]
    return min(sizes) if sizes else max(whole, 1)
