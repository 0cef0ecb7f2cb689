"""An admin checks, looks, filters and applies; a mass removal is held, and approved with a fresh login."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from knowledgetree.accounts.login import fresh_login
from syncing.engine import execute
from syncing.models import SyncRun
from syncing.sample_codex import faults
from syncing.sample_codex.faults import ALWAYS
from syncing.sample_codex.server import SampleCodex
from tests.browser.conftest import PASSWORD
from tests.fake_codex import codex, make_codex
from tests.graph_assertions import archived_keys, by_key
from tests.people import person
from tests.syncing.conftest import mirrored, sync, use, world_codex
from tests.syncing.staff import staff_note
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["codex", "make_codex", "mirrored", "sync", "use", "world_codex"]

Work = Callable[[], SyncRun]


@pytest.fixture
def work(transactional_db: None) -> Work:
    """What the sync worker would do: the run that waits, in this process."""

    def one() -> SyncRun:
        return execute(SyncRun.objects.get(status=SyncRun.Status.QUEUED))

    return one


@pytest.fixture
def admin_on_syncs(mirrored: SampleCodex, live_server: LiveServer, page: Page) -> Page:
    person("admin")
    page.goto(f"{live_server.url}/accounts/login/?next=/sync/")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.click("text=Log in >> nth=-1")
    expect(page.locator("h1")).to_have_text("Syncs")
    return page


def make_login_old(page: Page) -> None:
    """As if the password had been entered 16 minutes ago."""
    [key] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == settings.SESSION_COOKIE_NAME]
    session = SessionStore(session_key=key)
    session[fresh_login.ENTERED_AT] -= 16 * 60
    session.save()


def test_check_look_filter_apply(admin_on_syncs: Page, mirrored: SampleCodex, work: Work, graph: Graph) -> None:
    page, world = admin_on_syncs, mirrored.world
    one, two = list(world.accounts)[:2]
    world.rename_company(one, "Renamed Ltd.")
    world.add_contact(one, "Nell New", "nell@new.example")
    world.account(two).contacts[1].title = "Chief of Everything"
    gone = world.account(two).assets[1]
    world.remove_asset(gone.id)
    asset = by_key(graph, f"asset:{gone.id}")
    assert asset is not None
    staff_note(graph, asset["id"], "Where it stands.md")

    page.click("text=Check for changes")
    expect(page.locator("#page")).to_contain_text("waiting")
    execute(SyncRun.objects.get(status=SyncRun.Status.QUEUED, command="sync_codex"))
    checked = SyncRun.objects.get(status=SyncRun.Status.PLANNED)
    SyncRun.objects.filter(status=SyncRun.Status.QUEUED).delete()
    page.goto(re.sub(r"/sync/.*", f"/sync/runs/{checked.pk}/", page.url))
    rows = page.locator("#plan-rows tbody tr:not(.group)")
    expect(rows.first).to_contain_text("archive")
    expect(rows.first).to_contain_text("1 staff note")
    expect(page.locator(".decision")).to_contain_text("1 of 1 to archive has staff notes")
    everything = rows.count()

    page.select_option("[name=action]", "update")
    expect(page).to_have_url(re.compile("action=update"))
    expect(page.locator("#plan-rows .badge.archive")).to_have_count(0)
    page.fill("#plan-words", "chief of")
    expect(rows).to_have_count(1)
    expect(page.locator("#plan-rows ins").first).to_contain_text("Chief of Everything")
    expect(page.locator("#plan-words")).to_be_focused()
    expect(page.locator(".found a:text-is('CSV')")).to_have_attribute("href", re.compile("q=chief"))
    page.click("text=show all")
    expect(rows).to_have_count(everything)

    page.click("text=Apply this plan")
    expect(page.locator("#progress")).to_be_visible()
    applied = work()
    expect(page.locator(".badges")).to_contain_text("complete")
    expect(page.locator("#plan h2")).to_have_text("What it changed")
    assert (applied.status, applied.requests) == (SyncRun.Status.COMPLETE, 0)
    assert f"asset:{gone.id}" in archived_keys(graph)
    page.click('#plan-rows a:has(bdi:text-is("Nell New"))')
    expect(page.locator("h1")).to_contain_text("Nell New")


def test_a_mass_removal_is_held_and_approved(
    admin_on_syncs: Page, mirrored: SampleCodex, work: Work, graph: Graph
) -> None:
    page = admin_on_syncs
    for path in ("/api/companies", "/api/companies/bulk"):
        mirrored.faults.add(faults.empty(), path, times=ALWAYS)
    page.click("text=Sync companies, contacts, locations, assets")
    expect(page.locator("#progress")).to_be_visible()
    held = work()
    assert held.status == SyncRun.Status.NEEDS_APPROVAL
    section = page.locator(".held")
    expect(section).to_contain_text("3 of 3 in Companies would be archived")
    expect(section).to_contain_text("nothing else was to change")
    expect(section).to_contain_text("0 of 3 to archive have staff notes")

    make_login_old(page)
    page.click("text=Approve: archive 3")
    expect(page.locator("h1")).to_have_text("Your password again")
    page.fill("[name=password]", "wrong")
    page.click("text=Go on")
    expect(page.locator("[role=alert]")).to_contain_text("not right")
    page.fill("[name=password]", PASSWORD)
    page.click("text=Go on")
    expect(section).to_contain_text("Removals held back")
    assert not SyncRun.objects.filter(applies=held).exists()
    assert not archived_keys(graph)

    page.click("text=Approve: archive 3")
    expect(page.locator("#progress")).to_be_visible()
    approved = work()
    expect(page.locator(".badges")).to_contain_text("complete")
    assert (approved.applies, approved.counts["Company"]) == (held, {"archived": 3})
    assert approved.totals() == {"archived": len(archived_keys(graph))}, "what hangs below counts, too"
    page.click(f"text=run {held.pk}")
    expect(section).to_contain_text("Approved and archived")
    expect(section).to_contain_text(f"run {approved.pk}")
    expect(section.locator("button.main")).to_have_count(0)


def test_a_held_plan_is_thrown_away(admin_on_syncs: Page, mirrored: SampleCodex, work: Work, graph: Graph) -> None:
    page = admin_on_syncs
    for path in ("/api/companies", "/api/companies/bulk"):
        mirrored.faults.add(faults.empty(), path, times=ALWAYS)
    page.click("text=Sync companies, contacts, locations, assets")
    expect(page.locator("#progress")).to_be_visible()
    work()
    page.click("text=Discard")
    expect(page.locator(".message[role=status]")).to_contain_text("nothing of it will be archived")
    expect(page.locator(".held")).to_contain_text("Discarded by admin")
    assert not archived_keys(graph)
