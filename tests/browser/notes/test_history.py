"""A run is undone, a record's past is read, and the quarantine says what to mend: by clicks."""

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from syncing.engine import execute
from syncing.models import SyncRun
from syncing.sample_codex import faults
from syncing.sample_codex.faults import ALWAYS
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import codex, make_codex
from tests.graph_assertions import by_key
from tests.syncing.conftest import mirrored, sync, use, world_codex
from tests.throwaway_neo4j import Graph

__all__ = ["codex", "make_codex", "mirrored", "sync", "use", "world_codex"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def changed(mirrored: SampleCodex, sync: Any) -> SyncRun:
    """A run that has given one computer another system."""
    account = next(iter(mirrored.world.accounts))
    mirrored.world.account(account).assets[0].operating_system = "The new system"
    run: SyncRun = sync("sync_codex").run
    return run


def test_an_undo_is_a_plan_that_is_shown_first(changed: SyncRun, graph: Graph, admin_page: Page) -> None:
    page = admin_page
    [change] = changed.changes.all()
    page.goto(f"{page.url}sync/runs/{changed.pk}/")
    page.click("text=Undo this run")
    expect(page.locator("h1")).to_contain_text(f"plan to undo run {changed.pk}")
    plan = SyncRun.objects.get(undoes=changed)
    execute(plan)
    page.reload()
    expect(page.locator(".message.warning")).to_contain_text("unless Codex is mended")
    expect(page.locator("#plan ins", has_text=str(change.before["operating_system"]))).to_have_count(1)
    node = by_key(graph, change.codex_key)
    assert node is not None
    assert node["operating_system"] == "The new system"


def test_a_record_as_of_a_day(changed: SyncRun, admin_page: Page) -> None:
    page = admin_page
    [change] = changed.changes.all()
    page.goto(f"{page.url}node/{change.node_id}/")
    page.click("aside >> text=changes")
    expect(page.locator(".moments > li")).to_have_count(2)
    expect(page.locator(".moments ins", has_text="The new system")).to_be_visible()
    page.fill("#on", "2026-01-01")
    page.click("text=Show >> nth=-1")
    expect(page).to_have_url(re.compile("on=2026-01-01"))
    expect(page.locator(".past")).to_contain_text("not in the tree yet")
    page.fill("#on", str(timezone.localdate()))
    page.click("button:has-text('Show')")
    expect(page.locator(".past")).to_contain_text("The new system")


def test_the_quarantine_is_reached_from_the_syncs(
    mirrored: SampleCodex,
    sync: Any,
    admin_page: Page,
) -> None:
    def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rows[0]["contacts"][0]["email"] = None
        return rows

    mirrored.faults.add(faults.edit(spoil), "/api/companies/bulk", times=ALWAYS)
    assert sync("sync_codex").code == 3
    page = admin_page
    page.goto(f"{page.url}sync/")
    expect(page.locator(".run .dot.partial")).to_have_count(1)
    page.click("text=1 record in quarantine")
    expect(page.locator(".quarantined p").nth(1)).to_contain_text("In Codex, fill “email” of the contact")
    expect(page.locator(".raw .wrong")).to_contain_text("email")
    page.click("text=Sync this company again")
    expect(page).to_have_url(re.compile(r"/sync/runs/\d+/$"))
    assert SyncRun.objects.filter(status="queued").get().companies == [next(iter(mirrored.world.accounts))]
