"""A program with an API token, as the bench measures what it asks."""

import time
from collections.abc import Callable
from typing import Any

import requests

from tests.bench.cost import Cost
from tests.bench.visitor import Visitor

REQUESTS = 200
WARM_UP_SECONDS = 10  # for each sort of requests: Neo4j compiles what is asked thousands of times, as it is all day
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
        _warm_up(ask)
        return self._visitor.cost(lambda _: ask(), REQUESTS)

    def by_turns(self, one: Callable[[], None], other: Callable[[], None]) -> list[Cost]:
        """What each of the two costs."""
        _warm_up(one, other)
        return self._visitor.meter.spent_by_turns(lambda _: one(), lambda _: other(), REQUESTS)

    def _asked(self, answer: requests.Response, status: int) -> None:
        if answer.status_code != status:
            raise SystemExit(f"{answer.url} answers {answer.status_code}: {answer.text[:300]}")


def _warm_up(*asks: Callable[[], None]) -> None:
    end = time.perf_counter() + WARM_UP_SECONDS * len(asks)
    while time.perf_counter() < end:
        for ask in asks:
            ask()
