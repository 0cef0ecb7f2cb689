"""Changes of what older versions wrote into the graph: each runs once, in order, and is recorded with what it did.

(:GraphMigration {name, applied_at})  the ledger; its name is unique

A new one goes to the end of MIGRATIONS under the next number; those that stand there are never renamed or removed.
On a new graph all run, too: there is nothing for them to change.
"""

from collections.abc import Callable
from typing import NamedTuple

from neo4j import ManagedTransaction

from knowledgetree.basics.times import utc_now
from tree.graph.connection import read, write
from tree.vocabulary import LINK_EVIDENCE

SECONDS = 600.0  # for one migration of a large graph

# MERGE on a unique name lets the second of two processes wait for the first one's commit.
_LOCK = """
MERGE (m:GraphMigration {name: $name})
SET m.is_locked = true REMOVE m.is_locked
RETURN m.applied_at AS applied_at
"""
_RECORD = "MATCH (m:GraphMigration {name: $name}) SET m.applied_at = $now"
_APPLIED = "MATCH (m:GraphMigration) WHERE m.applied_at IS NOT NULL RETURN m.name AS name"
_LINKED_RECORDS = """
MATCH (n:Note)-[old:LINKS_TO {evidence: $evidence}]->(record) WHERE record:Company OR record:User OR record:Asset
MERGE (n)-[:MENTIONS {evidence: $evidence}]->(record)
DELETE old
"""


class Migration(NamedTuple):
    """``change`` does it within one transaction, in which it is also recorded."""

    name: str
    change: Callable[[ManagedTransaction], None]


def _links_to_records_become_mentions(transaction: ManagedTransaction) -> None:
    """Before there were mentions, a note that links to a record of Codex was related to it as to any other node."""
    transaction.run(_LINKED_RECORDS, evidence=LINK_EVIDENCE).consume()


MIGRATIONS = (Migration("0001_links_to_records_become_mentions", _links_to_records_become_mentions),)


def missing() -> list[Migration]:
    """Those that this graph has not had, in their order. Raises GraphUnavailable."""
    applied = {row["name"] for row in read(_APPLIED)}
    return [migration for migration in MIGRATIONS if migration.name not in applied]


def migrate() -> list[str]:
    """Run what is missing; names of those that ran here, and not in another process meanwhile.

    Needs the constraint on the names. Raises GraphUnavailable; what has run before stays recorded.
    """
    return [migration.name for migration in missing() if write(_once(migration), SECONDS)]


def _once(migration: Migration) -> Callable[[ManagedTransaction], bool]:
    def work(transaction: ManagedTransaction) -> bool:
        if transaction.run(_LOCK, name=migration.name).single(strict=True)["applied_at"]:
            return False
        migration.change(transaction)
        transaction.run(_RECORD, name=migration.name, now=utc_now()).consume()
        return True

    return work
