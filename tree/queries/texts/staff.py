"""Queries of everything that staff wrote, for export and import; streamed, because it may be a lot.

What is asked by ids or keys is asked for some of them at a time, and ``beat`` is called after each such question.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledgetree.basics.batches import in_batches
from tree.graph.connection import stream
from tree.graph.values import Crumb
from tree.queries.columns import PATH, crumbs
from tree.vocabulary import ABOVE, LINK_EVIDENCE, ORIGIN_STAFF, SELF_AND_ABOVE, WAITING_ID

_NODES = (
    """
MATCH (n:ContextItem {origin: $origin}) WHERE n.id <> $waiting AND NOT n.id STARTS WITH $waiting + ':'
MATCH (parent:ContextItem)-[:PARENT_OF]->(n)
RETURN properties(n) AS properties, n:Folder AS is_folder, parent.id AS parent,
  coalesce(parent.codex_key, parent.waits_key) AS parent_key,
  COLLECT {
    MATCH way = (n)"""
    + ABOVE
    + """(a:ContextItem) WHERE a.parent_id IS NOT NULL
    RETURN {name: a.name, waits_place: a.waits_place} ORDER BY length(way) DESC
  } AS above
ORDER BY n.id
"""
)
_REVISIONS = """
MATCH (n:ContextItem {origin: $origin})-[:HAS_REVISION]->(r:Revision)
WHERE n.id <> $waiting AND NOT n.id STARTS WITH $waiting + ':'
RETURN r {.number, .name, .content, .author, .message, .saved_at, .is_warning, .way, .through, node: n.id} AS revision
ORDER BY n.id, r.number
"""
_FILES = (
    """
MATCH (f:File) WHERE EXISTS { (:ContextItem)-[h:HAS_FILE]->(f) WHERE h.trashed_at IS NULL }
RETURN properties(f) AS properties,
  COLLECT {
    MATCH (n:ContextItem)-[h:HAS_FILE]->(f) WHERE h.trashed_at IS NULL
    RETURN {
      id: n.id, key: coalesce(n.codex_key, n.waits_key),
      path: reduce(path = '', name IN COLLECT {
        MATCH way = (n)"""
    + SELF_AND_ABOVE
    + """(a:ContextItem) WHERE a.parent_id IS NOT NULL
        RETURN a.name ORDER BY length(way) DESC
      } | path + '/' + name)
    }
  } AS owners
ORDER BY f.id
"""
)
_PAGES = (
    """
MATCH (n:ContextItem {origin: $origin})
WHERE n.trashed_at IS NULL AND n.id <> $waiting AND NOT n.id STARTS WITH $waiting + ':'
RETURN coalesce(n.content, '') AS content, coalesce(n.is_attached, false) AS is_attached,
  """
    + PATH % {"n": "n"}
    + """ AS path,
  COLLECT {
    MATCH way = (n)"""
    + ABOVE
    + """(a:ContextItem) WHERE coalesce(a.origin, '') <> $origin
    RETURN a.id
  } AS frame,
  COLLECT {
    MATCH (n)-[h:HAS_FILE]->(f:File) WHERE h.trashed_at IS NULL
    RETURN f {.id, name: coalesce(f.original_filename, f.filename), .size, .sha256} ORDER BY f.id
  } AS files
ORDER BY n.id
"""
)


@dataclass(frozen=True)
class Written:
    """A live note or folder of staff, with the nodes from the root to it. ``files``: id, name, size and sha256.

    ``frame`` has the ids of the nodes above it that staff did not write.
    """

    path: tuple[Crumb, ...]
    frame: frozenset[str]
    content: str
    is_attached: bool
    files: list[dict[str, Any]]


def every_page() -> Iterator[Written]:
    """The live notes and folders of staff with their texts."""
    for found in stream(_PAGES, origin=ORIGIN_STAFF, waiting=WAITING_ID):
        yield Written(
            crumbs(found["path"]),
            frozenset(found["frame"]),
            str(found["content"]),
            bool(found["is_attached"]),
            found["files"],
        )


def every_node() -> Iterator[dict[str, Any]]:
    """The notes and folders of staff, trashed ones included: properties and place."""
    return stream(_NODES, origin=ORIGIN_STAFF, waiting=WAITING_ID)


def every_revision() -> Iterator[dict[str, Any]]:
    """All saved versions, in order of node and number."""
    return (row["revision"] for row in stream(_REVISIONS, origin=ORIGIN_STAFF, waiting=WAITING_ID))


def every_file() -> Iterator[dict[str, Any]]:
    """All files that are held by a node, with those nodes and their paths for people."""
    return stream(_FILES)


Beat = Callable[[], object]
ASKED_AT_ONCE = 500
_PRESENT = """
MATCH (n:ContextItem) WHERE n.id IN $asked
RETURN n.id AS id, n.origin AS origin, n.name AS name, n.content AS content, n.created_at AS created_at,
  coalesce(n.is_warning, false) AS is_warning,
  n.trashed_at IS NULL AS is_live, coalesce(n.version, 1) AS version, n:Folder AS is_folder,
  EXISTS { (n)-[:LINKS_TO|MENTIONS {evidence: $evidence}]->() } AS has_links,
  COUNT { MATCH (n)<-[:PARENT_OF*1..]-(:ContextItem) } AS depth
"""
_TAKEN = "UNWIND $asked AS key MATCH (n:ContextItem {sibling_key: key}) RETURN key, n.id AS id"
_NUMBERS = """
MATCH (n:ContextItem)-[:HAS_REVISION]->(r:Revision) WHERE n.id IN $asked
RETURN n.id AS id, collect(r.number) AS numbers
"""
_MESSAGES = "MATCH (r:Revision) WHERE r.id IN $asked RETURN r.node_id AS id, coalesce(r.message, '') AS message"
_HOLDERS = """
MATCH (f:File) WHERE f.id IN $asked
RETURN f.id AS id, COLLECT { MATCH (n:ContextItem)-[:HAS_FILE]->(f) RETURN n.id } AS holders
"""
_BYTES = "MATCH (f:File) RETURN coalesce(sum(f.size), 0) AS bytes"


def silent() -> None:
    """The beat of who tells nobody."""


def present(ids: Iterable[str], beat: Beat = silent) -> dict[str, dict[str, Any]]:
    """What an import compares, of those ids that are in the graph.

    Values: id, origin, name, content, version, created_at, is_folder; is_live (not in the trash), has_links (relations
    from links in its text) and depth (levels below the root).
    """
    return {row["id"]: row for row in _asked(_PRESENT, set(ids), beat, evidence=LINK_EVIDENCE)}


def taken(keys: Iterable[str], beat: Beat = silent) -> dict[str, str]:
    """The ids of the nodes that already have one of these sibling keys, by key."""
    return {row["key"]: row["id"] for row in _asked(_TAKEN, keys, beat)}


def numbers_of_revisions(ids: Iterable[str], beat: Beat = silent) -> defaultdict[str, set[int]]:
    """The numbers of the versions that are kept of these nodes; an empty set for a node without any."""
    found = {row["id"]: set(row["numbers"]) for row in _asked(_NUMBERS, ids, beat)}
    return defaultdict(set, found)


def messages_of_versions(versions: Mapping[str, int], beat: Beat = silent) -> dict[str, str]:
    """The messages with which these versions of nodes were saved, {id: number}, by id of the node."""
    ids = [f"{uid}:{number}" for uid, number in versions.items()]
    return {row["id"]: row["message"] for row in _asked(_MESSAGES, ids, beat)}


def holders_of_files(ids: Iterable[str], beat: Beat = silent) -> dict[str, set[str]]:
    """The ids of the nodes that hold these files, or have removed them and can restore them, by id of the file."""
    return {row["id"]: set(row["holders"]) for row in _asked(_HOLDERS, ids, beat)}


def bytes_of_files() -> int:
    """The size of all uploaded files together, as their records say."""
    return int(next(stream(_BYTES))["bytes"])


def _asked(cypher: str, values: Iterable[str], beat: Beat, **parameters: Any) -> Iterator[dict[str, Any]]:
    for some in in_batches(values, ASKED_AT_ONCE):
        yield from stream(cypher, asked=some, **parameters)
        beat()
