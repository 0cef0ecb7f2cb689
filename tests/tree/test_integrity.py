"""check_graph finds each breach that is planted, and nothing in a sound graph; it writes nothing."""

import io
import json
from contextlib import suppress
from typing import Any

import pytest
from django.core.management import call_command

from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import graph_hash
from tests.syncing.conftest import Sync, codex, make_codex, mirrored, no_turns, sync, use, world_codex
from tests.syncing.staff import staff_note
from tests.throwaway_neo4j import Graph

__all__ = ["codex", "make_codex", "mirrored", "no_turns", "sync", "use", "world_codex"]

# What is planted, and the checks that must find it (others may, too).
PLANTED: dict[str, tuple[str, set[str]]] = {
    "second root": ("CREATE (:ContextItem:Folder {id: 'x', name: 'Loose'})", {"one root"}),
    "no root": ("MATCH (n {id: 'root'}) DETACH DELETE n", {"one root"}),
    "two parents": (
        "MATCH (a:Asset) WITH a LIMIT 1 MATCH (t:Ticket) WITH a, t LIMIT 1 CREATE (t)-[:PARENT_OF]->(a)",
        {"one parent"},
    ),
    "cycle": (
        (
            "MATCH (p)-[r:PARENT_OF]->(c:Company)-[:PARENT_OF]->(f:Folder) WITH r, c, f LIMIT 1 "
            "DELETE r CREATE (f)-[:PARENT_OF]->(c)"
        ),
        {"no cycle"},
    ),
    "orphan": ("MATCH ()-[r:PARENT_OF]->(:Ticket) WITH r LIMIT 1 DELETE r", {"one root", "no cycle"}),
    "sibling_key": ("MATCH (t:Ticket) WITH t LIMIT 1 SET t.sibling_key = 'x'", {"sibling_key"}),
    "sort_key": ("MATCH (t:Ticket) WITH t LIMIT 1 SET t.sort_key = 'x'", {"sort_key"}),
    "parent_id": ("MATCH (t:Ticket) WITH t LIMIT 1 SET t.parent_id = 'x'", {"parent_id"}),
    "renamed by hand": ("MATCH (t:Ticket) WITH t LIMIT 1 SET t.name = 'x'", {"sibling_key", "synced fields"}),
    "a changed field": (
        "MATCH (a:Asset) WITH a LIMIT 1 SET a.operating_system = 'x'",
        {"synced fields", "search keys"},
    ),
    "a field taken away": (
        "MATCH (c:Company) WITH c LIMIT 1 REMOVE c.account_number",
        {"synced fields", "search keys"},
    ),
    "lost search keys": ("MATCH (u:User) WITH u LIMIT 1 REMOVE u.search_keys", {"search keys"}),
    "a field added": ("MATCH (u:User) WITH u LIMIT 1 SET u.password = 'x'", {"synced fields"}),
    "a changed text": ("MATCH (n:Note) WITH n LIMIT 1 SET n.content = 'x'", {"synced fields"}),
    "live below archived": ("MATCH (c:Company) WITH c LIMIT 1 SET c.archived_at = 'now'", {"archived with its parent"}),
    "a link is missing": ("MATCH (:Ticket)-[r:REQUESTED_BY]->() WITH r LIMIT 1 DELETE r", {"links"}),
    "a folder's link is missing": ("MATCH (:Folder)-[r:LINKS_TO]->(:Ticket) WITH r LIMIT 1 DELETE r", {"links"}),
    "a computer's link is missing": ("MATCH (:Asset)-[r:USED_BY]->() WITH r LIMIT 1 DELETE r", {"links"}),
    "a link too many": (
        (
            "MATCH (t:Ticket)-[:REQUESTED_BY]->(u) WITH t, u LIMIT 1 MATCH (v:User) WHERE v <> u WITH t, v LIMIT 1 "
            "CREATE (t)-[:REQUESTED_BY]->(v)"
        ),
        {"links"},
    ),
    "a computer's link too many": (
        (
            "MATCH (a:Asset)-[:USED_BY]->(u) WITH a, u LIMIT 1 MATCH (v:User) WHERE v <> u WITH a, v LIMIT 1 "
            "CREATE (a)-[:USED_BY]->(v)"
        ),
        {"links"},
    ),
    "the same link twice": (
        "MATCH (a:Asset)-[:USED_BY]->(u) WITH a, u LIMIT 1 CREATE (a)-[:USED_BY]->(u)",
        {"links"},
    ),
    "a mention is missing": ("MATCH (:Ticket)-[m:MENTIONS]->() WITH m LIMIT 1 DELETE m", {"links"}),
    "a mention too many": (
        (
            "MATCH (t:Ticket) WITH t LIMIT 1 MATCH (u:User) WHERE NOT (t)-[:MENTIONS]->(u) WITH t, u LIMIT 1 "
            "CREATE (t)-[:MENTIONS]->(u)"
        ),
        {"links"},
    ),
    "the same mention twice": (
        "MATCH (t:Ticket)-[:MENTIONS]->(o) WITH t, o LIMIT 1 CREATE (t)-[:MENTIONS]->(o)",
        {"links"},
    ),
    "a link from another folder": (
        (
            "MATCH (t:Ticket)-[:REQUESTED_BY]->(u) WITH t, u LIMIT 1 "
            "MATCH (v:User)-[:PARENT_OF]->(f:Folder) WHERE v <> u "
            "WITH t, f LIMIT 1 CREATE (f)-[:LINKS_TO {evidence: 'requester e-mail'}]->(t)"
        ),
        {"links"},
    ),
    "a lease that ran out": (
        "MERGE (l:SyncLease {name: 'sync'}) SET l.run = 7, l.host = 'gone', l.expires_at = 0",
        {"sync lease"},
    ),
}


def check() -> tuple[int, dict[str, Any], str]:
    """Exit code, the answer as JSON, and as text."""
    line, text = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("check_graph", "--json", stdout=line)
    except SystemExit as ending:
        code = int(ending.code or 0)
    with suppress(SystemExit):
        call_command("check_graph", stdout=text)
    return code, json.loads(line.getvalue()), text.getvalue()


def test_a_fresh_graph_is_sound(graph: Graph) -> None:
    code, found, text = check()
    assert (code, found) == (0, {"ok": True, "nodes": 2, "breaches": []})
    assert text == "2 nodes, no breaches.\n"


def test_an_empty_database_has_no_root(graph: Graph) -> None:
    graph.empty()
    code, found, text = check()
    assert code == 1
    assert text.endswith("0 nodes, 1 breach.\n")
    assert "setup_graph" in found["breaches"][0]["message"]


def test_a_synced_graph_with_notes_and_archived_nodes_is_sound(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    account = list(mirrored.world.accounts)[1]
    asset = mirrored.world.account(account).assets[0]
    mirrored.world.remove_asset(asset.id)
    mirrored.world.remove_company(list(mirrored.world.accounts)[2])
    sync("sync_codex")
    [row] = graph.rows("MATCH (n {codex_key: $key}) RETURN n.id AS id", key=f"company:{account}")
    staff_note(graph, row["id"], "A note.md")
    code, found, _ = check()
    assert (code, found["breaches"]) == (0, [])
    assert found["nodes"] == graph.rows("MATCH (n:ContextItem) RETURN count(n) AS n")[0]["n"]


@pytest.mark.long
def test_each_planted_breach_is_found(mirrored: SampleCodex, sync: Sync, graph: Graph, no_turns: None) -> None:
    for name, (cypher, expected) in PLANTED.items():
        graph.empty()
        for command in ("sync_codex", "sync_tickets"):
            assert sync(command).code == 0
        graph.rows(cypher)
        before = graph_hash(graph, stamps=True)
        code, found, text = check()
        assert code == 1, name
        assert found["ok"] is False
        assert expected <= {breach["check"] for breach in found["breaches"]}, (name, found)
        assert all(breach["message"] in text for breach in found["breaches"])
        assert graph_hash(graph, stamps=True) == before


def test_many_breaches_are_cut_short(graph: Graph) -> None:
    graph.rows("UNWIND range(1, 300) AS i CREATE (:ContextItem {id: 'x' + i})")
    code, found, text = check()
    assert code == 1
    loose = [breach for breach in found["breaches"] if breach["check"] == "one root"]
    assert len(loose) == 101
    assert "more than 100" in text
