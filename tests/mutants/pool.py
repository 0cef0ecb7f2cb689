"""Several copies of the tree, so that several breaks can be tried at the same time."""

import queue
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from tests.mutants.copies import Copy, Outcome, ready_copy

Subject = TypeVar("Subject")


class Pool:
    """Hands out its copies one by one; who needs one waits until one is free."""

    def __init__(self, copies: Sequence[Copy]) -> None:
        self._copies = copies
        self._free: queue.Queue[Copy] = queue.Queue()
        for copy in copies:
            self._free.put(copy)

    def __len__(self) -> int:
        return len(self._copies)

    def each(
        self, subjects: Sequence[Subject], work: Callable[[Copy, Subject], Outcome]
    ) -> Iterator[tuple[Subject, "Future[Outcome]"]]:
        """Do this work for each of the subjects; yields them as they are done."""
        with ThreadPoolExecutor(len(self)) as threads:
            futures = {threads.submit(self._with_a_copy, work, subject): subject for subject in subjects}
            try:
                for done in as_completed(futures):
                    yield futures[done], done
            finally:  # when all is done this does nothing
                threads.shutdown(wait=False, cancel_futures=True)
                for copy in self._copies:
                    copy.stop()

    def _with_a_copy(self, work: Callable[[Copy, Subject], Outcome], subject: Subject) -> Outcome:
        copy = self._free.get()
        try:
            return work(copy, subject)
        finally:
            self._free.put(copy)


@contextmanager
def ready_pool(size: int) -> Iterator[Pool]:
    """That many copies, each with a Neo4j. All is removed afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="knowledgetree-mutants-")))
        with ThreadPoolExecutor(size) as starting:
            copies = starting.map(stack.enter_context, [ready_copy(folder / str(place)) for place in range(size)])
        yield Pool(list(copies))
