"""What older versions wrote into the graph is changed once, in order, whoever sets the graph up."""

import io
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from neo4j import ManagedTransaction

from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make, relate
from tree.graph import key_migration, migrations, schema
from tree.graph.migrations import Migration
from tree.vocabulary import COMPANIES_ID, LINK_EVIDENCE

LEDGER = "MATCH (m:GraphMigration) RETURN m.name AS name ORDER BY m.applied_at, name"
NOTES = "MATCH (n:Mark) RETURN n.by AS by ORDER BY n.at"
RELATIONS = "MATCH (:Note {name: 'How to'})-[r {evidence: $e}]->(n) RETURN type(r) AS type, n.id AS id ORDER BY type"


def leaves_a_mark(name: str, seconds: float = 0.0) -> Migration:
    def change(transaction: ManagedTransaction) -> None:
        time.sleep(seconds)
        transaction.run("CREATE (:Mark {by: $name, at: $at})", name=name, at=time.monotonic()).consume()

    return Migration(name, change)


def fails(transaction: ManagedTransaction) -> None:
    transaction.run("CREATE (:Mark {by: 'broken'})").consume()
    raise RuntimeError("broken off")


def test_each_runs_once_and_in_order(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    assert schema.set_up() == []
    first, second = leaves_a_mark("8001_second_by_name"), leaves_a_mark("8000_first_by_name")
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, first))
    assert not schema.is_set_up()
    assert schema.set_up() == [first.name]
    assert schema.is_set_up()
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, second))
    assert schema.set_up() == [second.name]
    assert schema.set_up() == []
    assert [row["by"] for row in graph.rows(NOTES)] == [first.name, second.name]


def test_setup_graph_names_what_it_ran(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, leaves_a_mark("9000_marks")))
    told = [io.StringIO(), io.StringIO()]
    for out in told:
        call_command("setup_graph", stdout=out)
    assert told[0].getvalue() == "Migrated: 9000_marks\nThe graph is set up.\n"
    assert told[1].getvalue() == "The graph is set up.\n"


def test_one_that_breaks_off_leaves_nothing_and_runs_again(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    before = graph.rows(LEDGER)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, Migration("9000_marks", fails)))
    with pytest.raises(RuntimeError, match="broken off"):
        schema.set_up()
    assert graph.rows(LEDGER) == before
    assert graph.rows(NOTES) == []
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS[:-1], leaves_a_mark("9000_marks")))
    assert schema.set_up() == ["9000_marks"]


def test_of_several_at_once_one_runs_it(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = leaves_a_mark("9000_marks", seconds=0.5)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, slow))
    with ThreadPoolExecutor(4) as threads:
        ran = [future.result() for future in [threads.submit(migrations.migrate) for _ in range(4)]]
    assert sorted(ran) == [[], [], [], [slow.name]]
    assert len(graph.rows(NOTES)) == 1


def test_a_graph_from_before_the_ledger_gets_its_mentions_once(acme: Acme, graph: Graph) -> None:
    graph.rows("DROP CONSTRAINT graph_migration_name")
    graph.rows("MATCH (m:GraphMigration) DELETE m")
    note = make("Note", "How to")
    relate("LINKS_TO", note, acme.company, LINK_EVIDENCE)
    relate("LINKS_TO", note, COMPANIES_ID, LINK_EVIDENCE)
    assert not schema.is_set_up()
    assert schema.set_up() == [migration.name for migration in migrations.MIGRATIONS]
    expected = [{"type": "LINKS_TO", "id": COMPANIES_ID}, {"type": "MENTIONS", "id": acme.company}]
    assert graph.rows(RELATIONS, e=LINK_EVIDENCE) == expected
    relate("LINKS_TO", note, acme.company, LINK_EVIDENCE)
    assert schema.set_up() == []
    types = [row["type"] for row in graph.rows(RELATIONS, e=LINK_EVIDENCE)]
    assert types == ["LINKS_TO", "LINKS_TO", "MENTIONS"]


def test_an_older_graph_gets_its_search_keys_and_goes_on_where_it_was_broken_off(
    acme: Acme, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = "MATCH (n:ContextItem) RETURN n.id AS id, n.search_keys AS keys, n.search_scope AS scope ORDER BY id"
    before = graph.rows(keys)
    graph.rows("CREATE (:File {id: 'f1', filename: 'x.pdf', original_filename: 'Floor-Plan.pdf'})")
    graph.rows("MATCH (n:ContextItem) REMOVE n.search_keys, n.search_scope")
    graph.rows("MATCH (m:GraphMigration {name: '0002_search_keys'}) DELETE m")
    monkeypatch.setattr(key_migration, "NODES_AT_ONCE", 3)
    seen: list[int] = []

    def breaks_off(number: int) -> None:
        seen.append(number)
        if number == 6:
            raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        schema.set_up(breaks_off)
    assert seen == [3, 6]
    assert 0 < len([row for row in graph.rows(keys) if row["scope"]]) <= 6
    assert schema.set_up() == ["0002_search_keys"]
    assert graph.rows(keys) == before
    assert "floorplan" in graph.rows("MATCH (f:File) RETURN f.search_keys AS keys")[0]["keys"].replace("pdf", "")
