"""A sync makes the tree of the design, says what it did, and a second one writes nothing."""

import pytest

from syncing import engine
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import by_key, edges, graph_hash, key_of_parent, live_names, nodes
from tests.syncing.conftest import Breaches, Sync
from tests.throwaway_neo4j import Graph
from tree.graph import schema
from tree.queries import search


def test_the_tree_holds_what_codex_holds(mirrored: SampleCodex, graph: Graph, breaches: Breaches) -> None:
    world = mirrored.world
    kinds = {
        row["kind"]: row["number"]
        for row in graph.rows(
            "MATCH (n:ContextItem {origin: 'codex'}) "
            "RETURN [l IN labels(n) WHERE l <> 'ContextItem'][0] AS kind, count(*) AS number"
        )
    }
    counts = world.counts()
    assert kinds == {
        "Company": counts["companies"],
        "User": counts["contacts"],
        "Note": counts["contacts"],
        "Location": sum(len(listed.locations) for listed in world.accounts.values()),
        "Asset": counts["assets"],
        "Ticket": counts["tickets"],
        "Folder": 4 * counts["companies"] + counts["contacts"],
    }
    assert breaches() == []


def test_each_record_hangs_where_the_design_says(mirrored: SampleCodex, graph: Graph) -> None:
    account, listed = next(iter(mirrored.world.accounts.items()))
    company = f"company:{account}"
    contact, asset, ticket = listed.contacts[1], listed.assets[1], listed.tickets[1]
    user = f"user:{account}:{contact.id}"
    assert live_names(graph, company, "Folder") == {"Users", "Locations", "Assets", "Tickets"}
    assert key_of_parent(graph, user) == f"{company}:users"
    assert key_of_parent(graph, f"{user}:contact") == user
    assert key_of_parent(graph, f"asset:{asset.id}") == f"{company}:assets"
    assert key_of_parent(graph, f"ticket:{ticket.ticket_id}") == f"{company}:tickets"
    assert live_names(graph, user, "Note") == {"Contact.md"}
    assert live_names(graph, user, "Folder") == {"Tickets"}
    node = by_key(graph, f"ticket:{ticket.ticket_id}")
    assert node is not None
    assert node["name"] == f"Ticket_{ticket.ticket_id}.md"
    folder = by_key(graph, f"{user}:tickets")
    assert folder is not None
    assert folder["is_attached"] is True
    assert folder["is_folder"] is True


def test_a_first_load_makes_the_search_index_of_what_it_loads_anew(
    world_codex: SampleCodex, sync: Sync, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_codex.world
    account, listed = next(iter(world.accounts.items()))
    monkeypatch.setattr(engine, "FIRST_LOAD_FROM", 1)
    dropped: list[tuple[str, bool]] = []
    drop = schema.drop_search_index

    def noted(index: schema.SearchIndex) -> None:
        drop(index)
        dropped.append((index.name, bool(search(listed.contacts[0].email, kind="User").hits)))

    monkeypatch.setattr(schema, "drop_search_index", noted)
    sync("sync_codex")
    assert dropped == [("context_item_text", False)]
    sync("sync_tickets")
    assert dropped[1:] == [("ticket_text", True)], "people could be found meanwhile"
    world.add_ticket(account, "A frobnicator rattles")
    world.add_contact(account, "Fro Bnicator", "fro@bnicator.example")
    assert [sync(command).written > 0 for command in ("sync_codex", "sync_tickets")] == [True, True]
    assert len(dropped) == 2, "a few more are written with the indexes on"
    assert [index["state"] for index in graph.rows("SHOW FULLTEXT INDEXES YIELD state RETURN state")] == 2 * ["ONLINE"]
    assert search("frobnicator", kind="Ticket").hits


def test_a_second_run_writes_nothing(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    before, edges_before = nodes(graph, stamps=True), edges(graph)
    for command in ("sync_codex", "sync_tickets"):
        again = sync(command)
        assert again.code == 0
        assert again.written == 0, again.counts
        assert again.run.totals()["unchanged"] > 0
    assert nodes(graph, stamps=True) == before
    assert edges(graph) == edges_before


def test_an_old_codex_without_bulk_gives_the_same_graph(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    whole = graph_hash(graph)
    mirrored.api.bulk = False
    graph.empty()
    assert sync("sync_codex").code == 0
    assert mirrored.requests("/api/companies/bulk")[-1].status == 404
    assert sync("sync_tickets").code == 0
    assert graph_hash(graph) == whole
