"""The SQL database locked or gone: no sync starts, and pages are shown or answer 503."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from syncing.sample_codex.server import SampleCodex
from tests.people import client_of
from tests.syncing.processes import Start, start
from tests.throwaway_neo4j import Graph

__all__ = ["start"]


@pytest.fixture
def locked(transactional_db: None) -> Iterator[None]:
    """Another program writes into the database and does not come to an end."""
    other = sqlite3.connect(str(settings.DATABASES["default"]["NAME"]))
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.rollback()
    other.close()


def people(graph: Graph) -> int:
    return int(graph.rows("MATCH (n:User) RETURN count(n) AS n")[0]["n"])


@pytest.mark.parametrize("command", ["sync_codex", "sync_tickets"])
def test_no_sync_starts_while_the_database_is_locked(
    command: str, codex: SampleCodex, start: Start, graph: Graph, locked: None
) -> None:
    code, _, err = start(codex, command, sql_timeout=0.2).finish()
    assert code == 1
    assert err.strip().splitlines() == [
        "CommandError: The SQL database (DATABASE_URL) cannot be used: database is locked. Without it no sync starts."
    ]
    assert codex.requests() == []
    assert people(graph) == 0


@pytest.mark.parametrize(
    ("place", "expected"),
    [("nowhere/db.sqlite3", "unable to open database file."), ("empty.sqlite3", "Run `manage.py migrate`.")],
)
def test_no_sync_starts_without_the_database(
    place: str, expected: str, codex: SampleCodex, start: Start, graph: Graph, tmp_path: Path
) -> None:
    code, _, err = start(codex, "sync_codex", database=str(tmp_path / place)).finish()
    assert code == 1
    assert expected in err
    assert len(err.strip().splitlines()) == 1
    assert codex.requests() == []


def test_pages_are_read_while_the_database_is_locked(graph: Graph, transactional_db: None) -> None:
    client = client_of("technician")
    other = sqlite3.connect(str(settings.DATABASES["default"]["NAME"]))
    other.execute("BEGIN IMMEDIATE")  # a writer; readers of a database in WAL mode do not mind
    try:
        for address in ("/", "/node/root/", "/sync/", "/sync/pill/"):
            assert client.get(address).status_code == 200, address
    finally:
        other.rollback()
        other.close()


def test_pages_without_the_database_are_503_and_come_back(
    graph: Graph, transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = client_of("technician")
    connection = connections["default"]
    connection.close()
    with monkeypatch.context() as patched:
        patched.setitem(connection.settings_dict, "NAME", str(tmp_path / "nowhere" / "db.sqlite3"))
        for address in ("/", "/node/root/", "/sync/", "/api/nodes"):
            answer = client.get(address)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10"), address
            assert "does not answer" in answer.content.decode()
        assert Client().get("/health").status_code == 503
        assert Client().get("/health/live").status_code == 200
    connection.close()
    assert client.get("/sync/").status_code == 200
