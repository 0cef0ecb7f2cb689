"""What the graph should hold for one company: nodes by key, parents named by key, names settled.

Identity is Codex's key and never the name:

    company:<acct>  company:<acct>:users|assets|tickets  user:<acct>:<id>  user:<acct>:<id>:contact|tickets
    asset:<id>      ticket:<id>                          (the account number percent-encoded)

Properties are made only for the nodes that the comparison finds new or changed: turning sixty thousand tickets
into Markdown costs far more than seeing that nothing changed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from itertools import repeat
from typing import Any
from urllib.parse import quote, unquote

from msgspec import Struct, json, structs

from syncing.kinds.directory import Computers, People
from syncing.kinds.documents import (
    DOCUMENT_VERSION,
    asset_document,
    company_document,
    contact_document,
    ticket_document,
)
from syncing.kinds.records import Asset, Company, Contact, Ticket, as_list, as_number
from tree.graph.sibling_keys import folded

COMPANY_FOLDERS = {"users": "Users", "assets": "Assets", "tickets": "Tickets"}
REQUESTER_EVIDENCE = "requester e-mail"
LOGIN_EVIDENCE = "last logged-in user"
HOSTNAME_EVIDENCE = "hostname in the text"
WRITER_EVIDENCE = "wrote in the conversation"
MOST_COMPUTERS = 50  # that one ticket mentions; a report that lists hundreds says little of each
_VERSION = str(DOCUMENT_VERSION).encode()


class Desired(Struct, kw_only=True, gc=False):
    """A node as it should be. ``person_key``: the user that a ticket or asset belongs to; ``mentioned``: keys of the
    assets and users that a ticket speaks of.

    ``encoded``: the canonical JSON of its record, empty where there is none (see ``records.typed``).
    """

    key: str
    kind: str
    name: str
    fingerprint: str
    encoded: bytes = b""
    person_key: str | None = None
    mentioned: list[str] = []
    hint: str = ""  # what tells namesakes apart, for people
    number: str = ""  # what tells them apart for certain


@lru_cache(maxsize=1024)
def account_key(account: str) -> str:
    """The account number as a part of a key: no colon in it."""
    return quote(account, safe="")


def company_key(account: str) -> str:
    return f"company:{account_key(account)}"


def account_of_key(key: str) -> str:
    """The account number in the key of a company."""
    return unquote(key.removeprefix("company:"))


def uid_of(key: str) -> str:
    """The id of the node made for this key: always the same, so that a repeated sync gives an equal graph."""
    return blake2b(key.encode(), digest_size=12).hexdigest()


def desired_company(company: Company, encoded: bytes) -> Desired:
    return Desired(
        key=company_key(company.account_number),
        kind="Company",
        name=clean_name(company.name),
        fingerprint=_fingerprint(encoded),
        encoded=encoded,
        hint=company.account_number,
        number=company.account_number,
    )


def desired_folders(account: str) -> list[Desired]:
    """The company's three folders."""
    parent = company_key(account)
    return [
        Desired(
            key=f"{parent}:{suffix}",
            kind="Folder",
            name=name,
            fingerprint="folder",
            hint="Codex",
            number="Codex",
        )
        for suffix, name in COMPANY_FOLDERS.items()
    ]


def user_prefix(account: str) -> str:
    """What the keys of a company's contacts begin with; their id follows."""
    return f"user:{account_key(account)}:"


def user_key(account: str, contact_id: int) -> str:
    return f"{user_prefix(account)}{contact_id}"


def desired_contact(account: str, contact: Contact, encoded: bytes) -> list[Desired]:
    """The person, the card with the contact's facts, and the folder for the tickets they requested."""
    key = user_key(account, contact.id)
    fingerprint = _fingerprint(encoded)
    return [
        Desired(
            key=key,
            kind="User",
            name=clean_name(contact.name),
            fingerprint=fingerprint,
            encoded=encoded,
            hint=contact.email.strip(),
            number=str(contact.id),
        ),
        Desired(
            key=f"{key}:contact",
            kind="Note",
            name="Contact.md",
            fingerprint=fingerprint,
            encoded=encoded,
            hint="Codex",
            number="Codex",
        ),
        Desired(
            key=f"{key}:tickets",
            kind="Folder",
            name="Tickets",
            fingerprint="folder",
            hint="Codex",
            number="Codex",
        ),
    ]


def desired_asset(asset: Asset, encoded: bytes, people: People) -> Desired:
    person = people.with_login(asset.last_logged_in_user)
    return Desired(
        key=f"asset:{asset.id}",
        kind="Asset",
        name=f"{clean_name(asset.hostname)}.md",
        fingerprint=_fingerprint(encoded, person),
        encoded=encoded,
        person_key=person,
        hint=str(asset.id),
        number=str(asset.id),
    )


def desired_ticket(ticket: Ticket, encoded: bytes, people: People, computers: Computers) -> Desired:
    person = people.with_email(ticket.requester_email)
    mentioned = _mentioned(ticket, people, computers, person)
    return Desired(
        key=f"ticket:{ticket.ticket_id}",
        kind="Ticket",
        name=f"Ticket_{ticket.ticket_id}.md",
        fingerprint=_fingerprint(encoded, person, mentioned),
        encoded=encoded,
        person_key=person,
        mentioned=mentioned,
        hint="Codex",
        number="Codex",
    )


def _mentioned(ticket: Ticket, people: People, computers: Computers, requester: str | None) -> list[str]:
    """Keys of the computers that its texts name, and of the people who wrote in it without having requested it.

    Of a ticket without the requester's e-mail nobody knows whether the one who writes has requested it.
    """
    mails = ticket.conversations or []
    texts = [ticket.subject, ticket.description or ticket.description_text]
    texts += [message.body for message in (*mails, *(ticket.notes or ()))]
    named = computers.named_in("\n".join(text for text in texts if text))
    writers = {people.with_email(mail.from_email) for mail in mails} if ticket.requester_email else set()
    return sorted(named)[:MOST_COMPUTERS] + sorted(key for key in writers if key and key != requester)


def settle_names(siblings: list[Desired], taken: set[str]) -> None:
    """Give every clashing synced sibling a suffix that people understand; ``taken`` (folded) belongs to staff.

    Changes ``name`` in place. First the hint (e-mail, number), then hint and number when even that clashes;
    the number again where somebody has a name made to look like ours.
    """
    for suffix in (_with_hint, *repeat(_with_number, 5)):
        wanted = Counter(folded(node.name) for node in siblings)
        clashing = [n for n in siblings if wanted[folded(n.name)] > 1 or folded(n.name) in taken]
        if not clashing:
            return
        for node in clashing:
            node.name = suffix(node)


def clean_name(name: str) -> str:
    """A name of Codex as one visible line; everything else in it stays as it is."""
    if name.isprintable() and name == name.strip() and name:
        return name
    visible = "".join(c if c.isprintable() or c in "\u200d\ufe0f" else " " for c in name).strip()
    return visible or "(without a name)"


def properties(node: Desired, account: str) -> dict[str, Any]:
    """All synced properties of the node, nulls left out."""
    facts: dict[str, Any] = {"content": ""}
    if node.encoded:
        decoder, make = _RECORDS[node.kind]
        facts = make(decoder.decode(node.encoded), node, account)
    facts["name"] = node.name
    facts["codex_key"] = node.key
    facts["fingerprint"] = node.fingerprint
    return {name: value for name, value in facts.items() if value is not None and value != []}


def _company_properties(company: Company, node: Desired, account: str) -> dict[str, Any]:
    facts = structs.asdict(company)
    facts["domains"] = as_list(company.domains)
    facts["content"] = company_document(company)
    return facts


def _user_properties(contact: Contact, node: Desired, account: str) -> dict[str, Any]:
    facts = structs.asdict(contact)
    facts["codex_id"] = facts.pop("id")
    facts["account_number"] = account
    facts["secondary_emails"] = as_list(contact.secondary_emails)
    facts["content"] = ""
    return facts


def _contact_card_properties(contact: Contact, node: Desired, account: str) -> dict[str, Any]:
    return {"content": contact_document(contact)}


def _asset_properties(asset: Asset, node: Desired, account: str) -> dict[str, Any]:
    facts = structs.asdict(asset)
    facts["codex_id"] = facts.pop("id")
    facts["account_number"] = account
    facts["backup_usage_tb"] = as_number(asset.backup_usage_tb)
    facts["user_key"] = node.person_key
    facts["content"] = asset_document(asset)
    return facts


def _ticket_properties(ticket: Ticket, node: Desired, account: str) -> dict[str, Any]:
    return {
        "codex_id": ticket.ticket_id,
        "account_number": account,
        "ticket_number": ticket.ticket_number,
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority,
        "requester_name": ticket.requester_name,
        "requester_email": ticket.requester_email,
        "opened_at": ticket.created_at,
        "last_updated_at": ticket.last_updated_at,
        "closed_at": ticket.closed_at,
        "total_hours_spent": float(ticket.total_hours_spent),
        "requester_key": node.person_key,
        "mentioned_keys": node.mentioned,
        "content": ticket_document(ticket),
    }


_RECORDS: Mapping[str, tuple[json.Decoder[Any], Any]] = {  # of each kind: its record, and what makes properties of it
    "Company": (json.Decoder(Company), _company_properties),
    "User": (json.Decoder(Contact), _user_properties),
    "Note": (json.Decoder(Contact), _contact_card_properties),
    "Asset": (json.Decoder(Asset), _asset_properties),
    "Ticket": (json.Decoder(Ticket), _ticket_properties),
}


def _fingerprint(encoded: bytes, person: str | None = None, mentioned: Iterable[str] = ()) -> str:
    digest = blake2b(_VERSION, digest_size=12)
    digest.update(encoded)
    if person is not None:
        digest.update(person.encode())
    for key in mentioned:
        digest.update(b"\0")
        digest.update(key.encode())
    return digest.hexdigest()


def _with_hint(node: Desired) -> str:
    return _suffixed(node.name, node.hint or node.number)


def _with_number(node: Desired) -> str:
    return _suffixed(node.name, node.number)


def _suffixed(name: str, text: str) -> str:
    stem, dot, ending = name.rpartition(".md")
    return f"{stem} ({text}){dot}{ending}" if dot and not ending else f"{name} ({text})"
