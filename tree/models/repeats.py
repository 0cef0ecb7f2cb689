"""What was created for a request with an Idempotency-Key, so that its repetition creates nothing."""

from datetime import timedelta

from django.db import models
from django.utils import timezone


class RepeatableRequest(models.Model):
    """A request of one caller with a key.

    ``status`` is that of its response, or BEGUN, or FAILED after a fault: what was done is then not known.
    ``fingerprint``: a hash of what it asks for; ``location``, ``etag``, ``body``: its response.
    """

    KEPT = timedelta(hours=24)
    BEGUN, FAILED = 0, 1

    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    begun_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.TextField(blank=True)
    etag = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(default=bytes)

    objects: models.Manager["RepeatableRequest"] = models.Manager()

    class Meta:
        app_label = "tree"
        constraints = (models.UniqueConstraint(fields=("caller", "key"), name="one_request_a_caller_and_key"),)
        indexes = (models.Index(fields=("begun_at",), name="repeatable_requests_by_age"),)

    def __str__(self) -> str:
        return f"{self.key} of {self.caller}"

    @property
    def has_failed(self) -> bool:
        return self.status == self.FAILED

    @property
    def is_answered(self) -> bool:
        return self.status not in (self.BEGUN, self.FAILED)
