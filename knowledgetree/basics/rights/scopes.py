"""Scopes: what an API token, or a service of the platform, may do."""

from enum import StrEnum


class Scope(StrEnum):
    """One thing that may be allowed. Without TICKETS, tickets and all below them are as if they were absent."""

    READ = "read"
    TICKETS = "tickets"
    WRITE = "write"
    SYNC = "sync"
    EXPORT = "export"


ALL_SCOPES = frozenset(Scope)
WHAT_SCOPES_ALLOW = {
    Scope.READ: "read nodes and files, and search",
    Scope.TICKETS: "also see tickets",
    Scope.WRITE: "write notes and folders, and add files",
    Scope.SYNC: "see syncs (their plans only together with tickets); admins can also start and apply them",
    Scope.EXPORT: "export what staff wrote (only together with tickets)",
}
