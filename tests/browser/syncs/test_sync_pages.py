"""The pages of the syncs at the widths that people have: long words wrap, and what is under way keeps itself up."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from syncing.models import NodeChange, QuarantinedRecord, RefusedRecord, SyncRun
from syncing.plan.plan_files import Change, PlanFiles, plan_folder
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Z" * 300
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}


def run_with_long_names(status: str) -> SyncRun:
    """A run whose records, company and texts have 300 characters without a space."""
    run = SyncRun.objects.create(command="sync_codex", status=status, dry_run=status == "planned", companies=[LONG])
    plan = PlanFiles(plan_folder(run.pk))
    plan.add(
        "rest", Change("update", "User", "user:1", "id-1", LONG, "1", f"{LONG} / Users", "p", LONG, set={"title": LONG})
    )
    plan.add("held", Change("archive", "Asset", "asset:2", "id-2", LONG, "1", f"{LONG} / Assets", "p", LONG))
    plan.close()
    run.plan_hash, run.held_hash, run.held_why = plan.hash(), plan.hash("held"), [f"25 of 60 in {LONG}"]
    run.reason = f"Held: 25 of 60 in {LONG}"
    run.save()
    RefusedRecord.objects.create(run=run, kind="contacts", account=LONG[:255], codex_id=LONG[:255], reason=LONG)
    NodeChange.objects.create(
        run=run, node_id="n", codex_key="user:1", kind="User", action="update", name=LONG, place=LONG, after={"a": LONG}
    )
    return run


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_long_words_wrap_on_every_page_of_the_syncs(size: dict[str, int], graph: Graph, admin_page: Page) -> None:
    page, base = admin_page, admin_page.url
    planned, held = run_with_long_names("planned"), run_with_long_names("needs_approval")
    QuarantinedRecord.objects.create(
        command="sync_codex", identity="x", kind="Company", account=LONG[:255], reason=LONG
    )
    page.set_viewport_size(size)  # type: ignore[arg-type]
    runs = [f"sync/runs/{run.pk}/" for run in (planned, held)]
    for address in ("sync/", "sync/quarantine/", *runs, f"{runs[0]}records/", f"{runs[0]}records/?outcome=refused"):
        page.goto(base + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
        for cell in page.locator("table:not(.numbers) tr > :last-child").all():
            box = cell.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= size["width"], address
    page.goto(base + runs[0])
    expect(page.locator("#plan-rows ins").first).to_be_visible()


def test_the_list_of_runs_keeps_itself_up_and_leaves_what_is_typed(graph: Graph, admin_page: Page) -> None:
    page = admin_page
    run = SyncRun.objects.create(command="sync_codex", dry_run=True)
    page.goto(f"{page.url}sync/")
    expect(page.locator("#sync-state")).to_contain_text("waiting for the worker")
    page.fill("[name=company]", "Acm")
    SyncRun.objects.filter(pk=run.pk).update(status="running", stage="plan", done=1, total=4)
    expect(page.locator("#sync-state")).to_contain_text("comparing, 25 %")
    expect(page.locator(f"#run-{run.pk}")).to_contain_text("running")
    SyncRun.objects.filter(pk=run.pk).update(status="planned", finished_at=timezone.now())
    expect(page.locator("#sync-state")).to_contain_text("Nothing is running.")
    expect(page.locator(f"#run-{run.pk}")).to_contain_text("planned")
    expect(page.locator("[name=company]")).to_have_value("Acm")
    expect(page.locator("[name=company]")).to_be_focused()


def test_the_badge_of_a_run_follows_it(graph: Graph, admin_page: Page) -> None:
    page = admin_page
    run = SyncRun.objects.create(command="sync_codex")
    page.goto(f"{page.url}sync/runs/{run.pk}/")
    badge = page.locator(".badges #run-status")
    expect(badge).to_have_text("waiting")
    SyncRun.objects.filter(pk=run.pk).update(status="running", started_at=timezone.now(), heartbeat_at=timezone.now())
    expect(badge).to_have_text("running")
    expect(page.locator("#run-status")).to_have_count(1)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_fields_of_a_schedule_have_labels_and_number_and_unit_one_line(
    size: dict[str, int], graph: Graph, admin_page: Page
) -> None:
    page = admin_page
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(f"{page.url}sync/schedules/sync_tickets/")
    for label in ("Every", "Unit", "Cron expression", "from", "until"):
        expect(page.get_by_label(label, exact=True)).to_have_count(1)
    every, unit = (page.get_by_label(label, exact=True).bounding_box() for label in ("Every", "Unit"))
    assert every is not None
    assert unit is not None
    assert abs(every["y"] - unit["y"]) < every["height"] / 2
    assert unit["x"] + unit["width"] <= size["width"]
