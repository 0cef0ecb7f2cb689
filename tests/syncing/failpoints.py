"""Moments at which a sync in a process of its own kills itself, as ``kill -9`` would: see ``child.py``."""

import os
import signal
from collections.abc import Callable
from typing import Any

from neo4j import ManagedTransaction

import tree.graph.connection
from syncing.graph import apply, lease, writing


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _and_die(work: Callable[..., Any]) -> Callable[..., None]:
    def dying(*arguments: Any) -> None:
        work(*arguments)
        _die()

    return dying


def _put(where: Any, name: str, dying: Callable[..., Any]) -> None:
    setattr(where, name, dying)


def _before_commit() -> None:
    """The next write of the lease dies with its transaction open."""
    write = tree.graph.connection.write

    def dying(work: Callable[[ManagedTransaction], Any]) -> Any:
        return write(_and_die(work))

    _put(lease, "write", dying)


def taken() -> None:
    _put(lease, "take", _and_die(lease.take))


def releasing() -> None:
    release = lease.Lease.release

    def dying(self: lease.Lease) -> None:
        _before_commit()
        release(self)

    _put(lease.Lease, "release", dying)


def released() -> None:
    _put(lease.Lease, "release", _and_die(lease.Lease.release))


def _around_archives(commit_first: bool) -> None:
    write = writing.write_changes
    has_archived: list[bool] = []

    def dying(transaction: ManagedTransaction, batch: list[Any], *more: Any) -> None:
        if has_archived:
            _die()
        write(transaction, batch, *more)
        if batch[0].action == "archive":
            has_archived.append(True)
            if not commit_first:
                _die()

    _put(apply, "write_changes", dying)


def archiving() -> None:
    _around_archives(commit_first=False)


def archived() -> None:
    _around_archives(commit_first=True)


SET = {
    "taking": _before_commit,
    "taken": taken,
    "archiving": archiving,
    "archived": archived,
    "releasing": releasing,
    "released": released,
}
