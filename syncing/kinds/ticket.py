"""Defines tickets, with their conversation and internal notes."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from unicodedata import normalize

from msgspec import Struct

from knowledgetree.basics.times import moment_of
from syncing.kinds.declaration.desired import Desired, Links
from syncing.kinds.declaration.documents import text_as_markdown
from syncing.kinds.declaration.kind import Directory, Kind
from syncing.kinds.declaration.validation import CodexId, Hours, Line, Text
from tree.text.escaping import escaped
from tree.text.thread import (
    CONVERSATION,
    DESCRIPTION,
    FROM_CLIENT,
    FROM_US,
    MESSAGE,
    NOTES,
    SEPARATOR,
    WITHOUT_FACTS,
)

_WORDS = re.compile(r"[^\W_]{2,}")
_DAY_ALONE, _TO_THE_MINUTE = len("2026-02-06"), len("2026-02-06 16:39")
MOST_COMPUTERS = 50  # links per ticket; a report that lists hundreds of computers says little about each of them


class Message(Struct, kw_only=True, gc=False):
    """An e-mail of a ticket's conversation (``incoming``: it came from the client), or an internal note."""

    from_email: Line | None = None
    created_at: Line | None = None
    body: Text | None = None
    incoming: bool | None = None


class Ticket(Struct, kw_only=True, gc=False):
    """``GET /api/companies/<account>/tickets``."""

    ticket_id: CodexId
    total_hours_spent: Hours
    ticket_number: Line | None = None
    subject: Line | None = None
    description: Text | None = None
    description_text: Text | None = None
    status: Line | None = None
    priority: Line | None = None
    requester_email: Line | None = None
    requester_name: Line | None = None
    created_at: Line | None = None
    last_updated_at: Line | None = None
    closed_at: Line | None = None
    conversations: list[Message] | None = None
    notes: list[Message] | None = None


class Tickets(Kind[Ticket]):
    record = Ticket
    label = "Ticket"
    list_name = "tickets"
    title = "Tickets"
    folder = ("tickets", "Tickets")
    sections: Mapping[str, str] = {
        "description": f"\n\n{DESCRIPTION}\n",
        "conversations": f"\n\n{CONVERSATION}\n",
        "notes": f"\n\n{NOTES}\n",
    }
    bodies = ("description", "description_text")
    messages = ("conversations", "notes")

    def key(self, account: str, codex_id: object) -> str:
        return f"ticket:{codex_id}"

    def node_name(self, record: Ticket) -> str:
        return f"Ticket_{record.ticket_id}.md"

    def hint(self, record: Ticket) -> str:
        return "Codex"  # the name already contains the id; only a staff note can clash with it

    def links(self, record: Ticket, directory: Directory) -> Links:
        requester = directory.everybody.with_email(record.requester_email)
        return {"requester_key": requester, "mentioned_keys": _mentioned(record, directory, requester)}

    def document(self, record: Ticket) -> str:
        """The description, conversation and internal notes; the other facts are properties of the node."""
        title = escaped(record.subject or "(no subject)")
        parts = [f"# Ticket #{escaped(record.ticket_number or str(record.ticket_id))}: {title}"]
        parts += _description(record)
        if record.conversations:
            parts.append(CONVERSATION)
            parts += [_message(message) for message in record.conversations]
        if record.notes:
            parts.append(NOTES)
            parts += [_message(message) for message in record.notes]
        return "\n\n".join(parts) + "\n"

    def properties(self, record: Ticket, node: Desired, account: str) -> dict[str, Any]:
        return {
            "codex_id": record.ticket_id,
            "account_number": account,
            "ticket_number": record.ticket_number,
            "subject": record.subject,
            "status": record.status,
            "priority": record.priority,
            "requester_name": record.requester_name,
            "requester_email": record.requester_email,
            "opened_at": record.created_at,
            "last_updated_at": record.last_updated_at,
            "closed_at": record.closed_at,
            "latest_at": _latest(record),
            "total_hours_spent": float(record.total_hours_spent),
            **node.links,
            "content": self.document(record),
        }


def _latest(ticket: Ticket) -> str | None:
    """When the ticket changed last, or else was opened, in the form that sorts; None if Codex has no time for it."""
    for text in (ticket.last_updated_at, ticket.created_at):
        if text and (moment := moment_of(text)):
            return moment.isoformat()
    return None


def _mentioned(ticket: Ticket, directory: Directory, requester: str | None) -> list[str]:
    """Keys of the computers that the ticket's texts name, and of the people besides the requester who wrote in it.

    In a ticket without the requester's e-mail, a writer may be the requester, so no writer is returned.
    """
    mails = ticket.conversations or []
    texts = [ticket.subject, ticket.description, ticket.description_text]
    texts += [message.body for message in (*mails, *(ticket.notes or ()))]
    named = directory.computers.named_in("\n".join(filter(None, texts)))
    people = directory.everybody
    writers = {people.with_email(mail.from_email) for mail in mails} if ticket.requester_email else set()
    return sorted(named)[:MOST_COMPUTERS] + sorted(key for key in writers if key and key != requester)


def _description(ticket: Ticket) -> list[str]:
    """The description, and below it the lines of its plain version that say more than it does.

    Codex has both; the plain one alone is shown if the other shows nothing.
    """
    shown = text_as_markdown(ticket.description or "")
    if not shown:
        shown = text_as_markdown(ticket.description_text or "")
        return [DESCRIPTION, shown] if shown else []
    more = _lines_missing(ticket.description_text, shown) if ticket.description_text else []
    plain = ["### Only in the plain text", text_as_markdown("\n".join(more))] if more else []
    return [DESCRIPTION, shown, *plain]


def _lines_missing(plain: str, shown: str) -> list[str]:
    """The lines of a plain text with a word that this Markdown does not have."""
    lines = [line for line in plain.splitlines() if line.rstrip() not in shown]
    if not lines:
        return []
    known = _words(shown)
    return [line for line in lines if not _words(line) <= known]


def _words(text: str) -> set[str]:
    """The words, whatever form their letters have: Codex makes 106 of 10⁶ in the plain text."""
    return set(_WORDS.findall(normalize("NFKC", text).casefold()))


def _message(message: Message) -> str:
    parts = [_escaped_writer(message.from_email)] if message.from_email else []
    if message.created_at:
        parts.append(_time(message.created_at))
    if message.incoming is not None:
        parts.append(FROM_CLIENT if message.incoming else FROM_US)
    return f"{MESSAGE}{SEPARATOR.join(parts) or WITHOUT_FACTS}\n\n{text_as_markdown(message.body or '')}".rstrip()


def _time(text: str) -> str:
    """A time as a heading has it, to the minute and in UTC. One without a zone stays so, as its zone is unknown."""
    try:
        moment = datetime.fromisoformat(text) if len(text) > _DAY_ALONE else None  # fast path: most times are so
        utc = moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        moment = utc = moment_of(text)
    if utc:
        return f"{utc.isoformat(' ')[:_TO_THE_MINUTE]} UTC"
    return moment.isoformat(" ")[:_TO_THE_MINUTE] if moment else escaped(text)


@lru_cache(maxsize=4096)
def _escaped_writer(address: str) -> str:
    return escaped(address)  # few people write most of the mails
