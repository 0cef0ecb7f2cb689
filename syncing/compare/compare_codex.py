"""Compares the snapshot of ``sync_codex``, companies and their lists, with the graph."""

from collections.abc import Iterator, Sequence
from typing import Any

from syncing.codex.snapshot import Advance, Bundle, Snapshot, account_of
from syncing.compare.companies import compare_companies, known_companies
from syncing.compare.comparison import Comparison
from syncing.compare.lists import ListComparison
from syncing.kinds import COMPANIES
from syncing.kinds.declaration.kind import Kind
from syncing.refusals import Fault, Refused

ROWS_A_GROUP = 3000


def compare_codex(
    snapshot: Snapshot,
    kinds: Sequence[Kind[Any]],
    comparison: Comparison,
    advance: Advance,
    companies: bool = True,
) -> None:
    """Plan the companies, their folders and the records of these kinds whose lists are in the snapshot.

    If ``companies`` is False, the companies themselves stay unchanged, and records of companies that are not in the
    tree wait for a later run. Raises CodexError, GraphUnavailable.
    """
    listed = compare_companies(snapshot, comparison) if companies else known_companies(snapshot, comparison)
    lists = ListComparison(kinds, comparison, makes_folders=True)
    done = lists.compare(
        (lists.read(bundle, listed[account]) for account, bundle in _first_bundles(snapshot, set(listed))),
        ROWS_A_GROUP,
        lambda number, name: advance(number, len(listed), name),
    )
    if done < len(listed):
        reason = f"Codex sent the lists of {done} of {len(listed)} companies; the others stay as they are."
        comparison.refuse(Refused(COMPANIES.name, "", "", Fault.COMPANIES_MISSING, reason))


def _first_bundles(snapshot: Snapshot, accounts: set[str]) -> Iterator[tuple[str, Bundle]]:
    """The first bundle of each of these companies."""
    for bundle in snapshot.bundles():
        account = account_of(bundle.company)
        if account is not None and account in accounts:
            accounts.discard(account)
            yield account, bundle
