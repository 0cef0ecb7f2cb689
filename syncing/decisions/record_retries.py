"""Retries the records that a run refused or skipped."""

from django.contrib.auth.models import User

from syncing.decisions import quarantine
from syncing.models import SyncRun
from syncing.runs import lifecycle

RETRY_AT_MOST = 50  # companies fetched one by one; for more, the bulk response is quicker


def retry(run: SyncRun, user: User | None) -> SyncRun | None:
    """Ask for a run over the companies whose records this run refused or skipped, or over all if they are many.

    Returns None if the run has not ended yet, or has no such records.
    """
    if not run.is_finished or not run.refused.failed().exists():
        return None
    return lifecycle.enqueue(run.command, user=user, companies=companies_to_retry(run), kinds=list(run.kinds))


def companies_to_retry(run: SyncRun) -> list[str]:
    """The account numbers of the companies to retry; empty means all."""
    companies = quarantine.accounts_of(run.refused.failed().only("kind", "account", "codex_id"))
    return companies if len(companies) <= RETRY_AT_MOST else []
