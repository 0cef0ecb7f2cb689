"""The supervisor: runs the programs of the Procfile side by side, prints their output, starts those that end again.

Honcho parses the Procfile and prints the output, but neither starts programs again nor stops them, because it signals
whole process groups, all at once, and kills them after 5 s. Here

- SIGTERM goes to a program's first process only, because a django-q cluster in which all processes get it loses the
  job that it is working on;
- programs stop in steps, so that a job can finish while Codex and Neo4j are still running.
"""

import math
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from honcho.colour import get_colours
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from knowledgetree.launcher.adopted import UNKNOWN_CODE, Adopted
from knowledgetree.launcher.run_record import RunRecord, kill_session

GRACE_SECONDS = 30  # for a running job, which is killed afterwards; syncs are safe to kill
POLL_SECONDS = 0.1
ECHO_SECONDS = 0.5
FIRST_PAUSE_SECONDS = 1.0  # before a program starts again; the pause doubles with each of its ends
STABLE_SECONDS = 300.0  # a program that has run for so long may end as often again
GIVE_UP_AFTER = 10  # ends in a row, each before STABLE_SECONDS; the last pause is then of four minutes
RESTART_SECONDS = 60.0  # for a program that is to end and start again
WAIT_SECONDS = 5.0  # until a program that could not start yet is tried again
Running = subprocess.Popen[bytes] | Adopted
Start = Callable[[], Running]


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


class CannotStart(Exception):
    """A program could not be started. The message says why."""


class NotYet(Exception):
    """A program cannot start at the moment for a reason outside of it, such as a full disk. It says which."""


@dataclass
class Program:
    """A program: how it is started, and the process while it runs. Times are those of the monotonic clock.

    ``is_vital``: nothing can go on without it. ``ends`` counts how often it has ended without running for long.
    ``kill_at``: when it is killed if it has not ended by then, because it was told to; infinite if it was not.
    """

    name: str
    start: Start | None
    colour: str
    is_vital: bool
    running: Running | None = None
    started_at: float = 0.0
    again_at: float = 0.0
    kill_at: float = math.inf
    ends: int = 0
    waits_for: str = ""


class Supervisor:
    """Starts, watches and stops programs. Use it from the main thread, because it installs signal handlers.

    Until ``keep_alive`` is called, a program that ends by itself is an error, because then it usually cannot start.
    """

    def __init__(self, record: RunRecord, output: IO[str] = sys.stdout) -> None:
        self.record = record
        self._printer = Printer(output, width=8)
        self._colours = get_colours()
        self._programs: dict[str, Program] = {}
        self._keeps_alive = False
        self._to_restart: dict[str, str] = {}
        self.given_up: list[str] = []
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

        def launch() -> subprocess.Popen[bytes]:
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
            return program

        self.watch(name, launch(), launch)

    def watch(self, name: str, program: Running, start: Start | None = None, *, is_vital: bool = False) -> None:
        """Watch a program that is already running, and print its output if that is a pipe.

        ``start`` starts it again; it may raise NotYet, CannotStart or OSError. Without it, the end of the program is an
        error. The end of a vital one is an error when it ends again and again.
        """
        self._programs[name] = Program(name, start, next(self._colours), is_vital)
        self._note_start(self._programs[name], program)

    def keep_alive(self) -> None:
        """From now on, start programs again that end by themselves."""
        self._keeps_alive = True

    def restart(self, name: str, why: str) -> None:
        """Have ``check`` stop this program, which then is started again. May be called from any thread."""
        self._to_restart[name] = why

    def check(self) -> None:
        """Start programs again that have ended and whose pause is over.

        Raises StopRequested after a signal, and ProgramEnded if a program has ended that cannot be started again.
        """
        if self._signals:
            raise StopRequested(self._signals[0][1])
        for program in list(self._programs.values()):
            if program.running is None:
                is_due = time.monotonic() >= program.again_at and program.name not in self.given_up
                if is_due and program.start is not None:
                    self._start_again(program, program.start)
            elif (code := program.running.poll()) is not None:
                self._note_end(program, program.running, code)
            elif why := self._to_restart.pop(program.name, ""):
                self.say(f"{program.name} is restarted: {why}")
                program.running.terminate()
                program.kill_at = time.monotonic() + RESTART_SECONDS
            elif time.monotonic() > program.kill_at:
                program.running.kill()

    def _note_start(self, program: Program, running: Running) -> None:
        program.running, program.started_at, program.waits_for = running, time.monotonic(), ""
        program.kill_at = math.inf
        if running.stdout is not None:
            reader = threading.Thread(
                target=self._print_lines, args=(program.name, running.stdout, program.colour), daemon=True
            )
            reader.start()
            self._readers = [reader, *(old for old in self._readers if old.is_alive())]

    def _start_again(self, program: Program, start: Start) -> None:
        try:
            self._note_start(program, start())
        except NotYet as reason:
            program.again_at = time.monotonic() + WAIT_SECONDS
            if program.waits_for != str(reason):
                program.waits_for = str(reason)
                self.say(f"{program.name} waits: {reason}")
        except (OSError, CannotStart) as error:
            self._plan_next_start(program, f"cannot be started ({error})")

    def _note_end(self, program: Program, ended: Running, code: int) -> None:
        how = f"ended {'by itself' if program.kill_at == math.inf else 'as told'} ({_how_it_ended(code)})"
        how += "; its last lines are above" if ended.stdout else "; its log says why"
        if program.start is None or not self._keeps_alive:
            raise ProgramEnded(f"{program.name} {how}.")
        kill_session(ended.pid)  # its children, which would be in the way of its successor
        program.running = None
        if time.monotonic() - program.started_at > STABLE_SECONDS:
            program.ends = 0
        self._plan_next_start(program, how)

    def _plan_next_start(self, program: Program, how: str) -> None:
        program.ends += 1
        if program.ends >= GIVE_UP_AFTER:
            self._give_up(program, how)
            return
        pause = FIRST_PAUSE_SECONDS * 2 ** (program.ends - 1)
        program.again_at = time.monotonic() + pause
        self.say(f"{program.name} {how}. It starts again in {pause:g} s.")

    def _give_up(self, program: Program, how: str) -> None:
        text = f"{program.name} {how}. That was the end number {program.ends} in a row: it is not started any more."
        if program.is_vital:
            raise ProgramEnded(text)
        self.given_up.append(program.name)
        self.say(f"{text} Everything else goes on. Fix the cause, then stop and start `manage.py run`.")

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
            ending = [self._programs.pop(name) for name in names if name in self._programs]
            stopping = [(program.name, program.running) for program in ending if program.running is not None]
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

    def _wait_or_kill(self, stopping: Sequence[tuple[str, Running]]) -> None:
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
    if code == UNKNOWN_CODE:
        return "exit code unknown"
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
