"""Time limits for work that might never end: it runs in a child process that can be killed.

A thread cannot be stopped, a regular expression holds the interpreter's lock while it runs, and an alarm signal only
reaches the main thread. So only a child process works with gunicorn's threads.
"""

import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings

_QUESTION, _ANSWER = struct.Struct(">Id"), struct.Struct(">I")  # length and seconds of a question; length of an answer
_READY = b"\1"  # what a child sends once it can be asked
_CHILD_MEMORY_BYTES = 1 << 30
_HANGS_SECONDS = 30.0  # a child that waits uses no processor time, and is ended so long after the limit
_QUICK_SECONDS = 0.3  # work that takes longer gives way to that of others
_NICENESS = 10
_ENDED_BY_OTHERS = (-signal.SIGKILL, -signal.SIGTERM)  # such as the system, when memory is short


class NoAnswer(Exception):
    """The child was ended by somebody else, or hangs. This says nothing about the question."""


class TimeLimitExceeded(NoAnswer):
    """The question used up its processor time or memory, or broke the child. It would do so again."""


class TimeLimitedChild:
    """A child process that runs ``python -m module`` and answers one question at a time.

    The module calls ``serve`` (or ``serve_bytes``) when it is run. The child is started on first use and after each
    kill, and exits with its parent. It gets none of the parent's environment, so it knows no secret.

    ``seconds`` are of the processor's time: they begin with the work on a question, neither while the child starts nor
    while others have the processor, so the limit means the same on a busy machine. A child that ``gives_way`` gets a
    lower priority when its work takes long, and keeps it.
    """

    def __init__(self, module: str, seconds: float, *, gives_way: bool = False) -> None:
        self._module, self._seconds, self._gives_way = module, seconds, gives_way
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def ask(self, text: str) -> str:
        """Like ``exchange``, for texts."""
        return self.exchange(text.encode("utf-8", "replace")).decode("utf-8")

    def exchange(self, question: bytes, seconds: float | None = None) -> bytes:
        """The child's answer, within ``seconds`` if they are not the usual ones. Raises TimeLimitExceeded, NoAnswer."""
        with self._lock:
            try:
                if self._child is None or not self._child.is_alive():
                    self.stop()
                    self._child = _Child(self._module, gives_way=self._gives_way)
                return self._child.exchange(question, self._seconds if seconds is None else seconds)
            except TimeoutError as error:
                self.stop()
                raise NoAnswer from error
            except ConnectionError as error:
                ended_by_others = self._child is not None and self._child.how_it_ended() in _ENDED_BY_OTHERS
                self.stop()
                raise (NoAnswer if ended_by_others else TimeLimitExceeded) from error
            except BaseException:
                self.stop()  # a half-sent question or an unread answer must not mix with the next one
                raise

    def has_given_way(self) -> bool:
        """Whether the child has a lower priority, because its work took long."""
        return self._child is not None and self._child.has_given_way

    def stop(self) -> None:
        """Kill the child. The next ``ask`` starts another."""
        if self._child is not None:
            self._child.stop()
        self._child = None


class TimeLimitedChildren:
    """Children that answer at the same time, so that no question waits for a slow one.

    There are at most ``places`` of them, as many as questions come at once; ``kept`` wait for the next ones.
    """

    def __init__(self, module: str, seconds: float, *, places: int, kept: int = 1) -> None:
        self._module, self._seconds, self._kept = module, seconds, kept
        self._places = threading.BoundedSemaphore(places)
        self._idle: deque[TimeLimitedChild] = deque()

    def ask(self, text: str) -> str:
        """Like ``exchange``, for texts."""
        return self.exchange(text.encode("utf-8", "replace")).decode("utf-8")

    def exchange(self, question: bytes) -> bytes:
        """The answer of a child; if that child is killed, of another. Raises TimeLimitExceeded, NoAnswer."""
        with self._places:
            child = self._taken()
            try:
                return child.exchange(question, self._seconds)
            except TimeLimitExceeded:
                raise
            except NoAnswer:
                return child.exchange(question, self._seconds)
            finally:
                self._put_back(child)

    def stop(self) -> None:
        """Kill the children that are idle. The next question starts another."""
        with suppress(IndexError):
            while True:
                self._idle.pop().stop()

    def _taken(self) -> TimeLimitedChild:
        try:
            return self._idle.pop()
        except IndexError:
            return TimeLimitedChild(self._module, self._seconds, gives_way=True)

    def _put_back(self, child: TimeLimitedChild) -> None:
        if child.has_given_way() or len(self._idle) >= self._kept:
            child.stop()
        else:
            self._idle.append(child)


class _Child:
    """The running child and our end of the socket. Only the process that created it may stop it."""

    def __init__(self, module: str, *, gives_way: bool) -> None:
        self._gives_way = gives_way
        self._socket, theirs = socket.socketpair()
        self._pid = os.getpid()
        self.has_given_way = self._is_ready = False
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=Path(settings.BASE_DIR),
                process_group=0,  # Ctrl-C must not reach the child; it exits when we close the socket
                env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"},
            )

    def is_alive(self) -> bool:
        return self._pid == os.getpid() and self._process.poll() is None

    def how_it_ended(self) -> int | None:
        """The exit code of a child that has closed its socket, or minus the number of the signal that ended it."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(_QUICK_SECONDS)
        return None

    def stop(self) -> None:
        if self._pid == os.getpid():
            self._process.kill()
            self._process.wait()
        self._socket.close()

    def exchange(self, question: bytes, seconds: float) -> bytes:
        deadline = time.monotonic() + seconds + _HANGS_SECONDS
        if not self._is_ready:  # its start is no work that should give way
            self._receive(len(_READY), deadline)
            self._is_ready = True
        self._socket.settimeout(_left(deadline))
        self._socket.sendall(_QUESTION.pack(len(question), seconds) + question)
        if self._gives_way and not self._is_quick():
            self._give_way()
        (length,) = _ANSWER.unpack(self._receive(_ANSWER.size, deadline))
        return self._receive(length, deadline)

    def _is_quick(self) -> bool:
        self._socket.settimeout(_QUICK_SECONDS)
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return False
        return True

    def _give_way(self) -> None:
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICENESS)
        self.has_given_way = True

    def _receive(self, length: int, deadline: float) -> bytes:
        received = bytearray()
        while len(received) < length:
            self._socket.settimeout(_left(deadline))
            part = self._socket.recv(length - len(received))
            if not part:
                raise ConnectionError("the child ended")
            received += part
        return bytes(received)


def serve(answer: Callable[[str], str]) -> None:
    """Like ``serve_bytes``, for texts."""
    serve_bytes(lambda question: answer(question.decode("utf-8")).encode("utf-8"))


def serve_bytes(answer: Callable[[bytes], bytes]) -> None:
    """The child's side: answer each question until the parent closes the socket."""
    resource.setrlimit(resource.RLIMIT_AS, (_CHILD_MEMORY_BYTES, _CHILD_MEMORY_BYTES))
    with socket.socket(fileno=os.dup(0)) as connection, connection.makefile("rwb") as stream:
        stream.write(_READY)
        stream.flush()
        while header := stream.read(_QUESTION.size):
            length, seconds = _QUESTION.unpack(header)
            question = stream.read(length)
            signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends this process, even in a regular expression
            made = answer(question)
            signal.setitimer(signal.ITIMER_PROF, 0)
            stream.write(_ANSWER.pack(len(made)) + made)
            stream.flush()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
