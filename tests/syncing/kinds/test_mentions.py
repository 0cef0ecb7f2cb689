"""What a ticket speaks of is related to it: computers that its texts name, people who wrote in it."""

from typing import Any

import pytest

from syncing.kinds.ticket import MOST_COMPUTERS
from syncing.sample_codex.records import InternalNote, Message, Ticket
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import edges
from tests.syncing.conftest import Breaches, Sync
from tests.syncing.decisions.test_undo import undone
from tests.throwaway_neo4j import Graph
from tree import queries

__all__ = ["undone"]
HOSTNAME, WROTE = "hostname in the text", "wrote in the conversation"


def mentions(graph: Graph, ticket: Ticket) -> dict[str, str]:
    """{key of what the ticket mentions: how we know}."""
    rows = graph.rows(
        "MATCH (:Ticket {codex_key: $key})-[m:MENTIONS]->(o) RETURN o.codex_key AS key, m.evidence AS evidence",
        key=f"ticket:{ticket.ticket_id}",
    )
    assert len({row["key"] for row in rows}) == len(rows)
    return {row["key"]: row["evidence"] for row in rows}


def says(ticket: Ticket, text: str) -> None:
    """The ticket's text is this and nothing else."""
    ticket.subject = ticket.description = ticket.description_text = text


@pytest.mark.parametrize("place", ["subject", "description", "conversations", "notes"])
def test_a_computer_is_mentioned_wherever_it_is_named(
    place: str, mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    world = mirrored.world
    account, other = list(world.accounts)[:2]
    asset = world.add_asset(account, "MENTIONED-7")
    world.add_asset(other, "MENTIONED-7")
    ticket = world.add_ticket(account, "It hums")
    text = "<p>Please look at <b>mentioned-7</b>.</p>"
    if place == "conversations":
        ticket.conversations = [Message("us@msp.example", None, text, False)]
    elif place == "notes":
        ticket.notes = [InternalNote("us@msp.example", None, text)]
    else:
        setattr(ticket, place, text)
    sync("sync_codex")
    sync("sync_tickets")
    assert mentions(graph, ticket) == {f"asset:{asset.id}": HOSTNAME}
    assert breaches() == []
    assert sync("sync_tickets").written == 0


def test_who_wrote_is_mentioned_but_not_the_requester(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    pat = world.add_contact(account, "Pat", "pat@acme.example")
    kim = world.add_contact(account, "Kim", "kim@acme.example")
    ticket = world.add_ticket(account, "It hums", requester=pat)
    ticket.conversations = [
        Message("pat@acme.example", None, "Any news?", True),
        Message("Kim@Acme.example", None, "Here it hums, too.", True),
        Message("us@msp.example", None, "On our way.", False),
        Message(None, None, None, None),
    ]
    sync("sync_codex")
    sync("sync_tickets")
    assert mentions(graph, ticket) == {f"user:{account}:{kim.id}": WROTE}
    ticket.requester_email = "kim@acme.example"
    sync("sync_tickets")
    assert mentions(graph, ticket) == {f"user:{account}:{pat.id}": WROTE}
    ticket.requester_email = None  # it may be that of either
    sync("sync_tickets")
    assert mentions(graph, ticket) == {}
    assert breaches() == []


def test_mentions_follow_the_text_and_the_computers(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    first, second = world.add_asset(account, "MENTIONED-7"), world.add_asset(account, "MENTIONED-8")
    ticket = world.add_ticket(account, "MENTIONED-7 and MENTIONED-9")
    sync("sync_codex")
    sync("sync_tickets")
    assert set(mentions(graph, ticket)) == {f"asset:{first.id}"}

    says(ticket, "MENTIONED-8 and MENTIONED-9")
    assert sync("sync_tickets").written == 1
    assert set(mentions(graph, ticket)) == {f"asset:{second.id}"}

    world.rename_asset(first.id, "MENTIONED-9")
    sync("sync_codex")
    assert sync("sync_tickets").written == 1
    assert set(mentions(graph, ticket)) == {f"asset:{first.id}", f"asset:{second.id}"}

    world.remove_asset(second.id)  # an old ticket goes on speaking of it
    sync("sync_codex")
    assert sync("sync_tickets").written == 0
    successor = world.add_asset(account, "MENTIONED-8")
    sync("sync_codex")
    sync("sync_tickets")
    assert set(mentions(graph, ticket)) == {f"asset:{first.id}", f"asset:{successor.id}"}

    says(ticket, "Nothing")
    sync("sync_tickets")
    assert mentions(graph, ticket) == {}
    assert breaches() == []


@pytest.mark.parametrize("size", [0, 1_200_000])
def test_a_picture_is_no_text(size: int, mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    world.add_asset(account, "PC42")
    named = world.add_asset(account, "PC43")
    sync("sync_codex")
    ticket = world.add_ticket(account, "Screenshot")
    picture = f'<img src="data:image/png;base64,AAAA/PC42+{"B" * size}==">'
    ticket.description = f"<p>Before {picture} after</p>"
    ticket.description_text = "Before after, and PC43 says zebrafish"
    ticket.conversations = [Message(None, None, f"data:image/png;base64,AAAA/PC42+{'B' * size}==", True)]
    ticket.notes = [InternalNote(None, None, picture)]
    result = sync("sync_tickets")
    assert (result.code, result.run.status) == (0, "complete")
    assert mentions(graph, ticket) == {f"asset:{named.id}": HOSTNAME}
    assert [hit.row.name for hit in queries.search("zebrafish").hits] == [f"Ticket_{ticket.ticket_id}.md"]
    assert queries.search("AAAA").hits == ()
    assert sync("sync_tickets").written == 0
    assert breaches() == []


def test_undoing_a_sync_brings_its_mentions_back(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, undone: Any
) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    first, second = world.add_asset(account, "MENTIONED-7"), world.add_asset(account, "MENTIONED-8")
    ticket = world.add_ticket(account, "MENTIONED-7")
    sync("sync_codex")
    sync("sync_tickets")
    before = edges(graph)
    says(ticket, "MENTIONED-8")
    changed = sync("sync_tickets")
    assert set(mentions(graph, ticket)) == {f"asset:{second.id}"}
    undone(changed.run)
    assert set(mentions(graph, ticket)) == {f"asset:{first.id}"}
    assert edges(graph) == before
    assert breaches() == []


def test_a_report_that_lists_all_computers_mentions_some_and_who_wrote_it(
    mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches
) -> None:
    world = mirrored.world
    account = next(iter(world.accounts))
    assets = [world.add_asset(account, f"MENTIONED-{number}") for number in range(MOST_COMPUTERS + 5)]
    pat = world.add_contact(account, "Pat", "pat@acme.example")
    ticket = world.add_ticket(account, " ".join(asset.hostname for asset in assets))
    ticket.requester_email = "somebody@acme.example"
    ticket.conversations = [Message("pat@acme.example", None, "See above.", True)]
    sync("sync_codex")
    sync("sync_tickets")
    found = mentions(graph, ticket)
    assert found.pop(f"user:{account}:{pat.id}") == WROTE
    assert len(found) == MOST_COMPUTERS
    assert set(found) < {f"asset:{asset.id}" for asset in assets}
    assert sync("sync_tickets").written == 0
    assert breaches() == []


@pytest.mark.parametrize("relation", ["MENTIONS", "REQUESTED_BY", "USED_BY"])
def test_what_something_else_did_to_relations_is_mended_when_the_fingerprint_is_taken_away(
    relation: str, mirrored: SampleCodex, sync: Sync, graph: Graph, breaches: Breaches, subtests: pytest.Subtests
) -> None:
    sync("sync_codex")
    sync("sync_tickets")
    before = edges(graph)
    another = f"CREATE (n)-[:{relation}]->(:ContextItem {{id: 'stray'}})"
    for what, instead in (("gone", ""), ("another", another)):
        with subtests.test(what):
            graph.rows(
                f"MATCH (n)-[r:{relation}]->() WHERE n:Asset OR n:Ticket WITH n, collect(r) AS all LIMIT 1 "
                f"SET n.fingerprint = '' FOREACH (r IN all | DELETE r) {instead}"
            )
            assert edges(graph) != before
            assert {breach["check"] for breach in breaches()} >= {"links"}
            assert sync("sync_codex" if relation == "USED_BY" else "sync_tickets").written == 1
            graph.rows("MATCH (n {id: 'stray'}) DETACH DELETE n")
            assert edges(graph) == before
            assert breaches() == []
