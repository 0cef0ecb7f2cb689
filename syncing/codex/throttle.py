"""Limits requests to Codex to 400 a minute and 8,000 an hour, across all processes and hosts.

Codex allows 500 a minute per address and responds with HTTP 500 beyond that, so we must stay below the limit ourselves.
Each limit is a leaky bucket (the generic cell rate algorithm): a row holds the time at which the bucket is empty; a
burst is free, then requests are spaced. Any window sees at most ``burst + rate × window``.
"""

import time
from dataclasses import dataclass

from django.db import transaction

from syncing.models import RequestBudget


@dataclass(frozen=True)
class Limit:
    """Allows ``burst`` requests at once, then one every ``spacing`` seconds."""

    name: str
    burst: int
    spacing: float


_FARTHEST = 2  # bursts; a real queue exceeds one burst by a few requests only
LIMITS = (
    Limit("minute", burst=40, spacing=60 / 360),  # 40 + 360 = 400 in any 60 s
    Limit("hour", burst=4000, spacing=3600 / 4000),  # 8,000 in any hour
)


def wait_for_turn(limits: tuple[Limit, ...] = LIMITS) -> float:
    """Take a place in the queue and sleep until it is our turn. Returns the seconds slept."""
    delay = max(_reserve(limit) for limit in limits)
    if delay > 0:
        time.sleep(delay)
    return delay


def _reserve(limit: Limit) -> float:
    with transaction.atomic():
        RequestBudget.objects.get_or_create(name=limit.name)
        budget = RequestBudget.objects.select_for_update().get(name=limit.name)
        now = time.time()
        if budget.next_at > now + _FARTHEST * limit.burst * limit.spacing:
            budget.next_at = now  # a host whose clock is far ahead wrote it, because no real queue is that long
        earliest = max(budget.next_at, now)
        budget.next_at = earliest + limit.spacing
        budget.save(update_fields=["next_at"])
    return max(0.0, earliest - limit.burst * limit.spacing - now)
