"""Lists of tickets, people, computers, locations and notes."""

import csv
import html
import io
import itertools
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.core.cache import cache
from django.http import StreamingHttpResponse
from django.test import Client

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from knowledgetree.basics.times import moment_of
from tests.fault_counts import usual_or_all
from tests.pages import squeezed, text_of
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make, node, run_together
from tree import operations, queries
from tree.graph.values import Row
from tree.kinds import NODE_CLASS
from tree.queries.lists.address import LISTED_KINDS, all_columns, sortable
from tree.queries.lists.scans import Cursor, Order
from tree.queries.lists.selection import Selection, filters


def names(client: Client, address: str) -> list[str]:
    """The names of the rows, in order."""
    page = client.get(address, follow=True).content.decode()
    cells = re.findall(r'<th scope="row" class="pick">(.*?)</th>', page, re.DOTALL)
    return [squeezed(html.unescape(re.sub(r"<[^>]+>", "", cell))).strip() for cell in cells]


def lines(client: Client, address: str) -> list[list[str]]:
    """The lines of a CSV file."""
    response = client.get(address)
    assert isinstance(response, StreamingHttpResponse)
    sent = b"".join(cast(Iterator[bytes], response.streaming_content))
    assert sent.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(sent.decode("utf-8-sig"))))


def next_page(client: Client, address: str) -> str:
    """The address of the next page, "" on the last one."""
    page = client.get(address).content.decode()
    found = re.search(r'href="([^"]+)"[^>]*rel="next"', page)
    return html.unescape(found[1]) if found else ""


@pytest.fixture
def tickets(graph: Graph, acme: Acme) -> Acme:
    """Of Acme, and of a second client."""
    other, creation = node("Company", "Brown Law", account_number="2002", codex_key="company:2002")
    folder, folder_creation = node("Folder", "Tickets", other, codex_key="company:2002:tickets")
    made: dict[int, dict[str, Any]] = {
        21: {
            "subject": "Oldest",
            "status": "Waiting on customer",
            "priority": "Urgent",
            "opened_at": "2026-01-01T23:30:00-05:00",  # in UTC on the second
            "latest_at": "2026-06-01T08:00:00+00:00",
            "requester_name": "Bo Lee",
        },
        22: {
            "subject": "Older",
            "status": "PENDING ",
            "priority": "urgent",
            "opened_at": "2026-01-02T01:00:00Z",
            "latest_at": "2026-06-02T08:00:00+00:00",
        },
        23: {"subject": "No times", "status": "Closed - no reply", "priority": "low"},
    }
    creations = [
        node("Ticket", f"Ticket_{number}.md", folder, ticket_number=str(number), account_number="2002", **properties)[1]
        for number, properties in made.items()
    ]
    run_together([creation, folder_creation, *creations])
    graph.rows("MATCH (t:Ticket) WHERE t.account_number = '1001' SET t.latest_at = t.last_updated_at")
    return acme


def test_tickets_by_state_status_time_and_client(
    tickets: Acme, graph: Graph, technician: Client, subtests: pytest.Subtests
) -> None:
    [brown] = graph.rows("MATCH (c:Company {name: 'Brown Law'}) RETURN c.id AS id")
    for query, found in {
        f"client={tickets.company}&sort=last_updated_at": ["#40007 VPN is down", "#40008 Printer jams"],
        f"client={tickets.company}&state=open": ["#40007 VPN is down"],
        f"client={tickets.company}&archived=only": ["#40009 Old splines"],
        f"client={tickets.company}&archived=too&sort=name": [
            "#40007 VPN is down",
            "#40008 Printer jams",
            "#40009 Old splines",
        ],
        f"client={brown['id']}&sort=opened_at": ["#22 Older", "#21 Oldest", "#23 No times"],
        f"client={brown['id']}&sort=-opened_at": ["#21 Oldest", "#22 Older", "#23 No times"],
        "client=BROWN&sort=-last_updated_at": ["#22 Older", "#21 Oldest", "#23 No times"],
        "client=2002&state=open&sort=name": ["#21 Oldest", "#22 Older"],
        "client=2002&state=waiting&sort=name": ["#21 Oldest", "#22 Older"],
        "client=2002&state=active": [],
        "client=2002&state=closed": ["#23 No times"],
        "status=pending": ["#22 Older"],
        "priority=URGENT&sort=-name": ["#22 Older", "#21 Oldest"],
        "requester_name=bo": ["#21 Oldest"],
        "words=old&sort=name": ["#21 Oldest", "#22 Older"],
        "words=40008": ["#40008 Printer jams"],
        "opened_at=2026-01-02&sort=name": ["#21 Oldest", "#22 Older"],
        "opened_at=2026-01-03": [],
        "opened_at=over-1d&sort=name": ["#21 Oldest", "#22 Older"],
        "state=waiting&sort=opened_at": ["#22 Older", "#21 Oldest"],
        "state=waiting&sort=-opened_at": ["#21 Oldest", "#22 Older"],
    }.items():
        with subtests.test(query):
            assert names(technician, f"/list/tickets/?{query}") == found
    with subtests.test("by client"):
        *of_brown, of_acme = names(technician, "/list/tickets/?sort=-client&state=open&words=o")
        assert ({*of_brown}, of_acme) == ({"#22 Older", "#21 Oldest"}, "#40007 VPN is down")
    with subtests.test("the values to choose from stand once, however they are written"):
        cache.clear()  # keeps them for a while
        page = text_of(technician, "/list/tickets/?sort=name")
        assert page.lower().count('<option value="urgent"') == 1


@pytest.mark.faults
def test_a_list_of_each_kind_sorted_and_filtered_by_everything(
    tickets: Acme, technician: Client, subtests: pytest.Subtests
) -> None:
    operations.create_note(tickets.laptop, "VPN set-up", "Text", author="tess")
    offices = make("Folder", "Locations", tickets.company)
    make("Location", "Head office.md", offices, address="1 Main St", account_number="1001")
    for listed, kind in LISTED_KINDS.items():
        whole = {each.row.uid for each in queries.get_list(Selection(kind, reader=EVERYTHING), Order()).rows}
        assert whole
        for number, sort in enumerate(sortable(kind)):
            for is_descending in usual_or_all((number % 2 == 0,), (False, True)):
                with subtests.test(f"{kind} by {sort}", is_descending=is_descending):
                    chosen, order = Selection(kind, reader=EVERYTHING), Order(sort, is_descending)
                    found = queries.get_list(chosen, order, columns=all_columns(kind))
                    assert {each.row.uid for each in found.rows} == whole
        values = {"flag": "yes", "time": "over-1d"}
        everything = "&".join(f"{name}={values.get(how.value, 'nothing')}" for name, how in filters(kind).items())
        with subtests.test(f"all filters of {kind}"):
            columns = "".join(f"&column={name}" for name in all_columns(kind))
            assert names(technician, f"/list/{listed}/?words=none&{everything}{columns}&sort=name") == []
    with subtests.test("notes"):
        assert names(technician, "/list/notes/?sort=name") == ["VPN set-up"]  # and no Contact.md
        assert names(technician, "/list/notes/?updated_by=tess&updated_at=1d") == ["VPN set-up"]
        assert names(technician, "/list/notes/?updated_at=over-1d") == []
        assert names(technician, f"/list/notes/?client={tickets.company}") == ["VPN set-up"]
        assert "LAPTOP-59" in text_of(technician, "/list/notes/?sort=name")
    with subtests.test("a note on the card of a person is below the person"):
        on_card = operations.create_note(tickets.contact, "On the card", author="tess")
        assert lines(technician, "/list/notes/csv/?words=card")[1][2] == "Ana Díaz"
        operations.trash(on_card, author="tess")
    with subtests.test("people and computers"):
        assert names(technician, "/list/people/?active=no") == []
        assert names(technician, "/list/people/?active=yes") == ["Ana Díaz"]
        assert names(technician, "/list/computers/?operating_system=windows+11+PRO") == ["LAPTOP-59"]


def test_no_kind_has_a_property_that_an_address_uses_for_something_else() -> None:
    for kind in LISTED_KINDS.values():
        own = {"client", "words", "state", "archived", "sort", "column", "after"}
        assert not own & filters(kind).keys()
        assert set(NODE_CLASS[kind].about.listing.columns) <= NODE_CLASS[kind].fields().keys()


def test_pages_of_many_rows(acme: Acme, graph: Graph, technician: Client, subtests: pytest.Subtests) -> None:
    graph.rows(
        "MATCH (f {id: $f}) UNWIND range(1, 250) AS i CREATE (f)-[:PARENT_OF]->(:ContextItem:Ticket {id: 't' + i, "
        "name: 'Ticket_' + i, subject: 'Many', ticket_number: toString(i), parent_id: f.id, sibling_key: 't' + i, "
        "sort_key: right('000' + i, 4), origin: 'codex', latest_at: CASE i % 3 WHEN 0 THEN null ELSE "
        "'2026-01-01T00:00:0' + (i % 3) + '+00:00' END, total_hours_spent: CASE i % 2 WHEN 0 THEN null ELSE 1.5 END, "
        "opened_at: CASE i % 6 WHEN 0 THEN null WHEN 1 THEN 'soon' ELSE '2026-01-0' + (1 + i % 7) + 'T12:00:' "
        "+ (10 + i % 50) + ['Z', '+00:00', '-12:00', '+14:00'][i % 4] END})",
        f=acme.tickets,
    )
    properties = ("name", "last_updated_at", "total_hours_spent", "opened_at")
    for sort, is_descending in itertools.product(properties, (False, True)):
        with subtests.test(sort, is_descending=is_descending):
            rows: list[Row] = []
            after: Cursor | None = None
            for _ in range(3):
                chosen = Selection("Ticket", words="many", reader=EVERYTHING)
                page = queries.get_list(chosen, Order(sort, is_descending), after=after)
                rows += [each.row for each in page.rows]
                after = page.next
            assert after is None
            assert len({row.uid for row in rows}) == len(rows) == 250
            moments = [moment_of(row.fields["opened_at"] or "") for row in rows]
            if sort == "opened_at":
                times = [moment for moment in moments if moment]
                assert moments[: len(times)] == sorted(times, reverse=is_descending)  # and what is no time comes last
    with subtests.test("in addresses"):
        seen: list[str] = []
        address = "/list/tickets/?words=many&sort=-last_updated_at"
        while address:
            seen += names(technician, address)
            address = next_page(technician, address)
        assert len(seen) == len(set(seen)) == 250
    with subtests.test("the number"):
        assert "Over 100 tickets" in text_of(technician, "/list/tickets/?words=many&sort=name")
        assert '<span class="number">250</span> tickets' in text_of(technician, "/list/tickets/number/?words=many")
        assert '<span class="number">252</span> tickets' in text_of(
            technician, f"/list/tickets/?client={acme.company}&sort=name"
        )
    with subtests.test("as CSV"):
        assert len(lines(technician, "/list/tickets/csv/?words=many")) == 251


def test_a_list_as_csv(tickets: Acme, graph: Graph, technician: Client) -> None:
    graph.rows("MATCH (t {id: $id}) SET t.subject = '', t.ticket_number = '=1+1'", id=tickets.open)
    graph.rows("MATCH (t {id: $id}) SET t.requester_name = '@SUM(1)', t.subject = 'Ä, \"b\"'", id=tickets.closed)
    graph.rows("MATCH (t {id: $id}) SET t.total_hours_spent = 1.5", id=tickets.open)
    graph.rows("MATCH (t {id: $id}) SET t.total_hours_spent = 2.0", id=tickets.closed)
    columns = "column=requester_name&column=total_hours_spent"
    found = lines(technician, f"/list/tickets/csv/?client={tickets.company}&{columns}&sort=name")
    assert found == [
        ["Name", "Client", "Requester", "Time spent (h)", "Address"],
        ["#=1+1", "Acme Dental", "", "1.5", f"http://testserver/node/{tickets.open}/"],
        ['#40008 Ä, "b"', "Acme Dental", "'@SUM(1)", "2", f"http://testserver/node/{tickets.closed}/"],
    ]


def test_a_list_is_as_it_was_left(tickets: Acme, technician: Client, subtests: pytest.Subtests) -> None:
    with subtests.test("as it begins"):
        assert technician.get("/list/tickets/").status_code == 200
    technician.get(f"/list/tickets/?client={tickets.company}&words=vpn&state=open&sort=name&column=status")
    with subtests.test("filters, order and columns, without the client and the words"):
        response = technician.get("/list/tickets/")
        assert response.headers["Location"] == "/list/tickets/?state=open&sort=name&column=status"
        assert technician.get("/list/people/").status_code == 200
    with subtests.test("an address with filters of its own"):
        response = technician.get(f"/list/tickets/?client={tickets.company}")
        assert response.headers["Location"].endswith(f"?client={tickets.company}&sort=name&column=status")
        assert len(names(technician, f"/list/tickets/?client={tickets.company}")) == 2


def test_who_reads_no_tickets_has_no_list_of_them(
    tickets: Acme, technician: Client, billing: Client, subtests: pytest.Subtests
) -> None:
    operations.create_note(tickets.open, "On the ticket", "Text", author="tess")
    operations.create_note(tickets.laptop, "On the laptop", "Text", author="tess")
    with subtests.test("as what is no list"):
        for end in ("", "csv/", "number/"):
            assert billing.get(f"/list/tickets/{end}").status_code == billing.get(f"/list/nothing/{end}").status_code
    with subtests.test("nor do the queries give any"):
        chosen = Selection("Ticket", archived="too", reader=Reader(tickets=False))
        assert queries.get_list(chosen, Order()).rows == ()
        assert queries.count_list(chosen) == 0
        assert queries.get_values(chosen, ["status"]) == {"status": []}
    with subtests.test("notes"):
        assert names(technician, "/list/notes/?sort=name") == ["On the laptop", "On the ticket"]
        assert names(billing, "/list/notes/?sort=name") == ["On the laptop"]
        assert len(lines(billing, "/list/notes/csv/")) == 2


def test_odd_addresses(tickets: Acme, technician: Client, subtests: pytest.Subtests) -> None:
    for query, said in {
        "sort=content": "sort=content",
        "sort=name;x": "sort=name;x",
        "column=fingerprint": "column=fingerprint",
        "state=everything": "state=everything",
        "archived=1": "archived=1",
        "opened_at=yesterday": "opened_at=yesterday",
        "opened_at=2026-02-30": "opened_at=2026-02-30",
        "opened_at=99999d": "opened_at=99999d",
        "status=%00": "status=",
        "after=nonsense": "after=…",
        "after=WyJhIl0": "after=…",
        "after=WyJcdWQ4MDAiLCJhIl0": "after=…",  # half a pair of surrogates
        "sort=total_hours_spent&after=WzFlOTk5LCJhIl0": "after=…",  # more than any number
    }.items():
        with subtests.test(query):
            page = text_of(technician, f"/list/tickets/?{query}")
            assert f"“{said}" in page
            assert "is no filter of this list" in page
    with subtests.test("no property by which a list is not filtered"):
        assert len(names(technician, "/list/tickets/?fingerprint=x&sort=name")) == 5
    with subtests.test("markup"):
        make("Asset", "<img src=x onerror=alert(1)>", tickets.assets, operating_system="<b>x</b>")
        page = technician.get("/list/computers/?words=%3Cimg").content.decode()
        assert "<img src=x" not in page
        assert "<b>x" not in page
        assert "&lt;img src=x" in page
