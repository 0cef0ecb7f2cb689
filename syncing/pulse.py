"""A run's signs of life: a thread that writes heartbeat and progress to the run's row and renews the lease."""

import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, connections
from django.utils import timezone

from syncing import lease as leases
from syncing.exceptions import LeaseLost
from syncing.lease import Lease
from syncing.models import SyncRun
from tree.exceptions import GraphUnavailable

HEARTBEAT_SECONDS = 5.0
PROGRESS_SECONDS = 1.0
Progress = Callable[[str, int, int], None]  # (stage, done, total)


class Pulse:
    """Use as a context manager around the work of a run. ``lease`` may be given later."""

    def __init__(self, run: SyncRun, progress: Progress | None = None) -> None:
        self._run = run
        self._progress = progress
        self._now = (SyncRun.Stage.WAITING.value, 0, 0)
        self._stop = threading.Event()
        self._lost: LeaseLost | None = None
        self._thread = threading.Thread(target=self._beat, name=f"pulse-of-run-{run.pk}", daemon=True)
        self.lease: Lease | None = None
        self.seconds: dict[str, float] = {}
        self._stage_since = time.monotonic()

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def stage(self, stage: str, total: int = 0) -> None:
        """A new stage begins; the time of the one before is kept in ``seconds``."""
        self.end_stage()
        self.at(stage, 0, total)

    def end_stage(self) -> None:
        now = time.monotonic()
        if self._now[0] != SyncRun.Stage.WAITING:
            name = self._now[0]
            self.seconds[name] = round(self.seconds.get(name, 0.0) + now - self._stage_since, 3)
        self._stage_since = now

    def advance(self, done: int, total: int) -> None:
        """How far the stage is. Raises LeaseLost when the lease is gone."""
        self.at(self._now[0], done, total)

    def wrote(self, rows: int) -> None:
        """Further rows are written. Raises LeaseLost when the lease is gone."""
        stage, done, total = self._now
        self.at(stage, done + rows, total)

    def at(self, stage: str, done: int, total: int) -> None:
        self._now = (stage, done, total)
        if self._lost is not None:
            raise self._lost
        if self._progress is not None:
            self._progress(stage, done, total)

    def _beat(self) -> None:
        written: tuple[str, int, int] | None = None
        beat_at = renewed_at = time.monotonic()
        while not self._stop.wait(PROGRESS_SECONDS):
            now = time.monotonic()
            if self._now != written or now - beat_at >= HEARTBEAT_SECONDS:
                written, beat_at = self._now, now
                self._write_row(*written)
            if self.lease is not None and now - renewed_at >= leases.RENEW_SECONDS:
                renewed_at = now
                self._renew(self.lease)
        connections.close_all()

    def _write_row(self, stage: str, done: int, total: int) -> None:
        try:
            SyncRun.objects.filter(pk=self._run.pk, status=SyncRun.Status.RUNNING).update(
                stage=stage, done=done, total=total, heartbeat_at=timezone.now()
            )
        except DatabaseError:
            connections.close_all()  # the next beat tries again; the sync itself does not depend on it

    def _renew(self, lease: Lease) -> None:
        try:
            lease.renew()
        except LeaseLost as lost:
            self._lost = lost
        except GraphUnavailable:
            return  # the writers meet the same trouble and say so
