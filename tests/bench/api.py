"""The API v1 and MCP: what a request costs beside one that does nothing, and many programs at the same time."""

import random
import statistics
import time
from collections.abc import Iterator

import requests

from tests.bench import mcp
from tests.bench.crowd import crowd
from tests.bench.program import Program
from tests.bench.table import Figure
from tests.bench.visitor import Visitor
from tests.throwaway_neo4j import Graph

CLIENTS = 50
PAUSE_SECONDS = 1.0  # see crowd.py
_A_TICKET = "MATCH (t:Ticket) WHERE t.requester_key IS NOT NULL RETURN t.id AS id ORDER BY t.id LIMIT 1"
_TICKETS = "/api/v1/tickets?state=open&priority=high&opened_at=2020-01-01&sort=-opened_at&limit=100"


def measure(visitor: Visitor, graph: Graph, token: str, checks: dict[str, float], seconds: float) -> Iterator[Figure]:
    """``token``: of a technician; ``checks``: what tokens.py prints; ``seconds``: how long the many come."""
    yield Figure("the check of a token of Core, cached", value=checks["core"], unit="ms", goal=0.3)
    yield Figure("  with the account from SQL", value=checks["core_with_account"], unit="ms")
    yield Figure("the check of an API token, from SQL", value=checks["api_token"], unit="ms")
    program = Program(visitor, token)
    ticket = graph.rows(_A_TICKET)[0]["id"]
    node = f"/api/v1/nodes/{ticket}"
    listed = program.cost(lambda: program.get(_TICKETS))
    yield Figure("API: 100 tickets with filters", listed, value=1000 * listed.wall, unit="ms", goal=100)
    yield from mcp.measure(program, ticket)
    walls, errors = _many(visitor.address + node, token, seconds)
    # Afterwards, when Neo4j has compiled what it is asked. The first passes all middleware and reaches no view.
    nothing, one = program.by_turns(lambda: program.get(f"{node}/move", 405), lambda: program.get(node))
    yield Figure("API: a request that does nothing", nothing)
    against = Figure.against("API: a node", one, nothing, "of one that does nothing")
    yield Figure(against.name, one, against.value, "×", against.of, goal=2, cpu_ratio=against.cpu_ratio)
    of = f"of one alone; {len(walls):,} requests"
    yield Figure(f"API: {CLIENTS} clients, errors", value=errors, unit="", of=f"in {seconds:g} s", goal=0)
    yield Figure("  median", value=statistics.median(walls) / one.wall, unit="×", of=of, goal=5)


def _many(url: str, token: str, seconds: float) -> tuple[list[float], int]:
    """The wall times of the requests of many clients, and how many failed."""
    end = time.perf_counter() + seconds

    def ask(session: requests.Session, _: random.Random) -> int:
        return session.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=60).status_code

    return crowd(CLIENTS, PAUSE_SECONDS, ask, lambda: time.perf_counter() >= end)
