"""What a compliance level withholds from programs is withheld by the API v1, too: in every answer, and named."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from knowledgetree.basics.rights.withholding import Part
from tests.throwaway_neo4j import Graph
from tests.tree.api.v1.calling import Caller, caller, read
from tests.tree.factory import Acme
from tree import operations
from tree.vocabulary import COMPANIES_ID, ROOT_ID


@pytest.fixture
def ana(db: None, settings: Settings) -> Caller:
    settings.WITHHELD_FROM_TOKENS = True
    return caller("admin")


def withhold(settings: Settings, *parts: Part) -> None:
    settings.WITHHELD = {"standard": frozenset(), "hipaa": frozenset(parts), "cjis": frozenset(parts)}


def test_texts_of_tickets(acme: Acme, graph: Graph, ana: Caller, settings: Settings) -> None:
    withhold(settings, Part.TICKET_TEXTS)
    uid = operations.create_note(acme.open, "Quote", "They wrote: splines", author="tess")
    operations.save(uid, author="tess", content="splines again")
    found = ana.get(f"/nodes/{uid}")
    assert (found["content"], found["withheld"]) == ("", ["content"])
    assert ana.get(f"/nodes/{uid}/revisions/1")["withheld"] == ["content"]
    assert ana.client.get(f"/node/{uid}.md").status_code == 403
    assert ana.client.get(f"/node/{uid}.json").json()["content"] == ""
    hit = ana.get("/search", q="splines")["items"][0]
    assert (hit["summary"], hit["withheld"]) == ("", ["summary"])
    everything = [ana.get(path) for path in (f"/nodes/{uid}/revisions", f"/nodes/{acme.open}/children", "/tickets")]
    assert "splines" not in json.dumps(everything)
    assert "withheld" in ana.patch(f"/nodes/{uid}", {"content": "x"}, 403, If_Match="*")["detail"]
    assert ana.post(f"/nodes/{uid}/revisions/1/restore", None, 403, If_Match="*")["status"] == 403
    assert ana.patch(f"/nodes/{uid}", {"name": "Words"}, If_Match="*")["content"] == ""


@pytest.mark.parametrize(("part", "place"), [(Part.TICKET_TEXTS, "open"), (Part.TEXTS, "laptop"), (Part.FILES, "ana")])
def test_what_is_withheld_is_taken_nowhere_where_it_is_told(
    acme: Acme, graph: Graph, ana: Caller, settings: Settings, part: Part, place: str
) -> None:
    withhold(settings, part)
    folder = operations.create_folder(getattr(acme, place), "Kept", author="tess")
    operations.create_note(folder, "Quote", "They wrote: splines", author="tess")
    for to in (ROOT_ID, COMPANIES_ID):
        for action, headers in (("copy", {}), ("move", {"If_Match": "*"})):
            refused = ana.post(f"/nodes/{folder}/{action}", {"parent_id": to}, 403, **headers)
            assert "withheld" in refused["detail"]
    assert ana.post(f"/nodes/{folder}/copy", {"parent_id": getattr(acme, place)}, 201)["name"] == "Kept (copy)"
    operations.trash(folder, author="tess")
    assert ana.post(f"/nodes/{folder}/restore", {"parent_id": ROOT_ID}, 403, If_Match="*")["status"] == 403
    assert ana.post(f"/nodes/{folder}/restore", {}, If_Match="*")["trashed_at"] is None
    free = operations.create_note(ROOT_ID, "Free", "words", author="tess")
    assert ana.post(f"/nodes/{free}/move", {"parent_id": folder}, If_Match="*")["parent_id"] == folder
    withhold(settings, Part.CONTACTS)
    assert ana.post(f"/nodes/{folder}/move", {"parent_id": ROOT_ID}, If_Match="*")["parent_id"] == ROOT_ID


def test_tickets_as_a_whole(acme: Acme, graph: Graph, ana: Caller, settings: Settings) -> None:
    graph.rows(
        "MATCH (a {id: $asset}), (t {id: $ticket}) CREATE (a)-[:MENTIONS]->(t)", asset=acme.laptop, ticket=acme.open
    )
    assert acme.open in {one["id"] for one in ana.get(f"/nodes/{acme.laptop}")["relations"]}
    withhold(settings, Part.TICKETS)
    assert {one["id"] for one in ana.get(f"/nodes/{acme.laptop}")["relations"]} == {acme.ana}
    for path in ("", "/children", "/revisions", "/files"):
        assert ana.get(f"/nodes/{acme.open}{path}", 403)["status"] == 403
    assert ana.client.get(f"/node/{acme.open}.json").status_code == 403
    assert ana.get("/tickets")["items"] == []
    folder = operations.create_folder(acme.open, "Deep", author="tess")
    for parent in (folder, acme.company):
        operations.create_note(parent, "Quote", "words", author="tess")
    listed = [one for one in ana.get("/notes", words="quote")["items"] if one["name"] == "Quote"]
    assert len(listed) == 1
    assert ana.get(f"/nodes/{acme.tickets}/children")["items"] == []
    assert ana.get("/search", q="40007")["items"] == []
    assert ana.get("/sync/runs/1/plan", 403)["status"] == 403


def test_contacts_and_files(acme: Acme, ana: Caller, settings: Settings) -> None:
    withhold(settings, Part.CONTACTS, Part.FILES)
    [ana_diaz] = ana.get("/users")["items"]
    assert ana_diaz["properties"]["email"] == ""
    assert {"properties.email", "properties.mobile_phone_number"} <= set(ana_diaz["withheld"])
    assert "555 0100" not in json.dumps([ana.get(f"/nodes/{acme.ana}"), ana.get("/search", q="ana")])
    file = operations.add_file(acme.laptop, "a.txt", SimpleUploadedFile("a.txt", b"words"), author="tess")
    assert ana.get(f"/nodes/{acme.laptop}/files") == {"items": [], "next_cursor": None, "withheld": ["files"]}
    gone = ana.send("DELETE", f"/nodes/{acme.laptop}/files/{file.uid}", headers={"If-Match": "*"})
    assert "withheld" in read(gone, 403)["detail"]


def test_people_are_told_everything(acme: Acme, ana: Caller, settings: Settings) -> None:
    withhold(settings, Part.TICKETS, Part.TEXTS)
    settings.WITHHELD_FROM_TOKENS = False
    assert ana.get(f"/nodes/{acme.open}")["withheld"] == []
    assert read(ana.send("GET", "/tickets"), 200)["items"]
