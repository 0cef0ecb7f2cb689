"""Who may read one company learns nothing of another: not what it is called, not what it has, not how much of it."""

import io
import json
import uuid
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.rights import openings, policy
from knowledgetree.basics.rights.scopes import Scope
from tests.fault_counts import in_turn
from tests.people import client_of, person
from tests.tree.factory import Acme, make, relate
from tree import operations, queries
from tree.graph.connection import read
from tree.models import SeenNode
from tree.queries import rights
from tree.vocabulary import COMPANIES_ID, ROOT_ID

Ask = Callable[[str], Any]
MARK = "Zorblax"
WRITTEN = "Acme Dental"  # what the other company's nodes are called besides, so that the same words find them
ASKED: dict[str, tuple[str, ...]] = {  # what else each route is asked for
    "home": (f"company={MARK}", "company=acme", "company=2002"),
    "search": (
        *("q=acme", "q=acme&archived=1&everywhere=1", f"q={MARK}", "q=Zorblx", "q=by:tess", "q=kind:note acme"),
        *(f"q=client:{MARK} acme", "q=client:2002", "q=acme dental vpn", "q=10.0.3.0/24"),
    ),
    "search-quick": ("q=acme", f"q={MARK}", "", "q=555"),
    "node-rows": ("skip=0", "archived=1", "skip=0&archived=1"),
    "node": ("archived=1",),
    "list": ("archived=too&sort=-updated_at", f"client={MARK}", "client=2002", "words=acme", "sort=client"),
    "list-number": ("archived=too", f"client={MARK}"),
    "list-csv": ("archived=too&sort=-name", f"client={MARK}", "words=acme"),
    "api-search": ("q=acme", f"q={MARK}&limit=50", "q=vpn&limit=50", "q=client:2002", "q=Zorblx"),
    "api-browse": (
        *("path=/Companies", "path=/Companies/Acme Dental", f"path=/Companies/{MARK}"),
        *(f"path=/Companies/{MARK}/Users", f"path=/{MARK} of all"),
    ),
    "api-children": ("limit=3",),
}  # fmt: skip
OF_EVERY_NODE = {  # other routes take the nodes in turn
    *("node", "node-children", "node-rows", "node-markdown", "node-record", "node-context", "view"),
    *("api-node", "api-children", "api-context"),
}
PARAMETERS = {  # what a node's id can be given to, beside the address itself
    "tree": ("open",),
    "node-rows": ("after",),
    "node-children": ("after", "before"),
    "search": ("q=acme&company",),
    "search-quick": ("q=acme&client", "q=acme&node", "client"),
    "list": ("client",),
    "list-csv": ("client",),
    "api-search": ("q=acme&start_node_id",),
    "api-children": ("after",),
}


class Other:
    """Another company with everything that can be there, each with the mark in all its texts, and what ties it to Acme.

    What lies beside the companies has the mark, too: warnings, notes and files on the root and the list of companies.
    """

    def __init__(self, acme: Acme) -> None:
        own: dict[str, Any] = {"account_number": "2002", "content": f"{MARK} text", "created_by": MARK}
        self.ids = [self._make("Company", MARK, COMPANIES_ID, **own, domains=[MARK], codex_key="company:2002")]
        company = self.ids[0]
        users, assets, tickets, places = (
            self._make("Folder", name, company, codex_key=f"company:2002:{name.lower()}")
            for name in ("Users", "Assets", "Tickets", "Locations")
        )
        user = self._make("User", f"{MARK} {WRITTEN}", users, **own, email=f"{MARK}@acme.example", active=True)
        card = self._make("Note", "Contact.md", user, **own, codex_key="user:2002:1:contact")
        folder = self._make("Folder", "Tickets", user, is_attached=True, codex_key="user:2002:1:tickets")
        device = self._make("Asset", f"{MARK}-1.md", assets, **own, hostname=f"{MARK}-1", operating_system=MARK)
        self._make("Location", f"{MARK} {WRITTEN}.md", places, **own, city=MARK)
        numbered: dict[str, Any] = {"ticket_number": "40007", "status": MARK, "subject": f"VPN {MARK} {WRITTEN}"}
        ticket = self._make("Ticket", "Ticket_71.md", tickets, **own, **numbered)
        closed = self._make("Ticket", "Ticket_72.md", tickets, **own, **(numbered | {"closed_at": "2026-11-09"}))
        gone = self._make("User", f"Gone {MARK}", users, is_archived=True, **own)
        for one in (ticket, closed):
            relate("REQUESTED_BY", one, acme.ana)
            relate("MENTIONS", one, acme.laptop)
            relate("LINKS_TO", acme.ana_tickets, one)
            relate("LINKS_TO", folder, one)
        relate("REQUESTED_BY", acme.closed, user)
        relate("USED_BY", device, acme.ana)
        relate("USED_BY", acme.laptop, user)
        relate("MENTIONS", acme.open, device)
        self.files = []
        for place in (company, user, card, device, ticket, gone, ROOT_ID, COMPANIES_ID):
            text = f"{MARK} [Ana](/node/{acme.ana}/) [laptop](/node/{acme.laptop}/)"
            note = operations.create_note(place, f"{MARK} {WRITTEN} of all", text, author="tess", is_warning=True)
            operations.save(note, author="tess", content=f"{text} again", message=MARK)
            below = operations.create_folder(note, f"{MARK} {WRITTEN}", author="tess")
            trashed = operations.create_note(below, f"{MARK} in the trash", MARK, author="tess")
            operations.trash(trashed, author="tess")
            added = operations.add_file(note, f"{MARK}.txt", io.BytesIO(f"{MARK} acme".encode()), author="tess")
            self.files.append(added)
            self.ids += [note, below, trashed]
        self.texts = (MARK, MARK.lower(), *self.ids, *(file.uid for file in self.files))

    def _make(self, *arguments: Any, **properties: Any) -> str:
        uid = make(*arguments, **properties)
        if hasattr(self, "ids"):
            self.ids.append(uid)
        return uid


def told(response: Any) -> tuple[int, str]:
    """The status and the body, without what differs from one response to the next."""
    raw = b"".join(response) if isinstance(response, StreamingHttpResponse) else response.content
    passing = ("csrf", "nonce", "<time")
    kept = (line for line in raw.decode().splitlines() if not any(word in line.lower() for word in passing))
    return response.status_code, response.headers.get("Location", "") + "\n".join(kept)


def of_token(acme: Acme, *scopes: Scope) -> Ask:
    owner = User.objects.filter(username="technician").first() or person("technician")
    _, token = api_tokens.make(owner, "of Acme", scopes, companies=["1001"])
    client = Client(raise_request_exception=False)
    return lambda address: client.get(address, headers={"Authorization": f"Bearer {token}"})


def of_client(acme: Acme, *_: Scope) -> Ask:
    """Logged in anew, because a session remembers the lists."""
    user = User.objects.filter(username="client").first() or person("client")
    openings.open_company("1001", user, by=None)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client.get


def routes(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """The name of each route, but for the Django admin, and the names of the parts of its address."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", tuple(pattern.pattern.converters)
        elif pattern.namespace != "admin":
            yield from routes(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)


def addresses(nodes: list[str], values: dict[str, list[str]]) -> Iterator[str]:
    """Every address that can be made of these, with what else it can be asked for."""
    known = {
        "uid": nodes,
        "listed": ["people", "computers", "locations", "notes", "companies", "tickets"],
        "number": ["1", "2"],
        "run_id": ["1"],
        "command": ["sync_codex"],
        "path": [
            *("Companies", "Companies/Acme Dental", f"Companies/{MARK}", f"Companies/{MARK}/Users", f"{MARK} of all"),
        ],
        **values,
    }  # fmt: skip
    for number, (route, parts) in enumerate(routes(get_resolver())):
        is_for_all = policy.ROUTES.get(route, frozenset()) >= policy.SIGNED_IN  # and tells nothing of the tree
        if is_for_all or not set(parts) <= known.keys():
            continue
        here = known if route in OF_EVERY_NODE else known | {"uid": in_turn(nodes, number)}
        for chosen in product(*(here[part] for part in parts)):
            try:
                address = reverse(route, kwargs=dict(zip(parts, chosen, strict=True)))
            except NoReverseMatch:
                continue
            yield address
            yield from (f"{address}?{more}" for more in ASKED.get(route, ()))
            if route == "tree":
                yield from (f"{address}?open={uid}" for uid in nodes)


@pytest.mark.long
@pytest.mark.faults
@pytest.mark.django_db
@pytest.mark.parametrize("asking", [of_token, of_client])
def test_no_route_tells_that_there_is_another_company(acme: Acme, asking: Callable[..., Ask]) -> None:
    """Each response is the same, to the byte, whether or not there is another company."""
    ask = asking(acme, *Scope)
    note = operations.create_note(acme.laptop, "Warranty acme", "Until 2027.", author="tess")
    operations.save(note, author="tess", content="Until 2028.")
    held = operations.add_file(note, "plan.txt", io.BytesIO(b"acme"), author="tess")
    nodes = [ROOT_ID, COMPANIES_ID, *(getattr(acme, name) for name in _NODES_OF_ACME), note]
    values = {"file_id": [held.uid], "name": ["plan.txt"], "filename": [held.filename]}
    asked = list(addresses(nodes, values))
    before = {address: told(ask(address)) for address in asked}
    assert sum(status == 200 for status, _ in before.values()) > 60

    other = Other(acme)
    cache.clear()
    ask = asking(acme, *Scope)
    SeenNode.objects.all().delete()  # the start page lists what was seen meanwhile
    leaks = {}
    for address in asked:
        answer = told(ask(address))
        if answer != before[address]:
            new = [line for line in answer[1].splitlines() if line not in before[address][1]]
            leaks[address] = (before[address][0], answer[0], new[:4])
    assert not leaks
    assert MARK in client_of("admin").get(f"/node/{acme.ana}/").content.decode()
    _answered_as_unknown(ask, other)


_NODES_OF_ACME = ("company", "users", "assets", "tickets", "ana", "contact", "ana_tickets", "laptop", "open", "closed")


def _answered_as_unknown(ask: Ask, other: Other) -> None:
    """The ids of another company are answered as ids that nobody has, wherever they can stand."""
    nobody, file = str(uuid.uuid4()), other.files[0]
    values = {"file_id": [file.uid], "name": ["a.txt"], "filename": [file.filename]}
    tried = 0
    for number, uid in enumerate((*other.ids[:12], other.ids[-1], other.ids[-3])):
        found = [a for a in addresses([uid], values) if uid in a or file.uid in a or file.filename in a]
        for address in in_turn(found, number):
            there = address.replace(uid, nobody).replace(file.uid, nobody).replace(file.filename, f"{nobody}.txt")
            _same(ask, address, there, uid, file.uid, file.filename, nobody)
            tried += 1
    for route, names in PARAMETERS.items():
        for name, uid in product(names, (other.ids[0], other.ids[5], other.ids[-1])):
            for node in (COMPANIES_ID, ROOT_ID):
                parts = next(parts for each, parts in routes(get_resolver()) if each == route)
                address = reverse(route, kwargs=_parts(parts, node))
                _same(ask, f"{address}?{name}={uid}", f"{address}?{name}={nobody}", uid, nobody)
                tried += 1
    assert tried > 200
    states = queries.get_link_states([*other.ids, nobody])
    assert len(states) == len(set(other.ids))


def _parts(parts: tuple[str, ...], node: str) -> dict[str, str]:
    return {part: {"uid": node, "listed": "people"}[part] for part in parts}


def _same(ask: Ask, here: str, there: str, *secrets: str) -> None:
    answers = []
    for address in (here, there):
        status, body = told(ask(address))
        for secret in secrets:
            body = body.replace(secret, "…")
        answers.append((status, body))
    assert answers[0] == answers[1], here


@pytest.mark.django_db
def test_a_token_of_one_company_writes_in_no_other(acme: Acme) -> None:
    _, token = api_tokens.make(person("technician"), "of Acme", {Scope.READ, Scope.WRITE}, companies=["1001"])
    client = Client(raise_request_exception=False)

    def send(method: str, address: str, **body: Any) -> int:
        answer = client.generic(
            method, address, json.dumps(body), "application/json",
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
        return answer.status_code

    other = Other(acme)
    theirs, nobody = other.ids[0], str(uuid.uuid4())
    note = operations.create_note(acme.company, "Ours", "text", author="tess")
    foreign = other.ids[-3]
    assert send("POST", "/api/node", parent_id=acme.company, name="New", content="") == 200
    for place in (ROOT_ID, COMPANIES_ID):
        assert send("POST", "/api/node", parent_id=place, name="New", content="") == 403
        assert send("POST", f"/api/node/{note}/move", new_parent_id=place) == 403
    for place in (theirs, nobody):
        assert send("POST", "/api/node", parent_id=place, name="New", content="") == 404
        assert send("POST", f"/api/node/{note}/move", new_parent_id=place) == 404
    for uid in (foreign, nobody):
        assert send("POST", f"/api/node/{uid}/move", new_parent_id=acme.company) == 404
        assert send("PUT", f"/api/node/{uid}", content="") == 404
        assert send("DELETE", f"/api/node/{uid}") == 404
        assert send("POST", f"/api/upload/{uid}") == 404
    assert send("POST", f"/api/upload/{ROOT_ID}") == 403
    assert send("DELETE", f"/api/node/{COMPANIES_ID}") == 403
    assert send("DELETE", f"/api/node/{note}") == 200


@pytest.mark.django_db
def test_a_company_is_open_to_one_person(acme: Acme) -> None:
    """What is open to somebody of a client is closed to the next one, also in what caches keep."""
    other = make("Company", "Brown Law", account_number="2002", codex_key="company:2002")
    make("Asset", "PC-1.md", make("Folder", "Assets", other), account_number="2002", operating_system=MARK)
    visitors = []
    for name, account in (("client", "1001"), ("second", "2002")):
        user = person("client") if name == "client" else User.objects.create_user(name)
        user.groups.set(Group.objects.filter(name="client"))
        openings.open_company(account, user, by=None)
        visitors.append(Client(raise_request_exception=False))
        visitors[-1].force_login(user)
    ours, theirs = visitors
    for address, words in (
        (f"/node/{other}/", ""),
        ("/list/computers/", MARK),
        ("/search/?q=brown", f"/node/{other}/"),
    ):
        assert words in theirs.get(address).content.decode()
        assert (not words and ours.get(address).status_code == 404) or words not in told(ours.get(address))[1]
    assert [client.get(f"/node/{acme.company}/").status_code for client in visitors] == [200, 404]


def test_a_request_asks_once_whether_a_node_may_be_read(acme: Acme, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(cypher: str, **parameters: Any) -> list[dict[str, Any]]:
        asked.append(parameters["id"])
        return read(cypher, **parameters)

    monkeypatch.setattr(rights, "read", counted)
    user = person("client")
    user.groups.set(Group.objects.filter(name="client"))
    openings.open_company("1001", user, by=None)
    visitor = Client()
    visitor.force_login(user)
    pages = (acme.company, acme.ana, acme.users, COMPANIES_ID)
    assert [visitor.get(f"/node/{uid}/").status_code for uid in pages] == [200] * 4
    assert asked == [], "the query of the node has told it already"
    assert visitor.get(f"/node/{acme.ana}/children/").status_code == 200
    assert asked == [acme.ana]
    openings.close_company("1001", user)
    openings.open_company("2002", user, by=None)
    assert [visitor.get(f"/node/{acme.ana}/{more}").status_code for more in ("", "children/")] == [404, 404]
