"""The tests whose outcome depends on the SQL database, once more on a real PostgreSQL; the others have SQLite.

Starts a server of its own on a free port of loopback and throws it away afterwards:

    python -m tests.postgresql [arguments of pytest]
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.isolation import free_ports

OWNER = "postgres"  # of the server, and its account on the machine: PostgreSQL refuses to run as root
# What locks, counts, sorts, keeps JSON or waits for other processes in SQL.
TESTED = ("approvals", "at_once", "history", "joining", "pauses", "plan_page", "quarantine", "queue")
ALSO_TESTED = ("runs", "schedules", "throttle", "timemachine", "undo", "views", "workers")


def main(arguments: list[str]) -> int:
    """The exit code of pytest."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="knowledgetree-postgresql-") as folder, server(Path(folder)) as url:
        command = [
            sys.executable,
            "-m",
            "pytest",
            *(arguments or [f"tests/syncing/test_{name}.py" for name in TESTED + ALSO_TESTED]),
        ]
        return subprocess.run(command, env=os.environ | {"TESTS_DATABASE_URL": url}, check=False).returncode


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A running PostgreSQL with its files in ``folder``; its address as DATABASE_URL has it."""
    [port] = free_ports(1)
    password = secrets.token_hex(16)
    secret = folder / "password"
    secret.write_text(password)
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = {"user": OWNER, "group": OWNER}
        for path in (folder, secret):
            shutil.chown(path, OWNER, OWNER)
    place = str(folder / "files")
    access = ["--username", OWNER, "--pwfile", str(secret), "--auth", "scram-sha-256"]
    first = [*access, "--no-locale", "--encoding", "UTF8", "--no-sync"]
    subprocess.run([program("initdb"), "-D", place, *first], check=True, stdout=subprocess.DEVNULL, **account)
    settings = ("listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", "fsync=off")
    options = " ".join(f"-c {setting}" for setting in settings)
    control = [program("pg_ctl"), "-D", place, "-l", str(folder / "log")]
    subprocess.run([*control, "-o", options, "-w", "start"], check=True, stdout=subprocess.DEVNULL, **account)
    try:
        yield f"postgres://{OWNER}:{password}@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], check=True, stdout=subprocess.DEVNULL, **account)


def program(name: str) -> str:
    """Debian keeps PostgreSQL's programs out of PATH. A missing one fails the tests; it does not skip them."""
    found = shutil.which(name) or next(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), None)
    if found is None:
        raise SystemExit(f"These tests need PostgreSQL's {name}: apt-get install postgresql")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
