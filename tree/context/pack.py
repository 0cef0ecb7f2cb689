"""Builds a context pack."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from knowledgetree.basics.rights.reader import Reader
from tree.context import tokens
from tree.context.candidates import Gathered, Section, gather
from tree.context.choice import Chosen, choose
from tree.context.customers import LEGEND, on_one_line
from tree.context.withholding import Hidden, disclosed
from tree.exceptions import NodeNotFound
from tree.graph.values import Crumb
from tree.kinds import NODE_CLASS, Company
from tree.queries.texts.context import Block

DEFAULT_BUDGET, LEAST_BUDGET, MOST_BUDGET = 20_000, 500, 200_000  # tokens
_USED = 0.95  # of the budget; other vendors' tokenizers count differently
_INDEX = 0.05  # of the budget, for one line for each node that is left out
_NAMED, _TITLE = 5, 80  # targets that the heading names, and characters of the title of each
_LONG = 120  # characters of a paragraph that is not repeated


@dataclass(frozen=True)
class Line:
    """A line of the manifest: a candidate, its tokens where it is in, and why it is in or out.

    ``path``: the nodes from the root to it, itself included.
    """

    uid: str
    title: str
    kind: str
    section: Section
    tokens: int
    is_in: bool
    why: str
    path: tuple[Crumb, ...]
    is_archived: bool

    def as_json(self) -> dict[str, Any]:
        company = next((crumb.uid for crumb in reversed(self.path) if crumb.kind == Company.kind()), None)
        return {
            "id": self.uid, "title": self.title, "kind": self.kind, "section": self.section.value,
            "tokens": self.tokens, "is_in": self.is_in, "why": self.why, "company_id": company,
        }  # fmt: skip


@dataclass(frozen=True)
class Pack:
    """``text`` is the pack in Markdown. ``tokens`` are those of the whole. ``blocks``: the texts by id."""

    text: str
    tokens: int
    budget: int
    lines: tuple[Line, ...]
    blocks: dict[str, str]
    withheld: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The SHA-256 of the text, by which equal packs are known."""
        return sha256(self.text.encode()).hexdigest()

    def manifest(self) -> dict[str, Any]:
        """What is in and what is not, for programs."""
        return {
            "tokenizer": tokens.TOKENIZER,
            "budget": self.budget,
            "tokens": self.tokens,
            "sha256": self.digest,
            "withheld": list(self.withheld),
            "candidates": [line.as_json() for line in self.lines],
        }


def build(
    ids: Sequence[str],
    reader: Reader,
    *,
    budget: int = DEFAULT_BUDGET,
    question: str = "",
    excluded: Iterable[str] = (),
    hidden: Hidden | None = None,
) -> Pack:
    """The pack about these nodes with at most ``budget`` tokens. ``excluded``: ids that are not wanted.

    ``question``: what somebody wants to know about the nodes, so that what has its words comes first.

    ``hidden``: what compliance levels withhold from the reader; None for nothing.

    Raises NodeNotFound if none of the nodes exists for this reader; ValueError for a budget out of range.
    """
    if not LEAST_BUDGET <= budget <= MOST_BUDGET:
        raise ValueError(f"The budget must be from {LEAST_BUDGET:,} to {MOST_BUDGET:,} tokens.")
    gathered = gather(ids, reader, question)
    if hidden is not None:
        gathered = disclosed(gathered, hidden)
    if not gathered.targets:
        raise NodeNotFound("There is no such node.")
    head = _head(gathered)
    limit = int(budget * _USED)
    room = limit - tokens.count(head) - 12 * len(Section) - int(budget * _INDEX)
    chosen = choose(gathered, room, excluded)
    lines = _lines(gathered, chosen)
    body = "\n\n".join([head, *_sections(gathered, chosen)])
    text = _with_index(body, [line for line in lines if not line.is_in], limit)
    return Pack(text, tokens.count(text), budget, lines, chosen.texts, _withheld(gathered, reader))


def _withheld(gathered: Gathered, reader: Reader) -> tuple[str, ...]:
    """What the pack may lack, in words: it tells what is withheld from what there is not."""
    blocks = [block for _, some in _in_order(gathered) for block in some]
    limits = {
        "tickets": not reader.tickets,
        "other companies": reader.companies is not None,
        "by compliance level": gathered.is_withheld or any(block.withheld for block in blocks),
    }
    return tuple(words for words, is_so in limits.items() if is_so)


def _head(gathered: Gathered) -> str:
    titles = [_named(target) for target in gathered.targets[:_NAMED]]
    if (more := len(gathered.targets) - len(titles)) > 0:
        titles.append(f"and {more} more")
    return f"# Context: {'; '.join(titles)}\n\n{LEGEND}"


def _named(block: Block) -> str:
    title = on_one_line(block.title)
    shown = title if len(title) <= _TITLE else f"{title[:_TITLE]}…"
    return f"{NODE_CLASS[block.kind].about.singular} “{shown}” (id {block.uid})"


def _in_order(gathered: Gathered) -> Iterable[tuple[Section, list[Block]]]:
    for section in Section:
        yield (
            section,
            [
                *(gathered.targets if section is Section.TARGET else ()),
                *(candidate.block for candidate in gathered.sections.get(section, ())),
            ],
        )


def _sections(gathered: Gathered, chosen: Chosen) -> Iterable[str]:
    seen: set[str] = set()
    for section, blocks in _in_order(gathered):
        texts = [_without_repeats(chosen.texts[b.uid], seen) for b in blocks if b.uid in chosen.texts]
        if texts:
            yield "\n\n".join([f"## {section.words}", *texts])


def _without_repeats(text: str, seen: set[str]) -> str:
    """The text without long paragraphs that the pack has already, as a signature or a rule that is copied around."""
    kept = []
    for paragraph in text.split("\n\n"):
        plain = " ".join(paragraph.split())
        if len(plain) >= _LONG and plain in seen:
            kept.append("[as above]")
        else:
            seen.add(plain)
            kept.append(paragraph)
    return "\n\n".join(kept)


def _lines(gathered: Gathered, chosen: Chosen) -> tuple[Line, ...]:
    return tuple(_manifest_line(block, section, chosen) for section, blocks in _in_order(gathered) for block in blocks)


def _manifest_line(block: Block, section: Section, chosen: Chosen) -> Line:
    is_in = block.uid in chosen.texts
    why = section.words.lower() if is_in else chosen.out.get(block.uid, "budget")
    cost = chosen.costs.get(block.uid, 0)
    return Line(block.uid, block.title, block.kind, section, cost, is_in, why, block.path, block.is_archived)


def _with_index(body: str, out: Sequence[Line], limit: int) -> str:
    """The pack with one line for each node that is left out, as far as there is room for them."""
    if not out:
        return f"{body}\n"
    room = limit - tokens.count(body) - 40
    lines = [f"- {on_one_line(line.title)[:_TITLE]} · {line.kind} · id {line.uid} · {line.why}" for line in out]
    shown, used = [], 0
    for line, cost in zip(lines, tokens.count_all(lines), strict=True):
        if used + cost + 1 > room:
            break
        shown.append(line)
        used += cost + 1
    more = len(lines) - len(shown)
    if more:
        shown.append(f"- and {more:,} more")
    return "\n".join([f"{body}\n\n## Left out\n", *shown, ""])
