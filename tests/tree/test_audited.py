"""What the audit log has of the tree: tickets and files that were seen, what the API handed out, every change."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from knowledgetree.accounts import api_tokens
from knowledgetree.audit.actions import Action
from knowledgetree.audit.models import Entry
from knowledgetree.basics.rights.scopes import ALL_SCOPES
from tests.people import client_of, person
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme
from tree import operations, queries
from tree.vocabulary import ROOT_ID

pytestmark = pytest.mark.django_db
_OF_ACCOUNTS = ("signed_in", "person_added", "group_changed", "token_made", "token_used")


def told(*names: str) -> list[Any]:
    rows = Entry.objects.exclude(action__in=_OF_ACCOUNTS).order_by("pk")
    return list(rows.values_list(*names, flat=len(names) == 1))


def received(answer: Any) -> bytes:
    """The whole of a response that is sent piece by piece."""
    return b"".join(answer.streaming_content)


@pytest.fixture
def program() -> Client:
    """A program with a token of somebody who may read and write everything."""
    _, text = api_tokens.make(person("admin"), "nightly", ALL_SCOPES)
    return Client(headers={"Authorization": f"Bearer {text}"})


def test_tickets_and_what_lies_below_them(acme: Acme, technician: Client) -> None:
    note = operations.create_note(acme.open, "Handover", "x", author="tess")
    for uid in (acme.company, acme.laptop, acme.tickets):
        technician.get(f"/node/{uid}/")
    before = len(told("pk"))
    for address in (f"/node/{acme.open}/", f"/node/{note}/history/", f"/node/{note}/history/1/"):
        assert technician.get(address).status_code == 200
    assert technician.get("/node/none/").status_code == 404
    assert told("action", "who", "way", "nodes", "company", "company_name", "detail")[before:] == [
        ("ticket_viewed", "technician", "page", [acme.open], "1001", "Acme Dental", "#40007 VPN is down"),
        ("ticket_viewed", "technician", "page", [note], "1001", "Acme Dental", "Handover"),
        ("ticket_viewed", "technician", "page", [note], "1001", "Acme Dental", "Handover"),
    ]


def test_nobody_viewed_what_was_refused(acme: Acme, billing: Client) -> None:
    assert billing.get(f"/node/{acme.open}/").status_code == 404
    assert told("action") == []


def test_a_ticket_in_the_administration(acme: Acme, admin: Client) -> None:
    assert admin.get(f"/admin/tree/ticket/{acme.open}/change/").status_code == 200
    assert told("action", "nodes") == [("ticket_viewed", [acme.open])]


def ids_in(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        if "id" in found and "filename" not in found:
            yield found["id"]
        for value in found.values():
            yield from ids_in(value)
    elif isinstance(found, list):
        for value in found:
            yield from ids_in(value)


def test_all_that_the_api_hands_out(acme: Acme, program: Client) -> None:
    note = operations.create_note(acme.company, "VPN", f"[Laptop](/node/{acme.laptop}/)", author="tess")
    begun = Entry.objects.count()
    for address in (
        "/api/search?query=vpn",
        "/api/browse?path=/Companies/Acme Dental",
        f"/api/node/{acme.laptop}",
        f"/api/node/{acme.tickets}/children",
        f"/api/node/{acme.company}/browse",
        "/api/folders/tree",
    ):
        before = Entry.objects.count()
        answer = program.get(address)
        rows = [row for row in Entry.objects.order_by("pk")[before:] if row.action == Action.HANDED_OUT]
        listed = {uid for row in rows for uid in row.nodes}
        way = {crumb["id"] for crumb in answer.json().get("breadcrumb", [])} if "browse" in address else set()
        assert set(ids_in(answer.json())) - way - {ROOT_ID} <= listed, address
        assert {(row.who, row.way, row.through) for row in rows} == {("admin", "token", "nightly")}
    of_acme = Entry.objects.filter(company="1001", action=Action.HANDED_OUT)[: Entry.objects.count() - begun]
    assert note in {uid for row in of_acme for uid in row.nodes}
    assert [row.pk for row in Entry.objects.about_node(acme.closed)] == [
        row.pk for row in Entry.objects.all() if acme.closed in row.nodes
    ]
    assert "splines" not in str(list(Entry.objects.values_list()))


def test_a_list_that_is_sent_as_csv(acme: Acme, program: Client) -> None:
    received(program.get("/list/tickets/csv/"))
    [(nodes, company, detail)] = told("nodes", "company", "detail")
    assert ({acme.open, acme.closed} <= set(nodes), company, detail) == (True, "1001", "tickets")


def test_every_change_of_a_note(acme: Acme, program: Client) -> None:
    def send(method: str, address: str, body: Any) -> Any:
        return getattr(program, method)(address, json.dumps(body), content_type="application/json").json()

    folder = send("post", "/api/node", {"parent_id": acme.company, "name": "Docs", "is_folder": True})["id"]
    uid = send("post", "/api/node", {"parent_id": folder, "name": "VPN", "content": "one"})["id"]
    send("put", f"/api/node/{uid}", {"content": "two", "name": "VPNs", "is_warning": True})
    send("put", f"/api/node/{uid}", {"content": "two"})  # changes nothing
    send("post", f"/api/node/{uid}/move", {"new_parent_id": acme.company})
    copy = operations.copy(folder, ROOT_ID, author="tess")
    send("post", f"/api/node/{folder}/move", {"new_parent_id": acme.company})  # is there already
    operations.move(uid, folder, author="tess")
    send("delete", f"/api/node/{folder}", {})
    operations.restore(folder, author="tess")
    operations.trash(folder, author="tess")
    operations.purge(folder, after=timedelta())
    assert told("action", "nodes", "company", "detail") == [
        ("created", [folder], "1001", "Docs"),
        ("created", [uid], "1001", "VPN"),
        ("renamed", [uid], "1001", "VPNs"),
        ("edited", [uid], "1001", "VPNs"),
        ("marked", [uid], "1001", "VPNs"),
        ("moved", [uid], "1001", "VPNs"),
        ("copied", [copy], "", "Docs"),
        ("moved", [uid], "1001", "VPNs"),
        ("trashed", [folder, uid], "1001", "Docs"),
        ("restored", [folder, uid], "1001", "Docs"),
        ("trashed", [folder, uid], "1001", "Docs"),
        ("purged", [folder, uid], "1001", "Docs"),
    ]


def test_files(acme: Acme, technician: Client) -> None:
    sent = {"file": SimpleUploadedFile("notes.txt", b"hello", "text/plain")}
    technician.post(f"/node/{acme.laptop}/files/", sent)
    [file] = queries.get_files(acme.laptop)
    received(technician.get(f"/files/{file.uid}/{file.name}"))
    technician.post(f"/node/{acme.laptop}/files/{file.uid}/remove/")
    technician.post(f"/node/{acme.laptop}/files/{file.uid}/restore/")
    assert told("action", "nodes", "company", "detail") == [
        ("file_added", [acme.laptop], "1001", "notes.txt"),
        ("file_viewed", [acme.laptop], "1001", "notes.txt"),
        ("file_removed", [acme.laptop], "1001", "notes.txt"),
        ("file_restored", [acme.laptop], "1001", "notes.txt"),
    ]


def test_exports_and_uploads_of_imports(graph: Graph, admin: Client) -> None:
    received(admin.post("/exchange/export/"))
    admin.post("/exchange/import/", {"file": SimpleUploadedFile("all.zip", b"no archive")})
    assert told("action") == ["exported", "import_uploaded"]


def test_a_refused_form_is_no_entry(graph: Graph) -> None:
    client_of("technician").post("/node/root/new/", {"name": "", "kind": "note"})
    assert told("action") == []
