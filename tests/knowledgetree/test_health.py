import os
import signal
import threading
from unittest.mock import Mock

import pytest
from django.db import connections
from django.test import Client
from neo4j.exceptions import Neo4jError

from knowledgetree.launcher.neo4j_local import server
from knowledgetree.launcher.neo4j_local.installation import Installation
from tests.people import client_of
from tests.throwaway_neo4j import Graph
from tree.exceptions import GraphFailed, GraphTimedOut, GraphUnavailable
from tree.graph import connection
from tree.graph.connection import ProcessDriver
from tree.vocabulary import ROOT_ID


@pytest.fixture
def no_neo4j(monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver points at a port where nobody listens; everything else is as ever."""
    nobody = ProcessDriver(
        "bolt://127.0.0.1:9",
        auth=("neo4j", "top-secret-word"),
        connection_timeout=connection.CONNECT_TIMEOUT_SECONDS,
        max_transaction_retry_time=0,
    )
    monkeypatch.setattr(connection, "graph_driver", lambda: nobody)


def test_all_is_well(graph: Graph, db: None, client: Client) -> None:
    answer = client.get("/health")
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"service", "status", "checks", "syncs", "timestamp"}
    assert (body["service"], body["status"]) == ("knowledgetree", "degraded")  # no sync worker is running
    assert body["syncs"]["wrong"] == ["worker"]
    assert {name: check["status"] for name, check in body["checks"].items()} == {
        "neo4j": "healthy",
        "database": "healthy",
    }


def test_without_neo4j(no_neo4j: None, db: None, client: Client) -> None:
    for address in ("/health", "/health/ready"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert answer.json()["status"] == "unhealthy"
        assert answer.json()["checks"]["neo4j"]["status"] == "unhealthy"
        assert answer.json()["checks"]["database"]["status"] == "healthy"
        assert b"bolt" not in answer.content
    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    "address", ["/", f"/node/{ROOT_ID}/", "/search/?q=x", "/browse/Companies", "/admin/tree/ticket/"]
)
def test_a_page_without_neo4j_is_a_503_that_says_so(no_neo4j: None, db: None, address: str) -> None:
    answer = client_of("admin").get(address)
    text = answer.content.decode()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "The graph database does not answer" in text
    assert "What still works" in text
    assert "Cannot reach Neo4j" in text  # admins see the reason
    assert "top-secret-word" not in text
    assert "Traceback" not in text


def test_a_page_does_not_hang_with_neo4j(
    neo4j_installation: Installation, graph: Graph, transactional_db: None
) -> None:
    """A Neo4j that answers nothing gives no sign of life: nobody waits for its next word as long as it may take."""
    client, codes = client_of("technician"), []
    assert client.get("/").status_code == 200
    found = server.running(neo4j_installation)
    assert found is not None

    def visit() -> None:
        codes.append(client.get("/").status_code)
        connections.close_all()

    visitor = threading.Thread(target=visit, daemon=True)
    os.kill(found.pid, signal.SIGSTOP)
    try:
        visitor.start()
        visitor.join(100)  # less than the two minutes after which the driver gives up by itself
    finally:
        os.kill(found.pid, signal.SIGCONT)
    assert codes == [503]
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "code", ["Neo.DatabaseError.Transaction.TransactionStartFailed", "Neo.ClientError.General.ForbiddenOnReadOnly"]
)
def test_whatever_neo4j_answers_is_a_503(
    code: str, graph: Graph, db: None, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Neo4jError.hydrate(code=code, message="The database needs to be restarted.")

    client = client_of("admin")
    monkeypatch.setattr("neo4j.Session.run", refuse)
    for address in ("/", "/tree/", "/api/browse", "/admin/tree/ticket/", "/health"):
        with subtests.test(address):
            answer = client.get(address)
            assert answer.status_code == 503
            assert "Traceback" not in answer.content.decode()
            if address != "/health":
                assert "database" in answer.content.decode()


def test_only_admins_see_the_reason(no_neo4j: None, db: None) -> None:
    text = client_of("technician").get("/").content.decode()
    assert "The graph database does not answer" in text
    assert "bolt" not in text
    assert "127.0.0.1" not in text


def test_whoever_may_not_see_the_reason_reads_it_in_short(
    db: None, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    client = client_of("technician")
    for error in (GraphUnavailable, GraphTimedOut, GraphFailed):
        broken = Mock(side_effect=error("bolt://10.0.0.9 is out of space"))
        monkeypatch.setattr("tree.queries.get_companies", broken)
        monkeypatch.setattr("tree.queries.count_open_tickets", broken)  # which is asked first, unless it is known
        for headers in ({}, {"HX-Request": "true"}, {"Accept": "application/json"}):
            with subtests.test(error.__name__, headers=headers):
                text = client.get("/", headers=headers).content.decode()
                assert error.in_short in text
                assert "10.0.0.9" not in text


def test_a_fragment_without_neo4j_is_a_short_message(no_neo4j: None, db: None) -> None:
    answer = client_of("technician").get("/tree/", headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert "<html" not in answer.content.decode()


def test_the_syncs_can_still_be_seen_without_neo4j(no_neo4j: None, db: None) -> None:
    assert client_of("technician").get("/sync/").status_code == 200
