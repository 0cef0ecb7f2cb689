"""A real server of the application, and a logged-in person whose requests are timed."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.bench import cost
from tests.bench.cost import Cost, Meter
from tests.bench.table import Figure
from tests.isolation import free_ports

REQUESTS = 60
NAME, PASSWORD = "bench", "bench-only-loopback"
_MAKE_PERSON = f"""
from django.contrib.auth.models import Group, User
person, _ = User.objects.get_or_create(username={NAME!r})
person.set_password({PASSWORD!r})
person.save()
person.groups.add(Group.objects.get_or_create(name="technician")[0])
"""


class Visitor:
    """A browser's session at this address, logged in as a technician. ``meter``: of the server and its Neo4j."""

    def __init__(self, address: str, meter: Meter) -> None:
        self.address, self.meter = address, meter
        self.session = requests.Session()
        for _ in range(300):
            try:
                self.session.get(f"{address}/health/live", timeout=60)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        self.get("/accounts/login/")
        self.post("/accounts/login/", {"username": NAME, "password": PASSWORD})
        self.empty = self.cost(lambda _: self.get("/health/live"))

    def get(self, path: str) -> requests.Response:
        return self._good(self.session.get(self.address + path, timeout=60, headers={"Accept": "text/html"}))

    def post(self, path: str, fields: dict[str, str]) -> requests.Response:
        fields = {"csrfmiddlewaretoken": self.session.cookies["kt_csrf"], **fields}
        headers = {"Referer": self.address + path}
        url = self.address + path
        return self._good(
            self.session.post(url, fields, headers=headers, timeout=60, allow_redirects=path.startswith("/acc"))
        )

    def cost(self, ask: Callable[[int], object], times: int = REQUESTS) -> Cost:
        """What one of so many calls costs; each is told its number."""
        return self.meter.spent_each(ask, times)

    def over_empty(self, name: str, ask: Callable[[int], object], goal: float | None = None) -> Figure:
        """The same, judged by what it takes longer than a page without graph or template. ``goal``: milliseconds."""
        spent = self.cost(ask)
        over = 1000 * (spent.wall - self.empty.wall)
        return Figure(name, spent, value=over, unit="ms", of="over an empty page", goal=goal)

    def _good(self, answer: requests.Response) -> requests.Response:
        if answer.status_code not in (200, 302):
            raise SystemExit(f"{answer.url} answers {answer.status_code}.")
        return answer


@contextmanager
def served(environment: dict[str, str], repository: Path, neo4j_pid: int, workers: int = 1) -> Iterator[Visitor]:
    """Start the pages as `make run` does, but for the number of its ``workers``, and log in."""
    port = free_ports(1)[0]
    for command in (
        ["shell", "--verbosity", "0", "-c", _MAKE_PERSON],
        ["collectstatic", "--noinput", "--verbosity", "0"],
    ):
        subprocess.run([sys.executable, "manage.py", *command], env=environment, cwd=repository, check=True)
    command = [sys.executable, "-m", "gunicorn", "knowledgetree.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    command += ["--workers", str(workers), "--worker-class", "knowledgetree.buffering_worker.BufferingWorker"]
    server = subprocess.Popen([*command, "--log-level", "warning"], env=environment, cwd=repository)
    try:
        yield Visitor(f"http://127.0.0.1:{port}", Meter(neo4j_pid, lambda: cost.server(server.pid)))
    finally:
        server.terminate()
        server.wait()
