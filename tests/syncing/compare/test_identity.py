"""Identity is Codex's key: whatever is renamed, swapped or moved keeps its id, its notes and its links."""

from collections.abc import Callable

import pytest
from msgspec import Struct, structs

from syncing.engine import execute
from syncing.models import SyncRun
from syncing.sample_codex.records import Contact, Message, Ticket
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import archived_keys, by_key, key_of_parent, live_names, nodes
from tests.syncing.conftest import Breaches, Sync
from tests.syncing.staff import staff_note
from tests.throwaway_neo4j import Graph

Settled = Callable[..., None]


class Colleague(Struct):
    """A contact ``here`` who will be ``there``, with her tickets, the id of her node, and that of a note below it."""

    contact: Contact
    here: str
    there: str
    asked: Ticket
    wrote: Ticket
    uid: str
    note: str


@pytest.fixture
def settled(sync: Sync, graph: Graph, breaches: Breaches) -> Settled:
    """One clean sync is enough: the next one has nothing to do, and the graph is sound."""

    def check(archives: bool = False) -> None:
        before = len(archived_keys(graph))
        first = sync("sync_codex")
        gone = len(archived_keys(graph)) - before
        assert first.run.totals().get("archived", 0) == gone, first.counts
        assert (gone > 0) is archives
        assert first.code == 0, first.reasons
        again = sync("sync_codex")
        assert (again.code, again.written) == (0, 0), again.counts
        assert breaches() == []

    return check


def name_of(graph: Graph, key: str) -> str:
    node = by_key(graph, key)
    assert node is not None
    return str(node["name"])


def id_of(graph: Graph, key: str) -> str:
    node = by_key(graph, key)
    assert node is not None
    return str(node["id"])


@pytest.mark.parametrize("name", ["Entirely New", "NORTHWIND LOGISTICS", "..", ".", "/", "a/b\\c", " ", "\u202eevil"])
def test_a_renamed_company_keeps_its_id_notes_and_children(
    name: str, mirrored: SampleCodex, graph: Graph, settled: Settled
) -> None:
    account = next(iter(mirrored.world.accounts))
    key = f"company:{account}"
    uid = id_of(graph, key)
    children = graph.rows("MATCH (:ContextItem {id: $id})-[:PARENT_OF*]->(n) RETURN n.id AS id ORDER BY id", id=uid)
    note = staff_note(graph, uid, "Passwords are in the vault.md")
    mirrored.world.rename_company(account, name)
    settled()
    assert id_of(graph, key) == uid
    assert graph.rows("MATCH (n:ContextItem {id: $id})<-[:PARENT_OF]-(p) RETURN p.id AS id", id=note) == [{"id": uid}]
    after = graph.rows("MATCH (:ContextItem {id: $id})-[:PARENT_OF*]->(n) RETURN n.id AS id ORDER BY id", id=uid)
    assert {row["id"] for row in after} == {row["id"] for row in children} | {note}


def test_case_only_rename(mirrored: SampleCodex, graph: Graph, settled: Settled) -> None:
    account, listed = list(mirrored.world.accounts.items())[1]
    contact = listed.contacts[0]
    uid = id_of(graph, f"user:{account}:{contact.id}")
    mirrored.world.rename_contact(contact.id, contact.name.upper())
    settled()
    assert id_of(graph, f"user:{account}:{contact.id}") == uid
    assert name_of(graph, f"user:{account}:{contact.id}") == contact.name.strip()


def test_two_of_a_kind_swap_names(mirrored: SampleCodex, graph: Graph, settled: Settled) -> None:
    world = mirrored.world
    (one, first), (two, second) = list(world.accounts.items())[:2]
    a, b = first.contacts[0], first.contacts[1]
    pc, server = first.assets[1], first.assets[2]
    keys = [f"company:{one}", f"company:{two}", f"user:{one}:{a.id}", f"user:{one}:{b.id}"]
    keys += [f"asset:{pc.id}", f"asset:{server.id}"]
    ids = {key: id_of(graph, key) for key in keys}
    first.company.name = "Sun"
    settled()
    world.swap_names(first.company, second.company)
    world.swap_names(a, b)
    world.swap_names(pc, server)
    settled()
    assert {key: id_of(graph, key) for key in keys} == ids
    assert name_of(graph, f"company:{two}") == "Sun"
    assert name_of(graph, f"user:{one}:{a.id}") == a.name.strip()
    assert name_of(graph, f"asset:{pc.id}").startswith(pc.hostname)


def test_an_asset_moves_to_another_company(mirrored: SampleCodex, graph: Graph, settled: Settled) -> None:
    world = mirrored.world
    one, two = list(world.accounts)[:2]
    asset = world.account(one).assets[1]
    user = world.account(two).contacts[0]
    key = f"asset:{asset.id}"
    uid = id_of(graph, key)
    note = staff_note(graph, uid, "Has a loose cable.md")
    world.move_asset(asset.id, two)
    asset.last_logged_in_user = user.email
    settled()
    assert id_of(graph, key) == uid
    assert key_of_parent(graph, key) == f"company:{two}:assets"
    assert graph.rows("MATCH (:Asset {id: $id})-[:PARENT_OF]->(n) RETURN n.id AS id", id=uid) == [{"id": note}]
    linked = graph.rows("MATCH (:Asset {id: $id})-[:USED_BY]->(u) RETURN u.codex_key AS key", id=uid)
    assert linked == [{"key": f"user:{two}:{user.id}"}]


def test_an_asset_moves_to_a_person_who_came_with_it(mirrored: SampleCodex, graph: Graph, settled: Settled) -> None:
    world = mirrored.world
    one, two = list(world.accounts)[:2]
    asset = world.account(one).assets[1]
    newcomer = world.add_contact(two, "Nora Newcomer", "nora@two.example")
    world.move_asset(asset.id, two)
    asset.last_logged_in_user = "TWO\\nora"
    settled()
    linked = graph.rows(
        "MATCH (:Asset {codex_key: $key})-[:USED_BY]->(u) RETURN u.codex_key AS key", key=f"asset:{asset.id}"
    )
    assert linked == [{"key": f"user:{two}:{newcomer.id}"}]


def test_two_assets_of_one_name_change_places(mirrored: SampleCodex, graph: Graph, settled: Settled) -> None:
    world = mirrored.world
    one, two = list(world.accounts)[:2]
    here, there = world.account(one).assets[1], world.account(two).assets[1]
    here.hostname = there.hostname = "TWIN"
    settled()
    ids = [id_of(graph, f"asset:{here.id}"), id_of(graph, f"asset:{there.id}")]
    world.move_asset(here.id, two)
    world.move_asset(there.id, one)
    settled()
    assert [id_of(graph, f"asset:{here.id}"), id_of(graph, f"asset:{there.id}")] == ids
    assert key_of_parent(graph, f"asset:{here.id}") == f"company:{two}:assets"
    assert name_of(graph, f"asset:{here.id}") == name_of(graph, f"asset:{there.id}") == "TWIN.md"


def test_an_asset_moves_out_of_a_company_that_leaves(mirrored: SampleCodex, graph: Graph, settled: Settled) -> None:
    world = mirrored.world
    one, two = list(world.accounts)[:2]
    asset = world.account(one).assets[1]
    world.move_asset(asset.id, two)
    world.remove_company(one)
    settled(archives=True)
    node = by_key(graph, f"asset:{asset.id}")
    assert node is not None
    assert "archived_at" not in node
    assert key_of_parent(graph, f"asset:{asset.id}") == f"company:{two}:assets"


def test_a_contact_of_two_companies_is_two_nodes(mirrored: SampleCodex, graph: Graph, settled: Settled) -> None:
    world = mirrored.world
    one, two = list(world.accounts)[:2]
    contact = world.account(one).contacts[2]
    world.share_contact(contact.id, two)
    settled()
    assert id_of(graph, f"user:{one}:{contact.id}") != id_of(graph, f"user:{two}:{contact.id}")
    uid = id_of(graph, f"user:{two}:{contact.id}")
    world.remove_contact(contact.id, one)
    settled(archives=True)
    assert id_of(graph, f"user:{two}:{contact.id}") == uid
    gone = by_key(graph, f"user:{one}:{contact.id}")
    assert gone is not None
    assert gone["archived_at"]


def test_namesakes_get_suffixes_that_a_person_understands(
    mirrored: SampleCodex, graph: Graph, settled: Settled
) -> None:
    world = mirrored.world
    account = list(world.accounts)[1]
    first = world.add_contact(account, "Ana Kim", "ana@acme.example")
    second = world.add_contact(account, "ana kim", "kim@acme.example")
    third = world.add_contact(account, "Ana Kim", "ana@acme.example")
    pcs = [world.add_asset(account, "DESKTOP-9") for _ in range(2)]
    settled()
    people = live_names(graph, f"company:{account}:users", "User")
    assert {
        f"Ana Kim (ana@acme.example) ({first.id})",
        "ana kim (kim@acme.example)",
        f"Ana Kim (ana@acme.example) ({third.id})",
    } <= people
    assert name_of(graph, f"asset:{pcs[0].id}") == f"DESKTOP-9 ({pcs[0].id}).md"
    mirrored.world.account(account).contacts.reverse()
    settled()
    assert live_names(graph, f"company:{account}:users", "User") == people
    world.remove_contact(first.id)
    world.remove_contact(third.id)
    settled(archives=True)
    assert name_of(graph, f"user:{account}:{second.id}") == "ana kim"


def test_names_made_to_look_like_our_suffixes(mirrored: SampleCodex, graph: Graph, settled: Settled) -> None:
    world = mirrored.world
    account = list(world.accounts)[1]
    people = [world.add_contact(account, "Eve", "e@x.example") for _ in range(2)]
    world.add_contact(account, "Eve (e@x.example)", "f@x.example")
    world.add_contact(account, f"Eve (e@x.example) ({people[0].id})", "g@x.example")
    settled()
    names = [n["name"] for n in nodes(graph).values() if n["name"].startswith("Eve")]
    assert len(names) == len({name.casefold() for name in names}) == 4


def test_composed_and_decomposed_letters_are_one_name(mirrored: SampleCodex, settled: Settled) -> None:
    world = mirrored.world
    account = list(world.accounts)[1]
    world.add_contact(account, "Zo\u00eb", "z1@x.example")
    world.add_contact(account, "Zoe\u0308", "z2@x.example")
    settled()


def test_a_rename_onto_the_name_of_a_staff_note(mirrored: SampleCodex, graph: Graph, settled: Settled) -> None:
    world = mirrored.world
    account, listed = list(world.accounts.items())[1]
    assets = id_of(graph, f"company:{account}:assets")
    note = staff_note(graph, assets, "Router.md")
    at_top = staff_note(graph, "root_Companies", "Zenith")
    before = {uid: nodes(graph, stamps=True)[uid] for uid in (note, at_top)}
    listed.assets[1].hostname = "ROUTER"
    listed.company.name = "zenith"
    settled()
    assert name_of(graph, f"asset:{listed.assets[1].id}") == f"ROUTER ({listed.assets[1].id}).md"
    assert name_of(graph, f"company:{account}") == f"zenith ({account})"
    assert {uid: nodes(graph, stamps=True)[uid] for uid in (note, at_top)} == before


def test_very_long_and_expanding_names(mirrored: SampleCodex, graph: Graph, settled: Settled) -> None:
    account = list(mirrored.world.accounts)[1]
    mirrored.world.rename_company(account, "\ufdfa" * 500)
    for number in range(2):
        mirrored.world.add_contact(account, "\ufdfa" * 499 + str(number), f"{number}@x.example")
    settled()
    assert name_of(graph, f"company:{account}") == "\ufdfa" * 500


def test_an_account_number_with_all_signs(mirrored: SampleCodex, graph: Graph, settled: Settled) -> None:
    account = "a:b/c?d#e%20 ü@..\\"
    mirrored.world.add_company(account, "Signs Ltd.")
    contact = mirrored.world.add_contact(account, "Sig Ner", "sig@signs.example")
    settled()
    [row] = graph.rows("MATCH (n:User {codex_id: $id}) RETURN n.account_number AS account", id=contact.id)
    assert row["account"] == account


@pytest.fixture
def colleague(mirrored: SampleCodex, sync: Sync, graph: Graph) -> Colleague:
    """A contact of the first company with two tickets there and a note; in one ticket she only wrote."""
    world = mirrored.world
    one, two = list(world.accounts)[:2]
    contact = world.add_contact(one, "Ana Kim", "ana@acme.example")
    asked = world.add_ticket(one, "My screen", contact)
    wrote = world.add_ticket(one, "The printer", world.account(one).contacts[0])
    wrote.conversations = [Message("ana@acme.example", "2026-06-01T10:00:00", "Mine too", True)]
    assert sync("sync_codex").code == sync("sync_tickets").code == 0
    note = staff_note(graph, id_of(graph, f"user:{one}:{contact.id}"), "Likes tea.md")
    uid = id_of(graph, f"user:{one}:{contact.id}")
    return Colleague(contact, one, two, asked, wrote, uid, note)


def moved(colleague: Colleague, graph: Graph) -> None:
    """She is the same node with her card, folder, note and tickets, in the second company."""
    who = colleague
    key = f"user:{who.there}:{who.contact.id}"
    now = nodes(graph)
    assert now[who.uid]["codex_key"] == key
    assert (now[who.uid]["account_number"], now[who.uid]["is archived"]) == (who.there, False)
    assert key_of_parent(graph, key) == f"company:{who.there}:users"
    assert (now[who.note]["parent_id"], now[who.note]["is archived"]) == (who.uid, False)
    assert by_key(graph, f"user:{who.here}:{who.contact.id}") is None
    assert {row["key"] for row in graph.rows(BELOW, id=who.uid)} == {f"{key}:contact", f"{key}:tickets"}
    for ticket, relation in ((who.asked, "REQUESTED_BY"), (who.wrote, "MENTIONS")):
        [row] = graph.rows(LINKED % relation, key=f"ticket:{ticket.ticket_id}", id=who.uid)
        assert row["number"] == 1, relation


BELOW = """MATCH (:ContextItem {id: $id})-[:PARENT_OF]->(n) WHERE n.origin = 'codex' AND n.archived_at IS NULL
RETURN n.codex_key AS key"""
LINKED = "MATCH (:Ticket {codex_key: $key})-[r:%s]->(:User {id: $id}) RETURN count(r) AS number"


def test_a_contact_that_changes_companies_moves(
    colleague: Colleague, mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    world, who = mirrored.world, colleague
    world.share_contact(who.contact.id, who.there)
    world.remove_contact(who.contact.id, who.here)
    done = sync("sync_codex")
    assert done.code == 0, done.reasons
    assert (done.counts["User"]["moved"], done.counts["User"].get("archived", 0)) == (1, 0)
    assert done.counts["User"].get("created", 0) == 0
    moved(who, graph)
    assert breaches() == []
    assert sync("sync_codex").written == 0
    for _ in range(2):
        assert sync("sync_tickets").code == 0
        moved(who, graph)
    assert sync("sync_tickets").written == 0
    assert breaches() == []


def test_contacts_that_change_companies_together_stay_in_the_ticket_of_all(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    world = mirrored.world
    one, two = list(world.accounts)[:2]
    people = [world.add_contact(one, name, f"{name}@acme.example") for name in ("ana", "bob", "cid")]
    ticket = world.add_ticket(one, "Our office", people[0])
    ticket.conversations = [Message(who.email, "2026-06-01T10:00:00", "Cold", True) for who in people]
    assert sync("sync_codex").code == sync("sync_tickets").code == 0
    for who in people:
        world.share_contact(who.id, two)
        world.remove_contact(who.id, one)
    assert sync("sync_codex").counts["User"]["moved"] == 3
    linked = (
        "MATCH (:Ticket {codex_key: $key})-[r:REQUESTED_BY|MENTIONS]->(u:User) RETURN u.codex_key AS user, type(r) AS r"
    )
    rows = graph.rows(linked, key=f"ticket:{ticket.ticket_id}")
    asked, *wrote = [f"user:{two}:{who.id}" for who in people]
    assert {(row["user"], row["r"]) for row in rows} == {
        (asked, "REQUESTED_BY"),
        *((user, "MENTIONS") for user in wrote),
    }
    assert breaches() == []


def test_a_contact_moves_out_of_a_company_that_leaves(
    colleague: Colleague, mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    who = colleague
    mirrored.world.share_contact(who.contact.id, who.there)
    mirrored.world.remove_company(who.here)
    before = len(archived_keys(graph))
    done = sync("sync_codex")
    assert done.code == 0, done.reasons
    assert done.run.totals()["archived"] == len(archived_keys(graph)) - before
    moved(who, graph)
    assert breaches() == []
    assert sync("sync_codex").written == 0


def test_a_contact_that_moved_back_and_an_undo(
    colleague: Colleague, mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    world, who = mirrored.world, colleague
    before = {uid: node for uid, node in nodes(graph).items() if not node["is archived"]}
    world.share_contact(who.contact.id, who.there)
    world.remove_contact(who.contact.id, who.here)
    run = sync("sync_codex").run
    plan = execute(SyncRun.objects.create(command="sync_codex", dry_run=True, undoes=run))
    assert sync("sync_codex", "--approve", plan.plan_hash).code == 0
    assert {uid: node for uid, node in nodes(graph).items() if not node["is archived"]} == before
    assert sync("sync_codex").counts["User"]["moved"] == 1
    moved(who, graph)
    world.share_contact(who.contact.id, who.here)
    world.remove_contact(who.contact.id, who.there)
    assert sync("sync_codex").counts["User"]["moved"] == 1
    moved(structs.replace(who, here=who.there, there=who.here), graph)
    assert sync("sync_tickets").code == 0
    assert breaches() == []


def test_a_contact_that_is_in_both_companies_does_not_move(
    colleague: Colleague, mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    who = colleague
    mirrored.world.share_contact(who.contact.id, who.there)
    done = sync("sync_codex")
    assert (done.counts["User"]["created"], done.counts["User"].get("moved", 0)) == (1, 0)
    assert id_of(graph, f"user:{who.here}:{who.contact.id}") == who.uid
    assert breaches() == []
    assert sync("sync_codex").written == 0


def test_a_contact_whose_old_list_was_not_read_does_not_move(
    colleague: Colleague, mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    who = colleague
    mirrored.world.share_contact(who.contact.id, who.there)
    mirrored.world.remove_contact(who.contact.id, who.here)
    mirrored.faults.break_record(who.here, "contacts")
    assert sync("sync_codex").code == 3
    assert id_of(graph, f"user:{who.here}:{who.contact.id}") == who.uid
    assert breaches() == []
