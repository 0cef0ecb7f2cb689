"""The context processor of the page frame: sync state, role and rights, whether the sample Codex is used."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.rights.viewing import viewed_by
from syncing.schedules import alarms
from syncing.schedules.freshness import sync_state
from tree.pages.finding.pins import pins_of
from tree.pages.finding.switcher import keys


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """The template variables of every page; those that need a query are lazy."""
    user = getattr(request, "user", None) or AnonymousUser()
    role = policy.role_of(user)
    return {
        "role": role.value,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "openid": settings.OPENID,
        "is_of_core": getattr(request, "identity", None) is not None,  # who logs in and out there
        "is_reader": role in policy.READERS,
        "is_visitor": role in policy.VISITORS,
        "viewed_as": viewed_by(request),
        "is_admin": role is policy.Role.ADMIN,
        "may_see_runs": policy.may_see_runs(user),
        "may_sync": policy.may_sync(user),
        "may_write": policy.may_write(user),
        "may_purge": policy.may_purge(user),
        "may_read_tickets": policy.may_read_tickets(user),
        "is_sample": settings.CODEX.is_sample,
        "favourites": SimpleLazyObject(lambda: pins_of(user)),
        "keys_of_pages": SimpleLazyObject(lambda: keys(user)),
        "sync_state": SimpleLazyObject(sync_state),
        "sync_loud": SimpleLazyObject(alarms.shown),
    }
