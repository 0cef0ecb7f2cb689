"""A session of pytest that another program runs."""

import signal
import subprocess
import sys


def run(*arguments: str) -> int:
    """The exit code of pytest with these arguments. Ctrl-C and SIGTERM end it as always: it tells what has failed."""
    with subprocess.Popen([sys.executable, "-m", "pytest", *arguments]) as session:
        before = signal.signal(signal.SIGTERM, lambda *_: session.terminate())
        try:
            while True:
                try:
                    return session.wait()
                except KeyboardInterrupt:
                    pass  # the terminal has told pytest, too
        finally:
            signal.signal(signal.SIGTERM, before)
