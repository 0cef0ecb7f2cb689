"""Defines tickets, with their conversation and internal notes."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from syncing.kinds.declaration.desired import Desired, Links
from syncing.kinds.declaration.documents import text_as_markdown
from syncing.kinds.declaration.kind import Directory, Kind
from syncing.kinds.declaration.records import CodexId, Hours, Line, Text
from tree.text.escaping import escaped

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
        "description": "\n\n## Description\n",
        "conversations": "\n\n## Conversation\n",
        "notes": "\n\n## Internal notes\n",
    }

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
        description = text_as_markdown(record.description or record.description_text or "")
        if description:
            parts += ["## Description", description]
        if record.conversations:
            parts.append("## Conversation")
            parts += [_message(message) for message in record.conversations]
        if record.notes:
            parts.append("## Internal notes")
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
            "total_hours_spent": float(record.total_hours_spent),
            **node.links,
            "content": self.document(record),
        }


def _mentioned(ticket: Ticket, directory: Directory, requester: str | None) -> list[str]:
    """Keys of the computers that the ticket's texts name, and of the people besides the requester who wrote in it.

    In a ticket without the requester's e-mail, a writer may be the requester, so no writer is returned.
    """
    mails = ticket.conversations or []
    texts = [ticket.subject, ticket.description or ticket.description_text]
    texts += [message.body for message in (*mails, *(ticket.notes or ()))]
    named = directory.computers.named_in("\n".join(text for text in texts if text))
    people = directory.everybody
    writers = {people.with_email(mail.from_email) for mail in mails} if ticket.requester_email else set()
    return sorted(named)[:MOST_COMPUTERS] + sorted(key for key in writers if key and key != requester)


def _message(message: Message) -> str:
    side = {True: "from the client", False: "from us", None: ""}[message.incoming]
    head = " · ".join(escaped(part) for part in (message.from_email, message.created_at, side) if part)
    return f"### {head or 'Message'}\n\n{text_as_markdown(message.body or '')}".rstrip()
