"""``POST /mcp`` as HTTP: who is let in, from where, with what; and what is no message of the protocol."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from knowledgetree.basics.rights.scopes import Scope
from tests.tree.mcp.assistant import HANDSHAKE, Assistant
from tree.mcp.view import MOST_BYTES

pytestmark = pytest.mark.django_db
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ROOT = Path(__file__).parents[3]


def test_who_has_no_good_token_is_told_how_to_get_in() -> None:
    for headers in (
        {},
        {"Authorization": "Bearer kt_wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic x"},
    ):
        answer: Any = Client(headers=headers).post("/mcp", PING, content_type="application/json")
        assert answer.status_code == 401, headers
        described = 'resource_metadata="http://testserver/.well-known/oauth-protected-resource/mcp"'
        fault = 'error="invalid_token", ' if headers else ""
        assert answer.headers["WWW-Authenticate"] == f"Bearer {fault}{described}"
    told = Client().get("/.well-known/oauth-protected-resource/mcp").json()
    assert (told["resource"], told["bearer_methods_supported"]) == ("http://testserver/mcp", ["header"])


def test_a_cookie_is_no_token(technician: Client) -> None:
    technician.enforce_csrf_checks = True  # type: ignore[attr-defined]
    assert technician.post("/mcp", PING, content_type="application/json").status_code == 401


def test_a_token_without_the_scope_for_reading_gets_nothing() -> None:
    answer = Assistant("technician", frozenset({Scope.SYNC})).post(PING)
    assert (answer.status_code, json.loads(answer.content)["title"]) == (403, "Forbidden")


def test_one_method_alone() -> None:
    assistant = Assistant()
    for method in ("get", "delete", "put", "patch"):
        answer = getattr(assistant.client, method)("/mcp")
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST"), method


def test_hosts_and_origins_of_others_are_refused() -> None:
    assistant = Assistant()
    assert assistant.post(PING).status_code == 200
    assert assistant.post(PING, Origin="http://testserver").status_code == 200
    assert assistant.post(PING, Host="evil.example").status_code == 400
    for origin in ("http://evil.example", "null", "http://testserver.evil.example", "http://testserver:81"):
        assert assistant.post(PING, Origin=origin).status_code == 403, origin


def test_a_message_has_a_limit() -> None:
    assistant = Assistant()
    large = json.dumps(PING | {"params": {"x": "y" * MOST_BYTES}}).encode()
    answer = assistant.post(large)
    assert (answer.status_code, json.loads(answer.content)["status"]) == (413, 413)
    assert assistant.post(json.dumps(PING).encode().ljust(MOST_BYTES)).status_code == 200


_JUNK: tuple[tuple[Any, int], ...] = (
    (b"{", 400),
    (b"\xff\xfe", 400),
    (b"[" * 100_000, 400),
    (b"null", 400),
    (b'"text"', 400),
    (b"[]", 400),
    ([PING, PING], 400),
    ({}, 400),
    ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, 400),
    ({"jsonrpc": "2.0", "id": 1, "method": 7}, 400),
    ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": []}, 400),
)


def test_junk_is_refused_as_what_it_is() -> None:
    assistant = Assistant()
    for body, status in _JUNK:
        answer = assistant.post(body)
        assert answer.status_code == status, (body, answer.content)
        assert json.loads(answer.content)["error"]["code"] < 0, body
    assert assistant.post(PING, **{"MCP-Protocol-Version": "1999-01-01"}).status_code == 400
    assert assistant.post(PING, Accept="text/html").status_code == 406
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""):
        form: Any = assistant.client.post("/mcp", "a=b", content_type=kind)
        assert form.status_code == 415, kind
    assert assistant.ask("no/such/method")["code"] == -32601
    assert assistant.ask("tools/call", name="search", arguments="vpn")["code"] == -32602
    for name in ("no_such_prompt", "triage_ticket"):
        assert assistant.ask("prompts/get", name=name)["code"] == -32602
    assert assistant.post({"jsonrpc": "2.0", "method": "notifications/initialized"}).status_code == 202


def test_the_list_of_tools_is_the_one_that_clients_know() -> None:
    """A change of it is one for all clients: change ``tools.json`` on purpose only, with what this test shows."""
    tools = Assistant(era=HANDSHAKE).ask("tools/list")["tools"]
    assert tools == json.loads((Path(__file__).parent / "tools.json").read_text())
    for tool in tools:
        hints = tool["annotations"]
        assert set(hints) == {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}, tool["name"]
        assert tool["outputSchema"]["type"] == "object", tool["name"]


def test_nobody_else_pays_for_the_sdk() -> None:
    """Neither commands nor pages import it, nor what it needs, nor what checks tokens of others."""
    script = (
        "import sys, django; django.setup()\n"
        "from django.core.management import call_command; call_command('check', verbosity=0)\n"
        "from django.urls import resolve; resolve('/node/root/'); resolve('/mcp')\n"
        "import tree.management.commands.mcp, tree.pages.browse\n"
        "heavy = {'mcp', 'mcp_types', 'starlette', 'uvicorn', 'httpx2', 'anyio', 'cryptography', 'jwt'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
