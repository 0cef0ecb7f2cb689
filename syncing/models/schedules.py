"""The tables of what people have set: schedules and paused companies."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from syncing.models.runs import SyncRun


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
