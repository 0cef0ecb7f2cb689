"""A record's page of changes: what the syncs did to it, and what it was on a day."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncing.decisions import record_history
from syncing.models import NodeChange, SyncRun
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import by_key
from tests.people import client_of
from tests.syncing.conftest import Sync
from tests.syncing.staff import staff_note
from tests.throwaway_neo4j import Graph
from tree.graph.search_keys import KEYS, SCOPE

pytestmark = pytest.mark.postgresql


def properties_of(graph: Graph, key: str) -> dict[str, Any]:
    found = by_key(graph, key)
    assert found is not None
    return {name: value for name, value in found.items() if name not in (KEYS, SCOPE)}


def test_a_record_is_what_it_was_at_every_moment(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    """Update, rename, move, archive, return: after each step its properties are noted, and found again later."""
    world = mirrored.world
    first, second = list(world.accounts)[:2]
    asset = world.add_asset(first, "only-one", asset_id=9001)
    assert sync("sync_codex").code == 0
    noted = []

    def step() -> None:
        noted.append((timezone.now(), properties_of(graph, "asset:9001")))
        assert sync("sync_codex").code == 0

    steps: tuple[Callable[[], None], ...] = (
        lambda: setattr(asset, "operating_system", "System 1"),
        lambda: setattr(asset, "hostname", "renamed"),
        lambda: world.move_asset(9001, second),
        lambda: world.remove_asset(9001),
        lambda: world.account(first).assets.append(asset),
    )
    for change in steps:
        change()
        step()
    now = properties_of(graph, "asset:9001")
    for moment, was in noted:
        past = record_history.as_of(now, moment)
        assert past.exists
        assert facts_of(past.properties) == facts_of(was)
    assert [m.action for m in record_history.moments(now)] == [
        "restore",
        "archive",
        "move",
        "update",
        "update",
        "create",
    ]
    created = record_history.moments(now)[-1].run
    assert created is not None
    assert not record_history.as_of(now, timezone.now() - timedelta(days=1)).exists


def facts_of(properties: dict[str, Any]) -> dict[str, Any]:
    left_out = ("version", "updated_at")
    return {name: value for name, value in properties.items() if name not in left_out and value is not None}


def test_what_went_to_the_archive_with_its_company_says_so(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    account = list(mirrored.world.accounts)[2]
    asset = mirrored.world.account(account).assets[0]
    left = mirrored.world.remove_company(account)
    archiving = sync("sync_codex").run
    [archived, _] = record_history.moments(properties_of(graph, f"asset:{asset.id}"))
    assert (archived.action, archived.with_parent, archived.run) == ("archive", True, archiving)
    mirrored.world.restore_company(left)
    assert sync("sync_codex").code == 0
    actions = [m.action for m in record_history.moments(properties_of(graph, f"asset:{asset.id}"))]
    assert actions == ["restore", "archive", "create"]


def test_the_page_shows_changes_and_the_past(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    account = next(iter(mirrored.world.accounts))
    asset = mirrored.world.account(account).assets[0]
    before, asset.operating_system = asset.operating_system, "System 1"
    run = sync("sync_codex").run
    NodeChange.objects.update(at=timezone.now() - timedelta(days=3))
    node = properties_of(graph, f"asset:{asset.id}")
    graph.rows(
        "MATCH (n {id: $id}) SET n.created_at = $at RETURN n.id",
        id=node["id"],
        at=(timezone.now() - timedelta(days=9)).isoformat(timespec="seconds"),
    )
    technician = client_of("technician")
    address = f"/node/{node['id']}/changes/"
    page = technician.get(address).content.decode()
    assert f"<del>{before}</del>" in page
    assert "<ins>System 1</ins>" in page
    assert f'href="/sync/runs/{run.pk}/"' in page
    assert 'class="add">+' in page
    assert f'href="{address}"' in technician.get(f"/node/{node['id']}/").content.decode()
    day = timezone.localdate()
    past = technician.get(address, {"on": str(day - timedelta(days=5))}).content.decode().split("past-title")[2]
    assert f"<dd>{before}</dd>" in past.split("</section>")[0]
    assert "not in the tree yet" in technician.get(address, {"on": str(day - timedelta(days=30))}).content.decode()
    for wrong in ("yesterday", "2026-13-45", "2026-02-30"):
        assert "is no day" in technician.get(address, {"on": wrong}).content.decode()


def test_it_is_read_by_those_who_read_the_node(mirrored: SampleCodex, graph: Graph) -> None:
    billing = client_of("billing")
    [ticket, company] = [
        graph.rows(f"MATCH (n:{kind}) RETURN n.id AS id ORDER BY n.id LIMIT 1")[0]["id"]
        for kind in ("Ticket", "Company")
    ]
    assert billing.get(f"/node/{ticket}/changes/").status_code == 404  # as for a node that is not there
    page = billing.get(f"/node/{company}/changes/")
    assert page.status_code == 200
    assert "/sync/runs/" not in page.content.decode().split('id="page"')[1]
    assert billing.get("/node/nothing/changes/").status_code == 404
    note = staff_note(graph, company, "A note.md")
    assert "does not come from Codex" in billing.get(f"/node/{note}/changes/").content.decode()


def test_the_run_page_offers_what_can_be_done(mirrored: SampleCodex, sync: Sync) -> None:
    admin, technician = client_of("admin"), client_of("technician")
    account = next(iter(mirrored.world.accounts))
    mirrored.world.account(account).assets[0].operating_system = "System 1"
    run = sync("sync_codex").run
    assert run.who
    page = admin.get(f"/sync/runs/{run.pk}/").content.decode()
    assert "Undo this run" in page
    assert run.who in page
    assert "Undo this run" not in technician.get(f"/sync/runs/{run.pk}/").content.decode()
    records = technician.get(f"/sync/runs/{run.pk}/records/").content.decode()
    assert "<ins>System 1</ins>" in records
    plan_page = admin.post(f"/sync/runs/{run.pk}/undo/").headers["Location"]
    plan = SyncRun.objects.latest("pk")
    assert plan_page == f"/sync/runs/{plan.pk}/"
    assert (plan.undoes, plan.dry_run, plan.status, plan.started_by) == (run, True, "queued", plan.started_by)
    assert admin.post(f"/sync/runs/{run.pk}/undo/").headers["Location"] == plan_page
    check = SyncRun.objects.create(command="sync_codex", status="planned", dry_run=True)
    refused = admin.post(f"/sync/runs/{check.pk}/undo/", follow=True).content.decode()
    assert f"Run {check.pk} was a check: it changed nothing." in refused


@pytest.mark.parametrize(("outcome", "said"), [("refused", "bad"), ("skipped", "stale"), ("noticed", "homeless")])
def test_a_runs_records_by_outcome(db: None, outcome: str, said: str) -> None:
    run = SyncRun.objects.create(command="sync_codex", status="partial", finished_at=timezone.now())
    run.refused.create(kind="Asset", reason="bad")
    run.refused.create(kind="Asset", reason="stale", is_skipped=True)
    run.refused.create(kind="Ticket", reason="homeless", is_notice=True)
    page = client_of("technician").get(f"/sync/runs/{run.pk}/records/", {"outcome": outcome}).content.decode()
    assert f"<td>{said}</td>" in page
    assert page.count("<td>Asset</td>") + page.count("<td>Ticket</td>") == 1


def test_the_chart_has_a_bar_for_each_of_the_last_runs(db: None) -> None:
    for number in range(45):
        SyncRun.objects.create(
            command="sync_codex",
            status="complete" if number % 2 else "failed",
            started_at=timezone.now() - timedelta(seconds=number),
            finished_at=timezone.now(),
            counts={"Asset": {"created": number, "unchanged": 7}},
        )
    page = client_of("technician").get("/sync/").content.decode()
    assert page.count('<rect class="complete"') == page.count('<rect class="failed"') == 20
    assert "most 44" in page
