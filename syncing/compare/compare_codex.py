"""Companies, contacts and assets: the snapshot of ``sync_codex`` against the graph."""

from collections.abc import Iterator

from msgspec import Struct, field
from msgspec.json import decode

from syncing.codex.snapshot import Advance, Bundle, Snapshot, account_of
from syncing.compare.changes import Wanted
from syncing.compare.comparison import Comparison, Present, Scope, SeenIds, in_groups, names_kept, settle, taken
from syncing.compare.removals import names_held
from syncing.graph import existing
from syncing.graph.existing import Existing
from syncing.kinds.desired import (
    Desired,
    company_key,
    desired_asset,
    desired_company,
    desired_contact,
    desired_folders,
    uid_of,
    user_key,
    user_prefix,
)
from syncing.kinds.directory import People
from syncing.kinds.records import Asset, Company, Contact, as_list, typed
from syncing.refusals import COMPANY, Fault, Refused
from tree.vocabulary import COMPANIES_ID

ROWS_A_GROUP, COMPANIES_A_GROUP = 3000, 25


class Lists(Struct):
    """One company's typed lists; ``contacts`` and ``assets`` are None where the scope is incomplete."""

    account: str
    contacts: list[tuple[Contact, bytes]] | None = None
    assets: list[tuple[Asset, bytes]] | None = None
    unreadable: set[str] = field(default_factory=set)  # kinds with a refused record of unknown id


def compare_codex(snapshot: Snapshot, comparison: Comparison, advance: Advance, companies: bool = True) -> None:
    """Plan companies, their folders, contacts and assets, as far as the snapshot has their lists.

    ``companies`` False: companies themselves stay as they are, and records of those that the tree does not hold wait.
    Raises CodexError, GraphUnavailable.
    """
    now = existing.companies()
    wanted = _wanted_companies(snapshot, comparison, now) if companies else _known_companies(snapshot, comparison, now)
    if companies:
        comparison.compare(list(wanted.values()))
    seen_assets = SeenIds()
    lists = (_typed_lists(bundle, comparison, seen_assets) for bundle in _of_companies(snapshot, set(wanted)))
    done = 0
    for group in in_groups(lists, _size, ROWS_A_GROUP, COMPANIES_A_GROUP):
        _compare_group(group, wanted, comparison)
        done += len(group)
        advance(done, len(wanted), wanted[group[-1].account].node.name)
    if done < len(wanted):
        reason = f"Codex sent the lists of {done} of {len(wanted)} companies; the others stay as they are."
        comparison.refuse(Refused(COMPANY, "", "", Fault.COMPANIES_MISSING, reason))


def _wanted_companies(snapshot: Snapshot, comparison: Comparison, now: list[Existing]) -> dict[str, Wanted]:
    """{account: company}."""
    nodes: dict[str, Desired] = {}
    unreadable = False
    for answer in typed(snapshot.companies, Company, ""):
        if isinstance(answer, Refused):
            comparison.refuse(answer, company_key(answer.codex_id) if answer.codex_id else "")
            unreadable = unreadable or not answer.id_is_sound
            continue
        company, encoded = answer
        account = company.account_number
        if account in nodes:
            reason = "Codex lists this company twice."
            comparison.refuse(Refused(COMPANY, account, account, Fault.LISTED_TWICE, reason, raw=decode(encoded)))
            continue
        nodes[account] = desired_company(company, encoded)
    present = Present.of(now)
    is_complete = snapshot.is_complete and not unreadable
    kept = _kept_companies(comparison, now, {node.key for node in nodes.values()}, is_complete)
    settle(list(nodes.values()), COMPANIES_ID, present, kept)
    return {
        account: Wanted(node, account, "Companies", COMPANIES_ID, present.synced.get(node.key))
        for account, node in nodes.items()
    }


def _known_companies(snapshot: Snapshot, comparison: Comparison, now: list[Existing]) -> dict[str, Wanted]:
    """{account: company as the tree has it}, for a run that is not of companies."""
    live = {node.key: node for node in now if node.synced and not node.archived}
    known: dict[str, Wanted] = {}
    for row in snapshot.companies:
        account = account_of(row)
        node = live.get(company_key(account)) if account else None
        if account and node:
            shown = Desired(key=node.key, kind="Company", name=node.name, fingerprint=node.fingerprint)
            known[account] = Wanted(shown, account, "Companies", COMPANIES_ID, node)
        else:
            reason = f"The tree does not hold the company {account or '?'}, so its records wait. Sync companies first."
            fault = Fault.COMPANY_NOT_IN_TREE
            comparison.refuse(Refused(COMPANY, account or "", account or "", fault, reason, is_skipped=True))
    return known


def _kept_companies(comparison: Comparison, now: list[Existing], listed: set[str], is_complete: bool) -> set[str]:
    """Note the companies that Codex no longer lists, if its list tells. Returns the folded names of what stays."""
    staying = comparison.refused_keys | comparison.paused_keys
    if not is_complete:
        return names_kept(now, staying | {n.key for n in now if n.synced} - listed)
    scope = Scope.of("", "Company", "Companies", [n for n in now if n.key not in comparison.paused_keys], listed)
    comparison.scopes.append(scope)
    return names_kept(now, staying) | names_held(scope)


def _of_companies(snapshot: Snapshot, accounts: set[str]) -> Iterator[Bundle]:
    """Each wanted company's first bundle."""
    for bundle in snapshot.bundles():
        account = account_of(bundle.company)
        if account is not None and account in accounts:
            accounts.discard(account)
            yield bundle


def _typed_lists(bundle: Bundle, comparison: Comparison, seen_assets: SeenIds) -> Lists:
    account = bundle.company["account_number"]
    lists = Lists(account)
    for problem in bundle.problems:
        comparison.refuse(problem)
    if bundle.contacts is not None:
        prefix = user_prefix(account)
        lists.contacts, ids_known = taken(bundle.contacts, Contact, account, prefix, SeenIds(), comparison)
        if not ids_known:
            lists.unreadable.add("User")
    if bundle.assets is not None:
        lists.assets, ids_known = taken(bundle.assets, Asset, account, "asset:", seen_assets, comparison)
        if not ids_known:
            lists.unreadable.add("Asset")
    return lists


def _size(lists: Lists) -> int:
    return 3 * len(lists.contacts or ()) + len(lists.assets or ())


def _compare_group(group: list[Lists], wanted: dict[str, Wanted], comparison: Comparison) -> None:
    """Read what the graph has below these companies (three queries), then compare them one by one."""
    companies = [company for lists in group if (company := wanted[lists.account].now)]
    folders = existing.children([company.id for company in companies])
    records = existing.children([f.id for f in folders if f.key.endswith((":users", ":assets"))])
    below_users = existing.children([r.id for r in records if r.key.startswith("user:")])
    present = Present.of(folders + records + below_users)
    people = existing.people([f"{company_key(lists.account)}:users" for lists in group if lists.contacts is None])
    everything: list[Wanted] = []
    for lists in group:
        known = people.get(f"{company_key(lists.account)}:users", [])
        everything += _wanted_of(lists, wanted[lists.account], present, known, comparison)
    comparison.compare(everything)


def _wanted_of(
    lists: Lists,
    company: Wanted,
    present: Present,
    known: list[tuple[str, str | None, list[str], bool]],
    comparison: Comparison,
) -> list[Wanted]:
    """All nodes of one company. ``known``: its contacts in the graph, for when Codex's list is not there."""
    account, place = lists.account, company.node.name
    company_id = company.now.id if company.now else uid_of(company.node.key)
    folders = desired_folders(account)
    settle(folders, company_id, present)
    result = [_want(node, account, place, company_id, present) for node in folders]
    users_id, assets_id = _id(folders[0].key, present), _id(folders[1].key, present)
    if lists.contacts is not None:
        result += _wanted_users(lists, f"{place} / Users", users_id, present, comparison)
    if lists.assets is not None:
        people = _people(account, lists.contacts, known)
        result += _wanted_assets(lists, f"{place} / Assets", assets_id, present, people, comparison)
    return result


def _people(
    account: str, contacts: list[tuple[Contact, bytes]] | None, known: list[tuple[str, str | None, list[str], bool]]
) -> People:
    if contacts is None:
        return People.of((key, email, others) for key, email, others, is_archived in known if not is_archived)
    return People.of(
        (user_key(account, contact.id), contact.email, as_list(contact.secondary_emails)) for contact, _ in contacts
    )


def _wanted_users(
    lists: Lists, place: str, users_id: str, present: Present, comparison: Comparison
) -> Iterator[Wanted]:
    account, now = lists.account, present.below(users_id)
    users = [desired_contact(account, contact, encoded) for contact, encoded in lists.contacts or ()]
    settle([nodes[0] for nodes in users], users_id, present, _miss(comparison, lists, "User", place, now, users))
    for user, *below in users:
        yield _want(user, account, place, users_id, present)
        user_id = _id(user.key, present)
        settle(below, user_id, present)
        for node in below:
            yield _want(node, account, f"{place} / {user.name}", user_id, present)


def _wanted_assets(
    lists: Lists,
    place: str,
    assets_id: str,
    present: Present,
    people: People,
    comparison: Comparison,
) -> Iterator[Wanted]:
    now = present.below(assets_id)
    assets = [desired_asset(asset, encoded, people) for asset, encoded in lists.assets or ()]
    settle(assets, assets_id, present, _miss(comparison, lists, "Asset", place, now, [[a] for a in assets]))
    for node in assets:
        yield _want(node, lists.account, place, assets_id, present)


def _miss(
    comparison: Comparison, lists: Lists, kind: str, place: str, now: list[Existing], wanted: list[list[Desired]]
) -> set[str]:
    """Note what Codex no longer lists, if its list tells. Returns the folded names of what stays all the same."""
    kept = names_kept(now, comparison.refused_keys)
    if kind in lists.unreadable:
        return kept | names_kept(now, {n.key for n in now} - {nodes[0].key for nodes in wanted})
    scope = Scope.of(lists.account, kind, place, now, {nodes[0].key for nodes in wanted})
    comparison.scopes.append(scope)
    return kept | names_held(scope)


def _want(node: Desired, account: str, place: str, parent_id: str, present: Present) -> Wanted:
    return Wanted(node, account, place, parent_id, present.synced.get(node.key))


def _id(key: str, present: Present) -> str:
    node = present.synced.get(key)
    return node.id if node else uid_of(key)
