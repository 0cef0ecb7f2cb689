"""Deletes entries that are older than AUDIT_DAYS, a few at a time."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from knowledgetree.audit.models import KEPT_DAYS_AT_LEAST, Entry

ROWS_A_BATCH = 500


def drop_some_old_entries() -> int:
    """Delete a batch of old entries. Returns their number."""
    return _drop(settings.AUDIT_DAYS)


def drop_old_entries(days: int) -> int:
    """Delete all entries that are older than this, which the database refuses below 30 days. Returns their number."""
    number = 0
    while dropped := _drop(days):
        number += dropped
    return number


def count_old_entries(days: int) -> int:
    return _older(days).count()


def _older(days: int) -> models.QuerySet[Entry]:
    return Entry.objects.filter(at__lt=timezone.now() - timedelta(days=max(days, KEPT_DAYS_AT_LEAST)))


def _drop(days: int) -> int:
    some = list(_older(days).order_by("at").values_list("pk", flat=True)[:ROWS_A_BATCH])
    if some:
        models.QuerySet.delete(Entry.objects.filter(pk__in=some))
    return len(some)
