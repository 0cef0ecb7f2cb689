"""The limit on wrong passwords: five in 15 minutes for a user name and the address of the peer (django-axes).

Every check of a password goes through ``django.contrib.auth.authenticate``, whose first backend is that of axes. It
behaves the same for names that nobody has, so it tells nobody which names exist.
"""

import logging
import math
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

_logger = logging.getLogger(__name__)


class CountedFirst(AxesDatabaseHandler):
    """Counts each attempt before its password is checked, and forgets the count when the password was right.

    Axes itself counts afterwards, when many attempts at the same time have all been let through. The count has one row
    for each name and address, whatever browser the attempts claim to come from.
    """

    def is_allowed(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Count an attempt, and return whether its password may be checked."""
        now = timezone.now()
        AccessAttempt.objects.filter(attempt_time__lte=now - settings.AXES_COOLOFF_TIME).delete()
        with transaction.atomic():
            count, _ = AccessAttempt.objects.select_for_update().get_or_create(
                **self._who(request, credentials), user_agent="", defaults={"failures_since_start": 0}
            )
            is_locked: bool = count.failures_since_start >= settings.AXES_FAILURE_LIMIT
            if not is_locked:
                count.failures_since_start += 1
                count.attempt_time = now
                count.path_info = request.path[:255]
                count.save(update_fields=["failures_since_start", "attempt_time", "path_info"])
        request.counted_attempt = count  # type: ignore[attr-defined]
        return not is_locked

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
    ) -> None:
        """Have the middleware of axes respond with ``locked_page`` if this was the last attempt, or one too many."""
        count: AccessAttempt | None = getattr(request, "counted_attempt", None)
        if request is None or count is None or count.failures_since_start < settings.AXES_FAILURE_LIMIT:
            return
        if not request.axes_locked_out:  # type: ignore[attr-defined]
            _logger.warning(
                "%d wrong passwords for %r from %s: refused until %s",
                count.failures_since_start,
                count.username,
                count.ip_address,
                timezone.localtime(count.attempt_time + settings.AXES_COOLOFF_TIME).strftime("%H:%M"),
            )
        request.axes_locked_out = True  # type: ignore[attr-defined]

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
        self.forget(request, user.get_username())

    def user_logged_out(self, sender: Any, request: HttpRequest, user: Any, **_: Any) -> None:
        pass

    def forget(self, request: HttpRequest, username: str) -> None:
        """Forget the count of this name and the peer, because the password was right."""
        AccessAttempt.objects.filter(**self._who(request, {"username": username})).delete()

    def _who(self, request: HttpRequest, credentials: dict[str, Any] | None) -> dict[str, str | None]:
        address: str | None = request.axes_ip_address or None  # type: ignore[attr-defined]
        return {"username": (credentials or {}).get("username"), "ip_address": address}


def locked_page(request: HttpRequest, response: HttpResponse | None, credentials: Any) -> HttpResponse:
    """The page in place of ``response`` for somebody who has to wait: 429 with Retry-After (in seconds)."""
    count: AccessAttempt = request.counted_attempt  # type: ignore[attr-defined]
    opens_at = count.attempt_time + settings.AXES_COOLOFF_TIME
    seconds = max((opens_at - timezone.now()) / timedelta(seconds=1), 1)
    context = {"minutes": math.ceil(seconds / 60), "opens_at": opens_at, "limit": settings.AXES_FAILURE_LIMIT}
    page = render(request, "registration/locked.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    page.headers["Retry-After"] = str(math.ceil(seconds))
    add_never_cache_headers(page)
    return page
