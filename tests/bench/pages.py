"""The pages' part of the bench: a real server, a logged-in person, medians over an empty Django page."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from tests.isolation import free_ports
from tests.throwaway_neo4j import Graph

REQUESTS = 60
NAME, PASSWORD = "bench", "bench-only-loopback"
_A_FOLDER = """
MATCH (c:Company)-[:PARENT_OF]->(f:Folder {name: 'Tickets'}) RETURN f.id AS id ORDER BY c.id LIMIT 1
"""
_A_TICKET = "MATCH (t:Ticket) WHERE t.requester_key IS NOT NULL RETURN t.id AS id ORDER BY t.id LIMIT 1"
_A_USER = "MATCH (u:User)<-[:REQUESTED_BY]-(t) RETURN u.id AS id ORDER BY u.id LIMIT 1"
_A_COMPANY = "MATCH (c:Company) RETURN c.id AS id ORDER BY c.id LIMIT 1"
_MAKE_PERSON = f"""
from django.contrib.auth.models import Group, User
person, _ = User.objects.get_or_create(username={NAME!r})
person.set_password({PASSWORD!r})
person.save()
person.groups.add(Group.objects.get_or_create(name="technician")[0])
"""


def measure(environment: dict[str, str], repository: Path, graph: Graph) -> Iterator[str]:
    """A line for each page: its median in milliseconds above that of a page without graph or template."""
    port = free_ports(1)[0]
    address = f"http://127.0.0.1:{port}"
    for command in (["shell", "-c", _MAKE_PERSON], ["collectstatic", "--noinput", "--verbosity", "0"]):
        subprocess.run([sys.executable, "manage.py", *command], env=environment, cwd=repository, check=True)
    command = [sys.executable, "-m", "gunicorn", "knowledgetree.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    server = subprocess.Popen([*command, "--log-level", "warning"], env=environment, cwd=repository)
    try:
        session = _logged_in(address)
        empty = _median(session, f"{address}/health/live")
        yield f"an empty page: {empty:.1f} ms"
        for name, cypher, path in (
            ("a ticket's page", _A_TICKET, "/node/{}/"),
            ("a person's page", _A_USER, "/node/{}/"),
            ("a company's page", _A_COMPANY, "/node/{}/"),
            ("a page of 100 children", _A_FOLDER, "/node/{}/"),
        ):
            uid = graph.rows(cypher)[0]["id"]
            over = _median(session, address + path.format(uid)) - empty
            yield f"{name}: {over:.1f} ms over an empty page (goal ≤ 50)"
        over = _median(session, f"{address}/search/?q=printer") - empty
        yield f"a search for a common word: {over:.1f} ms over an empty page"
    finally:
        server.terminate()
        server.wait()


def _logged_in(address: str) -> requests.Session:
    session = requests.Session()
    for _ in range(300):
        try:
            session.get(f"{address}/health/live", timeout=5)
            break
        except requests.ConnectionError:
            time.sleep(0.1)
    session.get(f"{address}/accounts/login/", timeout=30).raise_for_status()
    answer = session.post(
        f"{address}/accounts/login/",
        {"username": NAME, "password": PASSWORD, "csrfmiddlewaretoken": session.cookies["csrftoken"]},
        headers={"Referer": f"{address}/accounts/login/"},
        timeout=30,
    )
    answer.raise_for_status()
    return session


def _median(session: requests.Session, url: str) -> float:
    times = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        answer = session.get(url, timeout=30)
        times.append(1000 * (time.perf_counter() - started))
        if answer.status_code != 200:
            raise SystemExit(f"{url} answers {answer.status_code}.")
    return statistics.median(times)
