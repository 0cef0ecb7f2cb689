"""Whether a process that somebody noted is still there; its number alone may be another's by now."""

import psutil

CLOCK_SECONDS = 2  # start times are counted from boot, and the clock may have been set since


def living(pid: int, started_at: float | None = None) -> psutil.Process | None:
    """The process of this id, if it has not ended and began at ``started_at`` (seconds since 1970; None: whenever)."""
    try:
        process = psutil.Process(pid)
        is_another = started_at is not None and abs(process.create_time() - started_at) >= CLOCK_SECONDS
        return process if not is_another and lives(process) else None
    except psutil.NoSuchProcess:
        return None


def lives(process: psutil.Process) -> bool:
    """A process that has ended but whose parent has not asked for its exit code is dead."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
