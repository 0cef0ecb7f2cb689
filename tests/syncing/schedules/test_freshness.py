"""The pill of the header: what the latest runs say about the state of the tree."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncing.models import SyncRun
from syncing.schedules.freshness import STALE_AFTER, sync_state

pytestmark = pytest.mark.django_db


def ended(status: str = SyncRun.Status.COMPLETE, hours_ago: float = 0, **fields: Any) -> SyncRun:
    at = timezone.now() - timedelta(hours=hours_ago)
    return SyncRun.objects.create(
        command="sync_codex", status=status, created_at=at, started_at=at, finished_at=at, **fields
    )


def test_never_then_fresh_then_stale() -> None:
    assert sync_state().state == "never"
    full = ended()
    assert (sync_state().state, sync_state().at) == ("fresh", full.finished_at)
    SyncRun.objects.update(finished_at=timezone.now() - STALE_AFTER - timedelta(minutes=1))
    assert sync_state().state == "stale"


@pytest.mark.parametrize(
    "fields",
    [{"approve": "abc"}, {"companies": ["1001"]}, {"kinds": ["assets"]}, {"since": "2026-11-01"}, {"dry_run": True}],
    ids=repr,
)
def test_only_a_sync_of_everything_makes_it_fresh(fields: dict[str, Any]) -> None:
    """An old plan that is applied asks Codex nothing."""
    ended(hours_ago=40)
    ended(status=SyncRun.Status.PLANNED if "dry_run" in fields else SyncRun.Status.COMPLETE, **fields)
    assert sync_state().state == "stale"


def test_many_checks_do_not_hide_the_last_sync() -> None:
    full = ended(hours_ago=1)
    for _ in range(70):
        ended(status=SyncRun.Status.PLANNED, dry_run=True)
    assert (sync_state().state, sync_state().run_id) == ("fresh", full.pk)


def test_a_run_over_one_company_says_nothing_of_the_tree() -> None:
    ended(hours_ago=1)
    for status in (SyncRun.Status.PARTIAL, SyncRun.Status.FAILED):
        ended(status=status, companies=["nosuch"])
        assert sync_state().state == "fresh"


def test_the_most_pressing_comes_first() -> None:
    ended(hours_ago=1)
    failed = ended(status=SyncRun.Status.FAILED)
    assert (sync_state().state, sync_state().run_id) == ("failed", failed.pk)
    held = ended(status=SyncRun.Status.NEEDS_APPROVAL)
    assert (sync_state().state, sync_state().run_id) == ("approval", held.pk)
    running = SyncRun.objects.create(
        command="sync_tickets", status=SyncRun.Status.RUNNING, heartbeat_at=timezone.now(), done=1, total=4
    )
    assert (sync_state().state, sync_state().run_id, sync_state().percent) == ("running", running.pk, 25)
