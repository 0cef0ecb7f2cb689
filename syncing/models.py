"""Defines the SQL tables of the syncs: runs, refused records, changes, schedules and the request budget.

A run is not a django-q task. A task is one delivery of a job; a run is one attempt at a sync with its plan, counts and
outcome, however it was started (command, schedule, button).
"""

import json
import zlib
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from syncing.querysets import RefusedRecords, SyncRuns

DEAD_AFTER = timedelta(seconds=45)  # nine heartbeats; a dead run is shown as interrupted within a minute
HOMELESS = "homeless"  # in SyncRun.counts: the number of tickets that have no place in the tree
WOULD_BE_EMPTIED = "would be emptied"  # in the lines of SyncRun.held_why that are not of removals


class SyncRun(models.Model):
    """One attempt at a sync. ``counts`` is {kind: {action: number}}, ``seconds`` {phase: number}."""

    class Command(models.TextChoices):
        CODEX = "sync_codex", "Companies, contacts, locations, assets"
        TICKETS = "sync_tickets", "Tickets"

    class Trigger(models.TextChoices):
        COMMAND = "command", "command"
        SCRIPT = "script", "cron or a script"
        BUTTON = "button", "button"
        SCHEDULE = "schedule", "schedule"

    class Status(models.TextChoices):
        QUEUED = "queued", "waiting"
        RUNNING = "running", "running"
        COMPLETE = "complete", "complete"
        PARTIAL = "partial", "partial"
        FAILED = "failed", "failed"
        NEEDS_APPROVAL = "needs_approval", "needs approval"
        ABORTED = "aborted", "aborted"
        PLANNED = "planned", "planned"

    class Stage(models.TextChoices):
        WAITING = "waiting", "waiting"
        FETCH = "fetch", "fetching from Codex"
        PLAN = "plan", "comparing"
        APPLY = "apply", "writing"
        INDEX = "index", "indexing for search"
        DONE = "done", "done"

    class Ending(models.TextChoices):
        """The reason why a run was aborted."""

        CANCELLED = "cancelled", "cancelled"
        INTERRUPTED = "interrupted", "interrupted"
        STOPPED = "stopped", "stopped"

    command = models.CharField(max_length=20, choices=Command.choices)
    trigger = models.CharField(max_length=20, choices=Trigger.choices, default=Trigger.COMMAND)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    started_as = models.CharField(
        max_length=255, blank=True, help_text="Account of the operating system that gave the command."
    )
    companies = models.JSONField(default=list, blank=True, help_text="Account numbers; empty means all.")
    kinds = models.JSONField(
        default=list, blank=True, help_text="companies, contacts, locations, assets; empty means all."
    )
    since = models.CharField(max_length=40, blank=True)
    dry_run = models.BooleanField(default=False)
    approve = models.CharField(max_length=64, blank=True, help_text="Hash of the stored plan to apply.")
    applies = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="applied_by",
        help_text="The run whose stored plan this run applies.",
    )
    undoes = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="undone_by")

    status = models.CharField(max_length=20, choices=Status.choices, default=Status.QUEUED, db_index=True)
    reason = models.TextField(blank=True)
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    rate = models.FloatField(null=True, blank=True, help_text="Of the stage, a second, over the last half minute.")
    place = models.CharField(max_length=255, blank=True, help_text="The company that is being read or written.")

    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    host = models.CharField(max_length=255, blank=True)
    pid = models.PositiveIntegerField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When its job was last put into the queue.")
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="cancelled_runs"
    )
    ending = models.CharField(max_length=20, choices=Ending.choices, blank=True)

    counts = models.JSONField(default=dict, blank=True)
    seconds = models.JSONField(default=dict, blank=True)
    requests = models.PositiveIntegerField(default=0)
    peak_rss_mb = models.PositiveIntegerField(null=True, blank=True)
    plan_hash = models.CharField(max_length=64, blank=True, db_index=True)
    held_hash = models.CharField(max_length=64, blank=True, db_index=True)
    held_settled_at = models.DateTimeField(null=True, blank=True)
    held_settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    held_why = models.JSONField(default=list, blank=True, help_text="A line for each mass removal that was held.")
    held_outcome = models.CharField(max_length=20, blank=True, help_text="approved, discarded, stale or superseded")
    was_blocked = models.BooleanField(default=False, help_text="Another run held the lease; this one did nothing.")
    log = models.TextField(blank=True)

    objects = SyncRuns.as_manager()

    class Meta:
        ordering = ("-id",)
        verbose_name = "sync run"
        constraints = (
            models.UniqueConstraint(
                fields=["applies"],
                condition=models.Q(status__in=["queued", "running"]),
                name="one_unfinished_run_applies_a_plan",
            ),
        )

    def __str__(self) -> str:
        return f"Run {self.pk}: {self.command}"

    @property
    def outcome(self) -> str:
        """The status for people; for an aborted run, the reason."""
        return self.get_ending_display() or self.get_status_display()

    @property
    def asks_for_approval(self) -> bool:
        """Whether the planned undo archives so much that applying it needs an approval, as a held removal does."""
        return self.status == self.Status.PLANNED and self.undoes_id is not None and bool(self.held_why)

    @property
    def holds_updates(self) -> bool:
        """Whether updates are among the held changes, because they would empty a field in many records."""
        return any(WOULD_BE_EMPTIED in line for line in self.held_why)

    @property
    def holds(self) -> str:
        """``removals``, ``updates`` or both, for a run that holds changes back."""
        if not self.holds_updates:
            return "removals"
        return "updates" if all(WOULD_BE_EMPTIED in line for line in self.held_why) else "removals and updates"

    @property
    def started_by_whom(self) -> str:
        """``ana's button``, ``the schedule``, ``a command``."""
        if self.trigger == self.Trigger.BUTTON:
            return f"{self.started_by.get_username()}'s button" if self.started_by else "a button"
        return {"schedule": "the schedule", "script": "cron or a script"}.get(self.trigger, "a command")

    @property
    def is_finished(self) -> bool:
        return self.status not in (self.Status.QUEUED, self.Status.RUNNING)

    @property
    def is_whole(self) -> bool:
        """Whether the run covers everything of its command, and is neither limited in scope nor an undo."""
        return not (self.companies or self.kinds or self.since or self.undoes_id)

    @property
    def looks_dead(self) -> bool:
        """Whether the run is marked as running but has had no heartbeat for DEAD_AFTER."""
        last = self.heartbeat_at or self.started_at
        return self.status == self.Status.RUNNING and last is not None and last < timezone.now() - DEAD_AFTER

    @property
    def who(self) -> str:
        """The person who pressed the button, or the account that ran the command."""
        return self.started_by.get_username() if self.started_by else self.started_as

    @property
    def tone(self) -> str:
        """The colour of its dot: a status, except that nothing with a refused record is plain green."""
        is_fine, totals = self.status in (self.Status.COMPLETE, self.Status.PLANNED), self.totals()
        left = totals.get("quarantined") or totals.get("skipped")
        return self.Status.PARTIAL.value if is_fine and left else self.status

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0

    @property
    def duration_seconds(self) -> float | None:
        if self.started_at is None:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    def totals(self) -> dict[str, int]:
        """Counts over all kinds: {action: number}."""
        totals: dict[str, int] = {}
        for actions in self.counts.values():
            for action, number in actions.items():
                totals[action] = totals.get(action, 0) + number
        return totals


class RefusedRecord(models.Model):
    """A record or company of Codex that a run refused or skipped, and why."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="refused")
    kind = models.CharField(max_length=20)
    account = models.CharField(max_length=255, blank=True)
    codex_id = models.CharField(max_length=255, blank=True)
    fault = models.CharField(max_length=30, blank=True, default="", help_text="Empty in rows of older versions.")
    field = models.CharField(max_length=255, blank=True, default="", help_text="Where the fault is: notes[0].body.")
    reason = models.TextField()
    is_skipped = models.BooleanField(
        default=False, help_text="Nothing is wrong with the record: its node changed after the comparison."
    )
    is_notice = models.BooleanField(
        default=False, help_text="Only reported: nothing is wrong with the record, it has no place in the tree."
    )

    objects = RefusedRecords.as_manager()

    class Meta:
        ordering = ("id",)
        verbose_name = "refused record"

    def __str__(self) -> str:
        return f"{self.kind} {self.codex_id or '?'} of {self.account or '?'}"


class NodeChange(models.Model):
    """A change of an existing node by a run: the fields that were written, and their previous values.

    Rows are written ahead of the graph; ``is_certain`` means that the change is confirmed to be in the graph.
    """

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    node_id = models.CharField(max_length=255, db_index=True)
    codex_key = models.CharField(max_length=700)
    kind = models.CharField(max_length=20)
    account = models.CharField(max_length=255, blank=True)
    action = models.CharField(max_length=10)
    name = models.TextField()
    place = models.TextField(blank=True)
    base = models.CharField(max_length=64, blank=True, help_text="Fingerprint of the node before.")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    is_certain = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        verbose_name = "change of a node"
        verbose_name_plural = "changes of nodes"
        indexes = (models.Index(fields=["run"], name="changes_not_certain", condition=models.Q(is_certain=False)),)

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.name}"


class CreatedNodes(models.Model):
    """The ids of the nodes that one batch of a run created, packed, because a first load creates a hundred thousand."""

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="creations")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    packed = models.BinaryField()
    is_certain = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        verbose_name = "created nodes"
        indexes = (models.Index(fields=["run"], name="creations_not_certain", condition=models.Q(is_certain=False)),)

    def __str__(self) -> str:
        return f"Nodes created by run {self.run_id}"

    @property
    def node_ids(self) -> list[str]:
        ids: list[str] = json.loads(zlib.decompress(self.packed))
        return ids

    @staticmethod
    def pack(node_ids: list[str]) -> bytes:
        return zlib.compress(json.dumps(node_ids).encode(), 1)


class QuarantinedRecord(models.Model):
    """A record that is invalid in Codex. The row is deleted as soon as a sync accepts the record."""

    command = models.CharField(max_length=20, choices=SyncRun.Command.choices)
    identity = models.CharField(max_length=40, help_text="Hash of kind, company and id; without an id, of the fault.")
    kind = models.CharField(max_length=20)
    account = models.CharField(max_length=255, blank=True)
    codex_id = models.CharField(max_length=255, blank=True)
    fault = models.CharField(max_length=30, blank=True, default="", help_text="Empty in rows of older versions.")
    field = models.CharField(max_length=255, blank=True, default="", help_text="Where the fault is: notes[0].body.")
    reason = models.TextField()
    raw = models.TextField(blank=True, help_text="The record as Codex sent it, as JSON, long texts cut.")
    since = models.DateTimeField(default=timezone.now)
    first_run = models.ForeignKey(SyncRun, null=True, on_delete=models.SET_NULL, related_name="+")
    last_run = models.ForeignKey(SyncRun, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("since", "id")
        verbose_name = "record in quarantine"
        verbose_name_plural = "records in quarantine"
        constraints = (
            models.UniqueConstraint(fields=("command", "identity"), name="one_quarantined_record_an_identity"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.codex_id or '?'} of {self.account or '?'}"


class PausedCompany(models.Model):
    """A company whose sync an admin has paused: it is not fetched, changed or archived until the sync is resumed."""

    account_number = models.CharField(max_length=255, unique=True)
    reason = models.CharField(max_length=200, blank=True)
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    paused_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("account_number",)
        verbose_name = "paused company"
        verbose_name_plural = "paused companies"

    def __str__(self) -> str:
        return self.account_number


class RequestBudget(models.Model):
    """The state of one rate limit on requests to Codex, shared by all processes (see throttle.py)."""

    name = models.CharField(max_length=20, primary_key=True)
    next_at = models.FloatField(default=0.0, help_text="Unix time in seconds.")

    def __str__(self) -> str:
        return self.name


class SyncWorker(models.Model):
    """A worker process of django-q, which renews ``beat_at`` while it is alive (see workers.py).

    A worker that is alive may be deaf all the same, so its cluster proves itself by a job a minute (see clusters.py).
    """

    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    guard_pid = models.PositiveIntegerField(null=True, help_text="The process of its cluster that guards it.")
    cluster = models.CharField(max_length=100, help_text="Its queue: `sync`, or that of the short jobs.")
    beat_at = models.DateTimeField(db_index=True)
    started_at = models.DateTimeField(db_default=Now())
    working_since = models.DateTimeField(null=True, help_text="When its present job began; null while it is idle.")
    free_since = models.DateTimeField(null=True, help_text="When its last job ended.")
    proved_at = models.DateTimeField(null=True, help_text="When its cluster last did the job of every minute.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("host", "pid"), name="worker_of_host_and_pid"),)
        verbose_name = "worker"

    def __str__(self) -> str:
        return f"{self.cluster} worker {self.pid} on {self.host}"


class FailedJob(models.Model):
    """A job that failed, in words. ``error`` ends with the traceback."""

    name = models.CharField(max_length=100)
    func = models.CharField(max_length=255, verbose_name="function")
    cluster = models.CharField(max_length=100)
    failed_at = models.DateTimeField(db_default=Now())
    error = models.TextField()

    class Meta:
        verbose_name = "failed job"

    def __str__(self) -> str:
        return self.name

    @property
    def reason(self) -> str:
        """The first line of the error, cut to a length for lists."""
        return (self.error.splitlines() or [""])[0][:200]


class WorkerAlarm(models.Model):
    """Whether people have been told that the workers of a cluster do not work; one row per cluster."""

    cluster = models.CharField(max_length=100, unique=True)
    alarmed_at = models.DateTimeField(null=True)
    alarm_problem = models.CharField(max_length=255, blank=True)

    def __str__(self) -> str:
        return f"{self.cluster}: {self.alarmed_at or 'no alarm'}"


class SyncSchedule(models.Model):
    """The schedule of a command, one row per command.

    The row is also the lock under which runs of its command are requested, so that simultaneous requests share a run.
    """

    class Kind(models.TextChoices):
        OFF = "off", "not scheduled"
        INTERVAL = "interval", "every so often"
        CRON = "cron", "a cron expression"
        AFTER = "after", "after each scheduled run of the companies"

    command = models.CharField(max_length=20, choices=SyncRun.Command.choices, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OFF)
    every_minutes = models.PositiveIntegerField(null=True, blank=True)
    cron = models.CharField(max_length=100, blank=True)
    window_from = models.TimeField(null=True, blank=True)
    window_to = models.TimeField(null=True, blank=True)
    is_paused = models.BooleanField(default=False)
    since = models.DateTimeField(null=True, blank=True, help_text="Since when it is expected to run like this.")
    due_at = models.DateTimeField(null=True, blank=True)
    last_run = models.ForeignKey(SyncRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    has_joined = models.BooleanField(default=False, help_text="The last run was under way already.")
    followed = models.PositiveBigIntegerField(default=0, help_text="The last run of the companies that it came after.")
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(null=True, blank=True)
    alarmed_at = models.DateTimeField(null=True, blank=True)
    alarm_problem = models.CharField(max_length=255, blank=True)
    pinged_run = models.PositiveBigIntegerField(default=0)

    leader: "SyncSchedule | None" = None  # the schedule of the companies, if it was read together with this one

    class Meta:
        verbose_name = "schedule"

    def __str__(self) -> str:
        return f"Schedule of {self.command}"
