"""Queries of files: the files of a node, and one file with what is needed to decide who may see it."""

from dataclasses import replace
from typing import Any

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.exceptions import NodeNotFound
from tree.graph.connection import read
from tree.graph.values import Crumb, File
from tree.queries.columns import MAY_READ, PATH, WAY_IDS, crumbs
from tree.queries.records.cards import CARDS
from tree.queries.rights import require_visitable

_FILE = """{.id, .filename, .original_filename, .content_type, .size, .sha256, .created_at, .created_by,
 .width, .height, .is_locked}"""
_FILES = (
    """
UNWIND [$id] + CASE WHEN $with_card THEN """
    + CARDS % {"id": "$id"}
    + """ ELSE [] END AS id
MATCH (:ContextItem {id: id})-[h:HAS_FILE]->(f:File)
WITH f, h, id ORDER BY toLower(coalesce(f.original_filename, f.filename)), f.created_at, f.id LIMIT $limit
RETURN collect(f """
    + _FILE
    + """) AS files, collect([coalesce(h.trashed_at, ''), coalesce(h.trashed_by, ''), id]) AS removals
"""
)
_HELD = (
    """
MATCH (f)<-[h:HAS_FILE]-(n:ContextItem) WHERE h.trashed_at IS NULL AND n.trashed_at IS NULL AND """
    + MAY_READ % {"n": "n"}
    + """
WITH f, """
    + PATH % {"n": "n"}
    + """ AS path
RETURN f """
    + _FILE
    + """ AS file, collect(path) AS paths
"""
)
_BY_ID = "MATCH (f:File {id: $id})" + _HELD
_BY_STORED_NAME = "MATCH (f:File {filename: $filename})" + _HELD
_LISTED = 500


def get_files(uid: str, *, with_card: bool = False, reader: Reader = EVERYTHING) -> tuple[File, ...]:
    """The files of a node, sorted by name, at most 500. Removed files that can be restored are included.

    ``with_card``: of a person, also those of the card. Raises NodeNotFound for a node that the reader may not open.
    """
    require_visitable(uid, reader)
    if reader.companies is not None and uid in WAY_IDS:
        return ()
    rows = read(_FILES, id=uid, with_card=with_card, limit=_LISTED)[0]
    return tuple(_file(found, *removal) for found, removal in zip(rows["files"], rows["removals"], strict=True))


def get_file(uid: str, *, reader: Reader = EVERYTHING) -> File:
    """A file that a live node holds, which the reader may read. Raises NodeNotFound."""
    return _found(read(_BY_ID, id=uid, **reader.parameters))


def get_file_by_stored_name(filename: str, *, reader: Reader = EVERYTHING) -> File:
    """Like ``get_file``, by the name on disk, which the old application's links contain."""
    return _found(read(_BY_STORED_NAME, filename=filename, **reader.parameters))


def get_ways_to_file(uid: str, filename: str = "", *, reader: Reader = EVERYTHING) -> tuple[tuple[Crumb, ...], ...]:
    """The ``ways`` of a file, by its id or its name on disk; none if there is no file that the reader may read."""
    rows = read(_BY_ID if uid else _BY_STORED_NAME, id=uid, filename=filename, **reader.parameters)
    return _ways(rows[0]) if rows else ()


def _found(rows: list[dict[str, Any]]) -> File:
    if not rows:
        raise NodeNotFound("There is no such file, or it was removed.")
    return replace(_file(rows[0]["file"]), ways=_ways(rows[0]))


def _ways(found: dict[str, Any]) -> tuple[tuple[Crumb, ...], ...]:
    return tuple(crumbs(path) for path in found["paths"])


def _file(found: dict[str, Any], removed_at: str = "", removed_by: str = "", holder: str = "") -> File:
    filename = str(found["filename"] or "")
    return File(
        uid=str(found["id"]),
        name=str(found["original_filename"] or filename),
        filename=filename,
        content_type=str(found["content_type"] or "application/octet-stream"),
        size=int(found["size"] or 0),
        sha256=str(found["sha256"] or ""),
        created_at=str(found["created_at"] or ""),
        created_by=str(found["created_by"] or ""),
        width=int(found["width"] or 0),
        height=int(found["height"] or 0),
        removed_at=removed_at,
        removed_by=removed_by,
        holder=holder,
        is_locked=bool(found["is_locked"]),
    )
