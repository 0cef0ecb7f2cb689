"""Writes the nodes of a pack as Markdown, each headed by where it is, what it is and who says so."""

from collections.abc import Mapping, Sequence
from typing import Any

from tree.context import tokens
from tree.context.candidates import Section
from tree.context.customers import QUOTE, in_fence, on_one_line, quoted
from tree.context.cutting import as_note, cut
from tree.graph.values import is_open
from tree.kinds import NODE_CLASS, Note, Ticket
from tree.kinds.facts import facts
from tree.queries.texts.context import Block
from tree.text.thread import Message, parts_of, thread_of
from tree.vocabulary import ORIGIN_CODEX, ORIGIN_SYSTEM

WITHHELD = "[withheld by the client's compliance level: {names}]"
OPEN_TICKET_TOKENS, CLOSED_TICKET_TOKENS = 160, 260  # of what a ticket that is not the target says
_OF_OTHER_TICKETS = ("status", "priority", "requester_name")
_OF_FENCE = 14  # tokens of the lines of a fence


def header(block: Block) -> str:
    """Title, path, id, kind, origin and last change of a node, in three lines."""
    values = block.properties
    path = "/" + "/".join(crumb.name for crumb in block.path[1:])
    facts_of = [f"id {block.uid}", NODE_CLASS[block.kind].about.singular, origin(block.kind, block.properties)]
    changed = values.get("last_updated_at") or values.get("updated_at") or values.get("last_seen")
    if changed:
        facts_of.append(f"changed {changed}")
    if values.get("is_warning"):
        facts_of.append("WARNING")
    return f"### {on_one_line(block.title)}\n{on_one_line(path)}\n{' · '.join(map(on_one_line, facts_of))}"


def origin(kind: str, values: Mapping[str, Any]) -> str:
    """Who says what a node of this kind with these properties says."""
    if kind == Ticket.kind():
        return "customer's mail, by Codex"
    if values.get("origin") in (ORIGIN_CODEX, ORIGIN_SYSTEM):
        return "Codex" if values["origin"] == ORIGIN_CODEX else "system"
    by = values.get("updated_by") or values.get("created_by")
    return f"staff ({by})" if by else "staff"


def written(block: Block, section: Section, words: Sequence[str], most: int) -> str:
    """The block with at most about ``most`` tokens; empty if that is too few to say anything."""
    parts = [header(block), *_facts(block, section)]
    if block.withheld:
        parts.append(WITHHELD.format(names=", ".join(block.withheld)))
    room = most - tokens.count("\n".join(parts))
    if room < 0:
        return ""
    text = _text(block, section, words, room)
    return "\n\n".join(filter(None, ("\n".join(parts), text)))


def _facts(block: Block, section: Section) -> list[str]:
    if block.kind == Note.kind():
        return []
    if section in (Section.OPEN, Section.CLOSED):
        told_of = (block.properties.get(name) for name in _OF_OTHER_TICKETS)
        return [" · ".join(on_one_line(str(value)) for value in told_of if value)]
    return [f"- {fact.label}: {on_one_line(', '.join(fact.values))}" for fact in facts(block.kind, block.properties)]


def _text(block: Block, section: Section, words: Sequence[str], room: int) -> str:
    content = str(block.properties.get("content") or "")
    if not content.strip() or _repeats_facts(block):
        return ""
    if block.kind != Ticket.kind():
        return cut(as_note(content), words, room, unread=block.unread)
    unread = block.unread
    if section is not Section.TARGET:
        is_still_open = is_open(block.properties)
        room = min(room, OPEN_TICKET_TOKENS if is_still_open else CLOSED_TICKET_TOKENS)
        content, unread = _end_of(content, is_open=is_still_open), 0
    text = cut(quoted(content), words, room - _OF_FENCE, unread=unread, quote=QUOTE)
    return in_fence(text) if text else ""


def _repeats_facts(block: Block) -> bool:
    """Whether its text is one that the sync writes and that says nothing but the facts."""
    is_record = block.kind not in (Ticket.kind(), Note.kind())
    return (is_record and block.properties.get("origin") == ORIGIN_CODEX) or NODE_CLASS[block.kind].about.text_is_facts


def _end_of(content: str, *, is_open: bool) -> str:
    """What is known of a ticket in short: how it begins, and what was written last; of a closed one, how it ended."""
    thread = thread_of(content)
    last = [message for message in thread.messages if message.text.strip()]
    internal = [message for message in last if message.is_internal][-1:]
    public = [message for message in last if not message.is_internal][-1:]
    chosen = [message for message in last if message in (*internal, *public)]
    described = " ".join(_own(thread.description).split())
    shown = described if len(described) <= 300 else described[:300].rsplit(" ", 1)[0] + " …"
    what = "last" if is_open else "ended"
    return "\n".join(
        [shown, *(f"[{what}: {_who(message)}] {' '.join(_own(message.text).split())}" for message in chosen)]
    )


def _own(text: str) -> str:
    return "\n".join(part.text for part in parts_of(text) if not part.is_quoted)


def _who(message: Message) -> str:
    kind = "internal note" if message.is_internal else "from the client" if message.is_from_client else "from us"
    return ", ".join(filter(None, (kind, message.writer, message.at)))
