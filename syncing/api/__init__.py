"""The API v1 of the syncs: runs, plans, decisions, the quarantine, schedules.

Who may use which operation stands in ``knowledgetree.accounts.rights.api_policy``.
"""

from ninja import Router


def routers() -> tuple[Router, ...]:
    """All operations of the syncs."""
    from syncing.api import plans, quarantine, runs, schedules

    return (runs.router, plans.router, quarantine.router, schedules.router)
