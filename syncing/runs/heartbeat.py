"""Runs the heartbeat thread of a run, which writes its progress to the run's row and renews the lease.

The thread also notices that an admin has asked the run to stop. Heartbeats carry the SQL database's time, so that a
wrong clock on a host neither makes other runs look dead nor its own.
"""

import resource
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import django.db
from django.db import connections
from django.db.models.functions import Now

from syncing.exceptions import LeaseLost, RunCancelled
from syncing.graph import lease as leases
from syncing.graph.lease import Lease
from syncing.models import SyncRun
from tree.exceptions import GraphUnavailable

HEARTBEAT_SECONDS = 5.0
PROGRESS_SECONDS = 1.0
LEFT_ALONE_SECONDS = 10.0  # after a cancellation, for a fetch or comparison to end by itself
RATE_SECONDS = 30.0  # the rate is measured over the last half minute
_READING = (SyncRun.Stage.FETCH, SyncRun.Stage.PLAN)
Progress = Callable[[str, int, int], None]  # (stage, done, total)


def peak_mb() -> int:
    """The peak memory of this process in MB, without its rendering processes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class Heartbeat:
    """The heartbeat of one run. Use it as a context manager around the work; ``lease`` may be set later."""

    def __init__(self, run: SyncRun, progress: Progress | None = None) -> None:
        self._run = run
        self._progress = progress
        self._now = (SyncRun.Stage.WAITING.value, 0, 0)
        self._place = ""
        self._noted_stage = ""
        self._samples: deque[tuple[float, int]] = deque()  # (when, done) in this stage
        self._stop = threading.Event()
        self._end: LeaseLost | RunCancelled | None = None
        self._cancelled_at: float | None = None
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-of-run-{run.pk}", daemon=True)
        self.lease: Lease | None = None
        self.seconds: dict[str, float] = {}
        self._began = self._stage_since = self._beat_at = time.monotonic()
        self._written: tuple[str, int, int] | None = None

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def stage(self, stage: str, total: int = 0) -> None:
        """Begin a new stage and store the duration of the previous one in ``seconds``."""
        self.end_stage()
        self._place = ""
        self._samples = deque([(self._stage_since, 0)])
        self.at(stage, 0, total)

    def end_stage(self) -> None:
        now = time.monotonic()
        if self._now[0] != SyncRun.Stage.WAITING:
            name = self._now[0]
            self.seconds[name] = round(self.seconds.get(name, 0.0) + now - self._stage_since, 3)
        self._stage_since = now

    def stop(self) -> None:
        """Make the work end at its next step with RunCancelled."""
        self._end = self._end or RunCancelled("A signal has asked the run to stop.")

    def given_up(self) -> RunCancelled | None:
        """The error to abandon a cancelled run with, if it does not reach its next step because Codex hangs, say.

        None in stages other than fetching and comparing: taking the lease, repairing after an interrupted run and
        writing are always waited for.
        """
        if self._cancelled_at is None or not isinstance(self._end, RunCancelled) or self._now[0] not in _READING:
            return None
        return self._end if time.monotonic() - self._cancelled_at > LEFT_ALONE_SECONDS else None

    def total(self) -> float:
        """Seconds since the run began, by the monotonic clock."""
        return round(time.monotonic() - self._began, 3)

    def waits(self, holder: str) -> None:
        """Report that another run has to end first. Raises RunCancelled."""
        self._place = holder
        self.at(SyncRun.Stage.WAITING, 0, 0)

    def advance(self, done: int, total: int, place: str = "") -> None:
        """Report the progress of the stage and the current company. Raises LeaseLost, RunCancelled."""
        self._place = place
        self.at(self._now[0], done, total)

    def wrote(self, rows: int, place: str = "") -> None:
        """Report that this number of further rows is written. Raises LeaseLost, RunCancelled."""
        self._place = place
        stage, done, total = self._now
        self.at(stage, done + rows, total)

    def at(self, stage: str, done: int, total: int) -> None:
        self._now = (stage, done, total)
        builds_index = stage == SyncRun.Stage.INDEX  # a cancelled run builds it, too
        if self._end is not None and not (builds_index and isinstance(self._end, RunCancelled)):
            raise self._end
        if self._progress is not None:
            self._progress(stage, done, total)

    def _beat(self) -> None:
        renewed_at = time.monotonic()
        while not self._stop.wait(PROGRESS_SECONDS):
            self.beat()
            now = time.monotonic()
            if self.lease is not None and now - renewed_at >= leases.RENEW_SECONDS:
                renewed_at = now
                self._renew(self.lease)
        connections.close_all()

    def beat(self) -> None:
        """Write heartbeat and progress to the run's row if there is news, and look whether the run is to stop."""
        now = time.monotonic()
        if self._now != self._written or now - self._beat_at >= HEARTBEAT_SECONDS:
            self._written, self._beat_at = self._now, now
            self._write_row(*self._written)
        self._look_for_cancel()

    def _write_row(self, stage: str, done: int, total: int) -> None:
        row = SyncRun.objects.filter(pk=self._run.pk, status=SyncRun.Status.RUNNING)
        rate, place = self._rate(stage, done), self._place[:255]
        noted = self._noted(stage)
        try:
            row.update(stage=stage, done=done, total=total, rate=rate, place=place, heartbeat_at=Now(), **noted)
        except django.db.Error:
            connections.close_all()  # the next beat retries; the sync itself does not depend on it

    def _noted(self, stage: str) -> dict[str, Any]:
        """The fields that are otherwise written at the end, once per stage, so that a killed run has them, too."""
        if stage == self._noted_stage:
            return {}
        self._noted_stage = stage
        return {"log": self._run.log, "seconds": dict(self.seconds), "peak_rss_mb": peak_mb()}

    def _rate(self, stage: str, done: int) -> float | None:
        """The rate per second over the last RATE_SECONDS of this stage."""
        samples, now = self._samples, time.monotonic()
        if stage != self._now[0]:
            return None  # the next stage has begun meanwhile
        samples.append((now, done))
        while len(samples) > 2 and now - samples[0][0] > RATE_SECONDS:
            samples.popleft()
        since, first = samples[0]
        return (done - first) / (now - since) if done > first and now > since else None

    def _look_for_cancel(self) -> None:
        if self._end is not None:
            return
        try:
            asked = SyncRun.objects.filter(pk=self._run.pk).exclude(cancel_asked_at=None).first()
        except django.db.Error:
            connections.close_all()
            return
        if asked is not None:
            whose = f" by {asked.cancelled_by.get_username()}" if asked.cancelled_by else ""
            self._cancelled_at = time.monotonic()
            self._end = RunCancelled(f"Cancelled{whose}. What was written is sound; the next sync does the rest.")

    def _renew(self, lease: Lease) -> None:
        try:
            lease.renew()
        except LeaseLost as lost:
            self._end = lost
        except GraphUnavailable:
            return  # the writers meet the same error and report it
