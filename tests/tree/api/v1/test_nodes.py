"""Nodes by the API v1: read, create, change, move, copy, trash, restore; what is refused, and how."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.people import client_of, person
from tests.throwaway_neo4j import Graph
from tests.tree.api.v1.calling import Caller, caller, read
from tests.tree.factory import Acme
from tree import operations
from tree.api.v1.operations import nodes
from tree.exceptions import GraphUnavailable
from tree.models import RepeatableRequest
from tree.vocabulary import COMPANIES_ID, ROOT_ID

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.fixture
def tess(db: None) -> Caller:
    return caller("technician")


@pytest.fixture
def folder(graph: Graph) -> str:
    """IT Docs / (Sub, VPN)."""
    docs = operations.create_folder(ROOT_ID, "IT Docs", author="tess")
    operations.create_folder(docs, "Sub", author="tess")
    operations.create_note(docs, "VPN", "# VPN", author="tess")
    return docs


def test_a_node_by_its_path_and_by_its_id(folder: str, tess: Caller) -> None:
    found = tess.get("/nodes", path="/it docs/VPN")
    assert (found["title"], found["content"], found["kind"], found["version"]) == ("VPN", "# VPN", "Note", 1)
    assert [crumb["name"] for crumb in found["path"]] == ["KnowledgeTree", "IT Docs", "VPN"]
    assert (found["company_id"], found["compliance_level"]) == (None, "standard")
    assert found["url"] == f"http://testserver/node/{found['id']}/"
    assert tess.get(f"/nodes/{found['id']}") == found
    assert tess.get("/nodes", 404, path="/nowhere")["title"] == "Not Found"
    assert tess.get("/nodes", 422)["errors"] == [{"field": "path", "detail": "It is missing."}]


def test_what_has_not_changed_is_not_sent_again(folder: str, tess: Caller) -> None:
    first = tess.send("GET", f"/nodes/{folder}")
    again = tess.send("GET", f"/nodes/{folder}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    operations.rename(folder, "Docs", author="tess")
    changed = tess.send("GET", f"/nodes/{folder}", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_head_is_get_without_the_body(acme: Acme, tess: Caller, db: None) -> None:
    for path in (f"/nodes/{acme.laptop}", "/tickets?limit=1", "/openapi.json", "/nodes/none", "/tickets?colour=red"):
        whole, head = tess.send("GET", path), tess.send("HEAD", path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        for name in ("Content-Type", "Content-Length", "ETag", "Link"):
            assert head.headers.get(name) == whole.headers.get(name)
    etag = tess.etag(acme.laptop)
    assert tess.send("HEAD", f"/nodes/{acme.laptop}", headers={"If-None-Match": etag}).status_code == 304
    assert caller("admin", "read").send("HEAD", "/tickets").status_code == 403
    assert Client().head(f"/api/v1/nodes/{acme.laptop}").status_code == 401


def test_everything_of_a_company_has_its_level(acme: Acme, tess: Caller) -> None:
    record = tess.get(f"/nodes/{acme.laptop}")
    assert (record["company_id"], record["compliance_level"]) == (acme.company, "hipaa")
    assert record["compliance_level"] == record["company_compliance_level"]
    assert record["properties"]["hostname"]
    children = tess.get(f"/nodes/{acme.company}/children")["items"]
    assert {child["company_id"] for child in children} == {acme.company}
    assert tess.get(f"/nodes/{ROOT_ID}")["company_id"] is None


def test_create_change_move_copy_trash_restore(folder: str, tess: Caller) -> None:
    response = tess.send("POST", "/nodes", {"parent_id": folder, "name": "Printer", "content": "one"})
    made = read(response, 201)
    uid, etag = made["id"], response.headers["ETag"]
    assert response.headers["Location"] == f"http://testserver/api/v1/nodes/{uid}"
    assert (made["created_by"], made["parent_id"], made["is_folder"]) == ("technician", folder, False)
    changed = tess.send("PATCH", f"/nodes/{uid}", {"content": "two", "message": "Why"}, headers={"If-Match": etag})
    assert read(changed, 200)["content"] == "two"
    assert changed.headers["ETag"] != etag
    assert tess.get(f"/nodes/{uid}/revisions")["items"][0]["message"] == "Why"
    moved = tess.post(f"/nodes/{uid}/move", {"parent_id": ROOT_ID}, If_Match=changed.headers["ETag"])
    assert (moved["parent_id"], moved["id"]) == (ROOT_ID, uid)
    copied = tess.post(f"/nodes/{uid}/copy", {"parent_id": ROOT_ID}, 201)
    assert (copied["name"], copied["content"]) == ("Printer (copy)", "two")
    trashed = tess.send("POST", f"/nodes/{uid}/trash", headers={"If-Match": tess.etag(uid)})
    assert read(trashed, 200)["trashed_at"]
    assert "Printer" not in [child["name"] for child in tess.all(f"/nodes/{ROOT_ID}/children")]
    back = tess.post(f"/nodes/{uid}/restore", {"parent_id": folder}, If_Match=trashed.headers["ETag"])
    assert (back["trashed_at"], back["parent_id"]) == (None, folder)
    sub = tess.post("/nodes", {"parent_id": folder, "name": "More", "kind": "folder"}, 201)
    assert (sub["kind"], sub["is_folder"]) == ("Folder", True)


def test_a_change_says_what_it_is_based_on(folder: str, tess: Caller) -> None:
    uid = tess.get("/nodes", path="/IT Docs/VPN")["id"]
    etag = tess.etag(uid)
    assert tess.patch(f"/nodes/{uid}", {"content": "x"}, 428)["errors"][0]["field"] == "If-Match"
    operations.save(uid, author="sam", content="of sam")
    stale = tess.send("PATCH", f"/nodes/{uid}", {"content": "x"}, headers={"If-Match": etag})
    assert read(stale, 412)["version"] == 2
    assert stale.headers["ETag"] == tess.etag(uid)
    for action, body in (("move", {"parent_id": ROOT_ID}), ("trash", None), ("restore", {})):
        assert tess.post(f"/nodes/{uid}/{action}", body, 428)["status"] == 428
        assert tess.post(f"/nodes/{uid}/{action}", body, 412, If_Match=etag)["status"] == 412
    assert tess.patch(f"/nodes/{uid}", {"content": "x"}, 412, If_Match=f"W/{stale.headers['ETag']}")
    assert tess.patch(f"/nodes/{uid}", {"content": "x"}, If_Match=f'"1-a", {stale.headers["ETag"]}')["content"] == "x"
    assert tess.patch(f"/nodes/{uid}", {"name": "Tunnel"}, If_Match="*")["name"] == "Tunnel"


@pytest.mark.parametrize(
    ("operation", "method", "path", "body"),
    [
        ("save", "PATCH", "", {"content": "late"}),
        ("move", "POST", "/move", {"parent_id": ROOT_ID}),
        ("trash", "POST", "/trash", None),
        ("restore_revision", "POST", "/revisions/1/restore", None),
    ],
)
def test_of_two_changes_at_once_one_is_refused(
    folder: str, tess: Caller, monkeypatch: pytest.MonkeyPatch, operation: str, method: str, path: str, body: Any
) -> None:
    uid = tess.get("/nodes", path="/IT Docs/VPN")["id"]
    etag, original, save = tess.etag(uid), getattr(operations, operation), operations.save

    def after_another(*args: Any, **options: Any) -> Any:
        save(uid, author="sam", content="quicker")
        return original(*args, **options)

    monkeypatch.setattr(operations, operation, after_another)
    refused = tess.send(method, f"/nodes/{uid}{path}", body, headers={"If-Match": etag})
    assert "sam" in read(refused, 412)["detail"]
    found = tess.get(f"/nodes/{uid}")
    assert (found["content"], found["parent_id"], found["trashed_at"]) == ("quicker", folder, None)


def test_what_was_changed_in_between_is_not_restored(
    folder: str, tess: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid, original = tess.get("/nodes", path="/IT Docs/VPN")["id"], operations.restore

    def after_another(*args: Any, **options: Any) -> Any:
        original(uid, author="sam")
        operations.save(uid, author="sam", content="quicker")
        operations.trash(uid, author="sam")
        return original(*args, **options)

    operations.trash(uid, author="tess")
    etag = tess.etag(uid)
    monkeypatch.setattr(operations, "restore", after_another)
    assert "sam" in tess.post(f"/nodes/{uid}/restore", {}, 412, If_Match=etag)["detail"]
    assert tess.get(f"/nodes/{uid}")["trashed_at"]


def test_a_creation_that_is_sent_again_creates_nothing(folder: str, tess: Caller) -> None:
    body = {"parent_id": folder, "name": "Once"}
    first = tess.send("POST", "/nodes", body, headers={"Idempotency-Key": f'"{KEY}"'})
    again = tess.send("POST", "/nodes", body, headers={"Idempotency-Key": KEY})
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotent-Replayed"] == "true"
    other = tess.send("POST", "/nodes", body | {"name": "Twice"}, headers={"Idempotency-Key": KEY})
    assert read(other, 422)["errors"][0]["field"] == "Idempotency-Key"
    of_another = caller("admin").send("POST", "/nodes", body | {"name": "Other"}, headers={"Idempotency-Key": KEY})
    assert of_another.status_code == 201
    assert tess.post("/nodes", body, 409)["existing_id"] == json.loads(first.content)["id"]


def test_after_a_refusal_the_key_is_free(folder: str, tess: Caller) -> None:
    tess.post("/nodes", {"parent_id": folder, "name": "VPN"}, 409, Idempotency_Key=KEY)
    tess.post("/nodes", {"parent_id": folder, "name": "VPN 2"}, 201, Idempotency_Key=KEY)
    tess.post("/nodes", {"parent_id": folder, "name": "VPN 3"}, 400, Idempotency_Key="")


def test_the_same_key_at_the_same_time_waits_for_nobody(
    folder: str, tess: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, answers = operations.create_note, []

    def slow(*args: Any, **options: Any) -> str:
        monkeypatch.setattr(operations, "create_note", create)
        answers.append(tess.post("/nodes", {"parent_id": folder, "name": "Twin"}, 409, Idempotency_Key=KEY))
        return create(*args, **options)

    monkeypatch.setattr(operations, "create_note", slow)
    tess.post("/nodes", {"parent_id": folder, "name": "Twin"}, 201, Idempotency_Key=KEY)
    assert len(answers) == 1


@pytest.mark.parametrize("action", ["note", "folder", "copy"])
def test_after_a_fault_the_same_key_finds_what_was_made(
    folder: str, tess: Caller, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    path, body = f"/nodes/{folder}/copy", {"parent_id": ROOT_ID}
    if action != "copy":
        path, body = "/nodes", {"parent_id": folder, "name": "Late", "kind": action}
    with monkeypatch.context() as patched:
        patched.setattr(nodes, "_created", _away)
        tess.post(path, body, 503, Idempotency_Key=KEY)
    tess.post(path, body | {"parent_id": COMPANIES_ID}, 422, Idempotency_Key=KEY)
    made = tess.post(path, body, 201, Idempotency_Key=KEY)
    assert tess.post(path, body, 201, Idempotency_Key=KEY) == made
    siblings = tess.all(f"/nodes/{body['parent_id']}/children")
    assert [one["id"] for one in siblings if one["name"].startswith(made["name"])] == [made["id"]]
    if action == "copy":
        assert len(tess.all(f"/nodes/{made['id']}/children")) == 2


def test_a_request_whose_process_has_died_goes_on_with_the_same_key(folder: str, tess: Caller) -> None:
    body = {"parent_id": folder, "name": "Late"}
    made = tess.post("/nodes", body, 201, Idempotency_Key=KEY)
    RepeatableRequest.objects.update(status=RepeatableRequest.BEGUN)
    assert "being worked on" in tess.post("/nodes", body, 409, Idempotency_Key=KEY)["detail"]
    RepeatableRequest.objects.update(begun_at=timezone.now() - timedelta(minutes=3))
    assert tess.post("/nodes", body, 201, Idempotency_Key=KEY)["id"] == made["id"]


def _away(*_: Any, **__: Any) -> Any:
    raise GraphUnavailable("bolt://secret")


def test_children_come_in_pages(folder: str, tess: Caller) -> None:
    for number in range(5):
        operations.create_note(folder, f"Note {number}", author="tess")
    whole = [child["name"] for child in tess.get(f"/nodes/{folder}/children")["items"]]
    assert whole == ["Sub", *(f"Note {number}" for number in range(5)), "VPN"]
    assert [child["name"] for child in tess.all(f"/nodes/{folder}/children", limit=2)] == whole
    first = tess.send("GET", f"/nodes/{folder}/children", limit=2)
    link = first.headers["Link"].partition(">")[0][1:].removeprefix("http://testserver/api/v1")
    assert read(tess.send("GET", link), 200)["items"][0]["name"] == "Note 1"
    cursor = json.loads(first.content)["next_cursor"]
    for wrong in (cursor[:-1] + "x", "x", "é", cursor.replace(".", "")):
        assert tess.get(f"/nodes/{folder}/children", 422, cursor=wrong)["errors"][0]["field"] == "cursor"
    for uid, more in ((ROOT_ID, {}), (folder, {"archived": "true"})):
        assert tess.get(f"/nodes/{uid}/children", 422, cursor=cursor, **more)["errors"][0]["field"] == "cursor"


def test_a_cursor_goes_on_where_a_node_was_that_is_gone(folder: str, tess: Caller) -> None:
    made = [operations.create_note(folder, f"Note {number}", author="tess") for number in range(4)]
    page = tess.get(f"/nodes/{folder}/children", limit=3)  # Sub, Note 0, Note 1
    operations.move(made[1], ROOT_ID, author="tess")
    rest = tess.get(f"/nodes/{folder}/children", cursor=page["next_cursor"])["items"]
    assert [child["name"] for child in rest] == ["Note 2", "Note 3", "VPN"]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 400, None),
        (b"", 422, "body"),
        (b"\xff", 400, None),
        (b"[" * 200_000, 400, None),
        (b'{"parent_id": "root", "name": "\\ud800"}', 422, "name"),
        ({"parent_id": "root", "name": 7}, 422, "name"),
        ({"parent_id": "root"}, 422, "name"),
        ({"parent_id": "root", "name": "x", "colour": "red"}, 422, "colour"),
        ({"parent_id": "none", "name": "x"}, 422, "parent_id"),
        ({"parent_id": "root", "name": "a\0b"}, 422, "name"),
        ({"parent_id": "root", "name": "x", "kind": "folder", "content": "y"}, 422, "content"),
        ({"parent_id": "root", "name": "Companies", "kind": "folder"}, 409, "name"),
        ({"parent_id": "root", "name": "x", "content": "y" * 2**21}, 413, None),
        ([], 422, None),
    ],
)
def test_bodies_that_are_not_taken(
    started_graph: Graph, tess: Caller, body: Any, status: int, field: str | None
) -> None:
    found = tess.post("/nodes", body, status)
    assert found["status"] == status
    if field:
        assert found["errors"][0]["field"] == field


def test_refusals(acme: Acme, tess: Caller) -> None:
    sent = tess.client.post("/api/v1/nodes", b'{"parent_id": "root", "name": "x"}', content_type="text/plain")
    assert read(sent, 415)["status"] == 415
    assert tess.get("/nodes/none", 404)["detail"] == "There is no such node."
    assert tess.get("/nothing", 404)["status"] == 404
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE"):
        refused = tess.send(method, f"/nodes/{ROOT_ID}")
        assert refused.status_code == 405
        assert refused.headers["Allow"] == "GET, HEAD, PATCH"
    assert tess.send("HEAD", f"/nodes/{ROOT_ID}/move").status_code == 405
    assert tess.patch(f"/nodes/{acme.company}", {"name": "x"}, 403, If_Match="*")["status"] == 403
    assert tess.post(f"/nodes/{acme.company}/move", {"parent_id": ROOT_ID}, 403, If_Match="*")["status"] == 403
    assert tess.get(f"/nodes/{ROOT_ID}/children", 422, limit=1001)["errors"][0]["field"] == "limit"


def test_nobody_comes_in_without_a_token_and_a_session_needs_the_csrf_token(graph: Graph, db: None) -> None:
    nobody = Client().get("/api/v1/nodes/root")
    assert read(nobody, 401)["status"] == 401
    assert nobody.headers["WWW-Authenticate"] == "Bearer"
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person("technician"))
    assert browser.get("/api/v1/nodes/root").status_code == 200
    body = json.dumps({"parent_id": "root", "name": "x"})
    assert read(browser.post("/api/v1/nodes", body, content_type="application/json"), 403)["status"] == 403


def test_scopes_and_roles(folder: str, db: None) -> None:
    reader = caller("technician", "read")
    assert reader.post("/nodes", {"parent_id": folder, "name": "x"}, 403)["status"] == 403
    assert caller("billing").post("/nodes", {"parent_id": folder, "name": "x"}, 403)["status"] == 403
    assert read(client_of("none").get("/api/v1/nodes/root"), 403)["status"] == 403


def test_tickets_reach_no_token_without_their_scope(acme: Acme, db: None) -> None:
    without = caller("technician", "read write sync export")
    assert without.get(f"/nodes/{acme.open}", 404)
    assert without.get(f"/nodes/{acme.open}/children", 404)
    assert without.get(f"/nodes/{acme.open}/revisions", 404)
    assert without.get(f"/nodes/{acme.open}/files", 404)
    assert without.get("/tickets", 403)
