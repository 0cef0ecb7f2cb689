"""What the frame of every page shows: the sync state, who is here, and whether the records are made up."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from knowledgetree import policy
from syncing.alarms import loud
from syncing.freshness import sync_state


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Template variables; those that cost a query are fetched when a template uses them."""
    user = getattr(request, "user", None)
    role = policy.role_of(user) if user is not None else policy.Role.ANONYMOUS
    return {
        "role": role.value,
        "is_reader": role in policy.READERS,
        "is_admin": role is policy.Role.ADMIN,
        "may_see_runs": role in policy.ROUTES["sync"],
        "may_sync": role in policy.ROUTES["sync-start"],
        "may_write": role in policy.ROUTES["node-new"],
        "may_purge": role in policy.ROUTES["node-purge"],
        "may_read_tickets": role in policy.TECHNICIANS,
        "is_sample": settings.CODEX.is_sample,
        "sync_state": SimpleLazyObject(sync_state),
        "sync_loud": SimpleLazyObject(loud),
    }
