"""Defines contacts, the people at a company.

In the tree the same person is a user (``tree/kinds/user.py``).
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from syncing.kinds.declaration.desired import Desired, folder
from syncing.kinds.declaration.documents import facts_document, yes_or_no
from syncing.kinds.declaration.key import part_of, user_key
from syncing.kinds.declaration.kind import Kind
from syncing.kinds.declaration.names import clean_name
from syncing.kinds.declaration.people_and_computers import address_of
from syncing.kinds.declaration.validation import CodexId, Line, Name, as_list
from tree.text.escaping import escaped
from tree.vocabulary import FOLDER, NOTE

CARD, TICKETS = "contact", "tickets"
FORMER = "former_emails"
MOST_FORMER = 20


class Contact(Struct, kw_only=True, gc=False):
    """``GET /api/companies/<account>/contacts``. A person who works for two companies is in both with the same id."""

    id: CodexId
    name: Name
    email: Line
    title: Line | None = None
    employment_type: Line | None = None
    active: bool | None = None
    mobile_phone_number: Line | None = None
    work_phone_number: Line | None = None
    secondary_emails: Line | None = None


class Contacts(Kind[Contact]):
    """A contact becomes a node with a card that lists its facts and a folder for the tickets that it requested."""

    record = Contact
    label = "User"
    list_name = "contacts"
    title = "Contacts"
    folder = ("users", "Users")
    is_unique = False
    parts: Mapping[str, str] = {CARD: NOTE, TICKETS: FOLDER}

    def key(self, account: str, codex_id: object) -> str:
        return user_key(account, codex_id)

    def node_name(self, record: Contact) -> str:
        return clean_name(record.name)

    def hint(self, record: Contact) -> str:
        return record.email.strip()

    def below(self, node: Desired) -> list[Desired]:
        card = Desired(
            key=part_of(node.key, CARD),
            kind=self.parts[CARD],
            name="Contact.md",
            fingerprint=node.fingerprint,
            record=node.record,
            encoded=node.encoded,
            hint="Codex",
            number="Codex",
        )
        return [card, folder(part_of(node.key, TICKETS), "Tickets")]

    def document(self, record: Contact) -> str:
        """The text of the card, with one line for each fact that Codex has."""
        facts = (
            ("Email", record.email),
            ("Secondary emails", ", ".join(as_list(record.secondary_emails))),
            ("Title", record.title),
            ("Mobile phone", record.mobile_phone_number),
            ("Work phone", record.work_phone_number),
            ("Employment type", record.employment_type),
            ("Active", yes_or_no(record.active)),
        )
        return facts_document(f"Contact Information for {escaped(record.name)}", facts)

    def remembered(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
        """The addresses that the person had: tickets and mails that were sent from them stay theirs."""
        now = {address_of(address) for address in _addresses(after)}
        earlier = dict.fromkeys(map(address_of, (*before.get(FORMER, ()), *_addresses(before))))
        return {FORMER: [address for address in earlier if address and address not in now][-MOST_FORMER:]}

    def properties(self, record: Contact, node: Desired, account: str) -> dict[str, Any]:
        if node.kind != self.label:
            return {"content": self.document(record)}
        return self.fields(record, account) | {"secondary_emails": as_list(record.secondary_emails), "content": ""}


def _addresses(properties: Mapping[str, Any]) -> list[str]:
    return [properties.get("email") or "", *properties.get("secondary_emails", ())]
