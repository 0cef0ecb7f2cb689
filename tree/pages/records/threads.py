"""What the page of a ticket shows: its conversation as a thread, and what is known around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from knowledgetree.basics.rights.reader import Reader
from tree import queries
from tree.graph.values import Node, Row
from tree.text.escaping import escaped
from tree.text.rendering import render, ticket_numbers, with_ticket_links
from tree.text.thread import Message, thread_of

SHOWN_MESSAGES = 40  # each is formatted by itself; what came before them is formatted as one text


@dataclass(frozen=True)
class ShownPart:
    html: SafeString
    is_quoted: bool


@dataclass(frozen=True)
class ShownMessage:
    """A message with its formatted parts."""

    message: Message
    parts: list[ShownPart]


def ticket_context(node: Node, reader: Reader) -> dict[str, Any]:
    """The overview and the thread of a ticket."""
    around = queries.get_ticket(node.uid, reader=reader)
    properties = node.properties
    shown = {row.uid for row in (*around.of_person, *around.of_device)}
    found = queries.find_around(
        node.uid,
        str(properties.get("subject") or ""),
        str(properties.get("account_number") or ""),
        ticket_numbers(node.content),
        without=shown,
        reader=reader,
    )
    return {"ticket": around, "similar": found.similar, **_thread_context(node.content, found.by_number)}


def _thread_context(content: str, by_number: Mapping[str, Row]) -> dict[str, Any]:
    addresses = {number: (reverse("node", args=[row.uid]), row.title) for number, row in by_number.items()}
    formatted = partial(_formatted, addresses=addresses)
    thread = thread_of(content)
    earlier, latest = thread.messages[:-SHOWN_MESSAGES], thread.messages[-SHOWN_MESSAGES:]
    return {
        "description_html": formatted(thread.description),
        "said": [_shown(message, formatted) for message in latest],
        "earlier": formatted(_as_one(earlier)),
        "earlier_number": len(earlier),
    }


def _formatted(text: str, *, addresses: Mapping[str, tuple[str, str]]) -> SafeString:
    return with_ticket_links(render(text), addresses)


def _shown(message: Message, formatted: Callable[[str], SafeString]) -> ShownMessage:
    return ShownMessage(message, [ShownPart(formatted(part.text), part.is_quoted) for part in message.parts])


def _as_one(messages: Sequence[Message]) -> str:
    headed = (
        f"**{'Internal note: ' if one.is_internal else ''}{escaped(one.writer)} {escaped(one.at)}**\n\n{one.text}"
        for one in messages
    )
    return "\n\n---\n\n".join(headed)
