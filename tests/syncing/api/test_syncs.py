"""Runs, plans, decisions, the quarantine and schedules by the API v1; and what only people may decide."""

import time
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client
from django_q.models import OrmQ
from pytest_django import Settings

from syncing.models import QuarantinedRecord, SyncRun
from tests.people import client_of
from tests.syncing.pages.test_plan import change, planned
from tests.throwaway_neo4j import Graph
from tests.tree.api.v1.calling import Caller, caller, read
from tests.tree.factory import Acme

pytestmark = pytest.mark.postgresql


@pytest.fixture
def ana(db: None) -> Caller:
    return caller("admin")


def finished(**fields: Any) -> SyncRun:
    return SyncRun.objects.create(command="sync_codex", status="complete", **fields)


def test_runs_are_listed_started_and_cancelled(graph: Graph, ana: Caller) -> None:
    made = [finished().pk for _ in range(3)]
    response = ana.send("POST", "/sync/runs", {"command": "sync_codex", "kinds": ["assets"], "dry_run": True})
    run = read(response, 201)
    assert (run["status"], run["started_by"], run["kinds"], run["dry_run"]) == ("queued", "admin", ["assets"], True)
    assert response.headers["Location"] == f"http://testserver/api/v1/sync/runs/{run['id']}"
    assert OrmQ.objects.count() == 1
    again = ana.post("/sync/runs", {"command": "sync_codex", "kinds": ["assets"], "dry_run": True}, 201)
    assert again["id"] == run["id"]  # it waits already
    assert [one["id"] for one in ana.all("/sync/runs", limit=2)] == [run["id"], *reversed(made)]
    assert ana.get(f"/sync/runs/{run['id']}")["url"] == f"http://testserver/sync/runs/{run['id']}/"
    assert ana.post(f"/sync/runs/{run['id']}/cancel")["status"] == "aborted"
    assert ana.post(f"/sync/runs/{run['id']}/cancel", None, 409)["status"] == 409
    assert ana.get("/sync/runs/999", 404)["status"] == 404
    assert (
        ana.post("/sync/runs", {"command": "sync_tickets", "kinds": ["assets"]}, 422)["errors"][0]["field"] == "kinds"
    )
    assert ana.post("/sync/runs", {"command": "rm"}, 422)["errors"][0]["field"] == "command"


def test_a_run_that_was_started_is_found_below_a_path_too(graph: Graph, ana: Caller, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    response = ana.send("POST", "/sync/runs", {"command": "sync_codex"}, headers={"X-Forwarded-Prefix": "/kt"})
    run = read(response, 201)
    assert response.headers["Location"] == f"http://testserver/kt/api/v1/sync/runs/{run['id']}"


def test_a_company_is_named_by_number_or_name(acme: Acme, ana: Caller) -> None:
    run = ana.post("/sync/runs", {"command": "sync_codex", "companies": ["acme dental"]}, 201)
    assert run["companies"] == ["1001"]


def test_the_rows_of_a_plan_come_in_pages(acme: Acme, ana: Caller) -> None:
    changes = [change("update", number, before={"name": "a"}, set={"name": "b"}) for number in range(5)]
    run = planned(rest=changes, archives=[change("archive", 9)])
    rows = ana.all(f"/sync/runs/{run.pk}/plan", limit=2)
    assert [row["action"] for row in rows] == ["archive", *["update"] * 5]
    assert (rows[0]["company_id"], rows[0]["compliance_level"]) == (None, "cjis")
    assert rows[1]["fields"] == {"name": {"before": "a", "after": "b"}}
    assert len(ana.all(f"/sync/runs/{run.pk}/plan", limit=2, action="archive")) == 1
    cursor = ana.get(f"/sync/runs/{run.pk}/plan", limit=2)["next_cursor"]
    assert ana.get(f"/sync/runs/{run.pk}/plan", 422, cursor=cursor, action="update")["errors"][0]["field"] == "cursor"
    waiting = SyncRun.objects.create(command="sync_codex")
    assert ana.get(f"/sync/runs/{waiting.pk}/plan", 409)["status"] == 409


def test_a_plan_is_applied_or_discarded_by_its_hash(graph: Graph, ana: Caller) -> None:
    run = planned(rest=[change("update", 1, before={"name": "a"}, set={"name": "b"})])
    assert ana.get(f"/sync/runs/{run.pk}")["waiting_plan"] == run.plan_hash
    assert "not that of the plan" in ana.post(f"/sync/runs/{run.pk}/apply", {"plan": "x"}, 409)["detail"]
    applying = ana.post(f"/sync/runs/{run.pk}/apply", {"plan": run.plan_hash}, 201)
    assert applying["applies"] == run.pk
    other = planned(rest=[change("update", 2, before={"name": "a"}, set={"name": "b"})])
    assert ana.post(f"/sync/runs/{other.pk}/discard", {"plan": other.plan_hash})["waiting_plan"] is None
    assert ana.post(f"/sync/runs/{other.pk}/apply", {"plan": other.plan_hash}, 409)["status"] == 409


def test_what_needs_a_fresh_login_is_for_people(graph: Graph, ana: Caller) -> None:
    run = planned("needs_approval", held=[change("archive", 1)])
    body = {"plan": run.held_hash}
    for action in ("apply", "approve", "discard"):
        refused = ana.post(f"/sync/runs/{run.pk}/{action}", body, 403)
        assert "API token" in refused["detail"]
        assert refused["page"] == f"http://testserver/sync/runs/{run.pk}/"
    assert "API token" in ana.post(f"/sync/runs/{run.pk}/undo", None, 403)["detail"]
    assert ana.get(f"/sync/runs/{run.pk}")["needs_approval"] is True


def test_a_person_who_has_just_logged_in_approves(graph: Graph, db: None) -> None:
    run = planned("needs_approval", held=[change("archive", 1)])
    person = client_of("admin")
    address, body = f"/api/v1/sync/runs/{run.pk}/approve", {"plan": run.held_hash}
    session = person.session
    session["password_entered_at"] = time.time() - 3600
    session.save()
    assert "15 minutes" in read(person.post(address, body, content_type="application/json"), 403)["detail"]
    session["password_entered_at"] = time.time()
    session.save()
    assert read(person.post(address, body, content_type="application/json"), 201)["applies"] == run.pk


def test_the_quarantine(acme: Acme, ana: Caller) -> None:
    run = finished()
    run.refused.create(kind="Contact", account="1001", codex_id="4", fault="missing", field="name", reason="no name")
    for number in range(3):
        QuarantinedRecord.objects.create(
            command="sync_codex", identity=f"i{number}", kind="Contact", account="1001", codex_id=str(number),
            fault="missing", field="name", reason="“name” is missing.", last_run=run,
        )  # fmt: skip
    QuarantinedRecord.objects.create(command="sync_tickets", identity="t", kind="Ticket", account="1001", reason="x")
    found = ana.all("/sync/quarantine", limit=2)
    assert [one["codex_id"] for one in found] == ["0", "1", "2", ""]
    assert (found[0]["company_id"], found[0]["compliance_level"]) == (acme.company, "hipaa")
    assert "fill" in found[0]["advice"]
    assert [one["kind"] for one in caller("technician", "sync").all("/sync/quarantine")] == ["Contact"] * 3
    again = ana.post(f"/sync/runs/{run.pk}/retry", None, 201)
    assert again["companies"] == ["1001"]
    assert ana.post(f"/sync/runs/{again['id']}/retry", None, 409)["status"] == 409


def test_schedules(graph: Graph, ana: Caller) -> None:
    assert [one["command"] for one in ana.get("/sync/schedules")["items"]] == ["sync_codex", "sync_tickets"]
    changed = ana.patch("/sync/schedules/sync_codex", {"kind": "interval", "every_minutes": 90})
    assert (changed["described"], changed["is_active"]) == ("every 90 minutes", True)
    paused = ana.patch("/sync/schedules/sync_codex", {"is_paused": True})
    assert (paused["is_paused"], paused["is_active"], paused["every_minutes"]) == (True, False, 90)
    cron = {"kind": "cron", "cron": "0 6 * * *", "window_from": "05:00", "window_to": "07:00"}
    assert ana.patch("/sync/schedules/sync_codex", cron)["window_from"] == "05:00"
    for body, field in (
        ({"kind": "interval"}, "every_minutes"),
        ({"kind": "cron", "cron": "often"}, "cron"),
        ({"kind": "after"}, "kind"),
        ({"every_minutes": 5}, "kind"),
        ({"kind": "interval", "every_minutes": 90, "window_from": "25:00"}, "window_from"),
    ):
        assert ana.patch("/sync/schedules/sync_codex", body, 422)["errors"][0]["field"] == field
    assert ana.get("/sync/schedules/rm", 404)["status"] == 404


def test_who_may_do_what(graph: Graph, db: None) -> None:
    run = planned(rest=[change("update", 1, before={"name": "a"}, set={"name": "b"})])
    tess = caller("technician")
    assert tess.get("/sync/runs")["items"]
    assert tess.get(f"/sync/runs/{run.pk}/plan")["items"]
    for path in ("/sync/runs", f"/sync/runs/{run.pk}/apply", f"/sync/runs/{run.pk}/cancel"):
        assert tess.post(path, {"command": "sync_codex"}, 403)["status"] == 403
    assert tess.patch("/sync/schedules/sync_codex", {"is_paused": True}, 403)["status"] == 403
    without = caller("admin", "read write sync export")
    assert without.get(f"/sync/runs/{run.pk}/plan", 403)["status"] == 403
    assert caller("superuser", "read tickets write export").get("/sync/runs", 403)["status"] == 403
    assert read(Client().get("/api/v1/sync/runs"), 401)["status"] == 401
