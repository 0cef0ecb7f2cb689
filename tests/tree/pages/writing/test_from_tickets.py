"""Many tickets and no note: one click drafts a note that says which ticket each line comes from."""

import re

import pytest
from django.test import Client

from tests.tree.factory import Acme, make, relate
from tree.models import Proposal

TALK = (
    "# Ticket #{n}: Dock\n\n## Description\n\nThe dock is dead. <b>Help</b>\n\n## Conversation\n\n"
    "### ana@acme.example · 2026-03-01 09:00 UTC · from the client\n\nStill dead.\n\n"
    "### tess@msp.example · 2026-03-01 10:00 UTC · from us\n\nPlease restart.\n\n> The dock is dead.\n\n"
    "## Internal notes\n\n### kim@msp.example · 2026-03-02 10:00 UTC\n\nNew *firmware* {n} helped."
)


@pytest.fixture
def tickets(acme: Acme) -> list[str]:
    made = []
    for number in range(6):
        ticket = make(
            "Ticket", f"Ticket_2{number}.md", acme.tickets, account_number="1001", ticket_number=f"5000{number}",
            subject="Dock", status="closed", closed_at=f"2026-03-0{number + 1}T09:00:00Z", total_hours_spent=0.5,
            content=TALK.format(n=number),
        )  # fmt: skip
        relate("MENTIONS", ticket, acme.laptop, "hostname in the text")
        made.append(ticket)
    return made


def _offers(client: Client, uid: str) -> bool:
    return f"/node/{uid}/from-tickets/" in client.get(f"/node/{uid}/").content.decode()


def test_a_draft_cites_its_tickets(tickets: list[str], acme: Acme, technician: Client) -> None:
    assert _offers(technician, acme.laptop)
    response = technician.post(f"/node/{acme.laptop}/from-tickets/")
    proposal = Proposal.objects.get()
    assert response.headers["Location"].endswith(f"/proposals/{proposal.pk}/")
    assert proposal.text.startswith("From 8 tickets, 3 hours in all.")
    newest = proposal.text.index(f"[\\#50005 Dock](/node/{tickets[5]}/) (closed, 2026-03-06, 0.5 h)")
    lines = proposal.text[newest:].split("\n")[1:4]
    assert lines[0].startswith("  - Asked: “The dock is dead.")
    assert lines[1].startswith("  - Tried: Please restart. (mail by tess")
    assert re.match(r"  - Ended: New firmware 5 helped\. \(internal note by kim", lines[2])
    assert "Still dead" not in proposal.text, "what clients answer is not what was tried"
    page = technician.get(response.headers["Location"]).content.decode()
    assert "New firmware 5 helped" in page
    assert technician.post(f"/node/{acme.laptop}/from-tickets/").headers["Location"] == response.headers["Location"]
    assert Proposal.objects.count() == 1
    assert not _offers(technician, acme.laptop)
    assert f'href="{response.headers["Location"]}"' in technician.get(f"/node/{acme.laptop}/").content.decode()


def test_it_is_offered_where_it_is_worth_it(
    tickets: list[str], acme: Acme, technician: Client, billing: Client
) -> None:
    assert _offers(technician, acme.company)
    assert not _offers(billing, acme.company)
    assert not _offers(technician, acme.ana)
    make("Note", "Dock.md", acme.laptop, origin="staff", content="Known.")
    assert not _offers(technician, acme.laptop)
    assert billing.post(f"/node/{acme.laptop}/from-tickets/").status_code == 403
    assert technician.post(f"/node/{acme.ana}/from-tickets/").status_code == 404


def test_without_enough_tickets_nothing_is_offered(acme: Acme, technician: Client) -> None:
    assert not _offers(technician, acme.laptop)
    assert not _offers(technician, acme.company)
