"""Compares the list of companies in Codex with the graph, or looks companies up for runs of other kinds."""

from syncing.codex.snapshot import Snapshot, account_of
from syncing.compare.changes import Match
from syncing.compare.company_directory import CompanyDirectory, Directories
from syncing.compare.comparison import Comparison, Present, Scope, names_kept, settle, taken
from syncing.compare.held_removals import names_held
from syncing.graph import existing
from syncing.graph.existing import Existing
from syncing.kinds import COMPANIES
from syncing.kinds.declaration.desired import Desired
from syncing.kinds.declaration.key import company_key
from syncing.refusals import Fault, Refused
from tree.kinds import FOLDER_KINDS
from tree.vocabulary import COMPANIES_ID

PLACE = COMPANIES.folder[1]
_NOBODY = CompanyDirectory("", (), Directories(()))


def compare_companies(snapshot: Snapshot, comparison: Comparison) -> dict[str, Match]:
    """Plan the companies. Returns {account number: company}. Raises GraphUnavailable."""
    now = existing.companies()
    records, ids_known = taken(snapshot.companies, COMPANIES, "", set(), comparison)
    nodes = {record.account_number: COMPANIES.nodes("", record, encoded, _NOBODY)[0] for record, encoded in records}
    present = Present.of(now)
    is_complete = snapshot.is_complete and ids_known
    kept = _kept(comparison, now, {node.key for node in nodes.values()}, is_complete)
    settle(list(nodes.values()), COMPANIES_ID, present, kept)
    companies = {account: _match(node, account, present.synced.get(node.key)) for account, node in nodes.items()}
    comparison.compare(list(companies.values()))
    return companies


def known_companies(snapshot: Snapshot, comparison: Comparison) -> dict[str, Match]:
    """{account number: company in the tree}, for a run that does not sync companies. Raises GraphUnavailable."""
    live = {node.key: node for node in existing.companies() if node.synced and not node.archived}
    known: dict[str, Match] = {}
    for row in snapshot.companies:
        account = account_of(row)
        node = live.get(company_key(account)) if account else None
        if account and node:
            known[account] = as_in_the_tree(account, node)
        else:
            reason = f"The tree does not hold the company {account or '?'}, so its records wait. Sync companies first."
            fault = Fault.COMPANY_NOT_IN_TREE
            comparison.refuse(Refused(COMPANIES.name, account or "", account or "", fault, reason, is_skipped=True))
    return known


def as_in_the_tree(account: str, company: Existing) -> Match:
    """A match for a company that stays unchanged."""
    shown = Desired(
        key=company.key,
        kind=COMPANIES.label,
        name=company.name,
        fingerprint=company.fingerprint,
        record=COMPANIES.name,
    )
    return _match(shown, account, company)


def _match(node: Desired, account: str, now: Existing | None) -> Match:
    return Match(node, account, node.name, PLACE, COMPANIES_ID, COMPANIES.label in FOLDER_KINDS, now)


def _kept(comparison: Comparison, now: list[Existing], listed: set[str], is_complete: bool) -> set[str]:
    """Record the companies that Codex no longer lists, if its list is complete.

    Returns the folded names of the companies that stay without being in the plan.
    """
    staying = comparison.refused_keys | comparison.paused_keys
    if not is_complete:
        return names_kept(now, staying | {n.key for n in now if n.synced} - listed)
    scope = Scope("", COMPANIES.label, "", PLACE)
    scope.look([n for n in now if n.key not in comparison.paused_keys], listed)
    comparison.scopes.append(scope)
    return names_kept(now, staying) | names_held(scope)
