"""What the pages of records show first: flags, tables, threads; and what is hidden from billing."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.pages import text_of
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make
from tree import operations
from tree.pages.records.flags import company_flags, device_flags


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")


def test_flags_tell_what_to_know_first_and_since_when(subtests: pytest.Subtests) -> None:
    busy: dict[str, Any] = {"operating_system": "Windows 11", "antivirus_product": "Defender", "last_seen": days_ago(0)}
    cases: list[tuple[str, dict[str, Any], list[str]]] = [
        ("nothing to tell", busy, []),
        ("no facts at all", {}, []),
        ("no antivirus", busy | {"antivirus_product": "Not Detected"}, ["No antivirus"]),
        ("no system, so no antivirus", {"antivirus_product": ""}, []),
        ("away", busy | {"last_seen": days_ago(20)}, []),
        ("silent", busy | {"last_seen": days_ago(31)}, ["Not seen for a month"]),
        ("silent backup", busy | {"last_seen": days_ago(8), "backup_data_bytes": 9}, ["No backup for a week"]),
        ("archived", busy | {"last_seen": days_ago(31), "archived_at": days_ago(1)}, []),
        ("no time", busy | {"last_seen": "yesterday"}, []),
    ]
    for name, properties, texts in cases:
        with subtests.test(name):
            assert [flag.text for flag in device_flags(properties)] == texts
    with subtests.test("a client"):
        devices = [busy | {"id": str(n), "hostname": f"PC-{n}", "last_seen": days_ago(40)} for n in range(6)]
        over, silent = company_flags({"contract_end_date": days_ago(2)[:10]}, devices)
        assert (over.text, over.since) == ("The contract is over", days_ago(2)[:10])
        assert ([device.hostname for device in silent.devices], silent.more) == (["PC-0", "PC-1", "PC-2", "PC-3"], 2)
    with subtests.test("a contract goes on to the end of its last day"):
        assert company_flags({"contract_end_date": days_ago(0)[:10]}, []) == []
        assert company_flags({"contract_end_date": "9999-12-31"}, []) == []


def test_a_client_shows_flags_open_tickets_people_and_devices(
    acme: Acme, graph: Graph, technician: Client, billing: Client
) -> None:
    graph.rows(
        "MATCH (c {id: $company}), (a {id: $laptop}), (t {id: $open}) SET c.contract_end_date = '2020-01-31', "
        "a.antivirus_product = 'none', a.last_seen = '2026-01-01T08:00:00Z', t.total_hours_spent = 1.5, "
        "t.opened_at = '2026-11-01T09:00:00Z', t.requester_name = 'Ana <b>Díaz</b>'",
        company=acme.company, laptop=acme.laptop, open=acme.open,
    )  # fmt: skip
    operations.create_note(acme.company, "Door code", author="tess")
    page = text_of(technician, f"/node/{acme.company}/")
    order = [
        "The contract is over",
        "31 Jan 2020",
        "No backup for a week",
        "No antivirus",
        "Tickets, open ones first",
        "VPN is down",
        "Printer jams",
    ]
    places = [page.index(text) for text in [*order, "Door code", "mailto:ana@acme.example", "10.0.3.7"]]
    assert places == sorted(places)
    assert "Open tickets" not in page, "there is a closed one among them"
    assert "1.5 h" in page
    assert "Ana &lt;b&gt;Díaz" in page
    assert 'href="tel:+15550100"' in page
    table = page[page.index('id="computers-title"') :]
    assert f'href="/node/{acme.ana}/"' in table  # who uses it
    assert page.count("VPN is down") == 1
    hidden = text_of(billing, f"/node/{acme.company}/")
    assert "VPN is down" not in hidden
    assert "No antivirus" in hidden
    assert "tickets</a>" not in hidden
    graph.rows("MATCH (t:Ticket {id: $open}) SET t.status = 'Closed'", open=acme.open)
    assert "Latest tickets" in text_of(technician, f"/node/{acme.company}/")
    graph.rows("MATCH (t:Ticket) SET t.status = 'New', t.closed_at = null")
    assert "Open tickets" in text_of(technician, f"/node/{acme.company}/")
    assert re.search(r"<strong>1</strong> note<", hidden)


THREAD = """# Ticket #40007: VPN is down

## Description

Like #40008 and #40009, not like #1 or `#40008`.

## Conversation

### ana@acme.example · 2026-11-01T09:00:00Z · from the client

It fails <b>again</b>.

> what we said

### tess@msp.example · 2026-11-01T11:00:00Z · from us

Done.

## Internal notes

### tess@msp.example · 2026-11-01T10:00:00Z

The secret splines.
"""


def test_a_ticket_is_a_thread_with_what_is_known_around_it(
    acme: Acme, graph: Graph, technician: Client, subtests: pytest.Subtests
) -> None:
    other = make("Company", "Brown Law", account_number="2002")
    far = make(
        "Ticket", "Ticket_77.md", other,
        account_number="2002", ticket_number="50001", subject="VPN down since noon", status="Closed",
    )  # fmt: skip
    near = make(
        "Ticket", "Ticket_78.md", acme.tickets,
        account_number="1001", ticket_number="50002", subject="down: the VPN", status="resolved", total_hours_spent=2.0,
    )  # fmt: skip
    graph.rows("MATCH (t {id: $id}) SET t.content = $text", id=acme.open, text=THREAD)
    graph.rows("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")
    page = text_of(technician, f"/node/{acme.open}/")
    with subtests.test("by time, public and internal told apart"):
        said = ["It fails &lt;b&gt;again", "The secret splines", "Done."]
        assert sorted(said, key=page.index) == said
        assert [page.count(text) for text in (*said, "internal note", "from the client", "from us")] == [1] * 6
        assert '<time datetime="2026-11-01T09:00:00+00:00" data-local>1 Nov 2026, 09:00</time>' in page
    with subtests.test("quotes are folded"):
        assert "what we said" in re.findall(r'<details class="quoted">.*?</details>', page)[0]
    with subtests.test("numbers of other tickets"):
        assert f'Like <a href="/node/{acme.closed}/" title="#40008 Printer jams">#40008</a>' in page
        assert f'<a href="/node/{acme.gone}/"' in page  # archived, and still there
        assert "not like #1 or <code>#40008</code>" in page
    with subtests.test("requester and likely computer"):
        assert 'href="tel:+15550100"' in page
        assert page.count(f'href="/node/{acme.laptop}/"') == 1
    with subtests.test("earlier tickets"):
        assert page.index("Other tickets that name LAPTOP-59") < page.index("Other tickets of <bdi>Ana Díaz")
    with subtests.test("similar ones: the client's first"):
        assert page.index(f'href="/node/{near}/"') < page.index(f'href="/node/{far}/"')
        assert "2 of 2 words" in page
        assert "2 of 2 words, another client" in page
        assert "2 h" in page


def test_a_long_thread_folds_its_beginning(acme: Acme, graph: Graph, technician: Client) -> None:
    messages = [f"### tess@msp.example · 2026-11-01T09:{n:02}:00Z · from us\n\nMessage {n}." for n in range(43)]
    text = "\n\n".join(["# Ticket #1: x", "## Conversation", *messages])
    graph.rows("MATCH (t {id: $id}) SET t.content = $text", id=acme.open, text=text)
    page = text_of(technician, f"/node/{acme.open}/")
    assert "3 earlier messages" in page
    assert page.index("Message 2.") < page.index('<ol class="thread">') < page.index("Message 3.")


def test_a_person_and_a_computer_show_each_fact_once(acme: Acme, graph: Graph, technician: Client) -> None:
    graph.rows("MATCH (n {id: $id}) SET n.content = '- **Internal IP:** 10.0.3.7'", id=acme.laptop)
    person = text_of(technician, f"/node/{acme.ana}/")
    assert person.count('href="mailto:ana@acme.example"') == 1
    assert person.count('href="tel:+15550100"') == 1
    assert person.index('href="tel:+15550100"') < person.index("VPN is down") < person.index("LAPTOP-59")
    computer = text_of(technician, f"/node/{acme.laptop}/")
    assert computer.count('data-copy="10.0.3.7"') == computer.count("10.0.3.7</span>") == 1
    assert "<strong>Internal IP" not in computer
    assert computer.index("Used by") < computer.index("VPN is down")
    assert computer.count(f'href="/node/{acme.ana}/"') == 1


def test_odd_addresses_and_numbers_become_harmless_links(acme: Acme, graph: Graph, technician: Client) -> None:
    graph.rows(
        "MATCH (n {id: $id}) SET n.email = $email, n.mobile_phone_number = $phone",
        id=acme.ana, email='"><script>alert(1)</script>@x?cc=eve@x', phone='javascript:alert(1) "x',
    )  # fmt: skip
    page = text_of(technician, f"/node/{acme.ana}/")
    assert "<script>alert" not in page
    assert "tel:" not in page  # what it begins with is no number
    assert 'href="mailto:' in page
    assert not re.search(r'href="mailto:[^"]*\?', page)
