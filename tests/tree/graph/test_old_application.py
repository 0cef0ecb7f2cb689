"""A graph of the old application is recognised, and nothing is written into it."""

import io
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from syncing.models import SyncRun
from tests.graph_assertions import graph_hash
from tests.throwaway_neo4j import Graph
from tree.exceptions import ForeignGraph
from tree.graph import schema
from tree.graph.old_application import refuse_old_graph

_OLD_TREE = """
CREATE (root:ContextItem {id: 'root', name: 'KnowledgeTree Root', is_folder: true, read_only: false})
CREATE (root)-[:PARENT_OF]->(companies:ContextItem {id: 'root_Companies', name: 'Companies', read_only: false})
CREATE (companies)-[:PARENT_OF]->(acme:ContextItem {id: 'root_Companies_Acme', name: 'Acme', read_only: true})
CREATE (acme)-[:PARENT_OF]->(:ContextItem {id: 'by-hand', name: 'overview.md', read_only: false})
"""
_TWIN = "CREATE (:ContextItem {id: 'root_Companies_Acme', name: 'Acme'})"
_OWN_TWINS = "UNWIND [1, 2] AS n CREATE (:ContextItem {id: 'a', origin: 'staff', name: 'A'})"
_UNDO = "DROP CONSTRAINT context_item_id IF EXISTS"


@pytest.fixture
def bare(graph: Graph) -> Iterator[Graph]:
    """A graph without a node and without our rule for ids, as the old application leaves it."""
    graph.empty()
    graph.rows(_UNDO)
    yield graph
    graph.empty()


def state(graph: Graph) -> tuple[str, list[str]]:
    return graph_hash(graph), [row["name"] for row in graph.schema()]


@pytest.mark.parametrize("statements", [(_OLD_TREE,), (_OLD_TREE, _TWIN)], ids=["sound", "with ids twice"])
def test_an_old_graph_is_refused_before_the_first_write(bare: Graph, statements: tuple[str, ...]) -> None:
    for statement in statements:
        bare.rows(statement)
    before = state(bare)
    with pytest.raises(CommandError, match="old application") as caught:
        call_command("setup_graph")
    told = str(caught.value)
    assert "\n" not in told
    assert "import_tree knowledgetree_export.json" in told.partition("run `manage.py sync_codex`")[2]
    assert "synced folders (1 here)" in told
    assert ("more than once" in told) == (len(statements) > 1)
    assert state(bare) == before


def test_a_sync_stops_at_an_old_graph(bare: Graph, transactional_db: None) -> None:
    bare.rows(_OLD_TREE)
    before = state(bare)
    with pytest.raises(SystemExit) as caught:
        call_command("sync_codex", stderr=io.StringIO())
    assert caught.value.code == 1
    assert "old application" in SyncRun.objects.get().reason
    assert state(bare) == before


def test_an_old_root_beside_our_rules_is_seen(graph: Graph) -> None:
    """An earlier version set itself up beside it."""
    graph.rows("MATCH (n {id: 'root'}) REMOVE n.origin")
    assert not schema.is_set_up()
    with pytest.raises(ForeignGraph, match="1 nodes"):
        schema.set_up()


def test_ids_that_are_there_twice_are_told(bare: Graph) -> None:
    bare.rows(_OWN_TWINS)
    before = state(bare)
    with pytest.raises(ForeignGraph, match="1 ids belong to several nodes"):
        schema.set_up()
    assert state(bare) == before


def test_our_own_graph_and_an_empty_one_pass(graph: Graph, bare: Graph) -> None:
    refuse_old_graph()
    schema.set_up()
    refuse_old_graph()
