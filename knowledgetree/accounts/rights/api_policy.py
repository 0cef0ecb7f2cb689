"""The table of access rights of the API v1: for each route and method, which roles may use it, and with which scopes.

The roles are those of people and of the owners of API tokens; the scopes are needed by tokens and services besides. A
method that is not in the table does not exist, and HEAD needs what GET needs. Tickets are nodes, so no route of their
own protects them: without the scope for tickets, they are as if they were absent. What holds tickets and cannot leave
them out needs that scope.
"""

from dataclasses import dataclass

from knowledgetree.accounts.roles import ADMINS, READERS, TECHNICIANS, Role
from knowledgetree.basics.rights.scopes import Scope

NAMESPACE = "api-v1"


@dataclass(frozen=True)
class Needs:
    """What one operation needs. ``is_personal``: an API token may not do it, because it needs a fresh login."""

    roles: frozenset[Role]
    scopes: frozenset[Scope]
    is_personal: bool = False


_READ = Needs(READERS, frozenset({Scope.READ}))
_CONTEXT = Needs(TECHNICIANS, frozenset({Scope.READ}))
_READ_TICKETS = Needs(TECHNICIANS, frozenset({Scope.READ, Scope.TICKETS}))
_WRITE = Needs(TECHNICIANS, frozenset({Scope.WRITE}))
_WATCH = Needs(TECHNICIANS, frozenset({Scope.SYNC}))
_WATCH_PLANS = Needs(TECHNICIANS, frozenset({Scope.SYNC, Scope.TICKETS}))
_SYNC = Needs(ADMINS, frozenset({Scope.SYNC}))
_SYNC_FRESH = Needs(ADMINS, frozenset({Scope.SYNC}), is_personal=True)

OPERATIONS: dict[str, dict[str, Needs]] = {
    "openapi-json": {"GET": _READ},
    "openapi-view": {"GET": _READ},
    "api-root": {"GET": _READ},
    "nodes": {"GET": _READ, "POST": _WRITE},
    "node": {"GET": _READ, "PATCH": _WRITE},
    "children": {"GET": _READ},
    "context": {"GET": _CONTEXT},
    "move": {"POST": _WRITE},
    "copy": {"POST": _WRITE},
    "trash": {"POST": _WRITE},
    "restore": {"POST": _WRITE},
    "revisions": {"GET": _READ},
    "revision": {"GET": _READ},
    "revision-restore": {"POST": _WRITE},
    "files": {"GET": _READ, "POST": _WRITE},
    "file": {"DELETE": _WRITE},
    "search": {"GET": _READ},
    "companies": {"GET": _READ},
    "users": {"GET": _READ},
    "assets": {"GET": _READ},
    "locations": {"GET": _READ},
    "notes": {"GET": _READ},
    "tickets": {"GET": _READ_TICKETS},
    "runs": {"GET": _WATCH, "POST": _SYNC},
    "run": {"GET": _WATCH},
    "plan": {"GET": _WATCH_PLANS},
    "apply": {"POST": _SYNC},
    "approve": {"POST": _SYNC_FRESH},
    "discard": {"POST": _SYNC},
    "cancel": {"POST": _SYNC},
    "undo": {"POST": _SYNC_FRESH},
    "retry": {"POST": _SYNC},
    "quarantine": {"GET": _WATCH},
    "schedules": {"GET": _WATCH},
    "schedule": {"GET": _WATCH, "PATCH": _SYNC},
}


def needs(route: str, method: str) -> Needs | None:
    """What an operation needs; None if there is none."""
    return OPERATIONS.get(route, {}).get("GET" if method == "HEAD" else method)


def methods_of(route: str) -> list[str]:
    """The methods that a route has; none if there is no such route."""
    methods = list(OPERATIONS.get(route, {}))
    return sorted([*methods, "HEAD"]) if "GET" in methods else methods
