"""The old application's routes beside those for nodes: syncs, export, import, emptying; and what all have in common."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from syncing.models import SyncRun
from tests.graph_assertions import graph_hash
from tests.people import client_of
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme
from tree import operations, queries
from tree.exchange import jobs
from tree.models import TreeImport
from tree.queries import paths
from tree.vocabulary import ROOT_ID

TESS = "tess"


def sent(client: Client, address: str, body: Any = None, status: int = 200) -> Any:
    answer = client.post(address, json.dumps(body), "application/json") if body else client.post(address)
    assert answer.status_code == status, answer.content[:500]
    return answer.json()


@pytest.mark.parametrize(("what", "command"), [("codex", "sync_codex"), ("tickets", "sync_tickets")])
def test_a_sync_is_started_at_once_and_one_at_a_time(acme: Acme, admin: Client, what: str, command: str) -> None:
    before = admin.get("/admin/sync/status").json()
    assert before == {"company_items": 3, "ticket_count": 2, "running": []}
    started = sent(admin, f"/admin/sync/{what}", {"overwrite": True} if what == "tickets" else None)
    run = SyncRun.objects.get(pk=started["run"])
    assert (run.command, run.status, run.started_by_whom) == (command, "queued", "admin's button")
    assert (started["success"], f"/sync/runs/{run.pk}/" in started["output"]) == (True, True)
    refused = sent(admin, f"/admin/sync/{what}", status=409)
    assert (refused["success"], refused["run"]) == (False, run.pk)
    assert "not finished yet" in refused["error"]
    running = admin.get("/admin/sync/status").json()["running"]
    assert running == [{"run": run.pk, "command": command, "status": "queued"}]
    assert SyncRun.objects.count() == 1


def test_a_wrong_body_of_a_sync_is_named(graph: Graph, admin: Client) -> None:
    error = sent(admin, "/admin/sync/tickets", {"overwrite": "yes"}, 400)["error"]
    assert error.startswith("overwrite must be true or false")
    assert not SyncRun.objects.exists()


def test_an_export_is_imported_again(acme: Acme, graph: Graph, admin: Client) -> None:
    docs = operations.create_folder(ROOT_ID, "IT Docs", author=TESS)
    operations.create_note(docs, "A/B 100 %", "# slash", author=TESS)
    note = operations.create_note(acme.company, "overview.md", "Two sites.", author=TESS)
    operations.add_file(note, "plan.txt", SimpleUploadedFile("plan.txt", b"the plan"), author=TESS)
    answer = admin.get("/admin/export")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="knowledgetree_export.json"'
    whole = b"".join(answer)
    exported = json.loads(whole)
    assert (exported["format"], exported["version"]) == ("knowledgetree-json", 2)
    by_path = {entry["path"]: entry for entry in exported["entries"]}
    assert by_path.keys() == {
        *("Companies", "Companies/Acme Dental", "Companies/Acme Dental/overview.md"),
        *("IT Docs", "IT Docs/A/B 100 %"),
    }
    assert (by_path["Companies/Acme Dental"]["read_only"], by_path["IT Docs"]["read_only"]) == (True, False)
    assert [file["name"] for file in by_path["Companies/Acme Dental/overview.md"]["files"]] == ["plan.txt"]
    before = graph_hash(graph)
    again = imported(admin, whole)
    assert (again["status"], again["counts"]["created"]) == ("complete", 0)
    assert graph_hash(graph) == before
    graph.rows("MATCH (n:Note {origin: 'staff'})-[*0..1]->(m) WHERE m:Note OR m:Revision OR m:File DETACH DELETE m")
    assert imported(admin, whole)["status"] == "complete"
    assert queries.get_node(paths.resolve("/Companies/Acme Dental/overview.md")).content == "Two sites."
    assert queries.get_node(paths.resolve("/IT Docs/A%2FB 100 %25")).content == "# slash"


def test_version_1_is_the_old_list(graph: Graph, admin: Client) -> None:
    operations.create_note(ROOT_ID, "VPN", "# VPN", author=TESS)
    old = json.loads(b"".join(admin.get("/admin/export?version=1")))
    assert old == [{"path": "VPN", "content": "# VPN", "is_folder": False, "is_attached": False}]
    assert admin.get("/admin/export?version=3").json() == {"error": "version must be 1 or 2"}


def imported(admin: Client, content: bytes) -> Any:
    """The state of an import that was sent, checked by the worker, applied, and written by the worker."""
    upload = SimpleUploadedFile("knowledgetree_export.json", content)
    state = admin.post("/admin/import", {"file": upload}).json()
    assert (state["success"], state["status"]) == (True, "queued")
    jobs.run_import(state["import"])
    compared = admin.get(f"/admin/import?import={state['import']}").json()
    assert compared["status"] == "compared", compared
    assert admin.post("/admin/import", {"apply": state["import"]}).json()["status"] == "queued"
    assert admin.post("/admin/import", {"apply": state["import"]}).status_code == 409
    jobs.run_import(state["import"])
    return admin.get(f"/admin/import?import={state['import']}").json()


def test_bad_imports_are_refused_before_anything_is_kept(graph: Graph, admin: Client) -> None:
    before = graph_hash(graph)
    for sent_file, word in (
        (b"{", "is not an export"),
        (b'{"version": 2}', "is not an export"),
        (b'[{"path": 5}]', "path"),
        (b'[{"path": "a", "is_folder": "true"}]', "is_folder"),
    ):
        answer = admin.post("/admin/import", {"file": SimpleUploadedFile("export.json", sent_file)})
        assert answer.status_code == 400
        assert word in answer.json()["error"]
    assert admin.post("/admin/import").json() == {"error": "No file part"}
    for unknown in ("", "?import=7", "?import=x"):
        assert admin.get(f"/admin/import{unknown}").status_code == 404
    assert not TreeImport.objects.exists()
    assert list(jobs.folder().iterdir()) == []
    assert graph_hash(graph) == before


def test_the_graph_is_never_emptied(acme: Acme, graph: Graph, admin: Client) -> None:
    before = graph_hash(graph)
    for body in (None, {"confirm": "wipe"}):
        answer = sent(admin, "/admin/wipe", body, 410)
        assert answer["success"] is False
        assert "docs/troubleshooting.md" in answer["error"]
    assert graph_hash(graph) == before


def test_errors_of_the_framework_are_problems_there_as_well(graph: Graph, admin: Client) -> None:
    anonymous, billing = Client(), client_of("billing")
    for client, method, address, status in (
        (anonymous, "get", "/admin/export", 401),
        (billing, "post", "/admin/sync/codex", 403),
        (admin, "get", "/admin/sync/codex", 405),
        (admin, "post", "/admin/export", 405),
    ):
        answer = getattr(client, method)(address)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
        assert answer.json()["instance"] == address
    assert admin.get("/admin/settings").headers["Location"] == "/exchange/"
    assert anonymous.get("/docs").headers["Location"] == "/api/v1/docs"
    assert anonymous.get("/apispec.json").headers["Location"] == "/api/v1/openapi.json"


def test_the_correlation_id_is_taken_over_or_made(db: None) -> None:
    known = Client().get("/health/live", headers={"X-Correlation-ID": "abc-1.2:3_4"})
    assert known.headers["X-Correlation-ID"] == "abc-1.2:3_4"
    made = {
        Client().get("/api/search", headers={"X-Correlation-ID": odd}).headers["X-Correlation-ID"]
        for odd in ("", "a b", "<script>", "x" * 65)
    }
    assert len(made) == 4
    assert all(len(one) == 32 for one in made)


def test_cores_redirect_after_login_loses_its_token(db: None) -> None:
    answer = Client().get("/?token=secret&a=1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_html_of_the_old_editor_becomes_markdown(graph: Graph, technician: Client) -> None:
    uid = operations.create_note(ROOT_ID, "VPN", "old", author=TESS)

    def put(body: Any) -> Any:
        return technician.put(f"/api/node/{uid}", json.dumps(body), content_type="application/json")

    html = "<h1>VPN</h1><p>Ask <b>Tess</b><script>alert(1)</script></p>"
    assert put({"content_html": html, "content": "not this"}).status_code == 200
    assert queries.get_node(uid).content == "# VPN\n\nAsk **Tess**"
    assert "script" not in technician.get(f"/api/node/{uid}").json()["content_html"]
    assert put({"content_html": None}).json()["error"].startswith("content_html must be a text")
    assert put({"content_html": 5}).status_code == 400
    assert "cannot be made into Markdown" in put({"content_html": "<script>x</script>"}).json()["error"]
    assert put({"content_html": ""}).status_code == 200
    assert queries.get_node(uid).content == ""
