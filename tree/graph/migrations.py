"""Data migrations of the graph: each runs once, in order, and is recorded in the transaction that applies it.

(:GraphMigration {name, applied_at})  the record of an applied migration; its name is unique

Append new migrations to MIGRATIONS with the next number; never rename or remove existing ones.
A new graph runs all of them, too, although it has nothing to change.
"""

from collections.abc import Callable
from typing import NamedTuple

from neo4j import ManagedTransaction

from knowledgetree.basics.times import utc_now
from tree.graph.connection import read, write
from tree.graph.key_migration import write_missing_keys
from tree.vocabulary import LINK_EVIDENCE

SECONDS = 600.0  # the time limit of one migration, enough for a large graph

# MERGE on a unique name makes the second of two processes wait for the first one to commit.
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


Told = Callable[[int], object]


class Migration(NamedTuple):
    """A named change. ``change`` runs in one transaction, which also records the migration.

    ``before`` runs first, in transactions of its own: what is too much for one. It goes on where it was broken off, may
    run in two processes at once, and tells how many nodes it has looked at.
    """

    name: str
    change: Callable[[ManagedTransaction], None]
    before: Callable[[Told], None] | None = None


def _links_to_records_become_mentions(transaction: ManagedTransaction) -> None:
    """Turn LINKS_TO relations from notes to Codex records into MENTIONS, which older versions did not have."""
    transaction.run(_LINKED_RECORDS, evidence=LINK_EVIDENCE).consume()


def _nothing(transaction: ManagedTransaction) -> None:
    """The work is done in ``before``."""


MIGRATIONS = (
    Migration("0001_links_to_records_become_mentions", _links_to_records_become_mentions),
    Migration("0002_search_keys", _nothing, before=write_missing_keys),
)


def missing() -> list[Migration]:
    """The migrations that have not been applied to this graph, in order. Raises GraphUnavailable."""
    applied = {row["name"] for row in read(_APPLIED)}
    return [migration for migration in MIGRATIONS if migration.name not in applied]


def migrate(told: Told = lambda number: None) -> list[str]:
    """Run the missing migrations. Returns the names of those that ran here, not in another process meanwhile.

    ``told`` is told how many nodes a long one has looked at.

    Needs the constraint on the names. Raises GraphUnavailable; migrations that ran before the error stay recorded.
    """
    return [migration.name for migration in missing() if _run(migration, told)]


def _run(migration: Migration, told: Told) -> bool:
    if migration.before:
        migration.before(told)
    return bool(write(_once(migration), SECONDS))


def _once(migration: Migration) -> Callable[[ManagedTransaction], bool]:
    def work(transaction: ManagedTransaction) -> bool:
        if transaction.run(_LOCK, name=migration.name).single(strict=True)["applied_at"]:
            return False
        migration.change(transaction)
        transaction.run(_RECORD, name=migration.name, now=utc_now()).consume()
        return True

    return work
