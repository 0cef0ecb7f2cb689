import pytest
from django.test import Client

from tests.people import client_of
from tests.throwaway_neo4j import Graph
from tree import connection
from tree.connection import ProcessDriver
from tree.models import ROOT_ID


@pytest.fixture
def no_neo4j(monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver points at a port where nobody listens; everything else is as ever."""
    nobody = ProcessDriver(
        "bolt://127.0.0.1:9",
        auth=("neo4j", "top-secret-word"),
        connection_timeout=connection.CONNECT_TIMEOUT_SECONDS,
        max_transaction_retry_time=connection.RETRY_SECONDS,
    )
    monkeypatch.setattr(connection, "graph_driver", lambda: nobody)


def test_all_is_well(graph: Graph, db: None, client: Client) -> None:
    answer = client.get("/health")
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"service", "status", "checks", "syncs", "timestamp"}
    assert (body["service"], body["status"]) == ("knowledgetree", "healthy")
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


def test_only_admins_see_the_reason(no_neo4j: None, db: None) -> None:
    text = client_of("technician").get("/").content.decode()
    assert "The graph database does not answer" in text
    assert "bolt" not in text
    assert "127.0.0.1" not in text


def test_a_fragment_without_neo4j_is_a_short_message(no_neo4j: None, db: None) -> None:
    answer = client_of("technician").get("/tree/", headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert "<html" not in answer.content.decode()


def test_the_syncs_can_still_be_seen_without_neo4j(no_neo4j: None, db: None) -> None:
    assert client_of("technician").get("/sync/").status_code == 200
