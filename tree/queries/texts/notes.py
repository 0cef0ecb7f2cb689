"""Queries of what staff wrote: revisions, backlinks, the trash, link suggestions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.exceptions import NodeNotFound
from tree.graph.connection import read
from tree.graph.values import Crumb, Hit, Row, display_name
from tree.kinds.titles import without_extension
from tree.queries.columns import MAY_READ, MAY_VISIT, PATH_ABOVE, ROW, crumbs, row
from tree.queries.fulltext import search
from tree.queries.records.cards import CARDS
from tree.queries.rights import require_readable
from tree.vocabulary import LINK_EVIDENCE

_REVISIONS = """
MATCH (:ContextItem {id: $id})-[:HAS_REVISION]->(r:Revision) WHERE $before IS NULL OR r.number < $before
WITH r ORDER BY r.number DESC SKIP $skip LIMIT $limit
RETURN collect(
  r {.number, .name, .author, .message, .saved_at, .is_warning, .way, .through, size: size(r.content)}
) AS revisions
"""
_REVISION = """
MATCH (:ContextItem {id: $id})-[:HAS_REVISION]->(r:Revision {id: $id + ':' + $number})
RETURN r {
  .number, .name, .author, .message, .saved_at, .is_warning, .way, .through, .content, size: size(r.content)
} AS revision
"""
_TEXTS = """
MATCH (:ContextItem {id: $id})-[:HAS_REVISION]->(r:Revision)
WHERE r.number >= $first AND r.number <= $last
RETURN collect([r.number, r.content]) AS texts
"""
_BACKLINKS = (
    """
UNWIND [$id] + """
    + CARDS % {"id": "$id"}
    + """ AS id
MATCH (:ContextItem {id: id})<-[:LINKS_TO|MENTIONS {evidence: $evidence}]-(n:ContextItem)
WHERE n.trashed_at IS NULL AND """
    + MAY_READ % {"n": "n"}
    + """
WITH DISTINCT n ORDER BY n.sort_key, n.id LIMIT $limit
RETURN collect(n """
    + ROW % {"n": "n"}
    + """) AS rows
"""
)
_LINK_STATES = (
    """
MATCH (n:ContextItem) WHERE n.id IN $ids AND """
    + MAY_VISIT % {"n": "n"}
    + """
RETURN n.id AS id, n.name AS name, n.trashed_at IS NULL AS is_live
"""
)
_TRASH = (
    """
MATCH (n:ContextItem) USING INDEX n:ContextItem(trashed_with)
WHERE n.trashed_with > '' AND n.trashed_with = n.id AND """
    + MAY_READ % {"n": "n"}
    + """
WITH n ORDER BY n.trashed_at DESC, n.id SKIP $skip LIMIT $limit
RETURN collect({row: n """
    + ROW % {"n": "n"}
    + """, by: n.trashed_by, inside: COUNT { MATCH (x:ContextItem {trashed_with: n.id}) } - 1,
  path: """
    + PATH_ABOVE % {"n": "n"}
    + """}) AS found
"""
)
_INSIDE = (
    """
MATCH (n:ContextItem {trashed_with: $id}) WHERE n.id <> $id
WITH n ORDER BY n.parent_id, n.sort_key LIMIT $limit
RETURN collect(n """
    + ROW % {"n": "n"}
    + """) AS rows
"""
)
_SUGGESTED = 12
_BACKLINK_ROWS = 50


@dataclass(frozen=True)
class Revision:
    """A saved version. ``size`` is in characters; ``content`` is empty in lists.

    ``way`` and ``through`` say through what it was made, see ``tree.operations.revisions``.
    """

    number: int
    name: str
    author: str
    message: str
    saved_at: str
    size: int
    content: str = ""
    is_warning: bool = False
    way: str = ""
    through: str = ""

    @property
    def title(self) -> str:
        """What people read instead of the name."""
        return without_extension(self.name)


@dataclass(frozen=True)
class Trashed:
    """A node in the trash: who put it there, how many nodes went with it, and the nodes above it that have a page."""

    row: Row
    by: str
    inside: int
    crumbs: tuple[Crumb, ...]


def get_revisions(
    uid: str, *, reader: Reader = EVERYTHING, before: int | None = None, skip: int = 0, limit: int = 50
) -> tuple[Revision, ...]:
    """The versions of a node, or those before a number, without their texts, newest first."""
    require_readable(uid, reader)
    rows = read(_REVISIONS, id=uid, before=before, skip=skip, limit=limit)
    return tuple(_revision(found) for found in rows[0]["revisions"])


def get_revision(uid: str, number: int, *, reader: Reader = EVERYTHING) -> Revision:
    """One version with its text. Raises NodeNotFound."""
    require_readable(uid, reader)
    rows = read(_REVISION, id=uid, number=number)
    if not rows:
        raise NodeNotFound(f"There is no version {number}.")
    return _revision(rows[0]["revision"])


def get_texts(uid: str, first: int, last: int, *, reader: Reader = EVERYTHING) -> dict[int, str]:
    """The texts of the versions from ``first`` to ``last``, by their numbers."""
    require_readable(uid, reader)
    rows = read(_TEXTS, id=uid, first=first, last=last)
    return {int(number): str(text or "") for number, text in rows[0]["texts"]}


def get_backlinks(uid: str, *, reader: Reader = EVERYTHING) -> tuple[Row, ...]:
    """Live nodes whose texts link to this one, at most 50: those that the reader may read.

    A link to a person's card counts as one to the person.
    """
    rows = read(_BACKLINKS, id=uid, evidence=LINK_EVIDENCE, limit=_BACKLINK_ROWS, **reader.parameters)
    return tuple(row(found) for found in rows[0]["rows"])


def get_link_states(ids: Iterable[str], *, reader: Reader = EVERYTHING) -> dict[str, str | None]:
    """The present names by id; None for nodes in the trash.

    Unknown ids are left out, and those of what the reader may not read.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    rows = read(_LINK_STATES, ids=wanted, **reader.parameters)
    return {r["id"]: display_name(r["id"], str(r["name"])) if r["is_live"] else None for r in rows}


def get_trash(*, reader: Reader = EVERYTHING, skip: int = 0, limit: int = 50) -> tuple[Trashed, ...]:
    """The nodes that were put into the trash, latest first."""
    rows = read(_TRASH, skip=skip, limit=limit, **reader.parameters)
    return tuple(
        Trashed(
            row(t["row"]),
            str(t["by"] or ""),
            t["inside"],
            tuple(crumb for crumb in crumbs(t["path"]) if not crumb.is_card),
        )
        for t in rows[0]["found"]
    )


def get_trashed(uid: str, *, reader: Reader = EVERYTHING, limit: int = 100) -> tuple[Row, ...]:
    """The nodes that went into the trash with a node, without the node itself."""
    require_readable(uid, reader)
    return tuple(row(found) for found in read(_INSIDE, id=uid, limit=limit)[0]["rows"])


def suggest(text: str, *, reader: Reader = EVERYTHING, limit: int = _SUGGESTED) -> tuple[Hit, ...]:
    """Notes and records to suggest as a link's target, for the text typed so far."""
    return search(text, reader=reader, limit=limit).hits


def _revision(found: dict[str, Any]) -> Revision:
    return Revision(
        found["number"],
        str(found["name"]),
        str(found["author"] or ""),
        str(found["message"] or ""),
        str(found["saved_at"]),
        int(found["size"] or 0),
        str(found.get("content") or ""),
        bool(found["is_warning"]),
        str(found["way"] or ""),
        str(found["through"] or ""),
    )
