"""The table of runs.

A run is not a django-q task. A task is one delivery of a job; a run is one attempt at a sync with its plan, counts and
outcome, however it was started (command, schedule, button).
"""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from syncing.querysets import SyncRuns

DEAD_AFTER = timedelta(seconds=45)  # nine heartbeats; a dead run is shown as interrupted within a minute
HOMELESS = "homeless"  # in SyncRun.counts: the number of tickets that have no place in the tree


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
    held_why = models.JSONField(default=list, blank=True, help_text="A line for each reason why changes are held.")
    holds_removals = models.BooleanField(default=False)
    holds_updates = models.BooleanField(default=False)
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
        """Whether the planned undo archives or empties so much that applying it needs an approval, as in a sync."""
        return self.status == self.Status.PLANNED and self.undoes_id is not None and bool(self.held_why)

    @property
    def holds(self) -> str:
        """``removals``, ``updates`` or both, for a run that holds changes back."""
        if not self.holds_updates:
            return "removals"
        return "removals and updates" if self.holds_removals else "updates"

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
