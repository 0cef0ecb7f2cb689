"""The one place that says what a request may read."""

from typing import Any

from django.http import HttpRequest

from knowledgetree.accounts import policy
from knowledgetree.basics.readers import Reader


def reader_of(asker: Any) -> Reader:
    """What this user, or the one who sends this request, may read."""
    user = asker.user if isinstance(asker, HttpRequest) else asker
    return Reader(tickets=policy.may_read_tickets(user))
