"""Revisions, files, searches and lists by the API v1, and what all responses have in common."""

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from knowledgetree.audit.actions import Action
from knowledgetree.audit.models import Entry
from knowledgetree.basics.marks import marks
from knowledgetree.basics.rights.reader import EVERYTHING
from knowledgetree.middleware import rate_limits
from tests.graph_assertions import count_sessions
from tests.people import client_of, person
from tests.throwaway_neo4j import Graph
from tests.tree.api.v1.calling import Caller, caller, read
from tests.tree.factory import Acme, make, relate
from tree import operations, queries
from tree.api.readable import told
from tree.api.v1.operations.lists import LISTS
from tree.exceptions import GraphUnavailable
from tree.vocabulary import COMPANIES_ID, ROOT_ID


@pytest.fixture
def tess(db: None) -> Caller:
    return caller("technician")


def upload(tess: Caller, uid: str, content: bytes, name: str = "a.txt", **headers: str) -> Any:
    file = SimpleUploadedFile(name, content)
    return tess.client.post(f"/api/v1/nodes/{uid}/files", {"file": file}, headers=headers)


def test_revisions(graph: Graph, tess: Caller) -> None:
    uid = operations.create_note(ROOT_ID, "VPN", "one", author="tess")
    for text in ("two", "three", "four"):
        operations.save(uid, author="sam", content=text)
    assert [one["number"] for one in tess.all(f"/nodes/{uid}/revisions", limit=2)] == [4, 3, 2, 1]
    first = tess.get(f"/nodes/{uid}/revisions/1")
    assert (first["content"], first["author"], first["company_id"]) == ("one", "tess", None)
    back = tess.post(f"/nodes/{uid}/revisions/1/restore", If_Match=tess.etag(uid))
    assert (back["content"], back["version"]) == ("one", 5)
    assert tess.get(f"/nodes/{uid}/revisions/9", 404)["status"] == 404
    assert tess.get(f"/nodes/{uid}/revisions/{'9' * 30}", 404)["status"] == 404
    assert tess.post(f"/nodes/{uid}/revisions/2/restore", None, 428)["status"] == 428


def test_the_level_of_a_page_of_revisions_comes_with_the_node(
    acme: Acme, graph: Graph, tess: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = operations.create_note(acme.company, "VPN", "one", author="tess")
    operations.save(uid, author="sam", content="two")
    asked = count_sessions(monkeypatch)
    found = tess.get(f"/nodes/{uid}/revisions")["items"]
    assert [(one["company_id"], one["compliance_level"]) for one in found] == [(acme.company, "hipaa")] * 2
    assert len(asked) == 2, "the node, its revisions"


def test_relations_within_the_company_come_with_the_node(
    acme: Acme, graph: Graph, tess: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = count_sessions(monkeypatch)
    assert [one["id"] for one in tess.get(f"/nodes/{acme.open}")["relations"]] == [acme.ana, acme.laptop]
    assert len(asked) == 1
    elsewhere = make("Company", "Brown Law", account_number="2002", compliance_level="cjis")
    relate("MENTIONS", acme.open, make("Asset", "PC-1.md", elsewhere, account_number="2002"))
    asked.clear()
    assert len(tess.get(f"/nodes/{acme.open}")["relations"]) == 3
    assert len(asked) == 2, "where the third one lies is asked for"
    node = queries.get_node(acme.open)
    assert told([acme.ana], EVERYTHING, {}, beside=node) == {acme.ana: True}, "no more than what is asked about"


def test_files(acme: Acme, tess: Caller) -> None:
    key = {"Idempotency-Key": "one"}
    added = read(upload(tess, acme.laptop, b"some words", **key), 201)
    assert (added["name"], added["size"], added["company_id"]) == ("a.txt", 10, acme.company)
    assert read(upload(tess, acme.laptop, b"some words", **key), 201) == added
    assert read(upload(tess, acme.laptop, b"other words", **key), 422)["status"] == 422
    [listed] = tess.get(f"/nodes/{acme.laptop}/files")["items"]
    assert listed == added
    sent = tess.client.get(added["url"])
    assert b"".join(sent.streaming_content) == b"some words"  # type: ignore[attr-defined]
    assert read(upload(tess, acme.laptop, b"\x7fELF" + bytes(100), "a.exe"), 415)["errors"][0]["field"] == "file"
    assert read(tess.client.post(f"/api/v1/nodes/{acme.laptop}/files", {}), 422)["errors"][0]["field"] == "file"
    gone = f"/nodes/{acme.laptop}/files/{added['id']}"
    assert read(tess.send("DELETE", gone), 428)["status"] == 428
    assert tess.send("DELETE", gone, headers={"If-Match": tess.etag(acme.laptop)}).status_code == 204
    assert read(tess.send("DELETE", gone, headers={"If-Match": "*"}), 404)["status"] == 404
    assert tess.get(f"/nodes/{acme.laptop}/files")["items"] == []


def test_a_file_of_a_node_that_was_changed_in_between_is_not_removed(
    graph: Graph, tess: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid, original = operations.create_note(ROOT_ID, "VPN", "one", author="tess"), operations.remove_file
    file = operations.add_file(uid, "a.txt", SimpleUploadedFile("a.txt", b"words"), author="tess")

    def after_another(*args: Any, **options: Any) -> Any:
        operations.save(uid, author="sam", content="see a.txt")
        return original(*args, **options)

    monkeypatch.setattr(operations, "remove_file", after_another)
    gone = tess.send("DELETE", f"/nodes/{uid}/files/{file.uid}", headers={"If-Match": tess.etag(uid)})
    assert "sam" in read(gone, 412)["detail"]
    assert not queries.get_files(uid)[0].removed_at


def test_after_a_fault_a_file_is_not_added_again(acme: Acme, tess: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    add, key = operations.add_file, {"Idempotency-Key": "one"}

    def breaks_off(*args: Any, **options: Any) -> Any:
        add(*args, **options)
        raise GraphUnavailable("bolt://secret")

    with monkeypatch.context() as patched:
        patched.setattr(operations, "add_file", breaks_off)
        assert read(upload(tess, acme.laptop, b"words", **key), 503)["status"] == 503
    assert "Look whether it was" in read(upload(tess, acme.laptop, b"words", **key), 409)["detail"]
    assert len(queries.get_files(acme.laptop)) == 1


def test_a_token_of_some_companies_removes_no_files_above_them(acme: Acme, db: None) -> None:
    of_acme = Caller(person("admin"), companies=["1001"])
    for uid, status in ((ROOT_ID, 403), (COMPANIES_ID, 403), (acme.laptop, 204)):
        file = operations.add_file(uid, "a.txt", SimpleUploadedFile("a.txt", b"words"), author="tess")
        address = f"/nodes/{uid}/files/{file.uid}"
        assert of_acme.send("DELETE", address, headers={"If-Match": "*"}).status_code == status
        assert len([one for one in queries.get_files(uid) if not one.removed_at]) == (status == 403)


def test_the_search_finds_what_the_page_finds(acme: Acme, tess: Caller, graph: Graph) -> None:
    for number in range(5):
        operations.create_note(acme.company, f"Printer {number}", "Of the front desk", author="tess")
    whole = tess.get("/search", q="printer", limit=100)
    assert [hit["id"] for hit in whole["items"]] == [hit.row.uid for hit in queries.search("printer").hits]
    assert whole["facets"]["kinds"]["Note"] == 5
    assert [hit["id"] for hit in tess.all("/search", q="printer", limit=2)] == [hit["id"] for hit in whole["items"]]
    assert whole["items"][0]["compliance_level"] == "hipaa"
    assert tess.get("/search", q="printer", kind="Asset")["items"] == []
    assert tess.get("/search", q="printer", below="none")["items"] == []
    assert tess.get("/search", 422, q="kind:house")["errors"][0]["field"] == "q"
    assert tess.get("/search", 422, q="x", kind="House")["errors"][0]["field"] == "kind"
    assert tess.get("/search", 422)["errors"][0]["field"] == "q"
    tickets = {hit["id"] for hit in tess.get("/search", q="kind:ticket", archived="true")["items"]}
    assert acme.open in tickets
    without = caller("admin", "read")
    assert without.get("/search", q="kind:ticket", archived="true")["items"] == []
    assert acme.open not in json.dumps(without.get("/search", q="40007"))


def test_lists_filter_and_sort_like_the_pages(acme: Acme, tess: Caller) -> None:
    found = tess.get("/tickets", state="open")["items"]
    assert [one["id"] for one in found] == [acme.open]
    assert (found[0]["company"], found[0]["company_id"], found[0]["compliance_level"]) == (
        *("Acme Dental", acme.company),
        "hipaa",
    )
    assert found[0]["properties"]["ticket_number"] == "40007"
    both = tess.all("/tickets", limit=1, sort="-ticket_number")
    assert [one["id"] for one in both] == [acme.closed, acme.open]
    assert {one["id"] for one in tess.get("/tickets", archived="only")["items"]} == {acme.gone}
    for wrong in ({"state": "lost"}, {"sort": "colour"}, {"limit": 0}, {"opened_at": "yesterday"}):
        [field] = wrong
        assert tess.get("/tickets", 422, **wrong)["errors"][0]["field"] == field
    assert tess.get("/tickets", 422, opened_at="2026-02-30")["errors"][0]["field"] == "opened_at"
    cursor = tess.get("/tickets", limit=1)["next_cursor"]
    assert tess.get("/tickets", 422, limit=1, cursor=cursor, state="open")["errors"][0]["field"] == "cursor"


def test_each_list_is_narrowed_by_client_and_by_words(acme: Acme, tess: Caller) -> None:
    beta = make("Company", "Beta Bikes", account_number="1002")
    for kind in ("User", "Asset", "Location", "Ticket"):
        place = make("Folder", f"{kind}s", beta)
        make(kind, f"Beta {kind}", place, account_number="1002", subject="Of Beta", hostname="BETA-1")
    make("Location", "Mall", make("Folder", "Locations", acme.company), account_number="1001")
    for company, name in ((acme.company, "Note of Acme"), (beta, "Note of Beta")):
        operations.create_note(company, name, "words", author="tess")
    for name in LISTS:
        whole, of_acme, of_beta, with_word = (
            {one["id"] for one in tess.get(f"/{name}", **query)["items"]}
            for query in ({}, {"client": acme.company}, {"client": "1002"}, {"words": "beta"})
        )
        assert (len(of_beta), of_beta & of_acme) == (1, set()), name
        assert of_acme, name
        assert (whole, with_word) == (of_acme | of_beta, of_beta), name


def test_each_kind_of_filter_of_a_list_narrows_it(acme: Acme, tess: Caller) -> None:
    seen = "2026-10-01T09:00:00Z"
    other = make("Asset", "PC-1.md", acme.assets, operating_system="Debian", online=False, last_seen=seen)
    for query, found in (
        ({"operating_system": "windows 11 pro"}, [acme.laptop]),
        ({"operating_system": "debian"}, [other]),
        ({"online": "yes"}, [acme.laptop]),
        ({"online": "no"}, [other]),
        ({"last_seen": "2026-10-01"}, [other]),
        ({"last_seen": "2026-10-02"}, []),
    ):
        assert [one["id"] for one in tess.get("/assets", **query)["items"]] == found, query


def test_a_parameter_that_is_not_known_is_refused(acme: Acme, tess: Caller) -> None:
    assert tess.get("/tickets", 422, colour="red")["errors"][0]["field"] == "colour"


def test_lists_are_sorted_by_numbers_and_flags_in_pages(acme: Acme, tess: Caller) -> None:
    for number in range(4):
        make("Asset", f"PC-{number}.md", acme.assets, hostname=f"PC-{number}", backup_data_bytes=number, online=True)
    for sort in ("backup_data_bytes", "-backup_data_bytes", "online", "client", "-updated_at"):
        whole = [one["id"] for one in tess.get("/assets", sort=sort)["items"]]
        assert [one["id"] for one in tess.all("/assets", sort=sort, limit=2)] == whole


def test_the_rate_is_limited_and_told(
    graph: Graph, tess: Caller, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks.clear()
    clock = SimpleNamespace(time=lambda: 7_000_010.5)  # 10 seconds before the end of a minute
    monkeypatch.setattr(rate_limits, "time", clock)
    settings.API_REQUESTS_PER_MINUTE = 3
    for left in (2, 1, 0):
        response = tess.send("GET", f"/nodes/{ROOT_ID}")
        assert response.status_code == 200
        assert response.headers["RateLimit-Policy"] == '"caller";q=3;w=60'
        assert response.headers["RateLimit"] == f'"caller";r={left};t=10'
    refused = tess.send("GET", f"/nodes/{ROOT_ID}")
    assert read(refused, 429)["status"] == 429
    assert refused.headers["Retry-After"] == "10"
    assert caller("admin").send("GET", f"/nodes/{ROOT_ID}").status_code == 200
    clock.time = lambda: 7_000_020.0
    assert tess.send("GET", f"/nodes/{ROOT_ID}").headers["RateLimit"] == '"caller";r=2;t=60'
    settings.API_REQUESTS_PER_MINUTE = 0
    assert "RateLimit" not in tess.send("GET", f"/nodes/{ROOT_ID}").headers


def test_a_request_has_an_id(graph: Graph, tess: Caller, caplog: pytest.LogCaptureFixture) -> None:
    given = tess.send("GET", "/nodes/none", headers={"X-Request-Id": "my-7.request"})
    assert given.headers["X-Request-Id"] == "my-7.request"
    for odd in ("a b", "x" * 200, "<script>", ""):
        made = tess.send("GET", f"/nodes/{ROOT_ID}", headers={"X-Request-Id": odd}).headers["X-Request-Id"]
        assert made != odd
        assert len(made) == 32
    record = next(one for one in caplog.records if one.name == "django.request")
    handler = next(h for h in logging.getLogger().handlers if h.filters)
    assert all(bool(one(record) if callable(one) else one.filter(record)) for one in handler.filters)
    assert record.request_mark == " [my-7.request]"  # type: ignore[attr-defined]


def test_the_graph_is_away(started_graph: Graph, tess: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    from tree.exceptions import GraphOverloaded

    def fails(*_: Any, **__: Any) -> Any:
        raise GraphOverloaded("bolt://secret", "Neo.X")

    monkeypatch.setattr(queries, "get_node", fails)
    refused = tess.send("GET", f"/nodes/{ROOT_ID}")
    assert "secret" not in read(refused, 503)["detail"]
    assert refused.headers["Retry-After"]


def test_a_fault_shows_no_traceback(started_graph: Graph, tess: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError("of the inside")

    monkeypatch.setattr(queries, "get_node", fails)
    assert "inside" not in json.dumps(read(tess.send("GET", f"/nodes/{ROOT_ID}"), 500))


def test_the_audit_log_is_told_what_was_handed_out(acme: Acme, tess: Caller) -> None:
    addresses = (f"/api/v1/nodes/{acme.open}", f"/node/{acme.open}.json", f"/node/{acme.open}.md", "/api/v1/users")
    for path in (*addresses, f"/api/v1/nodes/{acme.ana}"):
        assert tess.client.get(path).status_code == 200
    entries = Entry.objects.filter(action=Action.HANDED_OUT).order_by("pk")
    assert [acme.open in entry.nodes for entry in entries] == [True, True, True, False, False]
    assert {entry.company for entry in entries} == {"1001"}
    assert acme.ana in entries[3].nodes
    assert {acme.ana, acme.laptop} <= set(entries[4].nodes), "its relations name it"


def test_a_node_as_markdown_and_as_a_record(acme: Acme, tess: Caller) -> None:
    uid = operations.create_note(acme.company, "VPN", "# VPN", author="tess")
    text = tess.client.get(f"/node/{uid}.md")
    assert (text.content, text.headers["Content-Type"]) == (b"# VPN", "text/markdown; charset=utf-8; variant=GFM")
    assert tess.client.get(f"/node/{uid}.md", headers={"If-None-Match": text.headers["ETag"]}).status_code == 304
    for address in (f"/node/{uid}.md", f"/node/{uid}.json", f"/api/v1/nodes/{uid}"):
        stale = tess.client.get(address, headers={"If-Match": '"1-a"'})
        assert read(stale, 412)["status"] == 412
        assert tess.client.get(address, headers={"If-Match": stale.headers["ETag"]}).status_code == 200
    record = tess.client.get(f"/node/{uid}.json")
    assert record.json() == tess.get(f"/nodes/{uid}")
    assert record.headers["ETag"] == tess.etag(uid)
    assert client_of("billing").get(f"/node/{uid}.md").status_code == 200
    without = caller("admin", "read").client
    for ending in ("md", "json"):
        assert without.get(f"/node/{acme.open}.{ending}").status_code == 404
        assert without.get(f"/node/none.{ending}").status_code == 404
    assert Client().get(f"/node/{uid}.md").status_code == 302
    assert Client().get(f"/node/{uid}.json").status_code == 401
