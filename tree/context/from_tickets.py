"""A draft of a note from the tickets of a client or a computer: what was asked, what was tried, how it ended.

No model writes it. Each line says which ticket it comes from, so that whoever turns it into a note can look.
"""

from collections.abc import Iterable

from knowledgetree.basics.rights.reader import Reader
from tree.graph.values import Node, is_open
from tree.queries.texts.context import Anchor, Block, get_blocks, get_tickets_of
from tree.text.escaping import escaped
from tree.text.plain import without_markup
from tree.text.thread import Message, parts_of, thread_of

ENOUGH_TICKETS = 5  # from which a note is worth its time
MOST_TICKETS = 40
MOST_AT_AN_END = 2  # of what staff wrote in a ticket, so many from its beginning and from its end
_CHARACTERS = 300  # of one thing that somebody wrote


def draft_from_tickets(node: Node, reader: Reader) -> str:
    """The Markdown; empty if there are no tickets that the reader may read."""
    found = get_tickets_of([Anchor(node.uid, 0)], reader, without=(), limit=MOST_TICKETS)
    ids = [one.uid for tickets in found for one in tickets]
    blocks = get_blocks(ids, reader)
    client = node.company.uid if node.company else ""
    tickets = [b for b in (blocks[uid] for uid in ids if uid in blocks) if _is_of(b, client)][:MOST_TICKETS]
    if not tickets:
        return ""
    closed = [ticket for ticket in tickets if not is_open(ticket.properties)]
    still_open = [ticket for ticket in tickets if is_open(ticket.properties)]
    hours = sum(float(ticket.properties.get("total_hours_spent") or 0) for ticket in tickets)
    parts = [f"From {len(tickets)} tickets, {hours:g} hours in all. Keep what holds, and delete the rest."]
    for heading, some in (("What was solved", closed), ("What is still open", still_open)):
        if some:
            parts += [f"## {heading}", *(_lines(ticket) for ticket in some)]
    return "\n\n".join(parts) + "\n"


def _is_of(ticket: Block, client: str) -> bool:
    return any(crumb.uid == client for crumb in ticket.path)


def _lines(ticket: Block) -> str:
    values = ticket.properties
    link = f"[{escaped(ticket.title)}](/node/{ticket.uid}/)"
    when = str(values.get("closed_at") or values.get("last_updated_at") or values.get("opened_at") or "")[:10]
    spent = f"{float(values['total_hours_spent']):g} h" if values.get("total_hours_spent") else ""
    head = ", ".join(filter(None, (escaped(str(values.get("status") or "")), when, spent)))
    thread = thread_of(str(values.get("content") or ""))
    lines = [f"- {link}{f' ({head})' if head else ''}"]
    if asked := _said(thread.description):
        lines.append(f"  - Asked: “{asked}”")
    lines += _told(message for message in thread.messages if not message.is_from_client)
    return "\n".join(lines)


def _told(messages: Iterable[Message]) -> list[str]:
    """What staff wrote: what was tried first, and how it ended."""
    said = [(message, text) for message in messages if (text := _said(message.text))]
    shown = said if len(said) <= 2 * MOST_AT_AN_END else [*said[:MOST_AT_AN_END], *said[-MOST_AT_AN_END:]]
    return [
        f"  - {'Ended' if number == len(shown) else 'Tried'}: {text} ({_by(message)})"
        for number, (message, text) in enumerate(shown, 1)
    ]


def _by(message: Message) -> str:
    kind = "internal note" if message.is_internal else "mail"
    return f"{kind} by {escaped(message.writer)}" if message.writer else kind


def _said(text: str) -> str:
    """What the writer wrote, on one line and without markup; what is quoted is left out."""
    own = "\n".join(part.text for part in parts_of(text) if not part.is_quoted)
    plain = " ".join(without_markup(own).split())
    shown = plain if len(plain) <= _CHARACTERS else f"{plain[:_CHARACTERS].rsplit(' ', 1)[0]} …"
    return escaped(shown)
