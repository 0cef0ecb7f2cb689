"""Removal means archive; mass removal waits for an admin, who approves that plan by its hash, once."""

import json
from itertools import product
from typing import Any

import pytest

from syncing.compare.held_removals import is_mass_removal, outweighs
from syncing.models import SyncRun
from syncing.plan.plan_files import plan_folder
from syncing.sample_codex import faults
from syncing.sample_codex.faults import ALWAYS
from syncing.sample_codex.records import InternalNote
from syncing.sample_codex.server import SampleCodex
from syncing.sample_codex.world import Account
from tests.fake_codex import MakeCodex
from tests.fault_counts import usual_or_all
from tests.graph_assertions import archived_counts, archived_keys, by_key, edges, graph_hash, nodes
from tests.syncing.conftest import Breaches, Sync, Use
from tests.syncing.staff import staff_note
from tests.throwaway_neo4j import Graph

KINDS = {"contacts": "User", "assets": "Asset", "tickets": "Ticket"}
SIZE = 60


@pytest.mark.parametrize(
    ("gone", "live", "kind", "held"),
    [
        (1, 1, "User", False),
        (2, 2, "User", False),
        (3, 3, "User", True),
        (2, 3, "User", False),
        (5, 50, "Asset", False),
        (6, 50, "Asset", True),
        (6, 60, "Asset", False),
        (7, 60, "Asset", True),
        (1, 1, "Company", True),
        (1, 2, "Company", False),
        (100, 1000, "Ticket", False),
        (101, 1000, "Ticket", True),
    ],
)
def test_the_threshold(gone: int, live: int, kind: str, held: bool) -> None:
    assert is_mass_removal(gone, live, kind) is held


@pytest.fixture
def large(make_codex: MakeCodex, use: Use, sync: Sync) -> SampleCodex:
    """2 companies with 60 of everything, in the graph."""
    codex = use(make_codex(companies=2, contacts=SIZE, assets=SIZE, tickets=SIZE))
    assert sync("sync_codex").code == 0
    assert sync("sync_tickets").code == 0
    return codex


SHORT_BY_ONE_COMPANY = usual_or_all((0, 1, 6, 7, 60), (0, 1, 5, 6, 7, 15, 30, 59, 60))
# How many companies have a short list, and by how many records.
SHORT_LISTS = usual_or_all(((1, 1), (1, 6), (1, 7), (2, 6), (2, 60)), tuple(product((1, 2), SHORT_BY_ONE_COMPANY)))


@pytest.mark.usefixtures("no_turns")
@pytest.mark.faults
@pytest.mark.long
@pytest.mark.parametrize("what", KINDS)
def test_a_short_list_archives_a_few_and_holds_many(
    what: str, large: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, subtests: pytest.Subtests
) -> None:
    """Up to 6 (10 %), 7 (11 %) and more, and all of one company's list, or of each, are missing, twice running."""
    command = "sync_tickets" if what == "tickets" else "sync_codex"
    whole = graph_hash(graph)
    for lists, missing in SHORT_LISTS:
        with subtests.test(lists=lists, missing=missing):
            large.faults.clear()
            large.faults.add(_without_last(missing, what, lists), "/api/companies/bulk", times=ALWAYS)
            for _ in range(2):
                result = sync(command)
                held = missing > 6
                assert result.code == (4 if held else 0), result.reasons
                archived = {k for k in archived_keys(graph) if k.count(":") < 3}
                assert len(archived) == (0 if held else missing * lists)
                if held:
                    assert f"{missing} of {SIZE}" in result.run.reason
                    assert result.run.held_hash in result.err
            assert breaches() == []
            large.faults.clear()
            assert sync(command).code == 0
            assert graph_hash(graph) == whole


def _without_last(number: int, what: str, lists: int = 1) -> faults.Responder:
    def shorter(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for row in rows[:lists]:
            row[what] = row[what][: SIZE - number]
        return rows

    return faults.edit(shorter)


@pytest.mark.usefixtures("no_turns")
@pytest.mark.faults
@pytest.mark.long
def test_a_short_list_of_companies_archives_a_few_and_holds_many(
    make_codex: MakeCodex, use: Use, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    """The same for the companies themselves, which take with them what is below."""
    codex = use(make_codex(companies=SIZE, contacts=1, assets=1, tickets=0))
    assert sync("sync_codex").code == 0
    whole = graph_hash(graph)
    for missing in SHORT_BY_ONE_COMPANY:
        for path in ("/api/companies", "/api/companies/bulk"):
            codex.faults.add(faults.first_rows(SIZE - missing), path, times=ALWAYS)
        for _ in range(2):
            result = sync("sync_codex")
            held = missing > 6
            assert result.code == (4 if held else 0), (missing, result.reasons)
            archived = {key for key in archived_keys(graph) if key.startswith("company:") and key.count(":") == 1}
            assert len(archived) == (0 if held else missing)
            if held:
                assert f"{missing} of {SIZE} in Companies" in result.run.reason
        assert breaches() == []
        codex.faults.clear()
        assert sync("sync_codex").code == 0
        assert graph_hash(graph) == whole


def test_what_hangs_below_a_company_counts(
    make_codex: MakeCodex, use: Use, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    """Two of twenty companies are a tenth of that list, which would not be held for their number."""
    codex = use(make_codex(companies=20, contacts=12, assets=12, tickets=1))
    assert sync("sync_codex").code == 0
    gone = [codex.world.remove_company(account) for account in list(codex.world.accounts)[3:5]]
    records = sum(1 + len(company.contacts) + len(company.assets) + len(company.locations) for company in gone)
    check = sync("sync_codex", "--dry-run", "--json")
    assert f"2 of 20 in Companies would be archived, {records} records in all" in json.loads(check.out)["reason"]
    held = sync("sync_codex", "--json")
    assert held.code == 4
    assert not archived_keys(graph)
    told = json.loads(held.out)
    assert f"Held: 2 of 20 in Companies would be archived, {records} records in all." in told["reason"]
    approved = sync("sync_codex", "--approve", told["plan"], "--json")
    assert approved.code == 0
    archived = {kind: actions["archived"] for kind, actions in archived_counts(graph).items()}
    counts = json.loads(approved.out)["counts"]
    assert {kind: actions["archived"] for kind, actions in counts.items()} == archived
    assert {kind: actions["held"] for kind, actions in told["counts"].items() if "held" in actions} == archived
    assert archived["User"] == 24
    assert breaches() == []


def test_a_little_from_every_list_counts_together(make_codex: MakeCodex, use: Use, sync: Sync, graph: Graph) -> None:
    codex = use(make_codex(companies=6, contacts=50, assets=50, tickets=0))
    assert sync("sync_codex").code == 0
    for listed in codex.world.accounts.values():
        listed.contacts[:] = listed.contacts[:-5]
    assert sync("sync_codex").code == 0
    for listed in codex.world.accounts.values():
        listed.contacts[:] = listed.contacts[:-5]
        listed.assets[:] = listed.assets[:-5]
    held = sync("sync_codex")
    assert held.code == 4
    assert held.run.held_why == ["60 in 12 lists together would be archived"]
    assert (held.run.holds_removals, held.run.holds_updates) == (True, False)
    assert held.counts["User"]["held"] == 30
    assert len([key for key in archived_keys(graph) if key.startswith("user:") and key.count(":") == 2]) == 30


@pytest.mark.parametrize(
    ("records", "live", "is_held"),
    [(50, 100, False), (51, 100, True), (51, 1020, False), (4530, 90_600, False), (9030, 90_600, True)],
)
def test_the_threshold_of_the_whole_tree(records: int, live: int, is_held: bool) -> None:
    assert outweighs(records, live) is is_held


RENAMED = {"contacts": "name", "assets": "hostname", "tickets": "subject"}
FIELDS = {"contacts": "title", "assets": "operating_system", "locations": "address", "tickets": "priority"}


@pytest.fixture
def twenty(make_codex: MakeCodex, use: Use, sync: Sync) -> SampleCodex:
    """A company with 20 contacts, assets and tickets, all of them with every field that the tests empty."""
    codex = use(make_codex(companies=1, contacts=20, assets=20, tickets=20))
    [listed] = codex.world.accounts.values()
    for what, name in FIELDS.items():
        for record in getattr(listed, what):
            setattr(record, name, "Something")
    for ticket in listed.tickets:
        ticket.description, ticket.conversations = "<p>It hums.</p>", []
        ticket.notes = [InternalNote("tom@msp.example", "2026-06-01", "Fuse.")]
    assert sync("sync_codex").code == 0
    assert sync("sync_tickets").code == 0
    return codex


@pytest.mark.parametrize(
    ("what", "name"),
    [("contacts", "title"), ("assets", "operating_system"), ("tickets", "priority"), ("tickets", "notes")],
)
def test_a_field_that_is_emptied_in_many_records_waits_for_approval(
    what: str, name: str, twenty: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    command = "sync_tickets" if what == "tickets" else "sync_codex"
    [listed] = twenty.world.accounts.values()
    records = getattr(listed, what)
    empty: Any = [] if name == "notes" else None
    for record in records[:5]:
        setattr(record, name, empty)
    assert sync(command).code == 0, "five may be emptied"
    setattr(records[19], RENAMED[what], "Renamed")
    for record in records[5:11]:
        setattr(record, name, empty)
    before = nodes(graph, stamps=True)
    held = sync(command, "--json")
    told = json.loads(held.out)
    kind = KINDS[what]
    assert held.code == 4
    assert f"Held: {name} would be emptied in 6 of 20 in {listed.company.name} / {_folder(what)}." in told["reason"]
    assert told["counts"][kind]["held"] == 6
    assert told["counts"][kind]["updated"] == 1
    assert told["counts"][kind]["archived"] == 0
    now = nodes(graph, stamps=True)
    changed = {node["codex_key"] for uid, node in now.items() if node != before[uid]}
    assert {key.removesuffix(":contact") for key in changed} == {key_of(what, listed, records[19])}
    assert sync(command).code == 4, "they are held as long as Codex has them so"
    approved = sync(command, "--approve", told["plan"])
    assert approved.code == 0, approved.run.reason
    assert approved.counts[kind] == {"updated": 6}
    assert sync(command).written == 0
    assert not archived_keys(graph)
    assert breaches() == []


def key_of(what: str, listed: Account, record: Any) -> str:
    if what == "contacts":
        return f"user:{listed.company.account_number}:{record.id}"
    return f"asset:{record.id}" if what == "assets" else f"ticket:{record.ticket_id}"


def _folder(what: str) -> str:
    return {"contacts": "Users", "assets": "Assets", "tickets": "Tickets"}[what]


def test_a_field_that_gets_another_value_is_not_emptied(twenty: SampleCodex, sync: Sync) -> None:
    [listed] = twenty.world.accounts.values()
    for contact in listed.contacts:
        contact.title, contact.active = "Another", False
    done = sync("sync_codex")
    assert (done.code, done.counts["User"]["updated"]) == (0, 20)


def test_companies_whose_field_is_emptied_wait(make_codex: MakeCodex, use: Use, sync: Sync, graph: Graph) -> None:
    codex = use(make_codex(companies=7, contacts=1, assets=1, tickets=0))
    for listed in codex.world.accounts.values():
        listed.company.phone_system = "Plenty"
    assert sync("sync_codex").code == 0
    for listed in codex.world.accounts.values():
        listed.company.phone_system = None
    held = sync("sync_codex")
    assert held.run.held_why == ["phone_system would be emptied in 7 of 7 in Companies"]
    assert (held.run.holds_removals, held.run.holds_updates) == (False, True)
    assert {row["n"] for row in graph.rows("MATCH (n:Company) RETURN n.phone_system AS n")} == {"Plenty"}
    assert sync("sync_codex", "--approve", held.run.held_hash).counts == {"Company": {"updated": 7}}
    assert {row["n"] for row in graph.rows("MATCH (n:Company) RETURN n.phone_system AS n")} == {None}


def test_an_empty_list_of_companies_is_held(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    before = graph_hash(graph, stamps=True)
    for path in ("/api/companies", "/api/companies/bulk"):
        mirrored.faults.add(faults.empty(), path, times=ALWAYS)
    for _ in range(2):
        result = sync("sync_codex")
        assert result.code == 4
        assert result.run.status == SyncRun.Status.NEEDS_APPROVAL
        assert "3 of 3 in Companies" in result.run.reason
    assert graph_hash(graph, stamps=True) == before
    assert sync("sync_tickets").code == 0
    assert graph_hash(graph, stamps=True) == before


def test_what_is_new_is_written_although_a_removal_is_held(large: SampleCodex, sync: Sync, graph: Graph) -> None:
    account = next(iter(large.world.accounts))
    listed = large.world.account(account)
    gone = {contact.id for contact in listed.contacts[:20]}
    listed.contacts[:] = [contact for contact in listed.contacts if contact.id not in gone]
    listed.assets[0].operating_system = "Changed"
    large.world.add_contact(account, "Nell New", "nell@new.example")
    result = sync("sync_codex")
    assert result.code == 4
    assert result.counts["Asset"]["updated"] >= 1
    assert result.counts["User"]["created"] == 1
    assert not archived_keys(graph)


def test_a_check_names_what_would_be_held_and_the_hash_that_applies_its_plan(
    large: SampleCodex, sync: Sync, graph: Graph
) -> None:
    large.faults.add(_without_last(30, "contacts"), "/api/companies/bulk", times=ALWAYS)
    check = sync("sync_codex", "--dry-run", "--json")
    assert check.code == 0
    found = json.loads(check.out)
    assert "nothing written. Held: 30 of 60" in found["reason"]
    assert (found["counts"]["User"]["archived"], found["counts"]["User"]["held"]) == (0, 30)
    applied = sync("sync_codex", "--approve", found["plan"])
    assert applied.code == 4, applied.run.reason  # all but the removal, which waits for an approval of its own
    assert not archived_keys(graph)


def test_approval_works_once(large: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches) -> None:
    large.faults.add(_without_last(30, "contacts"), "/api/companies/bulk", times=ALWAYS)
    held = sync("sync_codex")
    asked = sync("sync_codex", "--apply", held.run.held_hash)
    assert (asked.code, asked.run.pk) == (4, held.run.pk), "what is held is not applied without an approval"
    assert f"--approve {held.run.held_hash}" in asked.err
    assert not archived_keys(graph)
    approved = sync("sync_codex", "--approve", held.run.held_hash)
    assert approved.code == 0, approved.run.reason
    assert approved.counts == archived_counts(graph)
    assert approved.counts["User"] == {"archived": 30}
    assert len({k for k in archived_keys(graph) if k.count(":") == 2}) == 30
    assert breaches() == []
    again = sync("sync_codex", "--approve", held.run.held_hash)
    assert again.code == 1
    assert "it was used" in again.run.reason
    assert sync("sync_codex").written == 0


def test_approval_dies_when_the_data_changed(large: SampleCodex, sync: Sync, graph: Graph) -> None:
    large.faults.add(_without_last(30, "assets"), "/api/companies/bulk", times=ALWAYS)
    held = sync("sync_codex")
    large.faults.clear()
    [account, *_] = large.world.accounts
    large.world.account(account).assets[-1].operating_system = "Changed"
    assert sync("sync_codex", "--company", account).code == 0
    before = graph_hash(graph, stamps=True)
    refused = sync("sync_codex", "--approve", held.run.held_hash)
    assert refused.code == 1
    assert "replaced by a newer run" in refused.run.reason
    assert graph_hash(graph, stamps=True) == before


@pytest.mark.parametrize("newer", ["everything", "the company"])
def test_a_newer_run_over_the_same_lists_replaces_what_waits_and_another_does_not(
    newer: str, large: SampleCodex, sync: Sync, graph: Graph
) -> None:
    large.faults.add(_without_last(30, "tickets"), "/api/companies/bulk", times=1)
    held = sync("sync_tickets")
    assert held.code == 4
    account, other = list(large.world.accounts)[:2]
    assert sync("sync_tickets", "--company", other).code == 0
    assert sync("sync_tickets", "--since", "2999-01-01").code == 0
    held.run.refresh_from_db()
    assert held.run.held_settled_at is None
    assert sync("sync_tickets", *(("--company", account) if newer == "the company" else ())).code == 0
    held.run.refresh_from_db()
    assert held.run.held_outcome == "superseded"
    assert sync("sync_tickets", "--approve", held.run.held_hash).code == 1
    assert not archived_keys(graph)


def test_a_wrong_hash_and_another_commands_hash_are_refused(large: SampleCodex, sync: Sync, graph: Graph) -> None:
    large.faults.add(_without_last(30, "contacts"), "/api/companies/bulk", times=ALWAYS)
    held = sync("sync_codex")
    before = graph_hash(graph, stamps=True)
    for command, text in (("sync_codex", "0123456789abcdef"), ("sync_tickets", held.run.held_hash)):
        refused = sync(command, "--approve", text)
        assert refused.code == 1
        assert text in refused.run.reason
    assert graph_hash(graph, stamps=True) == before


def test_a_plan_that_was_altered_on_disk_is_refused(large: SampleCodex, sync: Sync, graph: Graph) -> None:
    large.faults.add(_without_last(30, "contacts"), "/api/companies/bulk", times=ALWAYS)
    held = sync("sync_codex")
    file = plan_folder(held.run.pk) / "held.jsonl"
    whole = file.read_bytes()
    before = graph_hash(graph, stamps=True)
    for altered in (whole.replace(b"archive", b"ArchivE", 1), whole[:-1], b"", whole + whole.splitlines()[0]):
        file.write_bytes(altered)
        refused = sync("sync_codex", "--approve", held.run.held_hash)
        assert refused.code == 1
        assert "altered on disk" in refused.run.reason
    file.unlink()
    assert sync("sync_codex", "--approve", held.run.held_hash).code == 1
    assert graph_hash(graph, stamps=True) == before


def test_one_record_leaves_and_returns_whole(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    contact = world.account(account).contacts[1]
    whole, links = nodes(graph), edges(graph)
    key = f"user:{account}:{contact.id}"
    uid = next(n["id"] for n in whole.values() if n.get("codex_key") == key)
    note = staff_note(graph, uid, "Likes to be called.md")
    place = world.account(account).contacts.index(contact)
    world.remove_contact(contact.id, account)
    assert sync("sync_codex").counts["User"]["archived"] == 1
    assert sync("sync_tickets").code == 0
    assert archived_keys(graph) == {key, f"{key}:contact", f"{key}:tickets"}
    assert "archived_at" not in nodes(graph, stamps=True)[note]
    assert breaches() == []
    world.account(account).contacts.insert(place, contact)
    assert sync("sync_codex").counts["User"]["restored"] == 1
    assert sync("sync_tickets").code == 0
    after = nodes(graph)
    assert after.pop(note)["parent_id"] == uid
    assert after == whole
    assert [edge for edge in edges(graph) if edge[2] != note] == links


def test_a_company_leaves_with_all_its_records_and_returns(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    world = mirrored.world
    account = list(world.accounts)[2]
    whole, links = nodes(graph), edges(graph)
    company = by_key(graph, f"company:{account}")
    assert company is not None
    note = staff_note(graph, company["id"], "After hours.md")
    stamped = nodes(graph, stamps=True)[note]
    left = world.remove_company(account)
    assert sync("sync_codex").code == 0
    below = graph.rows(
        "MATCH (:ContextItem {id: $id})-[:PARENT_OF*0..]->(n {origin: 'codex'}) "
        "RETURN count(n) AS all, count(n.archived_at) AS archived",
        id=company["id"],
    )
    assert below[0]["all"] == below[0]["archived"] > 20
    assert nodes(graph, stamps=True)[note] == stamped
    assert breaches() == []
    assert sync("sync_codex").written == 0
    world.restore_company(left)
    assert sync("sync_codex").code == 0
    assert sync("sync_tickets").code == 0
    after = nodes(graph)
    after.pop(note)
    assert after == whole
    assert [edge for edge in edges(graph) if edge[2] != note] == links
    assert breaches() == []


def test_a_name_is_free_as_soon_as_its_node_is_archived(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    world = mirrored.world
    account, listed = list(world.accounts.items())[1]
    contact, asset = listed.contacts[0], listed.assets[1]
    world.remove_contact(contact.id)
    world.remove_asset(asset.id)
    world.add_contact(account, contact.name, contact.email)
    world.add_asset(account, asset.hostname)
    gone = world.remove_company(list(world.accounts)[2])
    world.add_company("NEW-1", gone.company.name)
    result = sync("sync_codex")
    assert result.code == 0, result.reasons
    new = by_key(graph, "company:NEW-1")
    assert new is not None
    assert sync("sync_codex").written == 0
    assert breaches() == []


def test_a_company_returns_with_a_namesake_of_one_who_left_meanwhile(
    mirrored: SampleCodex, sync: Sync, breaches: Breaches
) -> None:
    world = mirrored.world
    account = list(world.accounts)[2]
    left = world.remove_company(account)
    assert sync("sync_codex").code == 0
    world.restore_company(left)
    contact = left.contacts[0]
    world.remove_contact(contact.id, account)
    world.add_contact(account, contact.name, contact.email)
    result = sync("sync_codex")
    assert result.code == 0, result.reasons
    assert sync("sync_codex").written == 0
    assert breaches() == []


def test_all_contacts_get_new_ids(mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches) -> None:
    """Codex's database was rebuilt: the old ones wait for approval, the new ones have a place all the same.

    With those beside them, the five who left are no longer so many that they must wait.
    """
    account = next(iter(mirrored.world.accounts))
    listed = mirrored.world.account(account)
    for contact in listed.contacts:
        contact.id += 1000
    held = sync("sync_codex")
    assert held.code == 4
    assert held.reasons == []
    again = sync("sync_codex")
    assert (again.code, again.counts["User"]["archived"]) == (0, 5)
    assert sync("sync_codex").written == 0
    assert breaches() == []
