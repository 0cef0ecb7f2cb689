"""People at their browsers while syncs run: pages of records most of all, then searches, lists and the start page."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.bench.crowd import Ask, crowd
from tests.bench.table import Figure
from tests.bench.visitor import Visitor
from tests.throwaway_neo4j import Graph

PEOPLE = 30
WARM_UP_SECONDS = 10  # each process of the server compiles its templates when it first shows them
_SOME_RECORDS = """
MATCH (n:ContextItem) WHERE (n:Ticket OR n:User OR n:Asset OR n:Company) AND NOT n.is_attached
WITH n ORDER BY reverse(n.id) LIMIT 600 RETURN n.id AS id
"""
_SEARCHES = ("printer", "vpn", "laura", "mailbox")


def measure(visitor: Visitor, graph: Graph, sync: Callable[[], None]) -> Iterator[Figure]:
    """Figures for people who click once in three seconds, and for those who click once in a second."""
    ask = _asking(visitor, [row["id"] for row in graph.rows(_SOME_RECORDS)])
    end = time.perf_counter() + WARM_UP_SECONDS
    crowd(PEOPLE, 1, ask, lambda: time.perf_counter() >= end)
    for pause in (3, 1):
        walls, failed = _during(sync, ask, pause)
        of = f"{len(walls):,} requests of {PEOPLE} people"
        yield Figure(f"a click in {pause} s during syncs: errors", value=failed, of=of, goal=0)
        yield Figure("  median", value=1000 * statistics.median(walls), unit="ms")
        yield Figure("  95 % take less than", value=1000 * statistics.quantiles(walls, n=20)[-1], unit="ms", goal=800)


def _asking(visitor: Visitor, records: list[str]) -> Ask:
    cookies = visitor.session.cookies.get_dict()

    def ask(session: requests.Session, chance: random.Random) -> int:
        address = visitor.address + _some_page(chance, records)
        return session.get(address, cookies=cookies, headers={"Accept": "text/html"}, timeout=60).status_code

    return ask


def _during(sync: Callable[[], None], ask: Ask, pause: float) -> tuple[list[float], int]:
    """Raises what ``sync`` raises: figures beside syncs that failed would be too good."""
    with ThreadPoolExecutor(1) as pool:
        syncing = pool.submit(sync)
        found = crowd(PEOPLE, pause, ask, syncing.done)
        syncing.result()
    return found


def _some_page(chance: random.Random, records: list[str]) -> str:
    [what] = chance.choices(("record", "search", "list", "start"), (70, 15, 10, 5))
    if what == "record":
        return f"/node/{chance.choice(records)}/"
    if what == "search":
        return f"/search/?q={chance.choice(_SEARCHES)}"
    return "/list/tickets/?state=open&sort=opened_at" if what == "list" else "/"
