"""Compares the snapshot of ``sync_tickets`` with the graph, which must already contain the companies."""

from collections.abc import Iterator

from syncing.codex.snapshot import Advance, Snapshot, account_of
from syncing.compare.companies import as_in_the_tree
from syncing.compare.comparison import Comparison
from syncing.compare.lists import CompanyLists, ListComparison
from syncing.graph import existing
from syncing.kinds import COMPANIES, OF_TICKETS, TICKETS
from syncing.kinds.declaration.key import company_key
from syncing.refusals import Fault, Refused

ROWS_A_GROUP = 2000


def compare_tickets(snapshot: Snapshot, comparison: Comparison, advance: Advance) -> tuple[set[str], int]:
    """Plan the tickets of all companies. Returns the accounts that Codex lists and the number of their tickets."""
    companies = {node.key: node for node in existing.companies() if node.synced}
    lists = ListComparison(OF_TICKETS, comparison, makes_folders=False)
    accounts: set[str] = set()
    tickets = 0

    def read() -> Iterator[CompanyLists]:
        nonlocal tickets
        for bundle in snapshot.bundles():
            account = account_of(bundle.company)
            if account is None:
                reason = "Codex lists a company without an account number."
                comparison.refuse(Refused(COMPANIES.name, "", "", Fault.MISSING, reason, field="account_number"))
                continue
            accounts.add(account)
            number = len(bundle.lists.get(TICKETS.list_name, ()))
            tickets += number
            company = companies.get(company_key(account))
            if company is not None and not company.archived:
                yield lists.read(bundle, as_in_the_tree(account, company))
                continue
            for problem in bundle.problems:
                comparison.refuse(problem)
            if number:
                what = "archived here" if company else "not in the tree yet"
                reason = f"{number} tickets wait: their company is {what}. Run `manage.py sync_codex` first."
                fault = Fault.COMPANY_ARCHIVED if company else Fault.COMPANY_NOT_IN_TREE
                comparison.refuse(Refused(COMPANIES.name, account, account, fault, reason))

    lists.compare(read(), ROWS_A_GROUP, lambda done, name: advance(done, len(snapshot.companies), name))
    listed = {account for row in snapshot.companies if (account := account_of(row)) is not None}
    if listed - accounts:
        reason = f"Codex sent no tickets of {len(listed - accounts)} of {len(listed)} companies; they stay as they are."
        comparison.refuse(Refused(TICKETS.name, "", "", Fault.COMPANIES_MISSING, reason))
    return accounts | listed | comparison.paused, tickets + snapshot.tickets_passed_over
