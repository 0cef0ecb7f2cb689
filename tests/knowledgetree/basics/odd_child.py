"""A child for the tests of time limits: does what the question says."""

import os
import signal
import time
from pathlib import Path

from knowledgetree.basics.time_limits import serve


def _answer(question: str) -> str:
    what, _, rest = question.partition(" ")
    if what == "spin":
        while True:
            pass
    if what == "work":  # without an end of its own: until a file is there
        while not Path(rest).exists():
            pass
    if what == "wait":
        while not Path(rest).exists():
            time.sleep(0.01)
    if what == "die":
        os.kill(os.getpid(), getattr(signal, rest))
    if what == "die_once" and not Path(rest).exists():
        Path(rest).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "nice":
        return str(os.getpriority(os.PRIO_PROCESS, 0))
    return f"{question} by {os.getpid()}"


if __name__ == "__main__":
    serve(_answer)
