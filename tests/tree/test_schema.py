"""setup_graph makes what is missing, and only that, however often it runs."""

import io
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from neo4j import ManagedTransaction

from tests.graph_assertions import graph_hash
from tests.throwaway_neo4j import Graph
from tree import schema
from tree.connection import write

INDEXES = "SHOW INDEXES YIELD name, state RETURN name, state ORDER BY name"
INDEX_ID = "SHOW INDEXES YIELD id, name WHERE name = $name RETURN id"
FULLTEXT = (
    "SHOW FULLTEXT INDEXES YIELD name, state, labelsOrTypes, properties, options "
    "RETURN name, state, labelsOrTypes, properties, options.indexConfig['fulltext.analyzer'] AS analyzer"
)


def test_it_can_be_repeated(graph: Graph) -> None:
    before, indexes = graph_hash(graph, stamps=True), graph.rows(INDEXES)
    out = io.StringIO()
    call_command("setup_graph", stdout=out)
    assert "The graph is set up." in out.getvalue()
    assert graph_hash(graph, stamps=True) == before
    assert graph.rows(INDEXES) == indexes


def test_it_mends_what_is_missing(graph: Graph) -> None:
    indexes = graph.rows(INDEXES)
    for drop in (
        "DROP CONSTRAINT context_item_sibling_key",
        "DROP INDEX context_item_children",
        f"DROP INDEX {schema.FULLTEXT_INDEX}",
    ):
        graph.rows(drop)
    assert not schema.is_set_up()
    call_command("setup_graph", stdout=io.StringIO())
    assert schema.is_set_up()
    assert graph.rows(INDEXES) == indexes
    assert all(row["state"] == "ONLINE" for row in graph.rows(INDEXES))


@pytest.mark.parametrize(
    ("kinds", "properties", "analyzer"),
    [
        ("Folder|Note", "n.name, n.content", "standard-folding"),
        (
            "|".join(schema.SEARCHED_KINDS),
            ", ".join(f"n.{p}" for p in schema.SEARCHED_PROPERTIES[1:]),
            "standard-folding",
        ),
        ("|".join(schema.SEARCHED_KINDS), ", ".join(f"n.{p}" for p in schema.SEARCHED_PROPERTIES), "english"),
    ],
)
def test_another_search_index_is_made_anew(graph: Graph, kinds: str, properties: str, analyzer: str) -> None:
    wanted = graph.rows(FULLTEXT)
    graph.rows(f"DROP INDEX {schema.FULLTEXT_INDEX}")
    graph.rows(
        f"CREATE FULLTEXT INDEX {schema.FULLTEXT_INDEX} FOR (n:{kinds}) ON EACH [{properties}] "
        f"OPTIONS {{indexConfig: {{`fulltext.analyzer`: '{analyzer}'}}}}"
    )
    assert graph.rows(FULLTEXT) != wanted
    schema.set_up()
    assert graph.rows(FULLTEXT) == wanted


def test_the_search_index_is_left_alone_when_it_is_right(graph: Graph) -> None:
    [before] = graph.rows(INDEX_ID, name=schema.FULLTEXT_INDEX)
    schema.set_up()
    assert graph.rows(INDEX_ID, name=schema.FULLTEXT_INDEX) == [before]


def test_a_database_without_the_root_is_not_set_up(graph: Graph) -> None:
    assert schema.is_set_up()
    graph.empty()
    assert not schema.is_set_up()


def test_all_searched_properties_are_indexed(graph: Graph) -> None:
    [row] = graph.rows(
        "SHOW FULLTEXT INDEXES YIELD name, labelsOrTypes, properties, options RETURN labelsOrTypes, properties, options"
    )
    assert set(row["properties"]) == set(schema.SEARCHED_PROPERTIES)
    assert set(row["labelsOrTypes"]) == set(schema.SEARCHED_KINDS)
    assert row["options"]["indexConfig"]["fulltext.analyzer"] == "standard-folding"


def test_the_search_index_is_made_while_others_write(graph: Graph) -> None:
    """The index takes its labels one by one, and so does who writes, in another order: Neo4j calls that a deadlock."""
    schema.drop_fulltext_index()
    is_made = threading.Event()

    def some_of_each(transaction: ManagedTransaction) -> None:
        for kind in random.sample(schema.SEARCHED_KINDS, len(schema.SEARCHED_KINDS)):
            transaction.run(f"UNWIND range(1, 50) AS _ CREATE (:ContextItem:{kind} {{id: randomUUID()}})").consume()

    def write_on() -> int:
        written = 0
        while not is_made.is_set():
            write(some_of_each)
            written += 50
            time.sleep(0.05)
        return written

    with ThreadPoolExecutor(2) as writers:
        tries = [writers.submit(write_on) for _ in range(2)]
        try:
            for _ in range(15):
                schema.create_fulltext_index()
                schema.drop_fulltext_index()
        finally:
            is_made.set()
    schema.create_fulltext_index()
    assert graph.rows("MATCH (n:Note) RETURN count(n) AS number") == [
        {"number": sum(tried.result() for tried in tries)}
    ]
    assert graph.rows(FULLTEXT)[0]["state"] == "ONLINE"
