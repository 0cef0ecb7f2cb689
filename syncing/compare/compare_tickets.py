"""Tickets: the snapshot of ``sync_tickets`` against the graph, which must hold the companies already."""

from msgspec import Struct

from syncing.codex.snapshot import Advance, Bundle, Snapshot, account_of
from syncing.compare.changes import Wanted
from syncing.compare.comparison import Comparison, Present, Scope, SeenIds, in_groups, names_kept, settle, taken
from syncing.graph import existing
from syncing.graph.existing import Existing
from syncing.kinds.desired import company_key, desired_ticket
from syncing.kinds.directory import Computers, People
from syncing.kinds.records import Ticket
from syncing.refusals import COMPANY, TICKET, Fault, Refused

ROWS_A_GROUP, COMPANIES_A_GROUP = 2000, 25


class Tickets(Struct):
    """One company's typed tickets and the company's node; ``ids_known``: no refused one without an id."""

    account: str
    company: Existing
    tickets: list[tuple[Ticket, bytes]]
    ids_known: bool


def compare_tickets(snapshot: Snapshot, comparison: Comparison, advance: Advance) -> tuple[set[str], int]:
    """Plan the tickets of all companies. Returns the accounts that Codex lists and how many tickets they have."""
    companies = {node.key: node for node in existing.companies() if node.synced}
    seen = SeenIds()
    accounts: set[str] = set()
    tickets = 0
    done = 0

    def counted(bundle: Bundle) -> Tickets | None:
        nonlocal tickets
        account = account_of(bundle.company)
        if account is None:
            reason = "Codex lists a company without an account number."
            comparison.refuse(Refused(COMPANY, "", "", Fault.MISSING, reason, field="account_number"))
            return None
        accounts.add(account)
        tickets += len(bundle.tickets or ())
        return _typed_tickets(bundle, account, companies, comparison, seen)

    lists = (found for bundle in snapshot.bundles() if (found := counted(bundle)) is not None)
    for group in in_groups(lists, lambda found: len(found.tickets), ROWS_A_GROUP, COMPANIES_A_GROUP):
        _compare_group(group, comparison)
        done += len(group)
        advance(done, len(snapshot.companies), group[-1].company.name)
    listed = {account for row in snapshot.companies if (account := account_of(row)) is not None}
    if listed - accounts:
        reason = f"Codex sent no tickets of {len(listed - accounts)} of {len(listed)} companies; they stay as they are."
        comparison.refuse(Refused(TICKET, "", "", Fault.COMPANIES_MISSING, reason))
    return accounts | listed | comparison.paused, tickets + snapshot.tickets_passed_over


def _typed_tickets(
    bundle: Bundle, account: str, companies: dict[str, Existing], comparison: Comparison, seen: SeenIds
) -> Tickets | None:
    for problem in bundle.problems:
        comparison.refuse(problem)
    if bundle.tickets is None:
        return None
    company = companies.get(company_key(account))
    if company is None or company.archived:
        if bundle.tickets:
            what = "archived here" if company else "not in the tree yet"
            reason = f"{len(bundle.tickets)} tickets wait: their company is {what}. Run `manage.py sync_codex` first."
            fault = Fault.COMPANY_ARCHIVED if company else Fault.COMPANY_NOT_IN_TREE
            comparison.refuse(Refused(COMPANY, account, account, fault, reason))
        return None
    return Tickets(account, company, *taken(bundle.tickets, Ticket, account, "ticket:", seen, comparison))


def _compare_group(group: list[Tickets], comparison: Comparison) -> None:
    folders = existing.by_key(f"{found.company.key}:tickets" for found in group)
    people = existing.people([f"{found.company.key}:users" for found in group])
    computers = existing.computers([f"{found.company.key}:assets" for found in group])
    records = existing.children([folder.id for folder in folders.values()])
    present = Present.of(records)
    everything: list[Wanted] = []
    for found in group:
        folder = folders.get(f"{found.company.key}:tickets")
        if folder is None or folder.archived:
            reason = "The company has no folder Tickets in the tree. Run `manage.py sync_codex` first."
            comparison.refuse(Refused(COMPANY, found.account, found.account, Fault.FOLDER_NOT_IN_TREE, reason))
            continue
        who = _who(people.get(f"{found.company.key}:users", []))
        what = _what(computers.get(f"{found.company.key}:assets", []))
        nodes = [desired_ticket(ticket, encoded, who, what) for ticket, encoded in found.tickets]
        found.tickets.clear()
        now = present.below(folder.id)
        settle(nodes, folder.id, present, names_kept(now, comparison.refused_keys))
        place = f"{found.company.name} / Tickets"
        everything += [Wanted(n, found.account, place, folder.id, present.synced.get(n.key)) for n in nodes]
        if found.ids_known:
            comparison.scopes.append(Scope.of(found.account, "Ticket", place, now, {node.key for node in nodes}))
    comparison.compare(everything)


def _who(people: list[tuple[str, str | None, list[str], bool]]) -> People:
    """A ticket belongs to the one who has the address now, else to the one who had it and left."""
    here, former = (
        People.of((key, email, others) for key, email, others, is_archived in people if is_archived is left)
        for left in (False, True)
    )
    return here.or_former(former)


def _what(computers: list[tuple[str, str | None, bool]]) -> Computers:
    """A ticket speaks of the computer that has the hostname now, else of the one that had it and left."""
    here, former = (
        Computers.of((key, hostname) for key, hostname, is_archived in computers if is_archived is left)
        for left in (False, True)
    )
    return here.or_former(former)
