"""The offices of a company: a kind that two files brought, as any other kind."""

import pytest
from django.test import Client

from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import archived_keys, by_key, key_of_parent, live_names
from tests.people import person
from tests.syncing.conftest import Breaches, Sync
from tests.throwaway_neo4j import Graph
from tree import operations, queries
from tree.vocabulary import ROOT_ID


def test_each_has_its_place_and_facts(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, client: Client
) -> None:
    account, listed = next(iter(mirrored.world.accounts.items()))
    location = listed.locations[0]
    location.name, location.address, location.phone_number = "Old mill", "1 *Mill* Road", "+1 555 0100"
    assert sync("sync_codex").code == 0
    key = f"location:{location.id}"
    node = by_key(graph, key)
    assert node is not None
    assert key_of_parent(graph, key) == f"company:{account}:locations"
    shown = ("name", "address", "phone_number", "account_number", "codex_id")
    assert [node[name] for name in shown] == ["Old mill.md", "1 *Mill* Road", "+1 555 0100", account, location.id]
    assert {f"location:{place.id}" for listed in mirrored.world.accounts.values() for place in listed.locations} == {
        row["key"] for row in graph.rows("MATCH (n:Location) RETURN n.codex_key AS key")
    }
    assert breaches() == []
    assert sync("sync_codex").written == 0

    client.force_login(person("technician"))
    page = client.get(f"/node/{node['id']}/").content.decode()
    assert "1 *Mill* Road" in page.replace("\\", ""), "what Codex typed is no markup"
    assert "+1 555 0100" in page
    [hit] = queries.search("mill road", kind="Location").hits
    assert hit.row.uid == node["id"]


def test_a_note_that_links_to_one_mentions_it(mirrored: SampleCodex, graph: Graph) -> None:
    [location, *_] = graph.rows("MATCH (n:Location) RETURN n.id AS id")
    note = operations.create_note(ROOT_ID, "Way in", f"See [the office](/node/{location['id']}/).", author="tess")
    related = graph.rows("MATCH ({id: $note})-[r]->(:Location) RETURN type(r) AS type", note=note)
    assert [row["type"] for row in related] == ["MENTIONS"]


def test_one_that_leaves_is_archived_and_comes_back(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    location = world.add_location(account, "Warehouse")
    assert sync("sync_codex").written == 1
    world.remove_location(location.id)
    assert sync("sync_codex").code == 0
    assert archived_keys(graph) == {f"location:{location.id}"}
    world.account(account).locations.append(location)
    assert sync("sync_codex").code == 0
    assert not archived_keys(graph)


def test_a_mass_removal_is_held(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    world = mirrored.world
    account, listed = next(iter(world.accounts.items()))
    for number in range(4):
        world.add_location(account, f"Branch {number}")
    assert sync("sync_codex").code == 0
    listed.locations.clear()
    held = sync("sync_codex")
    assert held.code == 4
    assert "Locations would be archived" in held.run.reason
    assert not archived_keys(graph)


def test_a_bad_one_costs_itself_and_a_missing_list_nothing(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    listed = next(iter(mirrored.world.accounts.values()))
    listed.locations[0].address = 7  # type: ignore[assignment]
    refused = sync("sync_codex")
    assert refused.code == 3
    assert [(row.kind, row.codex_id) for row in refused.run.refused.all()] == [
        ("Location", str(listed.locations[0].id))
    ]
    assert not archived_keys(graph)
    assert breaches() == []


@pytest.mark.parametrize(
    ("name", "address", "called"),
    [
        ("HQ / East", None, "HQ / East.md"),
        (None, "5 High Street", "5 High Street.md"),
        (None, None, "(without a name).md"),
    ],
)
def test_its_name(
    name: str | None, address: str | None, called: str, mirrored: SampleCodex, sync: Sync, graph: Graph
) -> None:
    account = next(iter(mirrored.world.accounts))
    mirrored.world.add_location(account, name, address)
    assert sync("sync_codex").code == 0
    assert called in live_names(graph, f"company:{account}:locations", "Location")


def test_namesakes_are_told_apart(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    account = next(iter(mirrored.world.accounts))
    some = [mirrored.world.add_location(account, "Annex") for _ in range(2)]
    assert sync("sync_codex").code == 0
    names = live_names(graph, f"company:{account}:locations", "Location")
    assert {f"Annex ({location.id}).md" for location in some} <= names


def test_a_run_of_locations_alone(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    account = next(iter(mirrored.world.accounts))
    mirrored.world.add_location(account, "Depot")
    mirrored.world.add_asset(account, "LATER-1")
    assert sync("sync_codex", "--kind", "locations").written == 1
    assert "Depot.md" in live_names(graph, f"company:{account}:locations", "Location")
