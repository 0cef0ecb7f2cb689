"""Real public clients of both eras, against a live server and on standard input and output."""

import asyncio
import http.client
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from pytest_django.live_server_helper import LiveServer

from tests.services.assistants import assistants, run_node
from tests.syncing.processes import database_url
from tests.tree.factory import Acme
from tests.tree.mcp.assistant import MODERN, Assistant

pytestmark = pytest.mark.django_db(transaction=True)
TOOLS = ["search", "fetch", "tree", "context", "propose_note", "whoami"]
ROOT = Path(__file__).parents[3]
SCENARIOS = ("server-initialize", "ping", "tools-list", "resources-list", "dns-rebinding-protection")


def test_clients_of_both_eras(acme: Acme, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assistant = Assistant()
    url = f"{live_server.url}/mcp"
    asyncio.run(_modern_client(url, assistant.token, acme))
    monkeypatch.setenv("KT_TOKEN", assistant.token)
    done = run_node("handshake.mjs", url)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["server"], told["tools"], told["titles"]) == ("knowledgetree", TOOLS, ["#40007 VPN is down"])
    assert told["wrong"] == [True, "limit: It must be at most 50."]
    assert "reticulating" in told["text"]
    assert "VPN is down" in told["prompt"]
    with _with_token(url, assistant.token) as proxied:
        for scenario in SCENARIOS:
            done = run_node(*_conformance(), "server", "--url", proxied, "--scenario", scenario)
            assert done.returncode == 0, (scenario, done.stdout, done.stderr)


async def _modern_client(url: str, token: str, acme: Acme) -> None:
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http_client,
        Client(streamable_http_client(url, http_client=http_client)) as client,
    ):
        await _uses_everything(client, acme)


async def _uses_everything(client: Client, acme: Acme) -> None:
    assert client.protocol_version == MODERN
    assert [tool.name for tool in (await client.list_tools()).tools] == TOOLS
    calls: dict[str, dict[str, Any]] = {
        "search": {"query": "vpn"},
        "fetch": {"id": "#40007"},
        "tree": {"id": acme.company},
        "context": {"id": acme.open},
        "whoami": {},
        "propose_note": {
            "id": acme.company, "name": "VPN", "text": "x", "reason": "x", "assistant": "tests", "idempotency_key": "k",
        },
    }  # fmt: skip
    for name, arguments in calls.items():
        result = await client.call_tool(name, arguments)
        assert not result.is_error, (name, result)
        assert result.structured_content, name
    wrong = await client.call_tool("fetch", {"id": "nothing"})
    assert wrong.is_error
    read = await client.read_resource(f"kt://node/{acme.open}")
    assert "reticulating" in read.contents[0].text  # type: ignore[union-attr]


def test_standard_input_and_output(acme: Acme, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{Assistant().token}\n")
    server = StdioServerParameters(
        command=sys.executable,
        args=["manage.py", "mcp", "--token-file", str(file)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url()},
    )
    asyncio.run(_on_standard_streams(server, acme))


async def _on_standard_streams(server: StdioServerParameters, acme: Acme) -> None:
    async with Client(server) as client:
        await _uses_everything(client, acme)


def _conformance() -> tuple[Path]:
    return (assistants() / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js",)


@contextmanager
def _with_token(url: str, token: str) -> Iterator[str]:
    """The address of a server that adds the token to requests, for programs that cannot send one."""
    target = urlsplit(url)

    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            connection = http.client.HTTPConnection(target.netloc)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {**dict(self.headers.items()), "Authorization": f"Bearer {token}", "Connection": "close"}
            connection.request(self.command, target.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name in ("Content-Type", "Allow"):
                if value := answer.headers.get(name):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        do_POST = do_GET = do_DELETE = _pass_on  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{target.path}"
        server.shutdown()
