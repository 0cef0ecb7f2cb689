"""Syncs in the Django admin: actions on companies, pauses, and records that nobody edits."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from django_q.conf import Conf

from syncing.decisions import pauses
from syncing.models import NodeChange, PausedCompany, QuarantinedRecord, RefusedRecord, SyncRun, SyncSchedule
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import by_key, graph_hash
from tests.throwaway_neo4j import Graph

COMPANIES = "/admin/tree/company/"


def uid(graph: Graph, account: str) -> str:
    company = by_key(graph, f"company:{account}")
    assert company is not None
    return str(company["id"])


def act(admin: Client, action: str, *uids: str) -> str:
    form = {"action": action, "_selected_action": list(uids)}
    return admin.post(COMPANIES, form, follow=True).content.decode()


@pytest.mark.parametrize(("action", "dry_run"), [("sync_now", False), ("check_now", True)])
def test_an_action_asks_for_both_runs_of_the_company(
    action: str, dry_run: bool, mirrored: SampleCodex, graph: Graph, admin: Client
) -> None:
    SyncRun.objects.all().delete()
    account = list(mirrored.world.accounts)[1]
    page = act(admin, action, uid(graph, account))
    asked = list(SyncRun.objects.order_by("pk"))
    assert [(r.command, r.companies, r.kinds, r.dry_run, r.status) for r in asked] == [
        ("sync_codex", [account], [], dry_run, "queued"),
        ("sync_tickets", [account], [], dry_run, "queued"),
    ]
    assert all(run.started_by is not None and run.started_by.username == "admin" for run in asked)
    assert all(f'href="/sync/runs/{run.pk}/"' in page for run in asked)
    act(admin, action, uid(graph, account))
    assert SyncRun.objects.count() == 2, "the same once more joins"


def test_actions_offered_are_ours_and_none_deletes(mirrored: SampleCodex, admin: Client) -> None:
    page = admin.get(COMPANIES).content.decode()
    for expected in ("Sync this company now", "Check this company", "Pause its sync", "Let its sync go on"):
        assert expected in page
    assert "delete_selected" not in page


def test_too_many_companies_are_refused(
    mirrored: SampleCodex, graph: Graph, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncing.admin.COMPANIES_AT_ONCE", 2)
    SyncRun.objects.all().delete()
    page = act(admin, "sync_now", *(uid(graph, account) for account in mirrored.world.accounts))
    assert "At most 2 companies at once" in page
    assert not SyncRun.objects.exists()


@pytest.mark.parametrize("action", ["sync_now", "check_now", "pause_sync", "resume_sync"])
def test_all_companies_of_a_list_of_several_pages_are_meant(
    action: str, mirrored: SampleCodex, graph: Graph, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncing.admin.COMPANIES_AT_ONCE", 2)
    monkeypatch.setattr("syncing.admin.SyncedCompanyAdmin.list_per_page", 2)
    SyncRun.objects.all().delete()
    paused = next(iter(mirrored.world.accounts))
    pauses.pause(paused, None)
    form = {"action": action, "select_across": "1", "_selected_action": [uid(graph, paused)]}
    page = admin.post(COMPANIES, form, follow=True).content.decode()
    assert "At most 2 companies at once, and these are 3: nothing was done" in page
    assert not SyncRun.objects.exists()
    assert pauses.accounts() == {paused}


def test_all_companies_are_paused_when_they_are_few(
    mirrored: SampleCodex, graph: Graph, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncing.admin.SyncedCompanyAdmin.list_per_page", 2)
    form = {"action": "pause_sync", "select_across": "1", "_selected_action": ["x"]}
    assert "Paused: " in admin.post(COMPANIES, form, follow=True).content.decode()
    assert pauses.accounts() == set(mirrored.world.accounts)


def test_companies_are_paused_found_and_resumed(mirrored: SampleCodex, graph: Graph, admin: Client) -> None:
    first, second, third = mirrored.world.accounts
    assert "Paused: " in act(admin, "pause_sync", uid(graph, first), uid(graph, second))
    assert pauses.accounts() == {first, second}
    paused = admin.get(f"{COMPANIES}?sync=paused").content.decode()
    assert uid(graph, first) in paused
    assert uid(graph, third) not in paused
    act(admin, "resume_sync", uid(graph, first), uid(graph, third))
    assert pauses.accounts() == {second}


def test_a_pause_is_added_by_name_and_taken_away(mirrored: SampleCodex, graph: Graph, admin: Client) -> None:
    account, listed = list(mirrored.world.accounts.items())[1]
    add = "/admin/syncing/pausedcompany/add/"
    assert admin.post(add, {"account_number": listed.company.name, "reason": "rebuilt"}).status_code == 302
    row = PausedCompany.objects.get()
    assert (row.account_number, row.reason) == (account, "rebuilt")
    assert row.paused_by is not None
    assert row.paused_by.username == "admin"
    again = admin.post(add, {"account_number": account, "reason": ""})
    assert "already exists" in again.content.decode()
    assert admin.post(f"/admin/syncing/pausedcompany/{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not PausedCompany.objects.exists()


def records() -> list[Any]:
    run = SyncRun.objects.create(command="sync_codex", status="partial", reason="one <b>bad</b> record")
    return [
        run,
        RefusedRecord.objects.create(run=run, kind="Asset", account="1001", codex_id="7", reason="no <i>name</i>"),
        QuarantinedRecord.objects.create(command="sync_codex", identity="x", kind="Asset", account="1", reason="<i>"),
        NodeChange.objects.create(run=run, node_id="n", codex_key="asset:7", kind="Asset", action="update", name="<i>"),
        SyncSchedule.objects.create(command="sync_codex"),
    ]


def test_what_happened_is_shown_and_not_edited(graph: Graph, admin: Client) -> None:
    for record in records():
        address = f"/admin/syncing/{record._meta.model_name}"
        listed = admin.get(f"{address}/").content.decode()
        assert f"/{record.pk}/change/" in listed, address
        page = admin.get(f"{address}/{record.pk}/change/")
        assert page.status_code == 200, address
        assert 'name="_save"' not in page.content.decode()
        for forbidden in (f"{address}/{record.pk}/change/", f"{address}/{record.pk}/delete/", f"{address}/add/"):
            assert admin.post(forbidden, {"post": "yes"}).status_code == 403, forbidden
        assert type(record).objects.filter(pk=record.pk).exists()


def test_lists_are_newest_first_in_the_words_and_times_of_the_pages(graph: Graph, admin: Client) -> None:
    run, *_ = records()
    SyncRun.objects.create(command="sync_codex", status="aborted", ending="interrupted", dry_run=True, undoes=run)
    SyncRun.objects.create(command="sync_codex", started_as="ana")
    SyncRun.objects.create(command="sync_codex", trigger="schedule")
    NodeChange.objects.create(run=run, node_id="n", codex_key="k", kind="Asset", action="update", name="Newest")
    runs = admin.get("/admin/syncing/syncrun/").content.decode()
    for expected in ("interrupted", f"plan to undo run {run.pk}", "ana, command", "the schedule", '<time datetime="'):
        assert expected in runs
    changes = admin.get("/admin/syncing/nodechange/").content.decode()
    assert changes.index(">Newest<") < changes.index("&lt;i&gt;")
    assert '<time datetime="' in changes
    for name in ("syncrun", "refusedrecord", "syncschedule"):
        assert "close_small" not in admin.get(f"/admin/syncing/{name}/").content.decode(), "a red cross for no"
    page = admin.get(f"/admin/syncing/syncrun/{run.pk}/change/").content.decode()
    assert date_format(timezone.localtime(run.created_at), "j M Y, H:i") in page


def test_times_of_nodes_are_as_on_the_pages_and_order_the_list(
    mirrored: SampleCodex, graph: Graph, admin: Client
) -> None:
    for query in ("", "?o=6", "?o=-6"):
        page = admin.get(COMPANIES + query)
        assert page.status_code == 200
        assert '<time datetime="' in page.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=bad", True), ("q=nothing", False), ("status__exact=failed", False), ("status__exact=partial", True)],
)
def test_runs_are_searched_and_filtered(graph: Graph, admin: Client, query: str, found: bool) -> None:
    run = records()[0]
    assert (f"/{run.pk}/change/" in admin.get(f"/admin/syncing/syncrun/?{query}").content.decode()) is found


def test_nothing_in_the_admin_changes_a_node_of_codex(mirrored: SampleCodex, graph: Graph, admin: Client) -> None:
    before = graph_hash(graph, stamps=True)
    node = uid(graph, next(iter(mirrored.world.accounts)))
    assert admin.post(f"{COMPANIES}{node}/change/", {"name": "x"}).status_code == 403
    assert admin.post(f"{COMPANIES}{node}/delete/", {"post": "yes"}).status_code == 403
    act(admin, "delete_selected", node)
    assert graph_hash(graph, stamps=True) == before


def test_an_empty_queue_in_redis_is_explained(graph: Graph, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The queue is in Redis"
    assert text not in admin.get("/admin/django_q/ormq/").content.decode()
    monkeypatch.setattr(Conf, "ORM", None)
    assert text in admin.get("/admin/django_q/ormq/").content.decode()
