"""Revisions, one for each saved version of a node: (:ContextItem)-[:HAS_REVISION]->(:Revision).

Each keeps through what it was made: ``way`` is a value of ``Way``, ``through`` the name of the API token and the like.
Those of older versions of KnowledgeTree have neither.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from neo4j import ManagedTransaction

from knowledgetree.accounts.acting import now_acting
from knowledgetree.basics.times import utc_now

_WRITE = """
UNWIND $rows AS row
MATCH (n:ContextItem {id: row.node_id})
MERGE (r:Revision {id: row.node_id + ':' + row.number})
ON CREATE SET r += row
MERGE (n)-[:HAS_REVISION]->(r)
"""


def write_revision(
    transaction: ManagedTransaction,
    uid: str,
    number: int,
    name: str,
    content: str,
    author: str,
    message: str,
    *,
    is_warning: bool = False,
) -> None:
    """Record the name and text of a node, and whether it is a warning, as its version ``number``."""
    row = {
        "node_id": uid,
        "number": number,
        "name": name,
        "content": content,
        "author": author,
        "message": message,
        "saved_at": utc_now(),
        "is_warning": is_warning or None,
        **_way(),
    }
    transaction.run(_WRITE, rows=[row]).consume()


def write_first_revisions(
    transaction: ManagedTransaction, nodes: Iterable[Mapping[str, Any]], message: str = ""
) -> None:
    """Record the present name and text of new nodes, given by their properties, as version 1."""
    way = _way()
    rows = [
        {
            "node_id": node["id"],
            "number": 1,
            "name": node["name"],
            "content": node["content"],
            "author": node["created_by"],
            "message": message,
            "saved_at": node["created_at"],
            "is_warning": node.get("is_warning"),
            **way,
        }
        for node in nodes
    ]
    transaction.run(_WRITE, rows=rows).consume()


def _way() -> dict[str, str | None]:
    acting = now_acting()
    return {"way": acting.way.value, "through": acting.through or None}
