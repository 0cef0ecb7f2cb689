"""Writes new nodes of staff with their first revisions and links, many in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from neo4j import ManagedTransaction

from knowledgetree.basics.batches import in_batches
from knowledgetree.basics.times import utc_now
from tree.graph.search_keys import search_properties
from tree.graph.sibling_keys import sibling_key, sort_key
from tree.kinds import STAFF_KINDS, Folder
from tree.operations.links import write_links_of
from tree.operations.revisions import write_first_revisions
from tree.vocabulary import ORIGIN_STAFF

_ROWS_A_STATEMENT = 200
_CREATE = {kind: f"UNWIND $rows AS row CREATE (n:ContextItem:{kind}) SET n = row" for kind in STAFF_KINDS}
_PLACE = """
UNWIND $rows AS row
MATCH (n:ContextItem {id: row.id}), (parent:ContextItem {id: row.parent_id})
CREATE (parent)-[:PARENT_OF]->(n)
"""


@dataclass(frozen=True)
class NewNode:
    """A note or folder to create below the node ``parent_id``, which exists or is created with it."""

    uid: str
    kind: str
    parent_id: str
    name: str
    content: str = ""
    is_warning: bool = False


def write_new_nodes(transaction: ManagedTransaction, nodes: Sequence[NewNode], author: str, message: str = "") -> None:
    """Create these nodes, in any order. Their names must be free, and their places allowed.

    ``message``: what their histories say of it.
    """
    time = utc_now()
    rows = [_properties(node, author, time) for node in nodes]
    for kind in STAFF_KINDS:
        of_kind = (row for node, row in zip(nodes, rows, strict=True) if node.kind == kind)
        for batch in in_batches(of_kind, _ROWS_A_STATEMENT):
            transaction.run(_CREATE[kind], rows=batch).consume()
    for batch in in_batches(rows, _ROWS_A_STATEMENT):
        transaction.run(_PLACE, rows=[{"id": row["id"], "parent_id": row["parent_id"]} for row in batch]).consume()
        write_first_revisions(transaction, batch, message[:300])
    write_links_of(transaction, {node.uid: node.content for node in nodes if "](" in node.content})


def _properties(node: NewNode, author: str, time: str) -> dict[str, Any]:
    is_folder = node.kind == Folder.kind()
    properties = {
        "id": node.uid,
        "name": node.name,
        "content": node.content,
        "parent_id": node.parent_id,
        "sibling_key": sibling_key(node.parent_id, node.name),
        "sort_key": sort_key(node.name, is_folder),
        "origin": ORIGIN_STAFF,
        "is_folder": is_folder,
        "is_attached": False,
        "read_only": False,
        "version": 1,
        "created_at": time,
        "created_by": author,
        "updated_at": time,
        "updated_by": author,
        "is_warning": node.is_warning or None,
    }
    return properties | search_properties(node.kind, properties)
