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
PATIENCE = 60

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
        services = tmp_path / "services.json"
        services.write_text(json.dumps({"codex": {"url": codex.url, "api_key": API_KEY}}))
        environment = os.environ | {
            "SERVICES_FILE": str(services),
            "DATABASE_URL": f"sqlite:///{database or settings.DATABASES['default']['NAME']}",
        }
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


def wait_until(happened: Callable[[], Any]) -> None:
    """Look every 20 ms; fails when it never happens."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
