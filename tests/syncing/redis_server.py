"""A real Redis for one test: started on a free port of loopback with a folder of its own, ended after the test."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.isolation import free_ports
from tests.syncing.processes import wait_until

__all__ = ["redis_url"]


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """Its address. A missing redis-server fails the tests; it does not skip them."""
    program = shutil.which("redis-server")
    assert program, "These tests need Redis: apt-get install redis-server"
    [port] = free_ports(1)
    folder = tmp_path / "redis"
    folder.mkdir()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no"]
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as server:
        url = f"redis://127.0.0.1:{port}/0"
        try:
            wait_until(lambda: _answers(url))
            yield url
        finally:
            server.terminate()


def _answers(url: str) -> bool:
    try:
        return bool(redis.from_url(url).ping())
    except redis.ConnectionError:
        return False
