"""Who reads no tickets learns nothing of them: not what they are called, not how many there are, not which exist."""

import uuid
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from tests.tree.factory import Acme, make, relate
from tree import operations, queries
from tree.models import SeenNode

PARAMETERS = {  # what a node's id can be given to, beside the address itself
    "tree": ("open",),
    "node-rows": ("after", "skip"),
    "node-children": ("after", "before"),
    "search": ("company",),
    "search-quick": ("company",),
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
    assert not isinstance(response, StreamingHttpResponse)
    body = response.content.decode()
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
        assert billing.get(f"/browse/{path}").status_code == 404
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


def test_no_page_tells_how_many_tickets_there_are(hidden: Hidden, billing: Client) -> None:
    acme = hidden.acme
    addresses = [
        "/",
        "/search/?q=acme",
        "/search/quick/?q=vpn",
        "/api/search?q=vpn",
        "/api/browse?path=/Companies/Acme Dental",
        "/tree/",
        f"/tree/?open={acme.tickets}",
        f"/node/{acme.company}/children/",
        f"/api/node/{acme.company}/browse",
    ]
    nodes = (acme.company, acme.users, acme.tickets, acme.ana, acme.ana_tickets, acme.laptop)
    addresses += [f"/node/{uid}/" for uid in nodes] + [f"/node/{uid}/rows/?skip=0" for uid in nodes]
    addresses += [f"/api/node/{uid}" for uid in nodes] + [f"/node/{uid}/rows/" for uid in nodes]
    before = {address: _told(billing, "GET", address) for address in addresses}
    for number in range(3):
        ticket = make("Ticket", f"Ticket_5{number}.md", acme.tickets, account_number="1001", subject="VPN again")
        relate("REQUESTED_BY", ticket, acme.ana)
        relate("MENTIONS", ticket, acme.laptop)
        relate("LINKS_TO", acme.ana_tickets, ticket)
        make("Note", "Acme VPN", ticket)
    SeenNode.objects.all().delete()  # the start page lists what was seen meanwhile
    for address in addresses:
        assert _told(billing, "GET", address) == before[address], address


def test_what_waits_for_a_ticket_is_hidden_like_what_lies_below_one(acme: Acme, billing: Client) -> None:
    folder = make("Folder", "Ticket_99.md", acme.company, origin="staff", waits_key="ticket:99")
    note = operations.create_note(folder, "Workaround", "Reticulated.", author="tess")
    assert [billing.get(f"/node/{uid}/").status_code for uid in (folder, note)] == [404, 404]
    assert note not in billing.get("/list/notes/?sort=name").content.decode()
    assert queries.search("reticulated").hits
    assert not queries.search("reticulated", tickets=False).hits
