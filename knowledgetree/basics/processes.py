"""Checks whether a recorded process is still running, by its start time too, because process ids are reused."""

import psutil

CLOCK_SECONDS = 2  # tolerance: start times are relative to boot, and the clock may have been set since


def living(pid: int, started_at: float | None = None) -> psutil.Process | None:
    """The running process with this id, or None. If given, ``started_at`` (Unix time) must be its start time."""
    try:
        process = psutil.Process(pid)
        is_another = started_at is not None and abs(process.create_time() - started_at) >= CLOCK_SECONDS
        return process if not is_another and lives(process) else None
    except psutil.NoSuchProcess:
        return None


def lives(process: psutil.Process) -> bool:
    """Whether the process is running. A zombie does not count as running."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
