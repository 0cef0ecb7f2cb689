"""Hands one request to the ASGI application of the SDK and returns its answer: no session, no stream, no thread kept.

Tools run in the thread of the request, with its connections: see ``calls.outside_loop``.
"""

import asyncio
from collections.abc import MutableMapping
from contextlib import closing
from typing import Any

from django.http import HttpRequest, HttpResponse
from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

_PATH = "/mcp"
_NO_STATUS = 500
# Django has checked the host, and the view the origin.
_CHECKED = TransportSecuritySettings(enable_dns_rebinding_protection=False)
_PASSED_ON = ("content-type", "mcp-session-id")  # of the headers of the answer


def answer(server: MCPServer[Any], request: HttpRequest) -> HttpResponse:
    """The server's answer to this POST."""
    with closing(asyncio.new_event_loop()) as loop:  # asyncio.run looks for work left over, of which there is none
        status, headers, body = loop.run_until_complete(_ask(server, _headers(request), request.body))
    response = HttpResponse(body, status=status)
    del response.headers["Content-Type"]
    for name, value in headers.items():
        if name in _PASSED_ON:
            response.headers[name.title()] = value
    return response


def _headers(request: HttpRequest) -> list[tuple[bytes, bytes]]:
    """The headers that MCP has a meaning for; the token is not among them."""
    names = ("accept", "content-type", "host", "user-agent")
    return [
        (name.lower().encode(), value.encode("latin-1", "replace"))
        for name, value in request.headers.items()
        if name.lower() in names or name.lower().startswith("mcp-")
    ]


async def _ask(
    server: MCPServer[Any], headers: list[tuple[bytes, bytes]], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    app = server.streamable_http_app(
        streamable_http_path=_PATH,
        json_response=True,
        stateless_http=True,
        transport_security=_CHECKED,
    )
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": _PATH, "raw_path": _PATH.encode(), "root_path": "", "query_string": b"", "headers": headers,
        "client": ("127.0.0.1", 0), "server": ("127.0.0.1", 0),
    }  # fmt: skip
    is_sent = False
    started: dict[str, Any] = {}
    parts: list[bytes] = []

    async def receive() -> MutableMapping[str, Any]:
        nonlocal is_sent
        if is_sent:
            await asyncio.Event().wait()  # the client stays until it has its answer
        is_sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    async with app.router.lifespan_context(app):
        await app(scope, receive, send)
    named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in started.get("headers", ())}
    return started.get("status", _NO_STATUS), named, b"".join(parts)
