"""A program that speaks MCP with Django's test client, in either of the two eras of the protocol."""

import itertools
import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from knowledgetree.accounts import api_tokens
from knowledgetree.basics.rights.scopes import ALL_SCOPES, Scope
from tests.people import person

HANDSHAKE, MODERN = "2025-11-25", "2026-07-28"
MODERN_META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


class Assistant:
    """Has a token of a new person of this role, with these scopes."""

    def __init__(
        self,
        role: str = "technician",
        scopes: frozenset[Scope] = ALL_SCOPES,
        era: str = HANDSHAKE,
        companies: tuple[str, ...] = (),
    ) -> None:
        self.person = person(role)
        self.row, self.token = api_tokens.make(self.person, "assistant", scopes, companies=companies)
        self.client = Client(headers={"Authorization": f"Bearer {self.token}"}, raise_request_exception=False)
        self.era = era
        self._number = itertools.count(1)

    def post(self, body: Any, **headers: str) -> HttpResponse:
        """Send this body, as JSON unless it is bytes."""
        sent = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": self.era, **headers}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post("/mcp", content, content_type="application/json", headers=sent)  # type: ignore[return-value]

    def ask(self, method: str, **params: Any) -> Any:
        """The result of a request; of one that is refused by the protocol, the error."""
        headers = {}
        if self.era == MODERN:
            params["_meta"] = MODERN_META
            headers["Mcp-Method"] = method
            if named := params.get("name") or params.get("uri"):
                headers["Mcp-Name"] = named
        answer = self.post({"jsonrpc": "2.0", "id": next(self._number), "method": method, "params": params}, **headers)
        told = json.loads(answer.content)
        return told.get("result", told.get("error", told))

    def call(self, tool: str, **arguments: Any) -> Any:
        """The structured result of a tool."""
        result = self.ask("tools/call", name=tool, arguments=arguments)
        assert not result.get("isError"), result
        return result["structuredContent"]

    def refused(self, tool: str, **arguments: Any) -> str:
        """The words in which a call is refused."""
        result = self.ask("tools/call", name=tool, arguments=arguments)
        assert result.get("isError"), result
        return str(result["content"][0]["text"])
