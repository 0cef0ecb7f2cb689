"""A program with an API token, as the bench measures what it asks."""

from collections.abc import Callable
from typing import Any

import requests

from tests.bench.cost import Cost
from tests.bench.visitor import Visitor

REQUESTS = 200
WARM_UP = 150  # requests of each sort, until Neo4j and the server have compiled what they need
_MCP = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-11-25"}


class Program:
    """Asks the server of this visitor. A response that it does not expect ends the bench."""

    def __init__(self, visitor: Visitor, token: str) -> None:
        self._visitor = visitor
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, status: int = 200) -> None:
        self._asked(self._session.get(self._visitor.address + path, timeout=60), status)

    def call(self, tool: str, **arguments: Any) -> None:
        """Call a tool by MCP."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        answer = self._session.post(f"{self._visitor.address}/mcp", json=asked, headers=_MCP, timeout=60)
        self._asked(answer, 200)
        if answer.json().get("result", {}).get("isError", True):
            raise SystemExit(f"{tool} answers: {answer.text[:300]}")

    def cost(self, ask: Callable[[], None]) -> Cost:
        for _ in range(WARM_UP):
            ask()
        return self._visitor.cost(lambda _: ask(), REQUESTS)

    def by_turns(self, one: Callable[[], None], other: Callable[[], None]) -> list[Cost]:
        """What each of the two costs."""
        for _ in range(WARM_UP):
            one()
            other()
        return self._visitor.meter.spent_by_turns(lambda _: one(), lambda _: other(), REQUESTS)

    def _asked(self, answer: requests.Response, status: int) -> None:
        if answer.status_code != status:
            raise SystemExit(f"{answer.url} answers {answer.status_code}: {answer.text[:300]}")
