"""Queries of everything that staff wrote, for export and import; streamed, because it may be a lot."""

from collections.abc import Iterator
from typing import Any

from tree.graph.connection import stream
from tree.vocabulary import ORIGIN_STAFF, WAITING_ID

_NODES = """
MATCH (n:ContextItem {origin: $origin}) WHERE NOT n.id STARTS WITH $waiting
MATCH (parent:ContextItem)-[:PARENT_OF]->(n)
RETURN properties(n) AS properties, n:Folder AS is_folder, parent.id AS parent,
  coalesce(parent.codex_key, parent.waits_key) AS parent_key,
  COLLECT {
    MATCH way = (n)<-[:PARENT_OF*1..60]-(a:ContextItem) WHERE a.parent_id IS NOT NULL
    RETURN {name: a.name, waits_place: a.waits_place} ORDER BY length(way) DESC
  } AS above
ORDER BY n.id
"""
_REVISIONS = """
MATCH (n:ContextItem {origin: $origin})-[:HAS_REVISION]->(r:Revision) WHERE NOT n.id STARTS WITH $waiting
RETURN r {.number, .name, .content, .author, .message, .saved_at, node: n.id} AS revision
ORDER BY n.id, r.number
"""
_FILES = """
MATCH (f:File) WHERE EXISTS { (:ContextItem)-[h:HAS_FILE]->(f) WHERE h.trashed_at IS NULL }
RETURN properties(f) AS properties,
  COLLECT {
    MATCH (n:ContextItem)-[h:HAS_FILE]->(f) WHERE h.trashed_at IS NULL
    RETURN {id: n.id, key: coalesce(n.codex_key, n.waits_key)}
  } AS owners
ORDER BY f.id
"""


def every_node() -> Iterator[dict[str, Any]]:
    """The notes and folders of staff, trashed ones included: properties and place."""
    return stream(_NODES, origin=ORIGIN_STAFF, waiting=WAITING_ID)


def every_revision() -> Iterator[dict[str, Any]]:
    """All saved versions, in order of node and number."""
    return (row["revision"] for row in stream(_REVISIONS, origin=ORIGIN_STAFF, waiting=WAITING_ID))


def every_file() -> Iterator[dict[str, Any]]:
    """All files that are held by a node, with those nodes."""
    return stream(_FILES)


_PRESENT = """
MATCH (n:ContextItem) WHERE n.id IN $ids
RETURN n.id AS id, n.origin AS origin, n.name AS name, n.content AS content, n.parent_id AS parent_id,
  n.trashed_at IS NULL AS is_live
"""
_TAKEN = "UNWIND $keys AS key MATCH (n:ContextItem {sibling_key: key}) RETURN key, n.id AS id"


def present(ids: list[str]) -> dict[str, dict[str, Any]]:
    """Origin, name, content, parent_id and is_live of those ids that are in the graph."""
    return {row["id"]: row for row in stream(_PRESENT, ids=ids)}


def taken(keys: list[str]) -> dict[str, str]:
    """The ids of the nodes that already have one of these sibling keys, by key."""
    return {row["key"]: row["id"] for row in stream(_TAKEN, keys=keys)}
