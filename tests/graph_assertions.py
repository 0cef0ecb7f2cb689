"""What the graph holds, as plain sets that tests compare: nodes, edges, one hash over both; how often it is asked."""

import hashlib
import json
from typing import Any

import pytest
from neo4j import Session

from tests.throwaway_neo4j import Graph
from tree.graph import connection
from tree.graph.connection import open_session

STAMPS = frozenset({"created_at", "updated_at", "archived_at", "version"})
Properties = dict[str, Any]


def nodes(graph: Graph, *, stamps: bool = False) -> dict[str, Properties]:
    """{id: properties and labels} of every node of the tree; ``stamps`` False leaves out times and versions.

    Whether a node is archived stays visible, only not since when.
    """
    rows = graph.rows("MATCH (n:ContextItem) RETURN n.id AS id, labels(n) AS labels, properties(n) AS properties")
    return {row["id"]: _described(row["properties"], row["labels"], stamps) for row in rows}


def edges(graph: Graph) -> list[tuple[str, str, str, str]]:
    """(from, type, to, evidence) of every relation, sorted."""
    rows = graph.rows(
        "MATCH (a:ContextItem)-[r]->(b:ContextItem) "
        "RETURN a.id AS a, type(r) AS type, b.id AS b, coalesce(r.evidence, '') AS evidence"
    )
    return sorted((row["a"], row["type"], row["b"], row["evidence"]) for row in rows)


def graph_hash(graph: Graph, *, stamps: bool = False) -> str:
    """One hash over all nodes and edges, the sync lease left out; equal graphs have equal hashes."""
    whole = [sorted(nodes(graph, stamps=stamps).items()), edges(graph)]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def live_names(graph: Graph, parent_key: str, kind: str) -> set[str]:
    """Names of the live children of that kind below the node with this Codex key."""
    rows = graph.rows(
        "MATCH (:ContextItem {codex_key: $key})-[:PARENT_OF]->(n) "
        "WHERE $kind IN labels(n) AND n.archived_at IS NULL RETURN n.name AS name",
        key=parent_key,
        kind=kind,
    )
    return {row["name"] for row in rows}


def by_key(graph: Graph, codex_key: str) -> Properties | None:
    """All properties of the node with this Codex key."""
    rows = graph.rows("MATCH (n:ContextItem {codex_key: $key}) RETURN properties(n) AS p", key=codex_key)
    return rows[0]["p"] if rows else None


def key_of_parent(graph: Graph, codex_key: str) -> str | None:
    """The Codex key of the parent of that node."""
    rows = graph.rows(
        "MATCH (p)-[:PARENT_OF]->(:ContextItem {codex_key: $key}) RETURN p.codex_key AS parent", key=codex_key
    )
    return rows[0]["parent"] if rows else None


def archived_keys(graph: Graph) -> set[str]:
    rows = graph.rows("MATCH (n:ContextItem) WHERE n.archived_at IS NOT NULL RETURN n.codex_key AS key")
    return {row["key"] for row in rows}


def is_lock_awaited(graph: Graph) -> bool:
    """Whether some transaction waits for the lock of another one."""
    states = graph.rows("SHOW TRANSACTIONS YIELD status RETURN status")
    return any(row["status"].startswith("Blocked") for row in states)


def _described(properties: Properties, labels: list[str], stamps: bool) -> Properties:
    kept = {name: value for name, value in properties.items() if stamps or name not in STAMPS}
    return kept | {"labels": sorted(labels), "is archived": properties.get("archived_at") is not None}


def archived_counts(graph: Graph) -> dict[str, dict[str, int]]:
    """How many nodes are archived, in the shape of the counts of a run that archived them all."""
    rows = graph.rows(
        "MATCH (n:ContextItem) WHERE n.archived_at IS NOT NULL "
        "RETURN [label IN labels(n) WHERE label <> 'ContextItem'][0] AS kind, count(n) AS number"
    )
    return {row["kind"]: {"archived": row["number"]} for row in rows}


def count_sessions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that gets a line for each time that the graph is asked or written to from now on."""
    sessions: list[str] = []

    def counted(access: str) -> Session:
        sessions.append(access)
        return open_session(access)

    monkeypatch.setattr(connection, "open_session", counted)
    return sessions
