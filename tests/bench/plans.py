"""The page of a large plan, and what a first sync pays for storing it, for progress and for people who watch."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

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


def measure_page(visitor: Visitor, run: int, rows: int, account: str) -> Iterator[str]:
    """A line for each view of the plan of this run."""
    for name, query in _VIEWS.items():
        path = f"/sync/runs/{run}/{query.format(account)}"
        milliseconds = visitor.median(lambda _, path=path: visitor.get(path), 20)  # type: ignore[misc]
        yield f"a plan of {rows:,} rows, {name}: {milliseconds:.0f} ms (goal ≤ 200)"

    def first_line(_: int) -> None:
        url = f"{visitor.address}/sync/runs/{run}/plan.csv"
        with visitor.session.get(url, stream=True, timeout=60) as answer:
            next(answer.iter_lines())

    yield f"a plan of {rows:,} rows, first line of its CSV: {visitor.median(first_line, 20):.0f} ms"


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


def paired(prepare: Callable[[], None], plain: Callable[[], None], other: Callable[[], None], rounds: int) -> float:
    """The middle one of the ratios other : plain, each pair measured one after the other, each after ``prepare``."""
    ratios = []
    for _ in range(rounds):
        times = []
        for contender in (plain, other):
            prepare()
            started = time.perf_counter()
            contender()
            times.append(time.perf_counter() - started)
        ratios.append(times[1] / times[0])
    return statistics.median(ratios)
