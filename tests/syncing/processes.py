"""Syncs in processes of their own, which tests stop and kill by their pid."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import API_KEY

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 240  # seconds: what takes so long hangs, also on a busy machine

Start = Callable[..., "Child"]


class Child(subprocess.Popen[str]):
    """A running sync. ``finish()`` waits for its end and gives exit code and output."""

    def finish(self) -> tuple[int, str, str]:
        out, err = self.communicate(timeout=PATIENCE)
        return self.returncode, out, err

    def kill_now(self) -> None:
        self.send_signal(signal.SIGKILL)
        self.communicate()


@pytest.fixture
def start(transactional_db: None, tmp_path: Path) -> Iterator[Start]:
    """``start(codex, "sync_codex", lease=2, batch=50, slow=0.1)``."""
    children: list[Child] = []

    def begin(codex: SampleCodex, *command: str, database: str = "", **constants: Any) -> Child:
        environment = environment_of_programs(codex, tmp_path)
        if database:
            environment["DATABASE_URL"] = f"sqlite:///{database}"
        child = Child(
            [sys.executable, "-m", "tests.syncing.child", json.dumps(constants), *command],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        children.append(child)
        return child

    yield begin
    for child in children:
        if child.poll() is None:
            child.kill_now()


def environment_of_programs(codex: SampleCodex, folder: Path, **more: str) -> dict[str, str]:
    """Variables for a program that reads this Codex and writes into the tests' database. Its files go to ``folder``."""
    services = folder / "services.json"
    services.write_text(json.dumps({"codex": {"url": codex.url, "api_key": API_KEY}}))
    return os.environ | {"SERVICES_FILE": str(services), "DATABASE_URL": database_url()} | more


def database_url() -> str:
    """The tests' own SQL database, as a value of DATABASE_URL."""
    now = settings.DATABASES["default"]
    if now["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{now['NAME']}"
    return f"postgres://{now['USER']}:{now['PASSWORD']}@{now['HOST']}:{now['PORT']}/{now['NAME']}"


def wait_until(happened: Callable[[], Any]) -> None:
    """Look every 20 ms; fails when it never happens."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
