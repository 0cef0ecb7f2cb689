"""One driver a process, made late, not shared over a fork."""

import os
from collections.abc import Callable
from typing import Any, LiteralString

import pytest
from neo4j import ManagedTransaction, Query, Session, unit_of_work
from neo4j._sync.io._common import Response
from neo4j.exceptions import ClientError, Neo4jError, ServiceUnavailable

from tests.throwaway_neo4j import Graph
from tree.exceptions import GraphFailed, GraphOverloaded, GraphUnavailable
from tree.graph import connection, schema
from tree.graph.connection import ProcessDriver, graph_driver, open_session, read, write


def test_read_and_write(graph: Graph) -> None:
    assert read("RETURN $a + 1 AS b", a=1) == [{"b": 2}]

    def work(transaction: ManagedTransaction) -> int:
        return int(transaction.run("CREATE (n:Thing {x: 5}) RETURN n.x AS x").single(strict=True)["x"])

    assert write(work) == 5
    assert graph.rows("MATCH (n:Thing) RETURN n.x AS x") == [{"x": 5}]


def test_a_transaction_that_fails_writes_nothing(graph: Graph) -> None:
    def work(transaction: ManagedTransaction) -> None:
        transaction.run("CREATE (:Thing)").consume()
        raise KeyError

    with pytest.raises(KeyError):
        write(work)
    assert graph.rows("MATCH (n:Thing) RETURN n") == []


class Overheard(Response):
    """The response to a statement whose failure the driver does not notice; it would reset the connection."""

    def on_failure(self, metadata: dict[str, Any]) -> None:
        pass


def fail(wire: Any) -> None:
    """After this, Neo4j ignores what comes on the connection."""
    wire._append(b"\x10", ("NO CYPHER", {}, {}), Overheard(wire, "run", None))  # type: ignore[no-untyped-call]
    wire.send_all()
    wire.fetch_message()


def test_a_read_writes_nothing(graph: Graph) -> None:
    with pytest.raises(ClientError, match="read access mode"):
        read("CREATE (n:Thing) RETURN n.name AS name")
    assert graph.rows("MATCH (n:Thing) RETURN n") == []


@pytest.mark.timeout(60)
def test_a_statement_that_neo4j_ignores_fails_and_is_tried_again(graph: Graph) -> None:
    tries: list[int] = []

    def work(transaction: ManagedTransaction) -> int:
        tries.append(1)
        if len(tries) == 1:
            fail(transaction._connection)
        return int(transaction.run("RETURN 5 AS x").single(strict=True)["x"])

    assert write(work) == 5
    assert len(tries) == 2
    assert read("RETURN 1 AS a") == [{"a": 1}]


@pytest.mark.timeout(60)
def test_a_read_that_neo4j_ignores_is_tried_again_on_another_connection(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def failed_at_first(access: str) -> Session:
        session = open_session(access)
        if not opened:
            session._connect(access)  # type: ignore[no-untyped-call]
            fail(session._connection)
        opened.append(access)
        return session

    monkeypatch.setattr(connection, "open_session", failed_at_first)
    assert read("RETURN 5 AS x") == [{"x": 5}]
    assert len(opened) == 2


def test_the_same_driver_each_time(graph: Graph) -> None:
    assert graph_driver() is graph_driver()
    assert graph_driver().get() is graph_driver().get()


def test_a_forked_child_has_a_driver_of_its_own(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = graph_driver().get()
    monkeypatch.setattr("tree.graph.connection.os.getpid", lambda: 1)
    childs = graph_driver().get()
    assert childs is not mine
    childs.close()
    mine.close()
    monkeypatch.undo()
    assert os.getpid() != 1
    graph_driver().close()
    assert read("RETURN 1 AS one") == [{"one": 1}]


def test_nothing_connects_before_the_first_query() -> None:
    driver = ProcessDriver("bolt://127.0.0.1:9", auth=("a", "b"))
    driver.get()
    driver.close()


def test_the_message_names_address_source_and_remedy() -> None:
    text = connection.unreachable(OSError("no route to host"))
    assert "bolt://127.0.0.1" in text
    assert "NEO4J_URI" in text
    assert "no route" in text
    assert "\n" not in text
    assert issubclass(GraphUnavailable, Exception)


def test_setting_up_has_more_patience_than_a_page(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = []

    def noted(timeout: float) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        seconds.append(timeout)
        return unit_of_work(timeout=timeout)

    def noted_query(text: LiteralString, timeout: float | None = None) -> Query:
        seconds.extend([timeout] if timeout else [])
        return Query(text, timeout=timeout)

    monkeypatch.setattr(connection, "unit_of_work", noted)
    monkeypatch.setattr(connection, "Query", noted_query)
    schema.set_up()
    assert seconds
    assert min(seconds) == connection.WRITE_TIMEOUT_SECONDS
    assert read("RETURN 1 AS one") == [{"one": 1}]
    assert seconds[-1] == connection.READ_TIMEOUT_SECONDS


def test_a_connection_that_breaks_is_told_in_words(graph: Graph) -> None:
    """Also where the driver, which still holds a view of its buffer, raises an error of Python's."""

    def work(transaction: ManagedTransaction) -> None:
        raise BufferError("Existing exports of data: object cannot be re-sized")

    with pytest.raises(GraphUnavailable, match=r"\(NEO4J_URI\): It fell silent, or the connection broke\. "):
        write(work)
    defunct = "Failed to read from defunct connection IPv4Address(('127.0.0.1', 7687)) (ResolvedIPv4Address(('::1')))"
    assert "It fell silent, or the connection broke. " in connection.unreachable(ServiceUnavailable(defunct))


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("Neo.DatabaseError.Transaction.TransactionStartFailed", GraphFailed),  # what a full disk leaves
        ("Neo.DatabaseError.General.UnknownError", GraphFailed),
        ("Neo.TransientError.General.DatabaseUnavailable", GraphOverloaded),
    ],
)
def test_an_error_of_the_database_is_told(code: str, told: type[GraphUnavailable], graph: Graph) -> None:
    def work(transaction: ManagedTransaction) -> None:
        raise Neo4jError.hydrate(code=code, message="It cannot be written.")

    with pytest.raises(told, match=r"It cannot be written\."):
        write(work)


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (ServiceUnavailable("silence"), 1),  # it may have lasted four seconds
        (Neo4jError.hydrate(code="Neo.TransientError.Transaction.DeadlockDetected", message="Try again."), 2),
    ],
)
def test_silence_is_not_waited_for_twice(
    error: Exception, attempts: int, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "RETRY_SECONDS", 0.0)
    tried: list[ManagedTransaction] = []

    def work(transaction: ManagedTransaction) -> None:
        tried.append(transaction)
        raise error

    with pytest.raises(GraphUnavailable):
        write(work)
    assert len(tried) == attempts
