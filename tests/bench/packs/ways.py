"""The ways to choose what an assistant reads that are compared: the pack, and three that need no graph."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from knowledgetree.basics.rights.reader import EVERYTHING
from tests.bench.packs.planting import Question
from tree import queries
from tree.context import tokens
from tree.context.pack import build
from tree.graph.connection import read
from tree.queries.texts.context import get_blocks

_NEWEST = """
MATCH (c:Company {id: $company})-[:PARENT_OF*1..6]->(n:ContextItem)
WHERE n.archived_at IS NULL AND n.trashed_at IS NULL AND coalesce(n.content, '') <> ''
RETURN n.name AS name, n.content AS content ORDER BY coalesce(n.latest_at, n.updated_at, '') DESC, n.id LIMIT 2000
"""
# As the old application gave it: the texts in every folder from the top down to the node.
_SUBTREE = """
MATCH way = (:ContextItem {id: 'root'})-[:PARENT_OF*0..]->(:ContextItem {id: $target})
UNWIND range(0, length(way)) AS depth
WITH depth, nodes(way)[depth] AS folder
MATCH (folder)-[:PARENT_OF]->(n) WHERE NOT coalesce(n.is_folder, false) AND n.trashed_at IS NULL
RETURN n.name AS name, coalesce(n.content, '') AS content ORDER BY depth, n.name LIMIT 5000
"""


@dataclass(frozen=True)
class Read:
    """What an assistant would read, in the pieces that it is made of."""

    text: str
    pieces: tuple[str, ...]


def pack(question: Question, budget: int) -> Read:
    built = build([question.target], EVERYTHING, budget=budget)
    return Read(built.text, tuple(built.blocks.values()))


def asked_pack(question: Question, budget: int) -> Read:
    """The pack for one who says what they want to know, as the full text does."""
    built = build([question.target], EVERYTHING, budget=budget, question=question.text)
    return Read(built.text, tuple(built.blocks.values()))


def full_text(question: Question, budget: int) -> Read:
    """The best hits of the search for the question, with their whole texts."""
    hits = queries.search(question.text, reader=EVERYTHING, limit=50).hits
    blocks = get_blocks([hit.row.uid for hit in hits], EVERYTHING)
    found = (blocks[hit.row.uid] for hit in hits if hit.row.uid in blocks)
    return _within(((b.title, str(b.properties.get("content") or "")) for b in found), budget)


def newest(question: Question, budget: int) -> Read:
    """What changed last in the client's part of the tree."""
    return _within(((r["name"], r["content"]) for r in read(_NEWEST, company=question.company)), budget)


def subtree(question: Question, budget: int) -> Read:
    return _within(((r["name"], r["content"]) for r in read(_SUBTREE, target=question.target)), budget)


WAYS: dict[str, Callable[[Question, int], Read]] = {
    "pack": pack,
    "pack, asked": asked_pack,
    "full text": full_text,
    "newest first": newest,
    "subtree, cut": subtree,
}


def _within(texts: Iterable[tuple[str, str]], budget: int) -> Read:
    """Whole texts as long as they fit, and the beginning of the next one."""
    pieces: list[str] = []
    left = budget
    for title, content in texts:
        piece = f"## {title}\n\n{content}"
        cost = tokens.count(piece)
        if cost > left:
            pieces.append(tokens.beginning(piece, left))
            break
        pieces.append(piece)
        left -= cost
    return Read("\n\n".join(pieces), tuple(pieces))
