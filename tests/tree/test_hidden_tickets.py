"""Who reads no tickets learns nothing of them: not what they are called, not how many there are, not which exist."""

import io
import uuid
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.rights.policy import Role
from knowledgetree.basics.rights.reader import Reader
from tests.fault_counts import in_turn
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make, relate
from tree import operations, queries
from tree.models import SeenNode
from tree.vocabulary import COMPANIES_ID, ROOT_ID

PARAMETERS = {  # what a node's id can be given to, beside the address itself
    "tree": ("open",),
    "node-rows": ("after", "skip"),
    "node-children": ("after", "before"),
    "search": ("company",),
    "search-quick": ("client", "node"),
    "api-search": ("start_node_id",),
    "api-children": ("after",),
}


class Hidden:
    """A ticket, a note on it with a file, and notes elsewhere that link to both."""

    def __init__(self, acme: Acme, technician: Client) -> None:
        self.acme = acme
        self.note = operations.create_note(acme.open, "Workaround", "Reticulated.", author="tess")
        technician.post(f"/node/{self.note}/files/", {"file": SimpleUploadedFile("log.txt", b"splines")})
        [self.file] = queries.get_files(self.note)
        relate("LINKS_TO", acme.ana_tickets, self.note)
        links = f"[one](/node/{acme.open}/), [two](/node/{self.note}/) and [three](/node/{uuid.uuid4()}/)"
        self.open_note = operations.create_note(acme.laptop, "Links", links, author="tess")


@pytest.fixture
def hidden(acme: Acme, technician: Client) -> Hidden:
    return Hidden(acme, technician)


def _told(client: Client, method: str, address: str, *secrets: str) -> tuple[int, str]:
    """The status and the body of a response, without the ids and the tokens that differ anyway."""
    response = client.generic(method, address)
    raw = b"".join(response) if isinstance(response, StreamingHttpResponse) else response.content
    body = raw.decode()
    for secret in secrets:
        body = body.replace(secret, "…")
    return response.status_code, _without_tokens(body)


def _without_tokens(body: str) -> str:
    passing = ("csrf", "nonce", "<time")  # differ from one response to the next
    return "\n".join(line for line in body.splitlines() if not any(word in line.lower() for word in passing))


def _routes(resolver: URLResolver) -> Iterator[tuple[str, set[str]]]:
    for pattern in resolver.url_patterns:
        if not isinstance(pattern, URLResolver):
            yield str(pattern.name), set(pattern.pattern.converters)
        elif not pattern.namespace:
            yield from _routes(pattern)


def test_what_is_hidden_is_answered_as_what_is_not_there(hidden: Hidden, billing: Client) -> None:
    asked = 0
    none = str(uuid.uuid4())
    others = {"number": 1, "name": "log.txt"}
    for route, parts in _routes(get_resolver()):
        for part, ids in (("uid", (hidden.acme.open, hidden.note)), ("file_id", (hidden.file.uid,))):
            if part not in parts or not parts - {part} <= others.keys() | {"uid"} - {part}:
                continue
            rest = {name: others[name] for name in parts - {part, "uid"}} | ({"uid": none} if "uid" in parts else {})
            for uid in ids:
                for method in ("GET", "POST"):
                    asked += 1
                    here, there = (reverse(route, kwargs=rest | {part: each}) for each in (uid, none))
                    assert _told(billing, method, here, uid) == _told(billing, method, there, none), (route, method)
    assert asked > 60


def test_no_parameter_tells_whether_a_ticket_exists(hidden: Hidden, billing: Client) -> None:
    none, acme = str(uuid.uuid4()), hidden.acme
    for route, names in PARAMETERS.items():
        for node in (acme.company, acme.tickets, acme.ana_tickets) if route not in ("tree", "search") else ("",):
            try:
                address = reverse(route, kwargs={"uid": node} if node and "search" not in route else {})
            except LookupError:
                continue
            for name in names:
                for uid in (acme.open, acme.closed, hidden.note):
                    here, there = (f"{address}?q=acme&{name}={each}" for each in (uid, none))
                    assert _told(billing, "GET", here, uid) == _told(billing, "GET", there, none), (route, name)
    for path in ("Companies/Acme Dental/Tickets/Ticket_7.md", "Companies/Acme Dental/Tickets/Ticket_7.md/Workaround"):
        assert billing.get(f"/browse/{path}").headers["Location"] == "/node/root/"
        assert billing.get("/api/browse", {"path": path}).status_code == 404
    assert billing.get(f"/uploads/{hidden.file.filename}").status_code == 404


def test_a_link_to_a_ticket_looks_like_one_that_leads_nowhere(
    hidden: Hidden, billing: Client, technician: Client
) -> None:
    for address in (f"/node/{hidden.open_note}/", f"/node/{hidden.open_note}/history/1/"):
        page = billing.get(address).content.decode()
        links = [page[page.index(f">{word}<") - 120 : page.index(f">{word}<")] for word in ("one", "two", "three")]
        classes = {'class="' in link and link.rpartition('class="')[2].partition('"')[0] for link in links}
        assert len(classes) == 1, classes


class Uncovered:
    """Tickets and whatever can lie at or below one, with names and texts that nothing else has; added to a world."""

    words = ("Zorblax", "Quibnix", "Vornak", "Plimfoo", "Grundle", "Skeezle", "Wumpus", "Frobozz", "777123")

    def __init__(self, acme: Acme, open_note: str, technician: Client) -> None:
        ticket: dict[str, Any] = {
            "account_number": "1001",
            "status": "open",
            "ticket_number": "777123",
        }
        self.live = make("Ticket", "Ticket_71.md", acme.tickets, subject="Zorblax acme", content="Quibnix", **ticket)
        archived = make("Ticket", "Ticket_72.md", acme.tickets, is_archived=True, subject="Zorblax vpn", **ticket)
        for uid in (self.live, archived):
            relate("REQUESTED_BY", uid, acme.ana)
            relate("MENTIONS", uid, acme.laptop)
            relate("MENTIONS", uid, acme.ana)
            relate("LINKS_TO", acme.ana_tickets, uid)
        waiting: dict[str, Any] = {"account_number": "1001", "waits_key": "ticket:73", "origin": "staff"}
        held = [
            make("Folder", "Vornak acme", COMPANIES_ID, uid="waiting:ticket-73", **waiting),
            make("Folder", "Vornak vpn", acme.company, **waiting),
            make("Folder", "_Vornak", acme.ana, **waiting),
            make("Folder", "_ Vornak", acme.ana_tickets, **waiting),
            make("Folder", "Vornak", acme.contact, **waiting),
        ]
        self.ids = [self.live, archived, *held]
        for place in (self.live, archived, *held):
            note = operations.create_note(
                place,
                "Plimfoo acme",
                f"Grundle, see [Ana](/node/{acme.ana}/), [it](/node/{open_note}/).",
                author="tess",
            )
            operations.set_warning(note, is_warning=True, author="tess")
            below = operations.create_folder(note, "Skeezle", author="tess")
            gone = operations.create_note(below, "Wumpus acme", "Grundle", author="tess")
            operations.trash(gone, author="tess")
            self.ids += [note, below, gone]
        for uid in (self.live, self.ids[7]):
            technician.post(f"/node/{uid}/files/", {"file": SimpleUploadedFile("Frobozz.txt", b"Grundle acme")})
        self.files = [file for uid in (self.live, self.ids[7]) for file in queries.get_files(uid)]


OF_EVERY_NODE = {  # other routes take the nodes in turn
    *("node", "node-children", "node-rows", "node-markdown", "node-record", "node-context"),
    *("api-node", "api-children", "api-context"),
}
ASKED: dict[str, tuple[str, ...]] = {  # what else each route is asked for
    "search": ("q=acme", "q=acme&archived=1&everywhere=1", "q=grundle", "q=777123", "q=kind:ticket", "q=by:tess"),
    "search-quick": ("q=acme", "q=Vornak"),
    "api-search": ("q=acme", "q=grundle&limit=50"),
    "api-browse": ("path=/Companies/Acme Dental", "path=/Companies/Acme Dental/Tickets"),
    "node-rows": ("skip=0", "archived=1", "skip=0&archived=1"),
    "node": ("archived=1",),
}


@pytest.mark.long
@pytest.mark.faults
def test_no_route_tells_that_there_are_tickets(acme: Acme, graph: Graph, technician: Client, billing: Client) -> None:
    """Each response is the same, to the byte, whether or not there are tickets and things below them."""
    graph.rows("MATCH (t:Ticket) DETACH DELETE t")
    note = operations.create_note(acme.laptop, "Warranty acme", "Until 2027.", author="tess")
    operations.save(note, author="tess", content="Until 2028.")
    shared = operations.add_file(note, "plan.txt", io.BytesIO(b"acme"), author="tess")
    nodes = [ROOT_ID, COMPANIES_ID, *(getattr(acme, name) for name in _NODES_OF_ACME), note]
    addresses = list(_addresses(nodes, {"file_id": shared.uid, "name": "plan.txt", "filename": shared.filename}))
    before = {address: _told(billing, "GET", address) for address in addresses}
    assert sum(status == 200 for status, _ in before.values()) > 120

    added = Uncovered(acme, note, technician)
    operations.add_file(added.live, "other.txt", io.BytesIO(b"acme"), author="tess")
    secrets = (*added.words, *added.ids, *(file.uid for file in added.files))
    SeenNode.objects.all().delete()  # the start page lists what was seen meanwhile
    leaks = {}
    for address in addresses:
        told = _told(billing, "GET", address)
        asked = parse_qs(address.partition("?")[2]).get("q", ["\0"])[0]
        found = [secret for secret in secrets if secret in told[1].replace(asked, "")]
        if found or told != before[address]:
            leaks[address] = found or [line for line in told[1].splitlines() if line not in before[address][1]]
    assert not leaks
    assert "Zorblax" in technician.get(f"/node/{acme.company}/").content.decode()
    assert "Vornak" in technician.get(f"/node/{acme.company}/children/").content.decode()


_NODES_OF_ACME = ("company", "users", "assets", "tickets", "ana", "contact", "ana_tickets", "laptop")


def _addresses(nodes: list[str], names: dict[str, str]) -> Iterator[str]:
    """Every route that billing may read, for each node, list and path, and with what else it can be asked for."""
    values: dict[str, list[str]] = {
        "uid": nodes,
        "listed": ["people", "computers", "locations", "notes", "companies", "tickets"],
        "number": ["1", "2"],
        "path": ["Companies", "Companies/Acme Dental", "Companies/Acme Dental/Tickets"],
        **{name: [value] for name, value in names.items()},
    }  # fmt: skip
    for number, (route, parts) in enumerate(_routes(get_resolver())):
        if Role.BILLING not in policy.ROUTES[route] or Role.ANONYMOUS in policy.ROUTES[route] or route == "logout":
            continue
        here = values if route in OF_EVERY_NODE else values | {"uid": in_turn(nodes, number)}
        for chosen in product(*(here[part] for part in parts)):
            address = reverse(route, kwargs=dict(zip(parts, chosen, strict=True)))
            yield address
            yield from (f"{address}?{more}" for more in ASKED.get(route, ()))
            if route == "tree":
                yield from (f"{address}?open={uid}" for uid in nodes)


def test_what_waits_for_a_ticket_is_hidden_like_what_lies_below_one(acme: Acme, billing: Client) -> None:
    folder = make("Folder", "Ticket_99.md", acme.company, origin="staff", waits_key="ticket:99")
    note = operations.create_note(folder, "Workaround", "Reticulated.", author="tess")
    assert [billing.get(f"/node/{uid}/").status_code for uid in (folder, note)] == [404, 404]
    assert note not in billing.get("/list/notes/?sort=name").content.decode()
    assert queries.search("reticulated").hits
    assert not queries.search("reticulated", reader=Reader(tickets=False)).hits
