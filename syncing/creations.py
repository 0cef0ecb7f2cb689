"""New nodes on their way into the plan, with the help of a second process when they are many.

Rendering is most of the work of a first load: each ticket's mails become Markdown. It needs nothing but the records,
so half of it goes to another core. The lines come into the plan in the order in which they were asked for.
"""

import multiprocessing
import os
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import groupby

import msgspec

from syncing.changes import Wanted, creation, file_of
from syncing.plan import PlanFiles

WORTH_A_PROCESS = 500  # new nodes at a time; starting the process takes about as long as rendering 3,000
IN_THE_OTHER_PROCESS = 2
Lines = list[tuple[str, bytes, int]]  # (file of the plan, its lines, their number)


class Creations:
    """Collects the new nodes of a plan: ``add``, then ``finish``; ``close`` in any case."""

    def __init__(self, files: PlanFiles) -> None:
        self._files = files
        self._pool: ProcessPoolExecutor | None = None
        self._pending: deque[tuple[list[Wanted], Future[Lines] | None]] = deque()

    def add(self, wanted: list[Wanted]) -> None:
        """Plan the creation of these nodes."""
        busy = sum(1 for _, lines in self._pending if lines is not None and not lines.done())
        elsewhere = len(wanted) >= WORTH_A_PROCESS and busy < IN_THE_OTHER_PROCESS
        if not elsewhere and not self._pending:
            self._write(rendered(wanted))
            return
        self._pending.append((wanted, self._other_process().submit(rendered, wanted) if elsewhere else None))
        while self._pending and _is_ready(self._pending[0][1]):
            self._write_first()

    def finish(self) -> None:
        """Wait for what is still being made; it is all in the files then."""
        while self._pending:
            self._write_first()

    def close(self) -> None:
        """End the other process, if there is one."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _write_first(self) -> None:
        wanted, lines = self._pending.popleft()
        try:
            self._write(lines.result() if lines is not None else rendered(wanted))
        except BrokenProcessPool:  # it was killed: then here
            self._write(rendered(wanted))

    def _write(self, made: Lines) -> None:
        for file, lines, number in made:
            self._files.add_lines(file, lines, number)

    def _other_process(self) -> ProcessPoolExecutor:
        if self._pool is None:
            fresh = multiprocessing.get_context("spawn")  # a fork would copy our threads' locks
            self._pool = ProcessPoolExecutor(1, mp_context=fresh, initializer=_end_with_parent)
        return self._pool


def _is_ready(lines: "Future[Lines] | None") -> bool:
    return lines is None or lines.done()


def rendered(wanted: list[Wanted]) -> Lines:
    """The creations of these nodes as lines of the plan's files."""
    encode = msgspec.json.Encoder().encode
    changes = [creation(want) for want in wanted]
    result: Lines = []
    for file, group in groupby(changes, file_of):
        lines = [encode(change) for change in group]
        result.append((file, b"\n".join(lines) + b"\n", len(lines)))
    return result


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
