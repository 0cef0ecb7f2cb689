"""Sends what is due, tries again what failed, and gives an endpoint up that fails for days."""

import logging
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from itertools import chain, zip_longest

from django.utils import timezone

from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from knowledgetree.webhooks.models import Delivery, Endpoint
from knowledgetree.webhooks.secrets import SecretUnreadable, decrypted
from knowledgetree.webhooks.sending import Outcome, send

TRIES = 5
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))  # between tries
_JITTER = 0.2
AT_ONCE = 8
OF_AN_ENDPOINT = 4  # at once, so that a slow one does not hold up the others
CLAIMED_FOR = timedelta(minutes=2)  # after a process was killed while it sent, somebody else tries again
GIVEN_UP_AFTER = timedelta(days=3)
KEPT = timedelta(days=30)
_ROWS_A_BATCH = 500
_logger = logging.getLogger(__name__)


def send_due(now: Callable[[], datetime] = timezone.now) -> int:
    """Send one round of what is due. Returns the number of requests, 0 if nothing is due."""
    claimed = _claim(now())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sent = {pool.submit(_sent, delivery, now()): delivery for delivery in claimed}
        for one in as_completed(sent):
            _note(sent[one], one.result(), now())
    return len(claimed)


def send_again(delivery: Delivery) -> None:
    """Begin anew with the tries of a delivery."""
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.WAITING, tries_left=TRIES, next_try_at=timezone.now()
    )


def drop_old() -> int:
    """Delete some of the deliveries that are older than KEPT. Returns their number."""
    old = Delivery.objects.filter(created_at__lt=timezone.now() - KEPT).values_list("pk", flat=True)[:_ROWS_A_BATCH]
    return Delivery.objects.filter(pk__in=list(old)).delete()[0]


def disabled() -> list[Endpoint]:
    """The endpoints that were given up, for alarms."""
    return list(Endpoint.objects.exclude(disabled_at=None).exclude(disabled_why=""))


def _claim(now: datetime) -> list[Delivery]:
    """Take what is due: one of each endpoint in turn, its oldest first. Two workers never take the same delivery."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_try_at__lte=now, endpoint__disabled_at=None)
    endpoints = list(due.order_by().values_list("endpoint", flat=True).distinct())
    random.shuffle(endpoints)  # if there are more than a round can take, each has its turn
    oldest = due.order_by("next_try_at", "pk").values_list("pk", "next_try_at")
    waiting = [oldest.filter(endpoint=endpoint)[:OF_AN_ENDPOINT] for endpoint in endpoints[:AT_ONCE]]
    claimed: list[int] = []
    for number, tried_at in filter(None, chain.from_iterable(zip_longest(*waiting))):
        if len(claimed) == AT_ONCE:
            break
        mine = Delivery.objects.filter(pk=number, state=Delivery.State.WAITING, next_try_at=tried_at)
        if mine.update(next_try_at=now + CLAIMED_FOR):
            claimed.append(number)
    return list(Delivery.objects.filter(pk__in=claimed).select_related("endpoint"))


def _sent(delivery: Delivery, now: datetime) -> Outcome:
    """In a thread of its own, which uses no database."""
    try:
        secret = decrypted(delivery.endpoint.secret)
    except SecretUnreadable as error:
        return Outcome(0, str(error), 0)
    return send(delivery.endpoint.url, secret, delivery.event_id, delivery.body, now)


def _note(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Write down how the try ended, and when the next one is."""
    left = delivery.tries_left - 1
    state, next_try_at = Delivery.State.DELIVERED, None
    if outcome.problem:
        waits = left > 0 and not outcome.is_gone
        state = Delivery.State.WAITING if waits else Delivery.State.FAILED
        next_try_at = now + _wait(TRIES - left) if waits else None
    tried = {"at": now.isoformat(), "status": outcome.status, "ms": outcome.ms, "problem": outcome.problem}
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state, next_try_at=next_try_at, tries_left=left, tries=[*delivery.tries, tried]
    )
    _note_health(delivery.endpoint, outcome, now)


def _wait(tried: int) -> timedelta:
    """How long to wait after so many tries; not for all the same time, so that they do not all come back at once."""
    return WAITS[min(tried, len(WAITS)) - 1] * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret


def _note_health(endpoint: Endpoint, outcome: Outcome, now: datetime) -> None:
    rows = Endpoint.objects.filter(pk=endpoint.pk)
    if not outcome.problem:
        rows.exclude(failing_since=None).update(failing_since=None)
        return
    rows.filter(failing_since=None).update(failing_since=now)
    since = rows.values_list("failing_since", flat=True).first()
    if outcome.is_gone or (since is not None and now - since >= GIVEN_UP_AFTER):
        days = GIVEN_UP_AFTER.days
        why = "It answered 410: it wants nothing any more." if outcome.is_gone else f"It failed for {days} days."
        if rows.filter(disabled_at=None).update(disabled_at=now, disabled_why=f"{why} {outcome.problem}"[:255]):
            _logger.error("The webhook “%s” gets nothing any more. %s %s", endpoint.name, why, outcome.problem)
            log.record(Action.WEBHOOK_CHANGED, detail=f"{endpoint.name}: disabled. {why}")
