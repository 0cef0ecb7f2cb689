"""Writes the search keys of a graph that an older version filled, in short transactions that can be repeated."""

from collections.abc import Callable
from functools import partial
from typing import Any

from neo4j import ManagedTransaction

from tree.graph.connection import read, write
from tree.graph.search_keys import FILE, MOST_CHARACTERS, search_properties
from tree.graph.values import kind_of

NODES_AT_ONCE = 1000
_NODES = """
MATCH (n:ContextItem) WHERE n.id > $after
WITH n ORDER BY n.id LIMIT $limit
RETURN max(n.id) AS last, count(n) AS number,
  [x IN collect(n) WHERE x.search_scope IS NULL | {
    id: x.id, labels: labels(x),
    properties: x {.*, content: CASE WHEN x.origin = 'codex' THEN '' ELSE left(x.content, $most) END}
  }] AS missing
"""
_FILES = """
MATCH (n:File) WHERE n.id > $after
WITH n ORDER BY n.id LIMIT $limit
RETURN max(n.id) AS last, count(n) AS number,
  [x IN collect(n) WHERE x.search_scope IS NULL
    | {id: x.id, properties: {original_filename: coalesce(x.original_filename, x.filename)}}] AS missing
"""
# Whoever saved a node meanwhile gave it its keys.
_WRITE_NODES = "UNWIND $rows AS row MATCH (n:ContextItem {id: row.id}) WHERE n.search_scope IS NULL SET n += row.keys"
_WRITE_FILES = "UNWIND $rows AS row MATCH (n:File {id: row.id}) WHERE n.search_scope IS NULL SET n += row.keys"


def write_missing_keys(wrote: Callable[[int], object] = lambda number: None) -> None:
    """Give every node and file without search keys its keys; the next call goes on where one was broken off.

    ``wrote`` is told after each transaction how many nodes were looked at. Raises GraphUnavailable.
    """
    done = _walk(_NODES, _WRITE_NODES, 0, wrote)
    _walk(_FILES, _WRITE_FILES, done, wrote)


def _walk(reading: str, writing: str, done: int, wrote: Callable[[int], object]) -> int:
    after = ""
    while (found := read(reading, after=after, limit=NODES_AT_ONCE, most=MOST_CHARACTERS)[0])["number"]:
        rows = [{"id": row["id"], "keys": _keys(row)} for row in found["missing"]]
        if rows:
            write(partial(_write, writing, rows))
        after, done = found["last"], done + found["number"]
        wrote(done)
    return done


def _keys(row: dict[str, Any]) -> dict[str, str | None]:
    return search_properties(kind_of(row["labels"]) if "labels" in row else FILE, row["properties"])


def _write(statement: str, rows: list[dict[str, Any]], transaction: ManagedTransaction) -> None:
    transaction.run(statement, rows=rows).consume()
