"""The one place that says what a request may read."""

from typing import Any

from django.http import HttpRequest

from knowledgetree.accounts.rights import openings, policy
from knowledgetree.accounts.roles import Role
from knowledgetree.basics.rights.reader import Reader


def reader_of(asker: Any) -> Reader:
    """What this user, or the one who sends this request, may read. For one request, it is one object."""
    if not isinstance(asker, HttpRequest):
        return Reader(tickets=policy.may_read_tickets(asker), companies=_companies(asker))
    request: Any = asker
    reader, known = reader_of(request.user), getattr(request, "_reader", None)
    if known != reader:  # the first time, or the user of the request was replaced
        request._reader = known = reader
    return known


def _companies(user: Any) -> frozenset[str] | None:
    """Those of the API token; of a person of a client, no more than those that are open to them."""
    limited: frozenset[str] | None = getattr(user, "_policy_companies", None)
    if policy.role_of(user) is not Role.CLIENT:
        return limited
    opened = openings.of(user)
    return opened if limited is None else opened & limited
