"""Events for the endpoints that want them. Whoever did something calls ``emit`` when it is done, and never waits."""

import logging
import uuid
from typing import Any

import msgspec
from django.db import Error, transaction
from django.utils import timezone

from knowledgetree.basics.marks import marks
from knowledgetree.basics.savepoints import savepoint
from knowledgetree.webhooks.event_types import EventType
from knowledgetree.webhooks.models import Delivery, Endpoint

JOB = "knowledgetree.webhooks.jobs.deliver"
_ASKED_SECONDS = 1  # a job that begins later than that sends what was queued meanwhile, too
_logger = logging.getLogger(__name__)


def is_wanted(*kinds: EventType) -> bool:
    """Whether any endpoint wants events of these types. Asks the SQL database; False if that does not answer."""
    try:
        with savepoint():
            return any(set(kinds) & set(endpoint.events) for endpoint in _endpoints())
    except Error as error:
        _logger.error("Nobody knows which webhooks want %s: %s", ", ".join(kinds), type(error).__name__)
        return False


def emit(kind: EventType, told: dict[str, Any], *, once: str = "") -> None:
    """Queue an event for all endpoints that want it. Never raises because of the SQL database or the queue.

    ``told`` becomes ``data`` of its body: ids and names, never a text. ``once`` names what happened, so that it is told
    once however often it is emitted.
    """
    try:
        with savepoint():
            wanting = [endpoint for endpoint in _endpoints() if kind in endpoint.events]
            queue(wanting, kind, told, once)
    except Error as error:
        _logger.error("The event %s is not told to webhooks: %s", kind, type(error).__name__)


def queue(endpoints: list[Endpoint], kind: EventType, told: dict[str, Any], once: str = "") -> None:
    """Queue an event for these endpoints, and have the worker send it. Raises django.db.Error."""
    if not endpoints:
        return
    now = timezone.now()
    event_id = f"msg_{uuid.uuid4().hex}"
    body = msgspec.json.encode({"type": kind.value, "timestamp": now.isoformat(), "data": told}).decode()
    Delivery.objects.bulk_create(
        [
            Delivery(
                endpoint=endpoint,
                event_id=event_id,
                event=kind.value,
                once=once,
                body=body,
                created_at=now,
                next_try_at=now,
            )
            for endpoint in endpoints
        ],
        ignore_conflicts=True,
    )
    ask_for_job()


def ask_for_job() -> None:
    """Have the worker for short jobs send what is due. If the queue cannot be used, the next minute does it."""
    if marks.add("webhooks-asked", True, _ASKED_SECONDS):
        transaction.on_commit(_put_job)


def _put_job() -> None:
    from django_q.tasks import async_task
    from redis.exceptions import RedisError  # slow to load, and most installations have no Redis

    try:
        async_task(JOB, task_name="webhooks")
    except RedisError:
        _logger.warning("The queue of jobs (Q_BROKER_URL) cannot be used. Webhooks are sent with the next minute.")


def _endpoints() -> list[Endpoint]:
    return list(Endpoint.objects.filter(disabled_at=None))
