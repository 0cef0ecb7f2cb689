"""New nodes on their way into the plan, rendered in a thread of their own.

Rendering is most of the work of a first load: each ticket's mails become Markdown, in a library that lets other
threads run meanwhile, so that the next records are read and compared while these are made. The lines come into the
plan in the order in which they were asked for.
"""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby

import msgspec

from syncing.changes import Wanted, creation, file_of
from syncing.plan import PlanFiles
from syncing.plan_index import Entry, entry_of

GROUPS_IN_WORK = 2  # bounds the memory that waiting records need
Lines = list[tuple[str, bytes, list[Entry]]]  # (file of the plan, its lines, what its index keeps of each)


class Creations:
    """Collects the new nodes of a plan: ``add``, then ``finish``; ``close`` in any case."""

    def __init__(self, files: PlanFiles) -> None:
        self._files = files
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="render")
        self._pending: deque[Future[Lines]] = deque()

    def add(self, wanted: list[Wanted]) -> None:
        """Plan the creation of these nodes."""
        if wanted:
            self._pending.append(self._thread.submit(rendered, wanted))
        self._write(down_to=GROUPS_IN_WORK)

    def finish(self) -> None:
        """Wait for what is still being made; it is all in the files then."""
        self._write(down_to=0)

    def close(self) -> None:
        """End the thread; what it was not asked to finish is dropped."""
        self._thread.shutdown(cancel_futures=True)

    def _write(self, down_to: int) -> None:
        while len(self._pending) > down_to:
            for file, lines, entries in self._pending.popleft().result():
                self._files.add_lines(file, lines, entries)


def rendered(wanted: list[Wanted]) -> Lines:
    """The creations of these nodes as lines of the plan's files."""
    encode = msgspec.json.Encoder().encode
    changes = [creation(want) for want in wanted]
    result: Lines = []
    for file, group in groupby(changes, file_of):
        lines: list[bytes] = []
        entries: list[Entry] = []
        for change in group:
            line = encode(change) + b"\n"
            lines.append(line)
            entries.append(entry_of(change, len(line)))
        result.append((file, b"".join(lines), entries))
    return result
