"""The JSON routes as their clients call them: keys, statuses, refusals, rights, the CSRF token."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.graph_assertions import graph_hash
from tests.people import person
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme
from tree import operations, queries
from tree.vocabulary import ROOT_ID

TESS = "tess"


def send(client: Client, method: str, address: str, body: Any = None, status: int = 200) -> Any:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    answer = getattr(client, method)(address, data=data, content_type="application/json")
    assert answer.status_code == status, answer.content[:500]
    return answer.json()


def get(client: Client, address: str, status: int = 200, **parameters: str) -> Any:
    answer = client.get(address, parameters)
    assert answer.status_code == status, answer.content[:500]
    return answer.json()


@pytest.fixture
def docs(graph: Graph, db: None) -> str:
    """IT Docs / (Windows, VPN)."""
    docs = operations.create_folder(ROOT_ID, "IT Docs", author=TESS)
    operations.create_folder(docs, "Windows", author=TESS)
    operations.create_note(docs, "VPN", "# VPN\n\nTunnel splines." + "x" * 300, author=TESS)
    return docs


def test_browse_by_path(docs: str, technician: Client) -> None:
    found = get(technician, "/api/browse", path="/IT Docs")
    assert found["path"] == "/IT Docs"
    number = found["current_node"].pop("number")
    assert found["current_node"] == {"id": docs, "name": "IT Docs", "is_folder": True}
    assert get(technician, f"/api/node/{number}")["id"] == docs
    [windows] = found["categories"]
    assert (windows["name"], windows["path"]) == ("Windows", "/IT%20Docs/Windows")
    [vpn] = found["articles"]
    assert vpn["title"] == "VPN"
    assert vpn["summary"].startswith("# VPN\n\nTunnel")
    assert vpn["summary"].endswith("x...")
    assert len(vpn["summary"]) == 203
    assert "error" not in found


def test_the_path_of_a_note_gives_its_id(docs: str, technician: Client) -> None:
    [vpn] = get(technician, "/api/browse", path="/IT Docs")["articles"]
    found = get(technician, "/api/browse", path="//IT%20Docs/VPN/")
    assert found["current_node"] == {"id": vpn["id"], "number": vpn["number"], "name": "VPN", "is_folder": False}
    assert (found["categories"], found["articles"]) == ([], [])
    root = get(technician, "/api/browse")["current_node"]
    assert root == {"id": "root", "number": None, "name": "KnowledgeTree Root", "is_folder": True}
    assert get(technician, "/api/browse", 404, path="/x") == {"error": "Path not found", "path": "/x"}


def test_create_read_change_move_delete(docs: str, technician: Client) -> None:
    made = send(technician, "post", "/api/node", {"parent_id": docs, "name": "Printer", "content": "one"})
    uid = made["id"]
    assert made == {"success": True, "id": uid}
    found = get(technician, f"/api/node/{uid}")
    assert (found["name"], found["content"], found["content_markdown"], found["content_html"]) == (
        *("Printer", "one", "one"),
        "<p>one</p>",
    )
    assert (found["is_folder"], found["read_only"], found["content_format"], found["files"]) == (
        *(False, False, "markdown"),
        [],
    )
    assert (found["title"], found["category"], found["version"]) == ("Printer", "IT Docs", 1)
    saved = send(technician, "put", f"/api/node/{uid}", {"content": "two", "name": "Printers", "version": 1})
    assert saved == {"success": True, "version": 2}
    assert send(technician, "post", f"/api/node/{uid}/move", {"new_parent_id": "root"}) == {"success": True}
    stored = queries.get_node(uid)
    assert (stored.name, stored.content, stored.path[-2].uid) == ("Printers", "two", "root")
    assert stored.properties["updated_by"] == "technician"
    assert send(technician, "delete", f"/api/node/{uid}") == {"success": True}
    assert get(technician, f"/api/node/{uid}", 404) == {"error": "Node not found"}
    assert [t.row.uid for t in queries.get_trash()] == [uid]


def test_children_and_the_way(docs: str, technician: Client) -> None:
    names = [(c["name"], c["is_folder"], c["read_only"]) for c in get(technician, f"/api/node/{docs}/children")]
    assert names == [("Windows", True, False), ("VPN", False, False)]
    found = get(technician, f"/api/node/{docs}/browse")
    assert found["breadcrumb"] == [{"id": "root", "name": "KnowledgeTree Root"}, {"id": docs, "name": "IT Docs"}]
    assert found["url_path"] == "IT%20Docs"
    note = get(technician, f"/api/node/{docs}/children")[1]["id"]
    assert get(technician, f"/api/node/{note}/children") == []
    assert get(technician, f"/api/node/{note}/browse", 400) == {"error": "Not a folder"}
    assert get(technician, "/api/node/none/children", 404)["error"]


def test_search(docs: str, acme: Acme, technician: Client) -> None:
    [hit] = get(technician, "/api/search", query="tunnel")
    assert (hit["name"], hit["is_folder"], hit["folder_path"], hit["url_path"]) == (
        *("VPN", False, "IT Docs / VPN", "IT%20Docs/VPN"),
    )
    assert hit["path_names"] == ["KnowledgeTree Root", "IT Docs", "VPN"]
    assert (hit["company_id"], hit["company_compliance_level"], hit["relevance"]) == (None, "standard", 1)
    assert get(technician, "/api/search", q="tunnel") == [hit]
    assert get(technician, "/api/search", q="tunnel", limit="1") == {"results": [hit], "count": 1}
    assert get(technician, "/api/search", q="tunnel", start_node_id=acme.company) == []
    [laptop, *_] = get(technician, "/api/search", q="LAPTOP-59", start_node_id=acme.company)
    assert (laptop["id"], laptop["company_id"]) == (acme.laptop, acme.company)
    assert laptop["compliance_level"] == laptop["company_compliance_level"] == "hipaa"
    assert get(technician, "/api/search", query="") == []
    for limit in ("0", "51", "x", "-1", "²"):
        assert "limit must be" in get(technician, "/api/search", 400, q="vpn", limit=limit)["error"]


BODIES: list[tuple[Any, int, str]] = [
    ("{", 400, "not JSON"),
    ("[1]", 400, "JSON object"),
    ("null", 400, "JSON object"),
    (b'{"name": "\xff"}', 400, "not JSON"),
    ('{"name": "\\ud800"}', 400, "not JSON"),
    ("[" * 100_000, 400, "not JSON"),
    ({}, 400, "parent_id and name are required"),
    ({"parent_id": "root", "name": ""}, 400, "parent_id and name are required"),
    ({"parent_id": "root", "name": 5}, 400, "name must be a text"),
    ({"parent_id": 5, "name": "A"}, 400, "parent_id must be a text"),
    ({"parent_id": "root", "name": "A", "is_folder": "true"}, 400, "is_folder must be true or false"),
    ({"parent_id": "root", "name": "A", "content": None}, 400, "content must be a text"),
    ({"parent_id": "root", "name": "A", "content": "x" * 262_145}, 400, "at most 262,144"),
    ({"parent_id": "root", "name": "A\0"}, 400, "cannot be seen"),
    ({"parent_id": "root", "name": ".."}, 400, "cannot be a name"),
    ({"parent_id": "none", "name": "A"}, 404, "Parent folder not found"),
    ({"parent_id": "root", "name": "companies"}, 409, "has “companies” already"),
]


def test_creations_that_are_refused(graph: Graph, technician: Client, subtests: pytest.Subtests) -> None:
    before = graph_hash(graph)
    for body, status, word in BODIES:
        with subtests.test(body=str(body)[:60]):
            assert word in send(technician, "post", "/api/node", body, status)["error"]
            assert graph_hash(graph) == before


def test_other_bodies_than_json(graph: Graph, technician: Client) -> None:
    answer = technician.post("/api/node", data={"parent_id": "root", "name": "A"})
    assert answer.status_code == 415
    answer = technician.post("/api/node", data="x" * (2 * 1024 * 1024 + 1), content_type="application/json")
    assert answer.status_code == 413


def test_a_name_that_is_taken_tells_by_whom(docs: str, technician: Client) -> None:
    body = {"parent_id": "root", "name": "it docs", "is_folder": True}
    assert send(technician, "post", "/api/node", body, 409)["existing_id"] == docs


def test_changes_that_are_refused(docs: str, acme: Acme, graph: Graph, technician: Client) -> None:
    vpn = get(technician, f"/api/node/{docs}/children")[1]["id"]
    operations.save(vpn, author="ann", content="hers")
    before = graph_hash(graph)
    stale = send(technician, "put", f"/api/node/{vpn}", {"content": "mine", "version": 1}, 409)
    assert (stale["version"], stale["author"]) == (2, "ann")
    for uid in (acme.ana, acme.contact, "root"):
        assert "error" in send(technician, "put", f"/api/node/{uid}", {"content": "mine"}, 403)
    for uid, status in ((acme.ana, 403), ("root", 400), ("none", 404)):
        assert "error" in send(technician, "delete", f"/api/node/{uid}", None, status)
    moves: list[tuple[str, Any, int]] = [
        (docs, {"new_parent_id": docs}, 400),
        (docs, {"new_parent_id": "none"}, 404),
        (docs, {}, 400),
        ("root", {"new_parent_id": docs}, 400),
        (acme.ana, {"new_parent_id": docs}, 403),
    ]
    for uid, body, status in moves:
        assert "error" in send(technician, "post", f"/api/node/{uid}/move", body, status)
    for body, error in (
        ({"content": "x", "version": "1"}, "version must be a whole number or empty, but is a text."),
        ({"content": "x", "version": True}, "version must be a whole number or empty, but is true or false."),
        ({"name": None}, "name must be a text, but is empty."),
        ({"content": ["x"]}, "content must be a text, but is a list."),
    ):
        assert send(technician, "put", f"/api/node/{vpn}", body, 400)["error"] == error
    assert graph_hash(graph) == before


def test_billing_reads_without_tickets_and_writes_nothing(acme: Acme, billing: Client, technician: Client) -> None:
    below = operations.create_note(acme.open, "On a ticket", "splines", author=TESS)
    deep = operations.create_note(below, "Deeper", "splines", author=TESS)
    for uid in (acme.open, below, deep):
        assert get(billing, f"/api/node/{uid}", 404) == {"error": "Node not found"}
        assert get(technician, f"/api/node/{uid}")["id"] == uid
    assert get(billing, "/api/search", q="splines") == []
    assert get(billing, f"/api/node/{acme.tickets}/children") == []
    assert get(billing, f"/api/node/{acme.laptop}")["read_only"] is True
    for method, address in (
        ("put", f"/api/node/{acme.company}"),
        ("delete", f"/api/node/{acme.company}"),
        ("post", "/api/node"),
        ("post", f"/api/node/{acme.company}/move"),
    ):
        problem = send(billing, method, address, {}, 403)
        assert (problem["status"], problem["title"]) == (403, "Forbidden")


def test_problems_of_the_framework(graph: Graph, technician: Client) -> None:
    anonymous = Client()
    for client, method, address, status in (
        (anonymous, "get", "/api/search", 401),
        (technician, "get", "/api/nothing", 404),
        (technician, "get", "/api/search/", 404),
        (technician, "delete", "/api/search", 405),
        (technician, "get", "/api/node/root/move", 405),
    ):
        answer = getattr(client, method)(address)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
        problem = answer.json()
        assert (problem["status"], problem["instance"]) == (status, address)


def test_a_cookie_alone_changes_nothing(graph: Graph, db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("technician"))
    before = graph_hash(graph)
    for method, address in (("post", "/api/node"), ("put", "/api/node/root"), ("delete", "/api/node/root")):
        answer = getattr(client, method)(address, data="{}", content_type="application/json")
        assert (answer.status_code, answer.json()["status"]) == (403, 403)
    assert graph_hash(graph) == before
    token = client.get("/").cookies[settings.CSRF_COOKIE_NAME].value
    body = json.dumps({"parent_id": "root", "name": "A"})
    made = client.post("/api/node", data=body, content_type="application/json", headers={"X-CSRFToken": token})
    assert made.status_code == 200


def test_upload(docs: str, acme: Acme, technician: Client, billing: Client) -> None:
    for uid in (docs, acme.laptop):
        file = SimpleUploadedFile("отчёт.TXT", b"the plan")
        answer = technician.post(f"/api/upload/{uid}", {"file": file})
        assert answer.status_code == 200, answer.content
        added = answer.json()
        assert (added["success"], added["filename"]) == (True, "отчёт.TXT")
        [listed] = get(technician, f"/api/node/{uid}")["files"]
        assert (listed["id"], listed["original_filename"], listed["size"]) == (added["file_id"], "отчёт.TXT", 8)
        assert b"".join(technician.get(listed["url"])) == b"the plan"
    assert technician.post(f"/api/upload/{docs}").json() == {"error": "No file part"}
    refused = technician.post(f"/api/upload/{docs}", {"file": SimpleUploadedFile("a.html", b"<html><script>")})
    assert refused.status_code == 415
    assert technician.post("/api/upload/none", {"file": SimpleUploadedFile("a.txt", b"x")}).status_code == 404
    assert billing.post(f"/api/upload/{docs}", {"file": SimpleUploadedFile("a.txt", b"x")}).status_code == 403


def test_the_level_of_the_nearest_company_goes_along_with_everything(
    acme: Acme, graph: Graph, technician: Client, subtests: pytest.Subtests
) -> None:
    whole = f"/api/node/{acme.company}"
    for level, shown in (
        ("hipaa", "hipaa"),
        ("cjis", "cjis"),
        ("standard", "standard"),
        ("odd", "cjis"),
        (None, "cjis"),
    ):
        graph.rows("MATCH (c:Company {id: $id}) SET c.compliance_level = $level", id=acme.company, level=level)
        with subtests.test(level=level):
            for answer in (
                get(technician, whole),
                get(technician, "/api/browse", path="/Companies/Acme Dental"),
                get(technician, f"{whole}/browse"),
                get(technician, f"/api/node/{acme.open}"),
                *get(technician, f"{whole}/children"),
                *get(technician, "/api/browse", path="/Companies")["categories"],
                *get(technician, "/api/search", q="LAPTOP-59"),
            ):
                assert (answer["company_id"], answer["company_compliance_level"]) == (acme.company, shown)
                assert answer["compliance_level"] == shown
    assert get(technician, "/api/browse", path="/")["company_compliance_level"] == "standard"


def test_a_number_leads_to_the_node_and_odd_numbers_to_none(acme: Acme, docs: str, technician: Client) -> None:
    for uid in (acme.company, acme.open, docs):
        number = get(technician, f"/api/node/{uid}")["number"]
        assert isinstance(number, int)
        assert get(technician, f"/api/node/{number}")["id"] == uid
        assert get(technician, f"/api/node/{number}/browse" if uid != acme.open else f"/api/node/{number}")["id"] == uid
    assert get(technician, "/api/node/root")["number"] is None
    for odd in ("0", "1", "7", "9" * 30, "9" * 5000, "1e5", "²", str(2**96), str(2**128)):
        assert get(technician, f"/api/node/{odd}", 404)["error"] == "Node not found"


def test_paths_of_categories_lead_back_whatever_the_name(technician: Client, graph: Graph) -> None:
    for name in ("A/B 100 %", "a%41b", "Ünï & #1?"):
        operations.create_folder(ROOT_ID, name, author=TESS)
    for category in get(technician, "/api/browse", path="/")["categories"]:
        assert get(technician, "/api/browse", path=category["path"])["current_node"]["id"] == category["id"]


def test_the_tree_of_folders(acme: Acme, docs: str, technician: Client, billing: Client) -> None:
    whole = get(technician, "/api/folders/tree")
    assert (whole["id"], whole["name"], "truncated" in whole) == ("root", "KnowledgeTree Root", False)
    [companies, own] = whole["children"]
    assert [child["name"] for child in own["children"]] == ["Windows"]
    [company] = companies["children"]
    assert (company["id"], {child["name"] for child in company["children"]}) == (
        acme.company,
        {"Assets", "Users", "Tickets"},
    )
    [ana] = next(child for child in company["children"] if child["name"] == "Users")["children"]
    assert [(child["name"], child["is_attached"]) for child in ana["children"]] == [("Tickets", True)]
    assert get(billing, "/api/folders/tree") == whole
    with pytest.MonkeyPatch.context() as small:
        small.setattr("tree.api.legacy.views.MAX_ROWS", 3)
        assert get(technician, "/api/folders/tree")["truncated"]
