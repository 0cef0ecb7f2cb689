"""The record on disk of the programs that ``manage.py run`` has started, for clean-up after it was killed."""

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from knowledgetree.basics.processes import CLOCK_SECONDS, lives, living

KILL_SECONDS = 10


class AlreadyRunning(Exception):
    """Another ``manage.py run`` of this installation is running."""


@dataclass(frozen=True)
class RunRecord:
    """The record. ``file`` contains the supervisor's process id and start time, and the session id of each program."""

    file: Path

    def open(self) -> list[str]:
        """Kill the programs that an earlier run left behind and start a new record. Returns their names.

        Raises AlreadyRunning if the run that wrote the record is still running.
        """
        left_behind = self._clear_up()
        self._write({})
        return left_behind

    def add(self, name: str, session: int) -> None:
        """Record a program. ``session`` is the process id of its session leader."""
        _, _, programs = self._read()
        self._write({**programs, name: session})

    def clear(self) -> None:
        """Delete the record, after all programs were stopped."""
        self.file.unlink(missing_ok=True)

    def _clear_up(self) -> list[str]:
        try:
            pid, started_at, programs = self._read()
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return []
        if living(pid, started_at):
            raise AlreadyRunning(f"KnowledgeTree runs already (process {pid}). Stop it with Ctrl-C where it runs.")
        return [name for name, session in programs.items() if kill_session(session, started_at)]

    def _read(self) -> tuple[int, float, dict[str, int]]:
        record = json.loads(self.file.read_text(encoding="utf-8"))
        return record["pid"], record["started_at"], record["programs"]

    def _write(self, programs: dict[str, int]) -> None:
        record = {"pid": os.getpid(), "started_at": psutil.Process().create_time(), "programs": programs}
        self.file.write_text(json.dumps(record), encoding="utf-8")


def kill_session(session: int, not_before: float = 0.0) -> bool:
    """Kill all processes of a session that started at ``not_before`` (Unix time) or later, and wait for their end.

    Returns whether there was any.
    """
    members = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.create_time() > not_before - CLOCK_SECONDS:
                members.append(process)
        except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            pass  # it ended meanwhile or belongs to another user
    living = [process for process in members if lives(process)]
    for process in living:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    give_up_at = time.monotonic() + KILL_SECONDS
    while any(lives(process) for process in living) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return bool(living)
