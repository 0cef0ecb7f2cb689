"""An admin's day in one go: by clicks, with the real queue and the real sync worker, which dies once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db.models import Q
from playwright.sync_api import Page, expect

from syncing.graph import lease
from syncing.models import SyncRun
from syncing.sample_codex import faults
from syncing.sample_codex.faults import ALWAYS
from syncing.sample_codex.server import SampleCodex
from tests.fake_codex import codex, make_codex
from tests.graph_assertions import archived_keys, by_key, graph_hash
from tests.syncing.conftest import Breaches, Sync, breaches, mirrored, sync, use, world_codex
from tests.syncing.processes import REPOSITORY, environment_of_programs, wait_until
from tests.throwaway_neo4j import Graph

__all__ = ["breaches", "codex", "make_codex", "mirrored", "sync", "use", "world_codex"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gate(mirrored: SampleCodex, tmp_path: Path) -> Iterator[Path]:
    """The cluster of the sync worker, writing a row at a time; while this file is there, only the first."""
    gate = tmp_path / "gate"
    environment = environment_of_programs(mirrored, tmp_path, Q_CLUSTER_NAME="sync")
    times = json.dumps({"timeout": 60, "retry": 600, "batch": 1, "slow": 0.4, "gate": str(gate)})
    cluster = subprocess.Popen([sys.executable, "-m", "tests.syncing.cluster", times], cwd=REPOSITORY, env=environment)
    yield gate
    gate.unlink(missing_ok=True)
    cluster.send_signal(signal.SIGTERM)
    cluster.wait(60)


def ended(page: Page, outcome: str) -> SyncRun:
    """The run whose page is shown, which comes to this end without a reload."""
    expect(page.locator(".badges")).to_contain_text(outcome, timeout=30_000)
    return SyncRun.objects.get(pk=int(page.url.rstrip("/").rpartition("/")[2]))


def test_check_apply_hold_approve_cancel_die_recover_undo(
    mirrored: SampleCodex, gate: Path, admin_page: Page, graph: Graph, sync: Sync, breaches: Breaches
) -> None:
    page, world, start = admin_page, mirrored.world, admin_page.url
    accounts = list(world.accounts)
    assets = world.account(accounts[0]).assets
    everything = "Sync companies, contacts, locations, assets"

    def change_all(system: str) -> None:
        for asset in assets:
            asset.operating_system = system

    def changed(system: str) -> int:
        return sum((by_key(graph, f"asset:{a.id}") or {})["operating_system"] == system for a in assets)

    def click_and_wait(button: str, begun: Callable[[], bool]) -> SyncRun:
        page.goto(f"{start}sync/")
        page.click(f"text={button}")
        expect(page.locator("#progress")).to_be_visible()
        wait_until(begun)
        return SyncRun.objects.get(status=SyncRun.Status.RUNNING)

    # Check, look, apply.
    change_all("First system")
    page.goto(f"{start}sync/")
    page.click("text=Check for changes")
    wait_until(lambda: SyncRun.objects.filter(dry_run=True, status=SyncRun.Status.PLANNED).count() == 2)
    checked = SyncRun.objects.get(dry_run=True, command="sync_codex")
    page.goto(f"{start}sync/runs/{checked.pk}/")
    expect(page.locator("#plan-rows ins", has_text="First system")).to_have_count(len(assets))
    assert changed("First system") == 0
    page.click("text=Apply this plan")
    assert ended(page, "complete").applies == checked
    assert changed("First system") == len(assets)

    # A mass removal is held, and approved.
    for path in ("/api/companies", "/api/companies/bulk"):
        mirrored.faults.add(faults.empty(), path, times=ALWAYS)
    page.goto(f"{start}sync/")
    page.click(f"text={everything}")
    held = ended(page, "needs approval")
    assert archived_keys(graph) == set()
    page.click(f"text=Approve: archive {len(accounts)}")
    expect(page.locator("#progress")).to_be_visible()
    assert ended(page, "complete").applies == held
    assert {f"company:{account}" for account in accounts} <= set(archived_keys(graph))
    mirrored.faults.clear()
    assert sync("sync_codex").code == 0
    assert sync("sync_tickets").code == 0
    assert archived_keys(graph) == set()

    # Cancelled in mid-run.
    change_all("Second system")
    gate.touch()
    click_and_wait(everything, lambda: changed("Second system") > 0)
    page.click("text=Cancel this run")
    cancelled = ended(page, "cancelled")
    assert not gate.exists()
    assert 0 < changed("Second system") < len(assets)
    assert cancelled.reason.startswith("Cancelled by admin.")

    # The worker is killed in mid-run, and the next sync does the rest.
    change_all("Third system")
    gate.touch()
    dying = click_and_wait(everything, lambda: changed("Third system") > 0)
    assert dying.pid is not None
    os.kill(dying.pid, signal.SIGKILL)
    gate.unlink()
    assert ended(page, "interrupted") == dying
    assert changed("Third system") == 1
    assert {b["check"] for b in breaches()} <= {"sync lease"}
    page.goto(f"{start}sync/")
    page.click(f"text={everything}")
    recovered = ended(page, "complete")
    assert changed("Third system") == len(assets)
    assert (lease.current_holder(), breaches()) == (None, [])

    # What the recovering run did is taken back.
    page.click("text=Undo this run")
    ended(page, "planned")
    page.click("text=Apply this plan")
    undone = ended(page, "complete")
    assert undone.undoes == recovered
    assert 0 < changed("Third system") < len(assets)
    assert breaches() == []
    assert not SyncRun.objects.filter(Q(status="running") | Q(status="queued")).exists()
    assert sync("sync_codex").code == 0
    assert changed("Third system") == len(assets)
    once_more = graph_hash(graph)
    assert sync("sync_codex").written == 0
    assert graph_hash(graph) == once_more
