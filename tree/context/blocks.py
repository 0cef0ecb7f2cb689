"""Writes the nodes of a pack as Markdown, each headed by where it is, what it is and who says so."""

import re
from collections.abc import Iterable, Sequence

from tree.context import tokens
from tree.context.candidates import Section
from tree.context.customers import fenced, on_one_line, told
from tree.graph.folding import folded
from tree.graph.values import is_open
from tree.kinds import NODE_CLASS, Note, Ticket
from tree.kinds.facts import facts
from tree.queries.context import Block
from tree.text.thread import Message, parts_of, thread_of
from tree.vocabulary import ORIGIN_CODEX, ORIGIN_SYSTEM

CUT = "[… {left} characters left out]"
WITHHELD = "[withheld by the client's compliance level: {names}]"
_CUT_END = " characters left out]"
OPEN_TICKET_TOKENS, CLOSED_TICKET_TOKENS = 160, 260  # of what a ticket that is not the target says
_OF_OTHER_TICKETS = ("status", "priority", "requester_name")
_LEAST_TOKENS = 40  # of a text that is cut; less would say nothing
_OF_CUT, _OF_GAP = 15, 3  # tokens of the line that says what is left out, and of a gap between paragraphs
_HEADING = re.compile(r"^( {0,3})(#{1,6})(?=\s|$)")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_DEEPEST = 6
_FACT = re.compile(r"\d|@|://|`")
_PARAGRAPHS = re.compile(r"\n{2,}")


def is_cut(text: str) -> bool:
    """Whether something of the block was left out, or nothing of it is there yet."""
    return not text or text.endswith(_CUT_END) or f"{_CUT_END}\n" in text


def header(block: Block) -> str:
    """Title, path, id, kind, origin and last change of a node, in three lines."""
    values = block.properties
    path = "/" + "/".join(crumb.name for crumb in block.path[1:])
    facts_of = [f"id {block.uid}", NODE_CLASS[block.kind].about.singular, origin(block)]
    changed = values.get("last_updated_at") or values.get("updated_at") or values.get("last_seen")
    if changed:
        facts_of.append(f"changed {changed}")
    if values.get("is_warning"):
        facts_of.append("WARNING")
    return f"### {on_one_line(block.title)}\n{on_one_line(path)}\n{' · '.join(map(on_one_line, facts_of))}"


def origin(block: Block) -> str:
    """Who says what the block says."""
    values = block.properties
    if block.kind == Ticket.kind():
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
        return _cut(_demoted(told(content)).strip(), words, room, block.unread)
    if section is Section.TARGET:
        text = _cut(content, words, room, block.unread)
    else:
        is_still_open = is_open(block.properties)
        most = min(room, OPEN_TICKET_TOKENS if is_still_open else CLOSED_TICKET_TOKENS)
        text = _cut(_end_of(content, is_open=is_still_open), words, most)
    return fenced(text) if text else ""


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


def _cut(text: str, words: Sequence[str], room: int, unread: int = 0) -> str:
    """The text, or of a longer one the beginning and the paragraphs with most of the words.

    ``unread``: so many characters of it come behind, and were not read.
    """
    if tokens.count(text) <= room:
        return f"{text}\n{CUT.format(left=unread)}" if unread else text
    if room < _LEAST_TOKENS:
        return ""
    paragraphs = _PARAGRAPHS.split(text)
    kept = _most_telling(paragraphs, set(words), room - _OF_CUT)
    shown = "\n\n".join(_with_gaps(paragraphs, kept)) or tokens.beginning(paragraphs[0], room - _OF_CUT)
    return f"{shown}\n{CUT.format(left=len(text) + unread - len(shown))}"


def _most_telling(paragraphs: Sequence[str], wanted: set[str], room: int) -> set[int]:
    """The first paragraph, and those with most of the words or with facts, as many as fit."""
    costs = tokens.count_all(paragraphs)
    order = sorted(
        range(1, len(paragraphs)), key=lambda n: (-_common(paragraphs[n], wanted), _no_fact(paragraphs[n]), n)
    )
    kept: set[int] = set()
    for number in (0, *order):
        if costs[number] + _OF_GAP <= room:
            kept.add(number)
            room -= costs[number] + _OF_GAP
    return kept


def _with_gaps(paragraphs: Sequence[str], kept: Iterable[int]) -> Iterable[str]:
    before = -1
    for number in sorted(kept):
        if number > before + 1:
            yield "[…]"
        yield paragraphs[number]
        before = number


def _no_fact(paragraph: str) -> bool:
    """Whether it has no number, address or name of a computer, which is what people look a note up for."""
    return not _FACT.search(paragraph)


def _common(paragraph: str, wanted: set[str]) -> int:
    return len(wanted & set(re.findall(r"[^\W_]+", folded(paragraph))))


def _demoted(text: str) -> str:
    """Headings of a note below that of its block, so that no note can have a block of its own."""
    lines, fence = text.split("\n"), ""
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence = ""
        elif not fence and (found := _HEADING.match(line)):
            lines[number] = f"{'#' * min(len(found[2]) + 3, _DEEPEST)}{line[found.end() :]}"
    return "\n".join(lines)
