"""The texts from the root down to a node, of which the contexts of the old application are made."""

from dataclasses import dataclass
from typing import Any

from knowledgetree.basics.rights.reader import Reader
from tree.graph.connection import read
from tree.graph.values import CLOSED_STATUS, Crumb, Node
from tree.kinds import FOLDER_KINDS
from tree.queries.columns import MAY_READ, MAY_READ_CHILD, OPEN_FIRST, PATH, crumbs
from tree.vocabulary import MAX_DEPTH

LONGEST = 60_000  # characters of one text that are read
MOST_CHARACTERS = 400_000  # read of all texts together; twice as many as a context takes
ARTICLES = 100  # of one node, and of one attached folder
LINKED = 25

_IS_ARTICLE = "NOT (" + " OR ".join(f"%(n)s:{kind}" for kind in FOLDER_KINDS) + ")"
_IS_LIVE = "%(n)s.trashed_at IS NULL AND %(n)s.archived_at IS NULL"
_ARTICLE = (
    "{id: %(n)s.id, characters: size(coalesce(%(n)s.content, '')), is_of_staff: coalesce(%(n)s.origin, '') = 'staff'}"
)
_TEXTS = (
    """
MATCH (n:ContextItem) WHERE n.id IN $ids AND """
    + MAY_READ % {"n": "n"}
    + """
RETURN n.id AS id, left(coalesce(n.content, ''), $longest) AS text, coalesce(n.origin, '') = 'staff' AS is_of_staff,
  """
    + PATH % {"n": "n"}
    + """ AS path
"""
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
    """A folder whose articles belong to the context of the node it lies in, which is at ``place`` on the path.

    ``left_out`` counts those not read, as far as they were looked for.
    """

    place: int
    uid: str
    name: str
    articles: tuple[Article, ...] = ()
    left_out: int = 0


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
    texts = _read_best([(place, row["found"]) for place, row in enumerate(rows)], reader, first=node.uid)
    sections = []
    for place, row in enumerate(rows):
        articles = _of(row["found"], texts)
        own = Article(node.path[: place + 1], row["own"], row["is_of_staff"])
        sections.append(Section(own, articles, max(row["number"] - len(articles), 0)))
    return sections


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
        closed=CLOSED_STATUS,
        **reader.parameters,
    )
    texts = _read_best([(row["place"], row["found"]) for row in rows], reader)
    folders = []
    for row in rows:
        articles = _of(row["found"], texts)
        left_out = len(row["found"]) - len(articles)
        folders.append(AttachedFolder(row["place"], row["id"], str(row["name"]), articles, left_out))
    return folders


def _read_best(found: list[tuple[int, list[dict[str, Any]]]], reader: Reader, first: str = "") -> dict[str, Article]:
    """Of the articles at places of the path, as many as MOST_CHARACTERS allow, by id.

    ``first`` comes first, then what staff wrote, and each time what is nearest.
    """
    listed = [(place, article) for place, articles in found for article in articles]
    listed.sort(key=lambda one: (one[1]["id"] != first, not one[1]["is_of_staff"], -one[0]))
    wanted: list[str] = []
    left = MOST_CHARACTERS
    for _, article in listed:
        left -= min(article["characters"], LONGEST)
        if left < 0 and wanted:
            break
        wanted.append(article["id"])
    rows = read(_TEXTS, ids=wanted, longest=LONGEST, **reader.parameters) if wanted else []
    return {row["id"]: Article(crumbs(row["path"]), row["text"], row["is_of_staff"]) for row in rows}


def _of(found: list[dict[str, Any]], texts: dict[str, Article]) -> tuple[Article, ...]:
    return tuple(texts[article["id"]] for article in found if article["id"] in texts)
