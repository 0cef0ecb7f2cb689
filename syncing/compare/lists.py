"""Compares the lists of the companies with the graph, a few companies at a time."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct, field

from knowledgetree.basics.batches import in_weighed_batches
from syncing.codex.snapshot import Bundle
from syncing.compare.changes import Match
from syncing.compare.company_directory import CompanyDirectory, Directories
from syncing.compare.comparison import Comparison, Present, Scope, names_kept, settle, taken
from syncing.compare.held_removals import names_held
from syncing.graph import existing
from syncing.kinds import COMPANIES, CONTACTS, company_folders
from syncing.kinds.declaration.desired import Desired
from syncing.kinds.declaration.key import part_of, uid_of
from syncing.kinds.declaration.kind import Kind
from syncing.refusals import Fault, Refused
from tree.kinds import FOLDER_KINDS

COMPANIES_A_GROUP = 25


class CompanyLists(Struct):
    """The typed lists of one company. A list that is not in ``records`` was not read, so its scope is incomplete.

    ``unsure``: names of lists with a refused record whose id is unknown, so that it may be any record of the list.
    """

    company: Match
    records: dict[str, list[tuple[Any, bytes]]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)


class ListComparison:
    """Compares the lists of these kinds. ``makes_folders``: missing folders of the companies are created."""

    def __init__(self, kinds: Sequence[Kind[Any]], comparison: Comparison, *, makes_folders: bool) -> None:
        self._kinds = kinds
        self._comparison = comparison
        self._makes_folders = makes_folders
        self._seen: dict[str, set[Any]] = {kind.list_name: set() for kind in kinds}

    def read(self, bundle: Bundle, company: Match) -> CompanyLists:
        """Read the valid records of a company's lists and refuse all others."""
        lists = CompanyLists(company)
        for problem in bundle.problems:
            self._comparison.refuse(problem)
        for kind in self._kinds:
            rows = bundle.lists.get(kind.list_name)
            if rows is None:
                continue
            seen = self._seen[kind.list_name] if kind.is_unique else set()
            records, ids_known = taken(rows, kind, company.account, seen, self._comparison)
            lists.records[kind.list_name] = records
            if not ids_known:
                lists.unsure.add(kind.list_name)
        return lists

    def compare(self, companies: Iterator[CompanyLists], rows_a_group: int, advance: Callable[[int, str], None]) -> int:
        """Plan all these lists. Returns the number of companies.

        ``advance`` is called after each group with the number of compared companies and the name of the last one.
        Raises CodexError, GraphUnavailable.
        """
        done = 0
        for group in in_weighed_batches(companies, (rows_a_group, COMPANIES_A_GROUP), self._weights):
            self._comparison.compare(list(self._matches(group)))
            done += len(group)
            advance(done, group[-1].company.company)
        return done

    def _weights(self, lists: CompanyLists) -> tuple[int, int]:
        """The number of nodes and of companies that these lists add to a group."""
        return sum(len(lists.records.get(kind.list_name, ())) * (1 + len(kind.parts)) for kind in self._kinds), 1

    def _matches(self, group: list[CompanyLists]) -> Iterator[Match]:
        """All desired nodes of these companies with the existing ones; takes three queries, and two for directories."""
        present = Present.of(self._existing(group))
        directories = Directories(lists.company.account for lists in group)
        for lists in group:
            yield from self._of_company(lists, present, directories)

    def _existing(self, group: list[CompanyLists]) -> list[existing.Existing]:
        folders = existing.children([lists.company.existing.id for lists in group if lists.company.existing])
        kinds = {_folder_key(lists.company, kind): kind for lists in group for kind in self._kinds}
        kind_below = {folder.id: kinds[folder.key] for folder in folders if folder.key in kinds}
        records = existing.children(list(kind_below))
        parts = existing.children([node.id for node in records if node.key and kind_below[node.parent_id].parts])
        return folders + records + parts

    def _of_company(self, lists: CompanyLists, present: Present, directories: Directories) -> Iterator[Match]:
        company = lists.company
        if self._makes_folders:
            company_id = company.existing.id if company.existing else uid_of(company.desired.key)
            folders = company_folders(company.account)
            settle(folders, company_id, present)
            yield from (_match(folder, company, company.company, company_id, present) for folder in folders)
        contacts = lists.records.get(CONTACTS.list_name)
        listed = None if contacts is None else [contact for contact, _ in contacts]
        directory = CompanyDirectory(company.account, listed, directories)
        for kind in self._kinds:
            if kind.list_name in lists.records and self._has_folder(kind, company, present):
                yield from self._of_kind(kind, lists, present, directory)

    def _has_folder(self, kind: Kind[Any], company: Match, present: Present) -> bool:
        folder = present.synced.get(_folder_key(company, kind))
        if self._makes_folders or (folder is not None and not folder.archived):
            return True
        reason = f"The company has no folder {kind.folder[1]} in the tree. Run `manage.py sync_codex` first."
        self._comparison.refuse(
            Refused(COMPANIES.name, company.account, company.account, Fault.FOLDER_NOT_IN_TREE, reason)
        )
        return False

    def _of_kind(
        self, kind: Kind[Any], lists: CompanyLists, present: Present, directory: CompanyDirectory
    ) -> Iterator[Match]:
        company = lists.company
        parent_id = _id(_folder_key(company, kind), present)
        place = f"{company.company} / {kind.folder[1]}"
        records = lists.records.pop(kind.list_name)  # their JSON is enough from here on
        families = [kind.nodes(company.account, record, encoded, directory) for record, encoded in records]
        kept = self._kept(kind, lists, place, present.below(parent_id), {node.key for node, *_ in families})
        settle([node for node, *_ in families], parent_id, present, kept)
        for node, *parts in families:
            yield _match(node, company, place, parent_id, present)
            if not parts:
                continue
            node_id = _id(node.key, present)
            settle(parts, node_id, present)
            yield from (_match(part, company, f"{place} / {node.name}", node_id, present) for part in parts)

    def _kept(
        self,
        kind: Kind[Any],
        lists: CompanyLists,
        place: str,
        now: list[existing.Existing],
        listed: set[str],
    ) -> set[str]:
        """Record the nodes that Codex no longer lists, if its list is complete.

        Returns the folded names of the nodes that stay without being in the plan.
        """
        kept = names_kept(now, self._comparison.refused_keys)
        if kind.list_name in lists.unsure:
            return kept | names_kept(now, {node.key for node in now} - listed)
        scope = Scope(lists.company.account, kind.label, lists.company.company, place)
        scope.look(now, listed)
        self._comparison.scopes.append(scope)
        return kept | names_held(scope)


def _folder_key(company: Match, kind: Kind[Any]) -> str:
    return part_of(company.desired.key, kind.folder[0])


def _match(node: Desired, company: Match, place: str, parent_id: str, present: Present) -> Match:
    is_folder = node.kind in FOLDER_KINDS
    return Match(node, company.account, company.company, place, parent_id, is_folder, present.synced.get(node.key))


def _id(key: str, present: Present) -> str:
    node = present.synced.get(key)
    return node.id if node else uid_of(key)
