"""setup_graph makes what is missing, and only that, however often it runs."""

import io

from django.core.management import call_command

from tests.graph_assertions import graph_hash
from tests.throwaway_neo4j import Graph
from tree import schema

INDEXES = "SHOW INDEXES YIELD name, state RETURN name, state ORDER BY name"


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
