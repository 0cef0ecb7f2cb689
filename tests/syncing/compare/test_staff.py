"""What staff wrote is never changed, moved, renamed, locked or archived, whatever happens in Codex."""

import random
from typing import Any

import pytest

from syncing.sample_codex import faults
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import nodes
from tests.syncing.conftest import Breaches, Sync
from tests.syncing.staff import staff_note
from tests.throwaway_neo4j import Graph

_STAFF = """
MATCH (p)-[r:PARENT_OF]->(n:ContextItem {origin: 'staff'})
RETURN n.id AS id, properties(n) AS properties, labels(n) AS labels, p.id AS parent ORDER BY id
"""


WANTED = ("Read me.md", "Contact.md", "Tickets", "Users", "Assets", "NEW-PC.md", "Nell New", "Ticket_16.md")


def place_notes(graph: Graph) -> None:
    """Below every kind of node, with names that Codex has or will want."""
    parents = graph.rows(
        "MATCH (n:ContextItem) WHERE n.origin <> 'staff' OPTIONAL MATCH (n)-[:PARENT_OF]->(below) "
        "RETURN n.id AS id, n.name AS name, collect(toLower(below.name)) AS taken"
    )
    for row in parents:
        taken = set(row["taken"])
        for name in (*WANTED, row["name"]):
            if name.lower() not in taken:
                staff_note(graph, row["id"], name)
                taken.add(name.lower())
    [top] = graph.rows("MATCH (n {id: 'root'}) RETURN n.id AS id")
    inner = staff_note(graph, top["id"], "How we work")
    staff_note(graph, inner, "On call.md")


@pytest.mark.usefixtures("no_turns")
@pytest.mark.long
def test_ten_mixed_syncs(mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches) -> None:
    place_notes(graph)
    before: list[dict[str, Any]] = graph.rows(_STAFF)
    assert len(before) > 300
    rng = random.Random(7)  # noqa: S311
    world = mirrored.world
    left = None
    for turn in range(10):
        accounts = list(world.accounts)
        account = world.account(rng.choice(accounts))
        world.change(20)
        rng.choice(account.contacts).name = rng.choice(("Nell New", "Read me.md", "Users"))
        rng.choice(account.assets).hostname = rng.choice(("new-pc", "READ ME", "Contact"))
        world.move_asset(rng.choice(account.assets).id, accounts[-1])
        world.rename_company(rng.choice(accounts), rng.choice(("Companies", "How we work", "read me.md")))
        world.add_ticket(accounts[0], "New", account.contacts[0])
        if turn in (2, 6):
            left = world.remove_company(accounts[0])
        elif left is not None:
            world.restore_company(left)
            left = None
        if turn == 4:
            world.remove_contact(account.contacts[0].id)
        if turn == 8:
            mirrored.faults.add(faults.cut(900), "/api/companies/bulk")
        for command in ("sync_codex", "sync_tickets"):
            assert sync(command).code in (0, 1, 3, 4)
        assert graph.rows(_STAFF) == before, turn
    assert breaches() == []


def test_a_staff_note_written_after_the_comparison_keeps_its_name(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    account = next(iter(mirrored.world.accounts))
    mirrored.world.add_asset(account, "NEW-PC")
    shown = sync("sync_codex", "--dry-run")
    [folder] = graph.rows("MATCH (n {codex_key: $key}) RETURN n.id AS id", key=f"company:{account}:assets")
    staff_note(graph, folder["id"], "new-pc.md")
    before = graph.rows(_STAFF)
    applied = sync("sync_codex", "--approve", shown.run.plan_hash)
    assert applied.code == 3
    assert "is taken by another node" in applied.run.reason
    assert graph.rows(_STAFF) == before
    assert sync("sync_codex").code == 0
    assert graph.rows(_STAFF) == before
    assert breaches() == []


def test_what_has_become_the_staffs_since_the_comparison_is_left_alone(
    mirrored: SampleCodex, sync: Sync, graph: Graph
) -> None:
    """Somebody has made computers the staff's own by hand: a plan from before neither changes nor archives them."""
    changed, gone = next(iter(mirrored.world.accounts.values())).assets[:2]
    changed.operating_system = "Changed"
    mirrored.world.remove_asset(gone.id)
    shown = sync("sync_codex", "--dry-run")
    assert shown.counts["Asset"]["updated"] == shown.counts["Asset"]["archived"] == 1
    graph.rows("MATCH (n:Asset) SET n.origin = 'staff'")
    before = nodes(graph, stamps=True)
    applied = sync("sync_codex", "--approve", shown.run.plan_hash)
    assert applied.code == 3
    assert len(applied.reasons) == 2
    assert nodes(graph, stamps=True) == before
