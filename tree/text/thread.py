"""The text of a ticket as a thread: its description, the messages of its conversation, the internal notes.

The sync writes a ticket as one Markdown text, with the headings that this module declares. What has other headings is
read as a description alone, so nothing of a text is ever lost.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from knowledgetree.basics.times import moment_of
from tree.text.lines import in_code
from tree.text.plain import without_markup

DESCRIPTION, CONVERSATION, NOTES = "## Description", "## Conversation", "## Internal notes"
FROM_CLIENT, FROM_US = "from the client", "from us"
MESSAGE = "### "  # then writer, time and direction, as far as they are known
SEPARATOR = " · "
WITHOUT_FACTS = "Message"
_TITLE = "# "
_QUOTED = re.compile(r" {0,3}\\?>")
# The line that mail programs write above what they quote, in the languages of most of our clients.
_INTRODUCES = re.compile(
    r"\W*(?:On|Am|Le|El|Op|Il|Em|Den|W dniu)\b.{4,300}\b(?:wrote|schrieb.{0,200}|a écrit|escribió|schreef|ha scritto"
    r"|escreveu|skrev.{0,200}|napisał\(?a?\)?)\s?:\W*"
)
_LONGEST_INTRODUCTION = 600  # characters; a name, an address and a time are shorter
_ORIGINAL = re.compile(r"[\W_]*(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Message d'origine)[\W_]*")
_HEADER = re.compile(r"\W*(?:From|Von|De|Van|Da|Fra)\W{0,4}:.{1,300}")
_HEADER_NEXT = re.compile(r"\W*(?:Sent|Date|To|Gesendet|Datum|An|Envoyé|À|Enviado|Verzonden|Aan)\W{0,4}:")
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Part:
    """A piece of a message, in Markdown; a quoted one repeats what an earlier message says."""

    text: str
    is_quoted: bool


@dataclass(frozen=True)
class Message:
    """A message of the conversation, or an internal note. ``at`` is as Codex wrote it; what is unknown is empty."""

    writer: str
    at: str
    is_internal: bool
    is_from_client: bool
    is_from_us: bool
    text: str

    @property
    def parts(self) -> list[Part]:
        return parts_of(self.text)


@dataclass(frozen=True)
class Thread:
    """A ticket's description, in Markdown, and its messages, the earliest first."""

    description: str
    messages: tuple[Message, ...]


def thread_of(text: str) -> Thread:
    """The parts of a ticket's text."""
    lines = text.split("\n")
    kinds = list(_kinds(lines))
    conversation = next((n for n, kind in enumerate(kinds) if kind == CONVERSATION), len(lines))
    notes = next((n for n in reversed(range(len(kinds))) if kinds[n] == NOTES), len(lines))
    conversation = min(conversation, notes)
    own = zip(lines[:conversation], kinds, strict=False)
    before = [line for line, kind in own if kind not in (_TITLE, DESCRIPTION)]
    public = list(_messages(lines[conversation + 1 : notes], kinds[conversation + 1 : notes], is_internal=False))
    internal = list(_messages(lines[notes + 1 :], kinds[notes + 1 :], is_internal=True))
    return Thread("\n".join(before).strip(), tuple(_by_time(public, internal)))


def parts_of(text: str) -> list[Part]:
    """A message in pieces: what its writer wrote, and what is quoted from earlier ones."""
    lines = text.split("\n")
    quoted = [bool(_QUOTED.match(line)) for line in lines]
    for number, line in enumerate(lines):
        if _ORIGINAL.fullmatch(line) or (_HEADER.fullmatch(line) and _is_header(lines[number + 1 : number + 4])):
            quoted[number:] = [True] * (len(lines) - number)
            break
        if len(line) <= _LONGEST_INTRODUCTION and _INTRODUCES.fullmatch(line) and any(quoted[number + 1 : number + 4]):
            quoted[number : number + 3] = [True, True, True]
    for number in range(1, len(lines) - 1):  # an empty line between two quoted ones
        if not lines[number].strip("\\ >"):
            quoted[number] = quoted[number - 1] and any(quoted[number + 1 : number + 3])
    parts: list[Part] = []
    start = 0
    for number in range(1, len(lines) + 1):
        if number == len(lines) or quoted[number] != quoted[start]:
            piece = "\n".join(lines[start:number]).strip("\n")
            if piece.strip():
                parts.append(Part(piece, quoted[start]))
            start = number
    if parts and all(part.is_quoted for part in parts):
        return [Part(text, is_quoted=False)]  # nothing else would be seen
    return parts


def _kinds(lines: list[str]) -> Iterator[str]:
    """Which of our headings each line is; empty for any other. Lines of code are none."""
    for number, (line, fence) in enumerate(zip(lines, in_code(lines), strict=True)):
        if fence:
            yield ""
        elif number == 0 and line.startswith(_TITLE):
            yield _TITLE
        elif line in (DESCRIPTION, CONVERSATION, NOTES):
            yield line
        else:
            yield MESSAGE if line.startswith(MESSAGE) and _heading(line) else ""


def _messages(lines: list[str], kinds: list[str], *, is_internal: bool) -> Iterator[Message]:
    starts = [n for n, kind in enumerate(kinds) if kind == MESSAGE]
    loose = "\n".join(lines[: starts[0] if starts else None]).strip()
    if loose:
        yield Message("", "", is_internal, False, False, loose)
    for start, end in pairwise([*starts, len(lines)]):
        writer, at, direction = _heading(lines[start]) or ("", "", "")
        body = "\n".join(lines[start + 1 : end]).strip()
        yield Message(writer, at, is_internal, direction == FROM_CLIENT, direction == FROM_US, body)


def _heading(line: str) -> tuple[str, str, str] | None:
    """Writer, time and direction of the heading of a message; None for a heading within one."""
    facts = without_markup(line).strip().split(SEPARATOR)
    if facts == [WITHOUT_FACTS]:
        return "", "", ""
    direction = facts.pop() if facts[-1] in (FROM_CLIENT, FROM_US) else ""
    at = facts.pop() if facts and moment_of(facts[-1]) else ""
    writer = SEPARATOR.join(facts)
    return (writer, at, direction) if at or direction or "@" in writer else None


def _by_time(public: list[Message], internal: list[Message]) -> list[Message]:
    """All messages by time. One without a time follows the one before it."""
    timed: list[tuple[datetime, Message]] = []
    for messages in (public, internal):
        latest = _EARLIEST
        for message in messages:
            latest = moment_of(message.at) or latest
            timed.append((latest, message))
    return [message for _, message in sorted(timed, key=lambda one: one[0])]


def _is_header(following: list[str]) -> bool:
    return any(_HEADER_NEXT.match(line) for line in following)
