"""New nodes on their way into the plan, rendered while the next records are read and compared.

Rendering is most of the work of a first load: each ticket's mails become Markdown. Python computes in one thread at a
time, so processes of their own do it as soon as there is much of it. The lines come into the plan in the order in
which they were asked for.
"""

import logging
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from queue import SimpleQueue

import msgspec

from knowledgetree.basics.batches import in_batches
from knowledgetree.basics.time_limits import TimeLimitedChild, TimeLimitExceeded, serve_bytes
from syncing.compare.changes import Match, creation, file_of
from syncing.plan.files import PlanFiles

PROCESSES = 2
FROM_NODES = 1000  # what a plan has less of is rendered before a process has started
NODES_AT_ONCE = 1000
IN_WORK = 2 * PROCESSES  # so many times NODES_AT_ONCE: bounds the memory that waiting records need
_PATIENCE_SECONDS = 60.0  # they take a fraction of a second
Lines = list[tuple[str, bytes, int]]  # (file of the plan, its lines, their number)
_MATCHES = msgspec.msgpack.Decoder(list[Match])
_LINES = msgspec.msgpack.Decoder(Lines)
logger = logging.getLogger("syncing")


class Creations:
    """Collects the new nodes of a plan: ``add``, then ``finish``; ``close`` in any case."""

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
        """Wait for what is still being made; it is all in the files then."""
        self._write(down_to=0)

    def close(self) -> None:
        """End the threads and processes; what they were not asked to finish is dropped."""
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
        except (TimeLimitExceeded, OSError):  # it ended, or hangs, or the system has no room for it
            logger.warning("A process that renders does not answer; %s records are rendered here.", len(matches))
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


def _answer(question: bytes) -> bytes:
    return msgspec.msgpack.encode(rendered(_MATCHES.decode(question)))


if __name__ == "__main__":
    serve_bytes(_answer)
