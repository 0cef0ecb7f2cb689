"""The page of search results: what it shows of a hit, what it narrows to, and what it says when there is nothing."""

import re
from urllib.parse import quote

import pytest
from django.test import Client

from knowledgetree.basics.rights.reader import Reader
from tests.pages import squeezed, text_of
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make
from tree import operations, queries
from tree.models import MissedSearch
from tree.queries.records import clients


@pytest.fixture
def office(acme: Acme) -> Acme:
    """Acme as a sync leaves it, with a second client and more to find."""
    make("Company", "Brown Law", uid="brown", account_number="2002", codex_key="company:2002")
    make("User", "Ana Brown", "brown", uid="other-ana", account_number="2002", email="ab@brown.example")
    make("Asset", "SRV-DB_01.md", "brown", uid="server", account_number="2002", hostname="SRV-DB_01",
         int_ip_address="10.0.9.4", last_seen="2026-06-30T12:00:00")  # fmt: skip
    make("Ticket", "Ticket_50.md", "brown", uid="t50", account_number="2002", ticket_number="70050", status="open",
         subject="Scanner at Brown", requester_name="Ana Brown", latest_at="2026-06-02T08:00:00+00:00")  # fmt: skip
    return acme


def _found(text: str, **filters: str) -> list[str]:
    return [hit.row.title for hit in queries.search(text, **filters).hits]  # type: ignore[arg-type]


def test_what_is_typed_finds_what_is_meant(office: Acme, subtests: pytest.Subtests) -> None:
    for text, first in {
        "15550100": "Ana Díaz",
        "0100": "Ana Díaz",
        "555.0100 ext 3": "Ana Díaz",
        "diaz ana": "Ana Díaz",
        "anna diaz": "Ana Díaz",
        "srvdb01": "SRV-DB_01",
        "vdb0": "SRV-DB_01",
        "srv-db_02": "SRV-DB_01",
        "10.0.9.0/24": "SRV-DB_01",
        "10.0.9.*": "SRV-DB_01",
        "10.0.9.3-5": "SRV-DB_01",
        "#70050": "#70050 Scanner at Brown",
        "laptop": "LAPTOP-59",
        "client:brown kind:computer": "SRV-DB_01",
        'client:"brown law" status:open': "#70050 Scanner at Brown",
        "since:2026-06-01 kind:ticket": "#70050 Scanner at Brown",
        'by:"ana brown"': "#70050 Scanner at Brown",
        "ana brown law": "Ana Brown",
    }.items():
        with subtests.test(text):
            assert _found(text)[:1] == [first]
    assert _found("since:2026-06-30 kind:computer") == ["SRV-DB_01"]
    assert _found("since:2026-07-01 kind:computer") == []
    assert _found("ana@acme.example") == ["Ana Díaz", "#40007 VPN is down"], "a person's card is no hit of its own"


def test_readers_of_one_client_find_it_however_many_are_called_so(
    office: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each name, no more than some clients are looked at: not those of others."""
    for number in range(4):
        make("Company", f"Acme Branch {number}", account_number=f"300{number}", codex_key=f"company:300{number}")
    monkeypatch.setattr(clients, "_LOOKED_AT", 2)
    assert len(clients.clients_named("acme")) == 2
    for account in ("1001", "3000", "3001", "3002", "3003"):
        reader = Reader(companies=frozenset({account, "2002"}))
        assert [found.account for found in clients.clients_named("acme", reader=reader)] == [account]
        found = clients.Clients.among(["broken", "printer", "acme"], reader=reader)
        assert [client.account for client in found.found] == [account]
        assert clients.clients_named("acme denture", reader=reader) == ()


def test_the_page(office: Acme, technician: Client, subtests: pytest.Subtests) -> None:
    for address, shown in {
        "?q=5550100": "Mobile: +1 <mark>555 0100</mark>",
        "?q=10.0.9.0/24": "Internal IP: <mark>10.0.9.4</mark>",
        "?q=srvdb01": "<mark>SRV-DB_01</mark>",
        "?q=%2370050": "#<mark>70050</mark> Scanner at Brown",
        "?q=anna+diaz": "Did you mean",
        "?q=ana+brown+law": "because you typed the name",
        "?q=zzzz&company=brown": "Look in all clients",
        "?q=client:nobody+ana": "No client is called “nobody”.",
        "?q=since:tuesday": "is no time",
        "?q=kind:thing": "is no kind",
        "?q=ana": "company=brown",
    }.items():
        with subtests.test(address):
            assert shown in squeezed(text_of(technician, f"/search/{address}"))
    page = text_of(technician, "/search/?q=vpn")
    assert "Ticket_7.md" not in re.sub(r'<span class="hit-path">.*?</span>', "", page, flags=re.DOTALL)
    assert "other-ana" not in text_of(technician, f"/search/?q=ana&company={office.company}")
    assert office.ana in text_of(technician, "/search/?q=ana+brown+law&everywhere=1")
    assert "Nothing found" in text_of(technician, "/search/?q=zzzz+qqqq&company=brown"), "none of the words"
    assert 'name="company" value="brown"' in text_of(technician, "/node/brown/")
    assert "Mobile: +1 <mark>555 0100</mark>" in squeezed(text_of(technician, "/search/quick/?q=5550100"))


def test_odd_texts_do_no_harm(office: Acme, technician: Client, subtests: pytest.Subtests) -> None:
    for text in (
        *("*", "*a", "/.*/", "a OR b AND", "+", "search_scope:[* TO *]", "\u202eana\u202c", "a\0b", "client:*"),
        *("a " * 10_000, '"a" ' * 5_000, "x" * 60_000, "client:x " * 5_000, "0" * 300, "10.0.0.0/0", "::/0", "by:((("),
        *(
            "status:[a TO",
            "since:99999y",
            "since:9999y",
            "by:--",
            "status:--",
            '"OR"',
            '"AND" "NOT"',
            "0.0.0.0-255.255.255.255",
            "1.2.3.4.5.*",
            "#",
            "-ana",
            'client:"',
            "ana~2^9",
        ),
    ):
        with subtests.test(text[:30]):
            text_of(technician, f"/search/?q={quote(text[:5_000])}")
            queries.search(text)
    assert "takes a word" in text_of(technician, "/search/?q=by:--")
    assert "No client is called" in text_of(technician, "/api/search?q=client:nobody", status=400)
    assert "Nothing found" in text_of(technician, f"/search/?q=ana&company={quote('nobody/../x')}")


def test_who_reads_no_tickets_finds_none(office: Acme, billing: Client) -> None:
    for text in ("%2370050", "status:open", "kind:ticket", "scanner", "by:ana"):
        assert "t50" not in text_of(billing, f"/search/?q={text}")
    assert not MissedSearch.objects.exists(), "they look at less than others, so nothing is missing"


def test_searches_that_found_nothing_are_listed(office: Acme, technician: Client, admin: Client) -> None:
    for text in ("Frobnicator", "frobnicator ", "ana"):
        text_of(technician, f"/search/?q={text}")
    text_of(technician, "/search/?q=elsewhere&company=brown")
    text_of(technician, "/search/quick/?q=unfinished")
    assert list(MissedSearch.objects.values_list("text", "times")) == [("frobnicator", 2)]
    assert "/search/?q=frobnicator" in text_of(admin, "/admin/tree/missedsearch/")
    MissedSearch.objects.update(searched_at=MissedSearch.objects.get().searched_at - MissedSearch.KEPT * 2)
    MissedSearch.note("another")
    assert [missed.text for missed in MissedSearch.objects.all()] == ["another"]


def test_what_is_saved_is_found_as_it_is_now(office: Acme, graph: Graph) -> None:
    note = operations.create_note(office.company, "MapDrive_x", "00:1a:2b:3c:4d:5e", author="tess")
    assert _found('"DRIVE"') == _found("drive by:tess") == _found("3c4d5e") == ["MapDrive_x"]
    operations.save(note, author="tess", name="Other", content="router_9")
    assert _found("mapdrive") == _found("3c4d5e") == []
    assert _found("router") == ["Other"]
    assert queries.search("router", company=office.company).hits
    assert not queries.search("router", company="brown").hits
