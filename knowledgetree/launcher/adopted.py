"""A program that another process has started, watched by this one like its own."""

import time
from contextlib import suppress

import psutil

from knowledgetree.basics.processes import lives

UNKNOWN_CODE = 1000  # only the parent of a program learns its exit code
POLL_SECONDS = 0.1


class Adopted:
    """The part of ``subprocess.Popen`` that the supervisor uses. Its output goes where it always went."""

    stdout = None

    def __init__(self, process: psutil.Process) -> None:
        self.pid = process.pid
        self._process = process

    def poll(self) -> int | None:
        return None if lives(self._process) else UNKNOWN_CODE

    def terminate(self) -> None:
        with suppress(psutil.NoSuchProcess):
            self._process.terminate()

    def kill(self) -> None:
        with suppress(psutil.NoSuchProcess):
            self._process.kill()

    def wait(self) -> int:
        """Wait for its end, not for its parent to notice that."""
        while self.poll() is None:
            time.sleep(POLL_SECONDS)
        return UNKNOWN_CODE
