"""Time limits for work that might never end: it runs in a child process that can be killed.

A thread cannot be stopped, a regular expression holds the interpreter's lock while it runs, and an alarm signal only
reaches the main thread. So only a child process works with gunicorn's threads.
"""

import os
import resource
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

_LENGTH = struct.Struct(">I")
_CHILD_MEMORY_BYTES = 1 << 30


class TimeLimitExceeded(Exception):
    """The child did not respond in time and was killed, or was busy with other requests for that long."""


class TimeLimitedChild:
    """A child process that runs ``python -m module`` and answers one question at a time.

    The module calls ``serve`` (or ``serve_bytes``) when it is run. The child is started on first use and after each
    kill, and exits with its parent. It gets none of the parent's environment, so it knows no secret.
    """

    def __init__(self, module: str, seconds: float) -> None:
        self._module, self._seconds = module, seconds
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def ask(self, text: str) -> str:
        """Like ``exchange``, for texts."""
        return self.exchange(text.encode("utf-8", "replace")).decode("utf-8")

    def exchange(self, question: bytes) -> bytes:
        """The child's answer. Raises TimeLimitExceeded when the time is up or the child exits without an answer."""
        deadline = time.monotonic() + self._seconds
        if not self._lock.acquire(timeout=self._seconds):
            raise TimeLimitExceeded
        try:
            if self._child is None or not self._child.is_alive():
                self.stop()
                self._child = _Child(self._module)
            return self._child.exchange(question, deadline)
        except (TimeoutError, ConnectionError) as error:
            self.stop()
            raise TimeLimitExceeded from error
        except BaseException:
            self.stop()  # a half-sent question or an unread answer must not mix with the next one
            raise
        finally:
            self._lock.release()

    def stop(self) -> None:
        """Kill the child. The next ``ask`` starts another."""
        if self._child is not None:
            self._child.stop()
        self._child = None


class _Child:
    """The running child and our end of the socket. Only the process that created it may stop it."""

    def __init__(self, module: str) -> None:
        self._socket, theirs = socket.socketpair()
        self._pid = os.getpid()
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

    def stop(self) -> None:
        if self._pid == os.getpid():
            self._process.kill()
            self._process.wait()
        self._socket.close()

    def exchange(self, question: bytes, deadline: float) -> bytes:
        self._socket.settimeout(_left(deadline))
        self._socket.sendall(_LENGTH.pack(len(question)) + question)
        (length,) = _LENGTH.unpack(self._receive(_LENGTH.size, deadline))
        return self._receive(length, deadline)

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
        while header := stream.read(_LENGTH.size):
            made = answer(stream.read(_LENGTH.unpack(header)[0]))
            stream.write(_LENGTH.pack(len(made)) + made)
            stream.flush()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
