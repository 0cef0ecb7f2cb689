"""Serves HTTP on 127.0.0.1 with threads and keep-alive; each request goes to the fault script first."""

import socket
import socketserver
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from syncing.sample_codex.answer import Answer, Request, problem, send
from syncing.sample_codex.api import CodexApi
from syncing.sample_codex.core import Core
from syncing.sample_codex.faults import Call, FaultScript
from syncing.sample_codex.limits import RateLimit
from syncing.sample_codex.world import World

HOST = "127.0.0.1"
LOGGED_REQUESTS = 100_000


@dataclass
class LoggedRequest:
    """``time`` is of ``time.monotonic()``; ``status`` None until answered. The token itself is not kept."""

    time: float
    method: str
    path: str
    query: str
    has_token: bool
    status: int | None = None


class SampleCodex:
    """Codex and Core at one address. Start it, or use it in a ``with``.

    ``api.bulk``, ``api.api_key``, ``core.token_seconds``, ``limit.per_minute`` and the world may be changed
    while it runs. ``port`` 0 takes a free one; after ``stop`` a second ``start`` comes back on the same port.
    """

    def __init__(
        self,
        world: World,
        *,
        api_key: str | None,
        port: int = 0,
        prefix: str = "",
        bulk: bool = True,
        control: bool = False,
        limit: RateLimit | None = None,
    ) -> None:
        self.world = world
        self.port = port
        self.prefix = "/" + prefix.strip("/") if prefix.strip("/") else ""
        self.core = Core()
        self.limit = limit or RateLimit()
        self.api = CodexApi(world, self.core, self.limit, api_key, bulk, control)
        self.faults = FaultScript()
        self.log: deque[LoggedRequest] = deque(maxlen=LOGGED_REQUESTS)
        self.connections = 0  # accepted so far
        self.stopping = threading.Event()
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """The address of Codex and Core."""
        return f"http://{HOST}:{self.port}{self.prefix}"

    def start(self) -> None:
        """Listens, and answers in threads of its own. Raises OSError when the port is taken."""
        self.stopping.clear()
        self._server = _Server(self)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Stops listening and breaks off open connections; does nothing when it is not running."""
        if self._server:
            self.stopping.set()
            self._server.shutdown()
            self._server.server_close()
            self._server.close_connections()
            self._server = None

    def respond(self, request: Request) -> Answer:
        entry = LoggedRequest(
            time.monotonic(), request.method, request.path, request.query, request.authorization is not None
        )
        self.log.append(entry)
        fault = self.faults.take(request)
        if fault:
            answer = fault.respond(Call(request, lambda: self._right_answer(request)))
        else:
            answer = self._right_answer(request)
        entry.status = answer.status
        return answer

    def requests(self, path: str = "") -> list[LoggedRequest]:
        """The log so far: all of it, or of one path."""
        return [entry for entry in list(self.log) if path in ("", entry.path)]

    def _right_answer(self, request: Request) -> Answer:
        return self.core.respond(request) or self.api.respond(request)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, codex: SampleCodex) -> None:
        self.codex = codex
        self._connections: set[socket.socket] = set()
        super().__init__((HOST, codex.port), _Handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # HTTPServer would ask the DNS for our name

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._connections.add(connection)
        self.codex.connections += 1
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        for connection in list(self._connections):
            with suppress(OSError):  # it may have ended by itself just now
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # a caller that hung up is no error of ours
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        codex = self.server.codex
        request = self._request(content)
        answer = codex.respond(request) if request else problem(404, "Nothing is here.", self.path)
        send(answer, self.connection, self.request_version, codex.stopping)
        if not answer.leaves_the_connection_usable:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 the base class looks for these names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the base class names it so
        """Silent; ``SampleCodex.log`` has it all."""

    def _request(self, content: bytes) -> Request | None:
        """None for a path outside the prefix."""
        parts = urlsplit(self.path)
        prefix = self.server.codex.prefix
        if not parts.path.startswith(prefix + "/"):
            return None
        return Request(
            method=self.command,
            path=unquote(parts.path.removeprefix(prefix)),
            query=parts.query,
            parameters=dict(parse_qsl(parts.query)),
            authorization=self.headers.get("Authorization"),
            body=content,
            caller=self.client_address[0],
        )
