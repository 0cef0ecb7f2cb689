"""The page of a large plan, and what a first sync pays for storing it, for progress and for people who watch."""

import statistics
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

from tests.bench.cost import Meter, commands, median
from tests.bench.table import Figure
from tests.bench.visitor import Visitor

WATCHERS = 20
WATCH_SECONDS = 2.0  # as the pages ask
_VIEWS = {
    "first view": "",
    "one kind": "?kind=User",
    "one action and a company": "?action=create&company={}",
    "a search": "?q=printer",
    "a search for a rare word": "?q=zzyzx",
    "the last page": "?page=99999",
}


def measure_page(visitor: Visitor, run: int, account: str) -> Iterator[Figure]:
    """A figure for each view of the plan of this run."""
    for name, query in _VIEWS.items():
        path = f"/sync/runs/{run}/{query.format(account)}"
        cost = visitor.cost(lambda _, path=path: visitor.get(path), 20)  # type: ignore[misc]
        yield Figure(f"a large plan: {name}", cost, value=1000 * cost.wall, unit="ms", goal=200)

    def first_line(_: int) -> None:
        url = f"{visitor.address}/sync/runs/{run}/plan.csv"
        with visitor.session.get(url, stream=True, timeout=60) as answer:
            next(answer.iter_lines())

    yield Figure("a large plan: first line of its CSV", visitor.cost(first_line, 20))


@contextmanager
def watched(visitor: Visitor, run: Callable[[], int]) -> Iterator[list[int]]:
    """So many people look at the progress of the newest run, each as a page does; gives the number of answers."""
    stop, answers = threading.Event(), [0]
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.session.cookies.items())

    def watch(offset: float) -> None:
        stop.wait(offset)
        while not stop.wait(WATCH_SECONDS):
            connection = HTTPConnection(urlsplit(visitor.address).netloc, timeout=60)  # costs us next to nothing
            connection.request("GET", f"/sync/runs/{run()}/progress/", headers={"Cookie": cookies})
            connection.getresponse().read()
            connection.close()
            answers[0] += 1

    threads = [threading.Thread(target=watch, args=(WATCH_SECONDS * n / WATCHERS,)) for n in range(WATCHERS)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def watching(
    server: Meter, prepare: Callable[[], None], plain: Callable[[], None], watched: Callable[[], None], rounds: int
) -> Figure:
    """A first sync that is watched, and the middle one of the ratios to one that is not.

    Each pair is measured one after the other, each after ``prepare``. The client's CPU time is that of the command and
    of the server that the people ask.
    """
    meter = Meter(server.neo4j_pid, lambda: server.client() + commands())
    pairs = []
    for _ in range(rounds):
        costs = []
        for contender in (plain, watched):
            prepare()
            costs.append(meter.spent_in(contender))
        pairs.append(costs)
    return Figure(
        f"sync_codex that {WATCHERS} people watch",
        median(other for _, other in pairs),
        value=statistics.median(other.wall / alone.wall for alone, other in pairs),
        unit="×",
        of="one that nobody watches",
        goal=1.05,
        cpu_ratio=statistics.median(other.cpu / alone.cpu for alone, other in pairs),
    )
