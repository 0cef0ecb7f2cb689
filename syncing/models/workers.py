"""The tables of the processes: workers, their alarms and failed jobs, and the budget of requests."""

from django.db import models
from django.db.models.functions import Now


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


class WorkerAlarm(models.Model):
    """Whether people have been told that the workers of a cluster do not work; one row per cluster."""

    cluster = models.CharField(max_length=100, unique=True)
    alarmed_at = models.DateTimeField(null=True)
    alarm_problem = models.CharField(max_length=255, blank=True)

    def __str__(self) -> str:
        return f"{self.cluster}: {self.alarmed_at or 'no alarm'}"


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


class RequestBudget(models.Model):
    """The state of one rate limit on requests to Codex, shared by all processes (see throttle.py)."""

    name = models.CharField(max_length=20, primary_key=True)
    next_at = models.FloatField(default=0.0, help_text="Unix time in seconds.")

    def __str__(self) -> str:
        return self.name
