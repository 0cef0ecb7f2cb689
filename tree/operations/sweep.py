"""The sweeper of orphaned files: records without bytes, bytes without a record, files removed long ago.

The sweeper deletes whatever is unreachable: files that were removed ``REMOVED_KEPT`` ago, records that no node
holds, bytes without a record. A record whose bytes are missing is only reported: a backup may have them.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from neo4j import ManagedTransaction

from knowledgetree.basics.times import utc_text
from tree.exceptions import Refused
from tree.files import storage
from tree.graph.connection import read
from tree.operations.locking import change_tree

REMOVED_KEPT = timedelta(days=30)
SETTLED_AFTER = timedelta(hours=1)  # anything newer may belong to an upload, import or restore in progress
MAX_STRAYS = 20
MAX_STRAY_PART = 0.1

_RECORDS = """
MATCH (f:File)
RETURN f.id AS id, f.filename AS filename, coalesce(f.original_filename, f.filename) AS name,
  f.created_at AS created_at,
  EXISTS { (f)<-[:HAS_FILE]-(:ContextItem) } AS is_held
"""
_EXPIRED = """
MATCH (f:File)<-[h:HAS_FILE]-(:ContextItem) WHERE h.trashed_at < $before
RETURN collect(DISTINCT coalesce(f.original_filename, f.filename)) AS names
"""
_LET_GO = "MATCH (:File)<-[h:HAS_FILE]-(:ContextItem) WHERE h.trashed_at < $before DELETE h"
_DELETE_UNHELD = """
MATCH (f:File) WHERE NOT (f)<-[:HAS_FILE]-(:ContextItem) AND coalesce(f.created_at, '') < $settled
WITH f, f.filename AS filename
DETACH DELETE f
RETURN collect(filename) AS filenames
"""


@dataclass(frozen=True)
class Orphans:
    """``missing``: ids and names of records without bytes. ``strays``: names on disk without a record.

    ``unheld``: names of files that no node holds. ``expired``: names of files that were removed long enough ago.
    ``on_disk``: the number of stored files.
    """

    missing: tuple[tuple[str, str], ...] = ()
    strays: tuple[str, ...] = ()
    unheld: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    on_disk: int = 0

    @property
    def are_too_many(self) -> bool:
        """Whether there are so many strays that this is more likely the wrong graph, or an old one."""
        return len(self.strays) > max(MAX_STRAYS, MAX_STRAY_PART * self.on_disk)


def find_orphans() -> Orphans:
    """Find orphans without deleting anything. Raises GraphUnavailable."""
    stored = list(storage.on_disk())  # before the records: an upload stores its bytes first, then its record
    records = read(_RECORDS)
    known = {str(record["filename"]) for record in records}
    names = {file.name for file in stored}
    old = time.time() - SETTLED_AFTER.total_seconds()
    settled = _ago(SETTLED_AFTER)
    return Orphans(
        missing=tuple(
            (str(record["id"]), str(record["name"]))
            for record in records
            if record["filename"] not in names and (record["created_at"] or "") < settled
        ),
        strays=tuple(sorted(file.name for file in stored if file.name not in known and file.changed_at < old)),
        unheld=tuple(str(r["name"]) for r in records if not r["is_held"] and (r["created_at"] or "") < settled),
        expired=tuple(read(_EXPIRED, before=_ago(REMOVED_KEPT))[0]["names"]),
        on_disk=len(stored),
    )


def sweep(*, even_many: bool = False) -> Orphans:
    """Delete the orphans, except records whose bytes are missing. Returns all orphans found.

    Raises Refused if too many stored files have no record, unless ``even_many``; GraphUnavailable.
    """
    found = find_orphans()
    if found.are_too_many and not even_many:
        raise Refused(
            f"{len(found.strays)} of {found.on_disk} stored files have no record in the graph. Is this the right "
            "graph, and not an old backup? Nothing was deleted; --even-many deletes them."
        )
    if found.expired or found.unheld:
        storage.delete(*_stored_names(change_tree(_delete_records)))
    for name in found.strays:
        if storage.is_incoming(name):
            storage.delete_incoming(name)
        else:
            storage.delete(name)
    return found


def _delete_records(transaction: ManagedTransaction) -> list[str]:
    transaction.run(_LET_GO, before=_ago(REMOVED_KEPT)).consume()
    filenames: list[str] = transaction.run(_DELETE_UNHELD, settled=_ago(SETTLED_AFTER)).single(strict=True)["filenames"]
    return filenames


def _stored_names(filenames: Iterable[object]) -> list[str]:
    return [name for name in map(str, filenames) if storage.is_stored_name(name)]


def _ago(age: timedelta) -> str:
    return utc_text(timezone.now() - age)
