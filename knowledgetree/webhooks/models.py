"""The SQL tables of webhooks: who is told, and what was sent."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from knowledgetree.webhooks.event_types import EventType


class Endpoint(models.Model):
    """An address that is told of events. ``secret`` is encrypted (secrets.py), ``events`` are the types it wants."""

    url = models.URLField(max_length=500)
    name = models.CharField(max_length=100)
    events = models.JSONField(default=list)
    secret = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    failing_since = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_why = models.CharField(max_length=255, blank=True, help_text="Empty if a person did it.")

    objects: models.Manager["Endpoint"] = models.Manager()

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """An event for one endpoint. ``tries``: when each try was, its status, how long it took and what went wrong.

    ``event_id`` is the same for each try, and no other installation has it. ``once`` names what happened, if that may
    be told only once.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        DELIVERED = "delivered", "delivered"
        FAILED = "failed", "failed"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.CharField(max_length=64)
    event = models.CharField(max_length=40)
    once = models.CharField(max_length=100, blank=True)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    next_try_at = models.DateTimeField(null=True, default=timezone.now)
    tries_left = models.PositiveSmallIntegerField(default=5)
    tries = models.JSONField(default=list)

    objects: models.Manager["Delivery"] = models.Manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("endpoint", "event", "once"),
                condition=~models.Q(once=""),
                name="what_happens_once_is_told_once",
            ),
        )
        indexes = (models.Index(fields=["next_try_at"], name="deliveries_due", condition=models.Q(state="waiting")),)

    def __str__(self) -> str:
        return f"{self.event} {self.event_id}"

    @property
    def words(self) -> str:
        """The type of the event in words."""
        return str(EventType(self.event).label) if self.event in EventType.values else self.event
