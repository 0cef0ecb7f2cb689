"""Files that admins import."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone


class TreeImport(models.Model):
    """A file that an admin has uploaded to import it, and how far that is. ``file`` is its name in ``imports/``.

    A job checks the file and compares it with the graph. When an admin has seen the result (``compared``), another job
    writes. ``done`` and ``total`` count entries of the file while it is checked, then things to write.
    """

    SILENT_AFTER = timedelta(seconds=45)  # without a heartbeat; the longest step takes a few seconds
    UNTAKEN_AFTER = timedelta(minutes=2)  # in the queue, while no worker takes it

    class Status(models.TextChoices):
        COMPARED = "compared", "compared"
        QUEUED = "queued", "waiting"
        RUNNING = "running", "running"
        COMPLETE = "complete", "complete"
        FAILED = "failed", "failed"
        REFUSED = "refused", "refused"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    file = models.CharField(max_length=100)
    shown_as = models.CharField("file", max_length=255)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    counts = models.JSONField(default=dict)
    lines = models.JSONField(default=list)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects: models.Manager["TreeImport"] = models.Manager()

    class Meta:
        app_label = "tree"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"import {self.pk} of {self.shown_as}"

    @property
    def is_under_way(self) -> bool:
        return self.status in (self.Status.QUEUED, self.Status.RUNNING) and not self.is_interrupted

    @property
    def is_interrupted(self) -> bool:
        """Whether its process has died, or nothing takes it from the queue."""
        if self.heartbeat_at is None:
            return False
        silent = timezone.now() - self.heartbeat_at
        limits = {self.Status.RUNNING: self.SILENT_AFTER, self.Status.QUEUED: self.UNTAKEN_AFTER}
        return self.status in limits and silent > limits[self.Status(self.status)]

    @property
    def may_start(self) -> bool:
        """Whether its next job can be started: the check again, the writing, or what is left of that."""
        return self.status in (self.Status.COMPARED, self.Status.FAILED) or self.is_interrupted

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0
