"""setup_graph makes what is missing, and only that, however often it runs."""

import io
import os
import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import call_command
from neo4j import ManagedTransaction
from pytest_django import Settings

from tests.graph_assertions import graph_hash
from tests.throwaway_neo4j import Graph
from tree.exceptions import GraphUnavailable
from tree.graph import schema
from tree.graph.connection import write
from tree.graph.migrations import MIGRATIONS
from tree.kinds import NODE_CLASSES

INDEXES = "SHOW INDEXES YIELD name, state RETURN name, state ORDER BY name"
FULLTEXT = (
    "SHOW FULLTEXT INDEXES YIELD name, state, labelsOrTypes, properties, options "
    "RETURN name, state, labelsOrTypes, properties, options.indexConfig['fulltext.analyzer'] AS analyzer ORDER BY name"
)
ALL_KINDS = [kind for index in schema.SEARCH_INDEXES for kind in index.kinds]


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
        *(f"DROP INDEX {index.name}" for index in schema.SEARCH_INDEXES),
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
            "|".join(schema.RECORD_INDEX.kinds),
            ", ".join(f"n.{p}" for p in schema.RECORD_INDEX.properties[1:]),
            "standard-folding",
        ),
        ("|".join(schema.RECORD_INDEX.kinds), ", ".join(f"n.{p}" for p in schema.RECORD_INDEX.properties), "english"),
        (  # as when tickets had no index of their own
            "|".join(ALL_KINDS),
            ", ".join(f"n.{p}" for p in schema.RECORD_INDEX.properties),
            "standard-folding",
        ),
    ],
)
def test_another_search_index_is_made_anew(graph: Graph, kinds: str, properties: str, analyzer: str) -> None:
    wanted = graph.rows(FULLTEXT)
    for index in schema.SEARCH_INDEXES:
        graph.rows(f"DROP INDEX {index.name}")
    graph.rows(
        f"CREATE FULLTEXT INDEX {schema.RECORD_INDEX.name} FOR (n:{kinds}) ON EACH [{properties}] "
        f"OPTIONS {{indexConfig: {{`fulltext.analyzer`: '{analyzer}'}}}}"
    )
    assert graph.rows(FULLTEXT) != wanted
    schema.set_up()
    assert graph.rows(FULLTEXT) == wanted


def test_search_indexes_are_left_alone_when_they_are_right(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    dropped: list[schema.SearchIndex] = []
    monkeypatch.setattr(schema, "drop_search_index", dropped.append)
    schema.set_up()
    assert dropped == []


def test_a_database_without_the_root_is_not_set_up(graph: Graph) -> None:
    assert schema.is_set_up()
    graph.empty()
    assert not schema.is_set_up()


def test_all_searched_properties_are_indexed(graph: Graph) -> None:
    found = {row["name"]: row for row in graph.rows(FULLTEXT)}
    assert set(found) == {"context_item_text", "ticket_text"}
    for index in schema.SEARCH_INDEXES:
        assert set(found[index.name]["properties"]) == set(index.properties)
        assert set(found[index.name]["labelsOrTypes"]) == set(index.kinds)
        assert found[index.name]["analyzer"] == "standard-folding"


def test_every_kind_is_in_one_search_index() -> None:
    """One in none would never be found."""
    assert sorted(ALL_KINDS) == sorted([*(node_class.kind() for node_class in NODE_CLASSES), "File"])


def test_the_search_index_is_made_while_others_write(graph: Graph) -> None:
    """The index takes its labels one by one, and so does who writes, in another order: Neo4j calls that a deadlock."""
    _drop_search_indexes()
    is_made = threading.Event()

    def some_of_each(transaction: ManagedTransaction) -> None:
        for kind in random.sample(ALL_KINDS, len(ALL_KINDS)):
            transaction.run(f"UNWIND range(1, 50) AS _ CREATE (:ContextItem:{kind} {{id: randomUUID()}})").consume()

    def write_on() -> tuple[int, int]:
        written = unknown = 0
        while not is_made.is_set():
            try:
                write(some_of_each)
                written += 50
            except GraphUnavailable:  # a busy machine may be silent for too long
                unknown += 50
            time.sleep(0.05)
        return written, unknown

    with ThreadPoolExecutor(2) as writers:
        tries = [writers.submit(write_on) for _ in range(2)]
        try:
            for _ in range(15):
                schema.create_search_indexes()
                _drop_search_indexes()
        finally:
            is_made.set()
    schema.create_search_indexes()
    written, unknown = (sum(numbers) for numbers in zip(*(tried.result() for tried in tries), strict=True))
    [count] = graph.rows("MATCH (n:Note) RETURN count(n) AS number")
    assert 0 < written <= count["number"] <= written + unknown
    assert [row["state"] for row in graph.rows(FULLTEXT)] == ["ONLINE", "ONLINE"]


def test_processes_may_set_the_graph_up_at_the_same_time(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    """As ``make run`` and a command that does not wait for it."""
    indexes = graph.rows(INDEXES)
    command = [sys.executable, "manage.py", "setup_graph"]
    own = os.environ | {"KNOWLEDGETREE_INSTANCE": str(tmp_path)}
    for _ in range(3):
        for row in graph.rows("SHOW CONSTRAINTS YIELD name RETURN name"):
            graph.rows(f"DROP CONSTRAINT {row['name']}")
        for row in graph.rows("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"):
            graph.rows(f"DROP INDEX {row['name']}")
        graph.rows("MATCH (m:GraphMigration) DELETE m")
        processes = [
            subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for _ in range(3)
        ]
        told = [process.communicate(timeout=60) for process in processes]
        assert [process.returncode for process in processes] == [0, 0, 0], told
        migrated = sorted(line for out, _ in told for line in out.splitlines() if line.startswith("Migrated: "))
        assert migrated == [f"Migrated: {migration.name}" for migration in MIGRATIONS]
    assert graph.rows(INDEXES) == indexes


def _drop_search_indexes() -> None:
    for index in schema.SEARCH_INDEXES:
        schema.drop_search_index(index)
