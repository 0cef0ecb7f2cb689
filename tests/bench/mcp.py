"""What MCP adds to the requests of the API v1 that do the same."""

from collections.abc import Callable, Iterator

from tests.bench.program import Program
from tests.bench.table import Figure

_GOAL_MS = 3
_BUDGET = 5_000  # tokens


def measure(program: Program, node: str) -> Iterator[Figure]:
    """``node``: the id of a ticket."""

    def added(name: str, tool: Callable[[], None], request: Callable[[], None]) -> Figure:
        by_mcp, by_api = program.by_turns(tool, request)
        over = 1000 * (by_mcp.wall - by_api.wall)
        return Figure(f"MCP: {name}", by_mcp, value=over, unit="ms", of="over the API", goal=_GOAL_MS)

    yield added(
        "search",
        lambda: program.call("search", query="printer", limit=10),
        lambda: program.get("/api/v1/search?q=printer&limit=10"),
    )
    yield added(
        "context",
        lambda: program.call("context", id=node, budget=_BUDGET),
        lambda: program.get(f"/api/v1/nodes/{node}/context?budget={_BUDGET}"),
    )
