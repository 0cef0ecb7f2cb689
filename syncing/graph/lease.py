"""Lets one run at a time write, across all hosts, with a lease in the graph and a fencing token.

    (:SyncLease {name: "sync", fence, run, host, pid, expires_at})   the holder, which may sync
    (:SyncLease {name: "writer-0" | "writer-1", fence})              checked in every write transaction

A write transaction first locks its own writer node and reads the fence there. Taking and releasing the lease change
both writer nodes, so they wait for open transactions. A holder that wakes up after losing the lease, or an abandoned
thread, finds another fence and writes nothing. All times are the database's own, so the clocks of hosts do not matter.
"""

import os
import socket
from dataclasses import dataclass
from typing import Any

import psutil
from neo4j import ManagedTransaction

from knowledgetree.basics.processes import living
from syncing.exceptions import LeaseLost, SyncAlreadyRunning
from tree.graph.connection import read, write

LEASE_SECONDS = 60
RENEW_SECONDS = 15
WRITERS = ("writer-0", "writer-1")

_TAKE = """
MERGE (lease:SyncLease {name: 'sync'})
SET lease.fence = coalesce(lease.fence, 0)
WITH lease
WHERE lease.run IS NULL OR lease.expires_at < timestamp() OR lease.fence = $dead
SET lease.fence = lease.fence + 1, lease.run = $run, lease.host = $host, lease.pid = $pid,
    lease.pid_started = $pid_started, lease.expires_at = timestamp() + $milliseconds
WITH lease
UNWIND $writers AS name
MERGE (writer:SyncLease {name: name})
SET writer.fence = lease.fence
RETURN DISTINCT lease.fence AS fence
"""
_HOLDER = """
MATCH (lease:SyncLease {name: 'sync'}) WHERE lease.run IS NOT NULL
RETURN lease.run AS run, lease.host AS host, lease.pid AS pid, lease.pid_started AS pid_started,
       lease.fence AS fence, lease.expires_at < timestamp() AS expired
"""
_RENEW = """
MATCH (lease:SyncLease {name: 'sync'})
SET lease.touched = timestamp()
WITH lease WHERE lease.fence = $fence AND lease.run = $run
SET lease.expires_at = timestamp() + $milliseconds
RETURN count(lease) AS held
"""
_RELEASE = """
MATCH (lease:SyncLease {name: 'sync'})
SET lease.touched = timestamp()
WITH lease WHERE lease.fence = $fence AND lease.run = $run
REMOVE lease.run, lease.host, lease.pid, lease.pid_started, lease.expires_at
WITH lease
MATCH (writer:SyncLease) WHERE writer.name IN $writers AND writer.fence = $fence
REMOVE writer.fence
"""
_CHECK = """
MATCH (writer:SyncLease {name: $writer})
SET writer.touched = timestamp()
WITH writer WHERE writer.fence = $fence
RETURN count(writer) AS held
"""


@dataclass(frozen=True)
class Lease:
    """The right to write, which expires unless it is renewed."""

    run: int
    fence: int

    def renew(self) -> None:
        """Extend the lease by LEASE_SECONDS. Raises LeaseLost."""
        if not write(lambda transaction: self._counted(transaction, _RENEW)):
            raise self._lost()

    def release(self) -> None:
        """Release the lease after open write transactions; does nothing if the lease was already lost."""
        mine: dict[str, Any] = {"fence": self.fence, "run": self.run, "writers": list(WRITERS)}
        write(lambda transaction: transaction.run(_RELEASE, mine).consume())

    def check(self, transaction: ManagedTransaction, writer: str) -> None:
        """Check the lease as the first statement of every write transaction. Raises LeaseLost, which rolls it back."""
        row = transaction.run(_CHECK, writer=writer, fence=self.fence).single()
        if row is None or not row["held"]:
            raise self._lost()

    def _lost(self) -> LeaseLost:
        return LeaseLost(
            f"Run {self.run} has lost its lease to another run; nothing more was written. "
            "Start it again when that one has ended."
        )

    def _counted(self, transaction: ManagedTransaction, cypher: str) -> int:
        row = transaction.run(cypher, fence=self.fence, run=self.run, milliseconds=LEASE_SECONDS * 1000).single()
        return int(row["held"]) if row else 0


def take(run: int) -> Lease:
    """Take the lease for this run. Raises SyncAlreadyRunning, which names the run that has it."""
    holder = current_holder()
    dead = holder["fence"] if holder and _is_dead(holder) else -1
    me = psutil.Process()

    def work(transaction: ManagedTransaction) -> int | None:
        row = transaction.run(
            _TAKE,
            dead=dead,
            run=run,
            host=socket.gethostname(),
            pid=me.pid,
            pid_started=me.create_time(),
            milliseconds=LEASE_SECONDS * 1000,
            writers=list(WRITERS),
        ).single()
        return int(row["fence"]) if row else None

    fence = write(work)
    if fence is None:
        holder = current_holder()
        whose = f"Run {holder['run']} on {holder['host']}" if holder else "Another run"
        raise SyncAlreadyRunning(whose)
    return Lease(run, fence)


def release_of(run: int) -> None:
    """Release the lease if this run in our own process holds it."""
    holder = current_holder()
    mine = (run, socket.gethostname(), os.getpid())
    if holder is not None and (holder["run"], holder["host"], holder["pid"]) == mine:
        Lease(run, int(holder["fence"])).release()


def current_holder() -> dict[str, int | str | float | bool] | None:
    """The holder of the lease as run, host, pid, fence and expired; None if the lease is free."""
    rows = read(_HOLDER)
    return rows[0] if rows else None


def _is_dead(holder: dict[str, int | str | float | bool]) -> bool:
    """Whether the holder's process has died. Known only for this host; elsewhere the lease must expire."""
    if holder["host"] != socket.gethostname():
        return False
    pid = int(holder["pid"])
    return pid != os.getpid() and living(pid, float(holder["pid_started"])) is None
