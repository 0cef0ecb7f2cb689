"""Health checks: ``/health`` and ``/health/ready`` (databases), ``/health/live`` (the process only)."""

import time
from typing import Any

import django.db
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from neo4j.exceptions import DriverError, Neo4jError

from syncing.schedules.alarms import loud
from tree import queries
from tree.exceptions import GraphUnavailable

SERVICE = "knowledgetree"


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 if Neo4j and the SQL database respond, otherwise 503. Its status is degraded if the syncs need attention.

    The response contains neither addresses nor error messages, because it needs no login.
    """
    checks = {"neo4j": _timed(_ask_graph), "database": _timed(_ask_database)}
    healthy = all(check["status"] == "healthy" for check in checks.values())
    syncs = _look_at_syncs() if checks["database"]["status"] == "healthy" else {"status": "unknown"}
    body = {
        "service": SERVICE,
        "status": "unhealthy" if not healthy else "degraded" if syncs.get("wrong") else "healthy",
        "checks": checks,
        "syncs": syncs,
        "timestamp": timezone.now().isoformat(),
    }
    return JsonResponse(body, status=200 if healthy else 503)


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process responds at all."""
    return JsonResponse({"service": SERVICE, "status": "alive", "timestamp": timezone.now().isoformat()})


def _ask_graph() -> bool:
    try:
        queries.ping()
    except (GraphUnavailable, Neo4jError, DriverError):
        return False
    return True


def _ask_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except django.db.Error:
        return False
    return True


def _look_at_syncs() -> dict[str, Any]:
    """The state of the syncs. It does not affect the status code: pages are served even from outdated records.

    ``wrong`` lists the problems: worker, jobs, overdue, webhook. ``words`` says them in sentences.
    """
    try:
        alarms = loud()
    except django.db.Error:
        return {"status": "unknown"}
    wrong = sorted({alarm.what for alarm in alarms})
    return {"status": "attention" if wrong else "fine", "wrong": wrong, "words": [alarm.text for alarm in alarms]}


def _timed(ask: Any) -> dict[str, Any]:
    start = time.monotonic()
    is_healthy = ask()
    return {
        "status": "healthy" if is_healthy else "unhealthy",
        "latency_ms": round((time.monotonic() - start) * 1000, 1),
    }
