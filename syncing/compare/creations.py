"""Renders new nodes for the plan while the next records are read and compared.

Rendering is most of the work of a first load, because every e-mail of a ticket is converted to Markdown. Python runs
one thread at a time, so large plans are rendered in child processes. The lines are added to the plan in the order in
which they were requested.
"""

import gc
import logging
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from queue import SimpleQueue

import msgspec

from knowledgetree.basics.batches import in_batches
from knowledgetree.basics.time_limits import NoAnswer, TimeLimitedChild, serve_bytes
from syncing.compare.changes import Match, creation, file_of
from syncing.plan.plan_files import PlanFiles

PROCESSES = 2
FROM_NODES = 1000  # fewer nodes are rendered before a child process could start
NODES_AT_ONCE = 1000
IN_WORK = 2 * PROCESSES  # batches of NODES_AT_ONCE; limits the memory that waiting records need
_PATIENCE_SECONDS = 60.0  # a batch takes a fraction of a second
Lines = list[tuple[str, bytes, int]]  # (file of the plan, its lines, their number)
_MATCHES = msgspec.msgpack.Decoder(list[Match])
_LINES = msgspec.msgpack.Decoder(Lines)
logger = logging.getLogger("syncing")


class Creations:
    """Collects the new nodes of a plan. Call ``add``, then ``finish``, and always ``close``."""

    def __init__(self, files: PlanFiles) -> None:
        self._files = files
        self._threads = ThreadPoolExecutor(PROCESSES, thread_name_prefix="render")
        self._pending: deque[Future[Lines]] = deque()
        self._children = [TimeLimitedChild("syncing.compare.creations", _PATIENCE_SECONDS) for _ in range(PROCESSES)]
        self._idle: SimpleQueue[TimeLimitedChild] = SimpleQueue()
        for child in self._children:
            self._idle.put(child)
        self._nodes = 0

    def add(self, matches: list[Match]) -> None:
        """Plan the creation of these nodes."""
        for some in in_batches(matches, NODES_AT_ONCE):
            self._nodes += len(some)
            render = rendered if self._nodes < FROM_NODES else self._rendered_by_a_child
            self._pending.append(self._threads.submit(render, some))
            self._write(down_to=IN_WORK)

    def finish(self) -> None:
        """Wait until all new nodes are rendered and in the plan's files."""
        self._write(down_to=0)

    def close(self) -> None:
        """Stop the threads and processes; unfinished nodes are dropped."""
        self._threads.shutdown(cancel_futures=True)
        for child in self._children:
            child.stop()

    def _write(self, down_to: int) -> None:
        while len(self._pending) > down_to:
            for file, lines, number in self._pending.popleft().result():
                self._files.add_lines(file, lines, number)

    def _rendered_by_a_child(self, matches: list[Match]) -> Lines:
        child = self._idle.get()
        try:
            return _LINES.decode(child.exchange(msgspec.msgpack.encode(matches)))
        except (NoAnswer, OSError):  # it ended, hangs, or could not be started
            logger.warning("A rendering process does not respond; %s records are rendered here.", len(matches))
            return rendered(matches)
        finally:
            self._idle.put(child)


def rendered(matches: list[Match]) -> Lines:
    """The creations of these nodes as lines of the plan's files."""
    encode = msgspec.json.Encoder().encode
    result: Lines = []
    for file, changes in groupby(map(creation, matches), file_of):
        lines = [encode(change) + b"\n" for change in changes]
        result.append((file, b"".join(lines), len(lines)))
    return result


def _serve(request: bytes) -> bytes:
    return msgspec.msgpack.encode(rendered(_MATCHES.decode(request)))


if __name__ == "__main__":
    gc.disable()  # rendering leaves no cycles behind; looking for them took a twentieth of the work
    serve_bytes(_serve)
