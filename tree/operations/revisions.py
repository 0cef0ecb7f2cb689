"""Revisions, one for each saved version of a node: (:ContextItem)-[:HAS_REVISION]->(:Revision)."""

from neo4j import ManagedTransaction

from knowledgetree.basics.times import utc_now

_WRITE = """
MATCH (n:ContextItem {id: $node})
MERGE (r:Revision {id: $node + ':' + $number})
ON CREATE SET r.number = $number, r.node_id = $node, r.name = $name, r.content = $content, r.author = $author,
              r.message = $message, r.saved_at = $now
MERGE (n)-[:HAS_REVISION]->(r)
"""


def write_revision(
    transaction: ManagedTransaction, uid: str, number: int, name: str, content: str, author: str, message: str
) -> None:
    """Record the name and text of a node as its version ``number``."""
    transaction.run(
        _WRITE, node=uid, number=number, name=name, content=content, author=author, message=message, now=utc_now()
    ).consume()
