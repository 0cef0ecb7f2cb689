"""Which wish to stop is waited for, and which not."""

import pytest

from syncing.exceptions import RunCancelled
from syncing.models import SyncRun
from syncing.runs import heartbeat as module
from syncing.runs.heartbeat import Heartbeat
from syncing.runs.lifecycle import cancel

pytestmark = pytest.mark.django_db
Stage = SyncRun.Stage


@pytest.mark.parametrize("stage", [Stage.WAITING, Stage.FETCH, Stage.PLAN, Stage.APPLY, Stage.INDEX])
def test_only_who_reads_is_left_alone(stage: SyncRun.Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, a lease may be half taken and a broken run half mended; after, a batch may be half written."""
    run = SyncRun.objects.create(command="sync_codex", status=SyncRun.Status.RUNNING)
    heartbeat = Heartbeat(run)
    heartbeat.at(stage, 0, 0)
    heartbeat.beat()
    assert heartbeat.given_up() is None
    cancel(run, None)
    heartbeat.beat()
    assert heartbeat.given_up() is None  # it may still come to its next step
    monkeypatch.setattr(module, "LEFT_ALONE_SECONDS", 0)
    is_left = stage in (Stage.FETCH, Stage.PLAN)
    assert isinstance(heartbeat.given_up(), RunCancelled) == is_left


def test_a_signal_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """``uninterrupted`` has its own way with signals."""
    monkeypatch.setattr(module, "LEFT_ALONE_SECONDS", 0)
    heartbeat = Heartbeat(SyncRun.objects.create(command="sync_codex", status=SyncRun.Status.RUNNING))
    heartbeat.at(Stage.FETCH, 0, 0)
    heartbeat.stop()
    assert heartbeat.given_up() is None
