"""The supervisor: runs the programs of the Procfile side by side, prints their output, stops them together.

Honcho parses the Procfile and prints the output, but does not stop the programs, because it signals whole process
groups, all at once, and kills them after 5 s. Here

- SIGTERM goes to a program's first process only, because a django-q cluster in which all processes get it loses the
  job that it is working on;
- programs stop in steps, so that a job can finish while Codex and Neo4j are still running.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from honcho.colour import get_colours
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from knowledgetree.launcher.run_record import RunRecord, kill_session

GRACE_SECONDS = 30  # for a running job, which is killed afterwards; syncs are safe to kill
POLL_SECONDS = 0.1
ECHO_SECONDS = 0.5


class ProgramEnded(Exception):
    """A program ended unexpectedly."""


class StopRequested(Exception):
    """Ctrl-C or SIGTERM was received. ``signum`` is the signal."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


def read_procfile(path: Path) -> dict[str, str]:
    """The command lines by program name, in the order of the file."""
    return dict(parse_procfile(path.read_text(encoding="utf-8")).processes)


class Supervisor:
    """Starts, watches and stops programs. Use it from the main thread, because it installs signal handlers."""

    def __init__(self, record: RunRecord, output: IO[str] = sys.stdout) -> None:
        self.record = record
        self._printer = Printer(output, width=8)
        self._colours = get_colours()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._readers: list[threading.Thread] = []
        self._signals: list[tuple[float, int]] = []
        self._stopping_since: float | None = None
        self._print_lock = threading.Lock()

    def take_signals(self) -> None:
        """Install signal handlers: from now on, ``check`` and ``wait`` raise StopRequested after a signal."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._note_signal)

    def start(self, name: str, command: str, env: Mapping[str, str], cwd: Path) -> None:
        """Start a command line of the Procfile in a session of its own, so that Ctrl-C does not reach it."""
        program = subprocess.Popen(  # noqa: S602 - the Procfile is ours, and wants its $PORT filled in
            f"exec {command}",
            shell=True,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.record.add(name, program.pid)
        self.watch(name, program)

    def watch(self, name: str, program: subprocess.Popen[bytes]) -> None:
        """Watch a program that is already running, and print its output if that is a pipe."""
        self._running[name] = program
        if program.stdout is not None:
            reader = threading.Thread(
                target=self._print_lines, args=(name, program.stdout, next(self._colours)), daemon=True
            )
            reader.start()
            self._readers.append(reader)

    def check(self) -> None:
        """Raises StopRequested after a signal, and ProgramEnded if a program has ended."""
        if self._signals:
            raise StopRequested(self._signals[0][1])
        for name, program in self._running.items():
            code = program.poll()
            if code is not None:
                raise ProgramEnded(f"{name} ended by itself ({_how_it_ended(code)}); its last lines are above.")

    def wait(self) -> None:
        """Watch until ``check`` raises."""
        while True:
            self.check()
            time.sleep(POLL_SECONDS)

    def run(self, command: Sequence[str], cwd: Path) -> int:
        """Run a command on our terminal while watching the programs. Returns its exit code.

        After a signal, the command is stopped and StopRequested is raised. It is stopped with SIGTERM, because jobs
        that a shell starts in the background ignore SIGINT, and so do their children.
        """
        step = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            while step.poll() is None:
                self.check()
                time.sleep(POLL_SECONDS)
        finally:
            if step.poll() is None:
                step.terminate()
                self._wait_or_kill([("the running command", step)])
        return step.returncode

    def stop(self, *steps: Sequence[str]) -> None:
        """Stop the named programs step by step, in this order. Another Ctrl-C kills them without waiting."""
        self._stopping_since = time.monotonic()
        for names in steps:
            stopping = [(name, self._running.pop(name)) for name in names if name in self._running]
            for _, program in stopping:
                if program.poll() is None:
                    program.terminate()
            self._wait_or_kill(stopping)
        for reader in self._readers:
            reader.join(timeout=1)
        self.record.clear()

    def say(self, text: str) -> None:
        """Print a line under our own name."""
        self._print("run", text.encode(), None)

    def _wait_or_kill(self, stopping: Sequence[tuple[str, subprocess.Popen[bytes]]]) -> None:
        started, told = time.monotonic(), False
        waiting = list(stopping)
        while waiting:
            waiting = [(name, program) for name, program in waiting if program.poll() is None]
            waited = time.monotonic() - started
            if waiting and not told and waited > 2:
                names = " and ".join(name for name, _ in waiting)
                self.say(f"waiting up to {GRACE_SECONDS} s for {names} to finish; Ctrl-C again does not wait")
                told = True
            if waited > GRACE_SECONDS or self._is_hurried():
                break
            time.sleep(POLL_SECONDS)
        for _, program in stopping:
            kill_session(program.pid)
            program.wait()

    def _note_signal(self, signum: int, frame: object) -> None:
        self._signals.append((time.monotonic(), signum))

    def _is_hurried(self) -> bool:
        """Whether a second signal came, not just the first one again, as when make forwards it."""
        since = self._stopping_since
        return since is not None and any(at > since + ECHO_SECONDS for at, _ in self._signals)

    def _print_lines(self, name: str, lines: IO[bytes], colour: str) -> None:
        for line in lines:
            self._print(name, line, colour)

    def _print(self, name: str, line: bytes, colour: str | None) -> None:
        with self._print_lock, suppress(BrokenPipeError):  # a closed terminal must not keep us from stopping
            self._printer.write(Message("line", line, datetime.now(), name, colour))  # noqa: DTZ005 - for the eye


def _how_it_ended(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
