"""Tests never touch a Neo4j that is not their own."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from knowledgetree.launcher.neo4j_local.installation import Installation
from tests.throwaway_neo4j import ForeignGraph, Graph, lent_neo4j, require_own_and_empty
from tree.files import storage


def test_the_session_has_a_folder_and_a_port_of_its_own(neo4j_installation: Installation) -> None:
    assert "knowledgetree-tests-" in str(settings.INSTANCE_DIR)
    assert settings.NEO4J.uri == neo4j_installation.uri
    assert not settings.NEO4J.is_local
    assert settings.CODEX.is_sample


def test_an_empty_neo4j_of_our_own_is_accepted(started_graph: Graph, neo4j_installation: Installation) -> None:
    started_graph.empty()
    require_own_and_empty(started_graph, neo4j_installation, settings.NEO4J.uri)


def test_settings_that_name_another_neo4j_are_refused(graph: Graph, neo4j_installation: Installation) -> None:
    with pytest.raises(ForeignGraph, match="bolt://graph"):
        require_own_and_empty(graph, neo4j_installation, "bolt://graph.example:7687")


def test_a_neo4j_that_we_did_not_start_is_refused(
    graph: Graph, neo4j_installation: Installation, tmp_path: Path
) -> None:
    somebody_elses = replace(neo4j_installation, home=tmp_path)
    with pytest.raises(ForeignGraph, match="was not started by the tests"):
        require_own_and_empty(graph, somebody_elses, settings.NEO4J.uri)


def test_a_neo4j_that_holds_something_is_refused(graph: Graph, neo4j_installation: Installation) -> None:
    graph.rows("CREATE (:Precious)")
    with pytest.raises(ForeignGraph, match="holds 5 nodes"):
        require_own_and_empty(graph, neo4j_installation, settings.NEO4J.uri)


def test_a_lent_neo4j_is_emptied(graph: Graph, neo4j_installation: Installation) -> None:
    graph.rows("CREATE (:Precious)")
    with lent_neo4j(neo4j_installation):
        assert not graph.rows("MATCH (n) RETURN n")


def test_a_lent_neo4j_that_is_not_of_the_tests_is_left_as_it_is(graph: Graph, neo4j_installation: Installation) -> None:
    graph.rows("CREATE (:Precious)")
    state = neo4j_installation.state_file.read_text()
    neo4j_installation.state_file.write_text(state.replace('"tests"', '"run"'))
    try:
        with pytest.raises(ForeignGraph, match="no Neo4j of the tests"), lent_neo4j(neo4j_installation):
            pass
    finally:
        neo4j_installation.state_file.write_text(state)
    assert graph.rows("MATCH (n:Precious) RETURN count(n) AS left") == [{"left": 1}]


def test_each_test_begins_with_the_first_nodes_only(graph: Graph) -> None:
    nodes = graph.rows("MATCH (n) WHERE NOT n:GraphMigration RETURN n.name AS name ORDER BY name")
    assert [node["name"] for node in nodes] == ["Companies", "KnowledgeTree Root"]


def test_each_test_begins_without_the_files_of_another(started_graph: Graph, request: pytest.FixtureRequest) -> None:
    settings.UPLOADS_DIR.mkdir(parents=True, exist_ok=True)
    left = settings.UPLOADS_DIR / storage.new_name("png")
    left.write_bytes(b"of a test before")
    request.getfixturevalue("graph")
    assert not left.exists()
