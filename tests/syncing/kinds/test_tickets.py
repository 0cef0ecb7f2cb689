"""Tickets: who requested them, where they hang, which have no home, and partial runs."""

import json
from typing import Any

import pytest

from syncing.engine import execute
from syncing.models import SyncRun
from syncing.sample_codex import faults
from syncing.sample_codex.faults import ALWAYS
from syncing.sample_codex.records import Message
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import by_key, graph_hash, key_of_parent, live_names
from tests.people import client_of
from tests.syncing.conftest import Breaches, Sync
from tests.syncing.decisions.test_undo import undone
from tests.throwaway_neo4j import Graph

__all__ = ["undone"]


def requesters(graph: Graph, ticket_id: int) -> list[str]:
    """Keys of the users that the ticket names and whose Tickets folder links to it."""
    return [
        row["key"]
        for row in graph.rows(
            "MATCH (t:Ticket {codex_key: $key})-[r:REQUESTED_BY]->(u:User)-[:PARENT_OF]->(f:Folder)-[l:LINKS_TO]->(t) "
            "WHERE f.is_attached AND r.evidence = 'requester e-mail' AND l.evidence = r.evidence "
            "RETURN u.codex_key AS key",
            key=f"ticket:{ticket_id}",
        )
    ]


REQUESTERS = [
    ("pat@acme.example", True),
    ("PAT@Acme.Example", True),
    (" pat@acme.example ", True),
    ("Pat Kim <pat@acme.example>", True),
    ('"Kim, Pat" <PAT@acme.example>', True),
    ("Kim, Pat <mailto:pat@acme.example>", True),
    ("mailto:second@acme.example", True),
    ("Pat <pat@acme.example> <nobody@acme.example>", False),
    ("second@acme.example", True),
    ("nobody@acme.example", False),
    ("", False),
    (None, False),
]


def test_the_requester_is_found_by_e_mail(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, subtests: pytest.Subtests
) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    pat = world.add_contact(account, "Pat", "pat@acme.example")
    pat.secondary_emails = '["second@acme.example"]'
    tickets = [world.add_ticket(account, "It does not work") for _ in REQUESTERS]
    for ticket, (email, _) in zip(tickets, REQUESTERS, strict=True):
        ticket.requester_email = email
    assert sync("sync_codex").code == 0
    assert sync("sync_tickets").code == 0
    for ticket, (email, is_known) in zip(tickets, REQUESTERS, strict=True):
        with subtests.test(email=email):
            assert requesters(graph, ticket.ticket_id) == ([f"user:{account}:{pat.id}"] if is_known else [])
        ticket.requester_email = world.account(account).contacts[0].email
    assert sync("sync_tickets").code == 0
    for ticket, (email, _) in zip(tickets, REQUESTERS, strict=True):
        with subtests.test("then of another", email=email):
            assert requesters(graph, ticket.ticket_id) == [f"user:{account}:{world.account(account).contacts[0].id}"]
    assert breaches() == []


def test_tickets_keep_their_requester_and_writers_when_addresses_change(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, undone: Any
) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    pat, bob = (world.add_contact(account, name, f"{name.lower()}@old.example") for name in ("Pat", "Bob"))
    pat.secondary_emails = '["pat@second.example"]'
    ticket = world.add_ticket(account, "Mine", pat)
    ticket.requester_email = "Pat <pat@second.example>"
    ticket.conversations = [Message('"Bob O\'Neill" <bob@old.example>', "2026-11-01T10:00:00", "hi", True)]
    sync("sync_codex")
    sync("sync_tickets")
    pats, bobs = f"user:{account}:{pat.id}", f"user:{account}:{bob.id}"
    wrote = "MATCH (:Ticket {codex_key: $key})-[:MENTIONS]->(u:User) RETURN u.codex_key AS key"
    key = f"ticket:{ticket.ticket_id}"
    assert (requesters(graph, ticket.ticket_id), graph.rows(wrote, key=key)) == ([pats], [{"key": bobs}])

    pat.email, bob.email, pat.secondary_emails = "pat@new.example", "bob@new.example", None
    sync("sync_codex")
    assert sync("sync_tickets").written == 0
    pat.email = "pat@newest.example"
    sync("sync_codex")
    ticket.status = "Closed"
    assert sync("sync_tickets").written == 1
    assert (requesters(graph, ticket.ticket_id), graph.rows(wrote, key=key)) == ([pats], [{"key": bobs}])
    node = by_key(graph, pats)
    assert node is not None
    assert node["former_emails"] == ["pat@old.example", "pat@second.example", "pat@new.example"]
    assert sync("sync_codex").written == 0

    heir = world.add_contact(account, "Heir", "pat@second.example")  # whoever has the address now comes first
    sync("sync_codex")
    sync("sync_tickets")
    assert requesters(graph, ticket.ticket_id) == [f"user:{account}:{heir.id}"]
    pat.email = "pat@old.example"
    back = sync("sync_codex")
    node = by_key(graph, pats)
    assert node is not None
    assert node["former_emails"] == ["pat@second.example", "pat@new.example", "pat@newest.example"]
    undone(back.run)
    node = by_key(graph, pats)
    assert node is not None
    assert node["email"] == "pat@newest.example"
    assert node["former_emails"] == ["pat@old.example", "pat@second.example", "pat@new.example"]
    assert breaches() == []


def test_an_address_of_two_people_is_nobodys(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    for name in ("One", "Two"):
        world.add_contact(account, name, "office@acme.example")
    ticket = world.add_ticket(account, "Who am I")
    ticket.requester_email = "office@acme.example"
    sync("sync_codex")
    sync("sync_tickets")
    assert requesters(graph, ticket.ticket_id) == []


def test_who_comes_back_under_a_new_id_has_their_tickets(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    old = world.add_contact(account, "Pat", "pat@acme.example")
    ticket = world.add_ticket(account, "Mine", old)
    sync("sync_codex")
    sync("sync_tickets")
    world.remove_contact(old.id)
    sync("sync_codex")
    sync("sync_tickets")
    assert requesters(graph, ticket.ticket_id) == [f"user:{account}:{old.id}"]
    new = world.add_contact(account, "Pat", "pat@acme.example", contact_id=9000)
    sync("sync_codex")
    sync("sync_tickets")
    assert requesters(graph, ticket.ticket_id) == [f"user:{account}:{new.id}"]


def test_a_computer_is_used_by_who_logged_in_last(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, subtests: pytest.Subtests
) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    logins = ("pat", "ACME\\Pat", "pat@acme.example", "PAT@ACME.EXAMPLE")
    assets = world.account(account).assets[1:]
    for asset in assets:
        asset.last_logged_in_user = "Administrator"
    sync("sync_codex")
    used = "MATCH (:Asset {codex_key: $key})-[r:USED_BY]->(u) RETURN u.codex_key AS user, r.evidence AS evidence"
    assert [graph.rows(used, key=f"asset:{asset.id}") for asset in assets] == [[]] * len(logins)
    pat = world.add_contact(account, "Pat", "pat@acme.example")
    for asset, login in zip(assets, logins, strict=True):
        asset.last_logged_in_user = login
    sync("sync_codex")
    for asset, login in zip(assets, logins, strict=True):
        with subtests.test(login=login):
            [row] = graph.rows(used, key=f"asset:{asset.id}")
            assert row == {"user": f"user:{account}:{pat.id}", "evidence": "last logged-in user"}
    assert breaches() == []


def test_a_ticket_is_readable(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    from syncing.sample_codex.records import InternalNote, Message

    world = mirrored.world
    account = next(iter(world.accounts))
    ticket = world.add_ticket(account, "Printer *on* fire <b>")
    ticket.description = "<p>It <b>burns</b>.</p><ul><li>one</li></ul><script>alert(1)</script>"
    ticket.conversations = [Message("pat@acme.example", "2026-06-01T10:00:00", "<p>Still &amp; hot</p>", True)]
    ticket.notes = [InternalNote("us@msp.example", None, "Call the fire brigade.")]
    ticket.total_hours_spent = 1.25
    sync("sync_tickets")
    node = by_key(graph, f"ticket:{ticket.ticket_id}")
    assert node is not None
    for expected in (
        f"# Ticket #{ticket.ticket_number}: Printer \\*on\\* fire \\<b\\>",
        "## Description",
        "It **burns**.",
        "- one",
        "## Conversation",
        "pat@acme.example · 2026-06-01 10:00 · from the client",
        "Still & hot",
        "## Internal notes",
        "Call the fire brigade.",
    ):
        assert expected in node["content"], node["content"]
    assert "<script" not in node["content"]
    assert (node["total_hours_spent"], node["status"], node["opened_at"]) == (1.25, "open", ticket.created_at)


def test_tickets_before_companies(world_codex: SampleCodex, sync: Sync) -> None:
    failed = sync("sync_tickets")
    assert failed.code == 1
    assert "Run `manage.py sync_codex` first" in failed.run.reason
    assert world_codex.requests() == []


def test_homeless_tickets_are_reported_and_not_dropped_in_silence(mirrored: SampleCodex, sync: Sync) -> None:
    loose = len(mirrored.world.loose_tickets)
    assert loose == 5
    run = sync("sync_tickets").run
    assert run.status == SyncRun.Status.COMPLETE
    assert f"{loose} tickets have no company" in run.reason
    notices = run.refused.filter(is_notice=True)
    assert {n.codex_id for n in notices} == {str(t.ticket_id) for _, t in mirrored.world.loose_tickets}
    assert notices.filter(reason__contains="unknown company '999999-GONE'", fault="company_unknown").count() == 1
    assert notices.filter(fault="no_company").count() == loose - 1
    mirrored.world.add_ticket(None, "Where do I live")
    assert "6 tickets have no company" in sync("sync_tickets").run.reason


def test_a_company_removed_or_new_between_the_two_syncs(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    world = mirrored.world
    new = world.add_company("NEW-1", "Newcomers")
    world.add_ticket("NEW-1", "First")
    waiting = sync("sync_tickets")
    assert waiting.code == 3
    assert "not in the tree yet" in waiting.run.reason
    assert sync("sync_codex").code == 0
    assert sync("sync_tickets").code == 0
    assert live_names(graph, "company:NEW-1:tickets", "Ticket") == {f"Ticket_{new.tickets[0].ticket_id}.md"}
    before = graph_hash(graph, stamps=True)
    world.remove_company("NEW-1")
    assert sync("sync_tickets").code == 0
    assert graph_hash(graph, stamps=True) == before
    assert sync("sync_codex").code == 0
    world.restore_company(new)
    archived = sync("sync_tickets")
    assert archived.code == 3
    assert "archived here" in archived.run.reason


def test_a_company_renamed_between_the_two_syncs(mirrored: SampleCodex, sync: Sync) -> None:
    account = next(iter(mirrored.world.accounts))
    mirrored.world.rename_company(account, "Renamed")
    assert sync("sync_tickets").written == 0


def test_a_ticket_moves_to_another_company(mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches) -> None:
    one, two = list(mirrored.world.accounts.values())[:2]
    ticket = one.tickets.pop(1)
    two.tickets.append(ticket)
    result = sync("sync_tickets")
    assert result.counts["Ticket"].get("archived", 0) == 0
    assert result.counts["Ticket"]["moved"] == 1
    parent = f"company:{two.company.account_number}:tickets"
    assert key_of_parent(graph, f"ticket:{ticket.ticket_id}") == parent
    assert breaches() == []


def test_the_number_of_homeless_tickets_is_the_true_one_and_costs_one_request_when_it_stays(
    mirrored: SampleCodex, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncing.engine.NOTICES", 3)
    for number in range(6):
        mirrored.world.add_ticket(None, f"Of nobody {number}")
    loose = len(mirrored.world.loose_tickets)
    assert loose > 6
    for is_first in (True, False):
        mirrored.log.clear()
        result = sync("sync_tickets", "--json")
        assert (result.code, result.run.refused.count()) == (0, 3)
        assert f"{loose} tickets have no company" in result.run.reason
        assert f"{loose} tickets have no company" in json.loads(result.out)["reason"]
        assert len(mirrored.requests("/api/tickets")) == (2 if is_first else 1)
    page = client_of("technician").get(f"/sync/runs/{result.run.pk}/").content.decode()
    assert f'Noticed <span class="hint">{loose}</span>' in page


def test_the_search_for_homeless_tickets_is_told_as_fetching(
    mirrored: SampleCodex, transactional_db: None, graph: Graph
) -> None:
    stages: list[str] = []
    seen: list[str] = []
    mirrored.world.add_ticket(None, "Of nobody")
    mirrored.faults.add(faults.before(lambda: seen.append(stages[-1])), "/api/tickets", times=ALWAYS)
    run = execute(SyncRun.objects.create(command="sync_tickets"), lambda stage, *_: stages.append(stage))
    assert run.status == "complete"
    assert set(seen) == {"fetch"}
    assert list(dict.fromkeys(stages)) == ["fetch", "plan", "apply", "index"]


def test_a_list_that_could_not_be_read_is_no_list_of_homeless_tickets(mirrored: SampleCodex, sync: Sync) -> None:
    assert "have no company" in sync("sync_tickets").run.reason
    mirrored.faults.break_record(next(iter(mirrored.world.accounts)), "tickets")
    mirrored.log.clear()
    result = sync("sync_tickets")
    assert result.code == 3
    assert not result.run.refused.filter(is_notice=True)
    assert not mirrored.requests("/api/tickets")


def test_single_companies(mirrored: SampleCodex, sync: Sync) -> None:
    one, two = list(mirrored.world.accounts.values())[:2]
    for listed in (one, two):
        listed.assets[1].domain = listed.tickets[1].subject = listed.company.billing_plan = "Changed"
    for command, kind in (("sync_codex", "Asset"), ("sync_tickets", "Ticket")):
        result = sync(command, "--company", two.company.account_number)
        assert result.code == 0
        assert result.counts[kind]["updated"] == 1
    unknown = sync("sync_codex", "--company", "no/such?one")
    assert unknown.code == 3
    assert "no/such?one" in unknown.run.reason
    assert unknown.written == 0
    assert sync("sync_codex").counts["Company"]["updated"] == 1


def test_since_a_day(mirrored: SampleCodex, sync: Sync) -> None:
    world = mirrored.world
    one, two = list(world.accounts.values())[:2]
    today = world.later()[:10]
    for listed in (one, two):
        listed.tickets[0].subject = "Changed"
    two.tickets[0].last_updated_at = world.later()
    two.tickets[1].last_updated_at = None
    mirrored.faults.add(faults.edit(_undated_first), "/api/tickets", times=ALWAYS)  # as PostgreSQL sorts nulls
    result = sync("sync_tickets", "--since", today)
    assert result.code == 0
    assert result.counts["Ticket"]["updated"] == 2
    world.add_ticket("GONE-1", "Of nobody")
    unknown = sync("sync_tickets", "--since", today)
    assert unknown.code == 0
    assert unknown.run.refused.get().is_notice
    nothing = sync("sync_tickets", "--since", "2999-01-01")
    assert (nothing.code, nothing.written) == (0, 0)


def test_since_a_day_in_any_zone_and_form(mirrored: SampleCodex, sync: Sync) -> None:
    world = mirrored.world
    listed = [world.add_company(f"Z-{number}", f"Company {number}") for number in range(4)]
    for company in listed:
        world.add_ticket(company.company.account_number, "New")
    sync("sync_codex")
    sync("sync_tickets")
    times = ("2030-01-01T23:30:00-05:00", "2030-01-02 04:10:00 UTC", "2030-01-03T01:00:00+09:00", "next week")
    for company, time in zip(listed, times, strict=True):
        company.tickets[0].subject, company.tickets[0].last_updated_at = "Changed", time
    result = sync("sync_tickets", "--since", "2030-01-02")
    assert (result.code, result.counts["Ticket"]["updated"]) == (0, 4)
    for company in listed:
        company.tickets[0].subject = "Changed again"
    result = sync("sync_tickets", "--since", "2030-01-03")
    assert (result.code, result.counts["Ticket"]["updated"]) == (0, 1)  # the one that nobody can tell


def test_the_latest_time_of_a_ticket_is_stored_in_a_form_that_sorts(
    mirrored: SampleCodex, sync: Sync, graph: Graph
) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    wanted = {
        "2030-01-01T10:00:00": "2030-01-01T10:00:00+00:00",
        "2030-01-01T10:00:00+02:00": "2030-01-01T08:00:00+00:00",
        "2030-01-01t10:00:00.25z": "2030-01-01T10:00:00.250000+00:00",
        "Tue, 01 Jan 2030 10:00:00 -0500": "2030-01-01T15:00:00+00:00",
        "soon": None,
    }
    tickets = {}
    for time in wanted:
        tickets[time] = world.add_ticket(account, time)
        tickets[time].last_updated_at, tickets[time].created_at = time, None
    sync("sync_tickets")
    for time, ticket in tickets.items():
        node = by_key(graph, f"ticket:{ticket.ticket_id}")
        assert node is not None
        assert (node["last_updated_at"], node.get("latest_at")) == (time, wanted[time])


def _undated_first(page: dict[str, Any]) -> dict[str, Any]:
    return {**page, "tickets": sorted(page["tickets"], key=lambda ticket: ticket["last_updated_at"] is not None)}
