"""The texts from the root down to a node, of which the contexts of the old application are made."""

from dataclasses import dataclass
from typing import Any

from knowledgetree.basics.readers import Reader
from tree.graph.connection import read
from tree.graph.values import CLOSED_STATUS, Crumb, Node
from tree.kinds import FOLDER_KINDS
from tree.queries.columns import CRUMB, MAY_READ, MAY_READ_CHILD, OPEN_FIRST, SELF_AND_ABOVE, crumbs
from tree.vocabulary import MAX_DEPTH

LONGEST = 60_000  # characters of one text that are read
ARTICLES = 100  # of one node, and of one attached folder
LINKED = 25

_IS_ARTICLE = "NOT (" + " OR ".join(f"%(n)s:{kind}" for kind in FOLDER_KINDS) + ")"
_IS_LIVE = "%(n)s.trashed_at IS NULL AND %(n)s.archived_at IS NULL"
_ARTICLE = (
    "{text: left(coalesce(%(n)s.content, ''), $longest), is_of_staff: coalesce(%(n)s.origin, '') = 'staff', "
    "path: COLLECT { MATCH way = (%(n)s)"
    + SELF_AND_ABOVE
    + "(above:ContextItem) RETURN above "
    + CRUMB % {"n": "above"}
    + " ORDER BY length(way) DESC }}"
)
_SECTIONS = (
    """
UNWIND range(0, size($path) - 1) AS place
MATCH (s:ContextItem {id: $path[place]})
RETURN CASE WHEN """
    + MAY_READ % {"n": "s"}
    + """ THEN left(coalesce(s.content, ''), $longest) ELSE '' END AS own,
  coalesce(s.origin, '') = 'staff' AS is_of_staff,
  COLLECT {
    MATCH (s)-[:PARENT_OF]->(a:ContextItem)
    WHERE """
    + _IS_ARTICLE % {"n": "a"}
    + " AND (a.id IN $path OR "
    + _IS_LIVE % {"n": "a"}
    + ") AND "
    + MAY_READ_CHILD % {"n": "a"}
    + """
    WITH a ORDER BY a.id IN $path DESC, coalesce(a.origin, '') = 'staff' DESC, a.sort_key, a.id LIMIT $limit
    WITH a ORDER BY a.sort_key, a.id
    RETURN a AS article
  } AS found,
  COUNT {
    MATCH (s)-[:PARENT_OF]->(a:ContextItem) WHERE """
    + _IS_ARTICLE % {"n": "a"}
    + " AND "
    + _IS_LIVE % {"n": "a"}
    + " AND "
    + MAY_READ_CHILD % {"n": "a"}
    + """
  } AS number
ORDER BY place
"""
).replace("RETURN a AS article", "RETURN " + _ARTICLE % {"n": "a"})
_ATTACHED = (
    """
UNWIND range(0, size($path) - 1) AS place
MATCH (:ContextItem {id: $path[place]})-[:PARENT_OF]->(f:Folder {is_attached: true})
WHERE """
    + _IS_LIVE % {"n": "f"}
    + " AND "
    + MAY_READ_CHILD % {"n": "f"}
    + """ AND NOT f.id IN $excluded
WITH place, f ORDER BY place, f.sort_key, f.id LIMIT $limit
RETURN place, f.id AS id, f.name AS name,
  CASE WHEN $with_texts THEN COLLECT {
    MATCH (f)-[:PARENT_OF*1.."""
    + str(MAX_DEPTH)
    + "]->(a:ContextItem) WHERE "
    + _IS_ARTICLE % {"n": "a"}
    + " AND "
    + _IS_LIVE % {"n": "a"}
    + " AND "
    + MAY_READ % {"n": "a"}
    + """
    WITH a ORDER BY a.sort_key, a.id LIMIT $limit
    RETURN """
    + _ARTICLE % {"n": "a"}
    + """
  } + COLLECT {
    MATCH (f)-[:LINKS_TO]->(t:ContextItem)
    WHERE """
    + _IS_LIVE % {"n": "t"}
    + " AND "
    + MAY_READ % {"n": "t"}
    + """
    WITH DISTINCT t ORDER BY """
    + OPEN_FIRST
    + """ LIMIT $linked
    RETURN """
    + _ARTICLE % {"n": "t"}
    + """
  } ELSE [] END AS found
ORDER BY place, f.sort_key, f.id
"""
)


@dataclass(frozen=True)
class Article:
    """A text, at most LONGEST characters of it. ``way``: the nodes from the root to its node, itself included."""

    way: tuple[Crumb, ...]
    text: str
    is_of_staff: bool


@dataclass(frozen=True)
class AttachedFolder:
    """A folder whose articles belong to the context of the node it lies in, which is at ``place`` on the path."""

    place: int
    uid: str
    name: str
    articles: tuple[Article, ...] = ()


@dataclass(frozen=True)
class Section:
    """One node on the path: its own text, and the articles directly in it. ``left_out`` counts those not read."""

    own: Article
    articles: tuple[Article, ...]
    left_out: int


def get_sections(node: Node, reader: Reader) -> list[Section]:
    """A section for each node from the root to this one. Of many articles, those of staff are read first."""
    rows = read(
        _SECTIONS, path=[crumb.uid for crumb in node.path], limit=ARTICLES, longest=LONGEST, **reader.parameters
    )
    return [
        Section(
            Article(node.path[: place + 1], row["own"], row["is_of_staff"]),
            _articles(row["found"]),
            max(row["number"] - len(row["found"]), 0),
        )
        for place, row in enumerate(rows)
    ]


def get_attached(
    node: Node, reader: Reader, *, excluded: list[str] | None = None, with_texts: bool = True
) -> list[AttachedFolder]:
    """The attached folders in the nodes from the root to this one, and the articles at any depth below them.

    A person's Tickets folder has the tickets that it links to, the open ones first.
    """
    rows = read(
        _ATTACHED,
        path=[crumb.uid for crumb in node.path],
        excluded=excluded or [],
        with_texts=with_texts,
        limit=ARTICLES,
        linked=LINKED,
        longest=LONGEST,
        closed=CLOSED_STATUS,
        **reader.parameters,
    )
    return [AttachedFolder(row["place"], row["id"], str(row["name"]), _articles(row["found"])) for row in rows]


def _articles(found: list[dict[str, Any]]) -> tuple[Article, ...]:
    return tuple(Article(crumbs(one["path"]), one["text"], one["is_of_staff"]) for one in found)
