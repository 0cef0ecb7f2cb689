"""What a piece of work costs: wall time, and the CPU time of the client and of Neo4j.

Wall times depend on what else the machine does; CPU times hardly do, so they are what two commits are compared by.
"""

import os
import resource
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter

import psutil

TURN = 20  # calls
NEO4J_PID = "KT_BENCH_NEO4J_PID"  # the environment variable that tells the parts of the bench which process it is


@dataclass(frozen=True)
class Cost:
    """Seconds: wall time, CPU time of the client (with its children) and of Neo4j."""

    wall: float
    client: float
    neo4j: float

    @property
    def cpu(self) -> float:
        """The CPU sum."""
        return self.client + self.neo4j

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.wall + other.wall, self.client + other.client, self.neo4j + other.neo4j)

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.wall - other.wall, self.client - other.client, self.neo4j - other.neo4j)


@dataclass(frozen=True)
class Meter:
    """``read`` before and after: the difference is what was spent in between. ``client``: its CPU seconds so far."""

    neo4j_pid: int
    client: Callable[[], float]

    def read(self) -> Cost:
        """What has been spent so far, since whenever."""
        return Cost(perf_counter(), self.client(), _cpu(psutil.Process(self.neo4j_pid)))

    def spent_in(self, work: Callable[[], object]) -> Cost:
        """What this work costs."""
        before = self.read()
        work()
        return self.read() - before

    def spent_each(self, ask: Callable[[int], object], times: int) -> Cost:
        """The wall time of the middle one of so many calls, and CPU times on average; each is told its number."""
        walls = []
        before = self.read()
        for number in range(times):
            started = perf_counter()
            ask(number)
            walls.append(perf_counter() - started)
        all_of_them = self.read() - before
        return Cost(statistics.median(walls), all_of_them.client / times, all_of_them.neo4j / times)

    def spent_by_turns(self, one: Callable[[int], object], other: Callable[[int], object], times: int) -> list[Cost]:
        """The same for two kinds of calls, which take turns, so that both meet what else happens on the machine.

        Returns their costs in this order. ``times``: of each, a multiple of TURN.
        """
        turns = [[self.spent_each(ask, TURN) for ask in (one, other)] for _ in range(times // TURN)]
        return [
            Cost(
                statistics.median(cost.wall for cost in costs),
                statistics.fmean(cost.client for cost in costs),
                statistics.fmean(cost.neo4j for cost in costs),
            )
            for costs in zip(*turns, strict=True)
        ]


def own_meter() -> Meter:
    """For a part of the bench that does the client's work itself, started by run.py."""
    return Meter(int(os.environ[NEO4J_PID]), lambda: _used_by(resource.RUSAGE_SELF) + commands())


def commands() -> float:
    """CPU seconds of the commands that this process has started and waited for, with their children."""
    return _used_by(resource.RUSAGE_CHILDREN)


def server(pid: int) -> float:
    """CPU seconds of a server that runs, with its workers and whatever these have started."""
    top = psutil.Process(pid)
    return sum(_cpu(one) for one in (top, *top.children(recursive=True)))


def median(costs: Iterable[Cost]) -> Cost:
    """The median of each of the three."""
    walls, clients, neo4js = zip(*((cost.wall, cost.client, cost.neo4j) for cost in costs), strict=True)
    return Cost(statistics.median(walls), statistics.median(clients), statistics.median(neo4js))


def _used_by(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _cpu(process: psutil.Process) -> float:
    """With children that have ended; psutil counts in hundredths of a second."""
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system
