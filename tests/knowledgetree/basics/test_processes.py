"""A process is told by its number and its start; one that waits for its parent to ask for its end is dead."""

import os
import subprocess
import sys

import psutil

from knowledgetree.basics.processes import living

NOBODY = 2**22 + 1  # above the highest process id that Linux gives


def test_a_process_lives_under_its_number_and_start() -> None:
    started_at = psutil.Process().create_time()
    for start in (None, started_at, started_at + 1):
        assert living(os.getpid(), start) == psutil.Process()
    assert living(os.getpid(), started_at - 60) is None
    assert living(NOBODY) is None


def test_what_has_ended_is_dead_before_its_parent_asks() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
    assert living(child.pid) is None
    child.wait()
