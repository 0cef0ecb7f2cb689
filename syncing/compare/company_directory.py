"""Reads the directories of some companies from the graph when a record first needs them."""

from collections.abc import Iterable
from functools import cached_property

from syncing.graph import existing
from syncing.graph.existing import Computer, Person
from syncing.kinds import ASSETS, CONTACTS
from syncing.kinds.contact import Contact
from syncing.kinds.declaration.key import company_key, part_of, user_key
from syncing.kinds.declaration.people_and_computers import Computers, People
from syncing.kinds.declaration.validation import as_list


class Directories:
    """The people and computers of the companies with these account numbers, each read with a single query."""

    def __init__(self, accounts: Iterable[str]) -> None:
        self._companies = [company_key(account) for account in accounts]

    @cached_property
    def people(self) -> dict[str, list[Person]]:
        return existing.people([part_of(key, CONTACTS.folder[0]) for key in self._companies])

    @cached_property
    def computers(self) -> dict[str, list[Computer]]:
        return existing.computers([part_of(key, ASSETS.folder[0]) for key in self._companies])


class CompanyDirectory:
    """The people and computers that a company's records can refer to (``Directory`` of the kinds).

    ``contacts``: the company's contacts in Codex; None if this run has not read them.
    """

    def __init__(self, account: str, contacts: Iterable[Contact] | None, directories: Directories) -> None:
        self._account = account
        self._contacts = contacts
        self._directories = directories

    @cached_property
    def people(self) -> People:
        if self._contacts is None:
            return self._of_people(archived=False)
        return People.of(
            (user_key(self._account, contact.id), contact.email, as_list(contact.secondary_emails))
            for contact in self._contacts
        )

    @cached_property
    def everybody(self) -> People:
        """The people who are there, who left, and last those who had an address that nobody has now."""
        here, left = self._of_people(archived=False), self._of_people(archived=True)
        return here.or_former(left).or_former(People.of((key, None, former) for key, _, _, former, _ in self._known))

    @cached_property
    def computers(self) -> Computers:
        return self._of_computers(archived=False).or_former(self._of_computers(archived=True))

    def _of_people(self, archived: bool) -> People:
        return People.of((key, email, others) for key, email, others, _, left in self._known if left is archived)

    @property
    def _known(self) -> list[Person]:
        return self._directories.people.get(part_of(company_key(self._account), CONTACTS.folder[0]), [])

    def _of_computers(self, archived: bool) -> Computers:
        known = self._directories.computers.get(part_of(company_key(self._account), ASSETS.folder[0]), [])
        return Computers.of((key, hostname) for key, hostname, is_archived in known if is_archived is archived)
