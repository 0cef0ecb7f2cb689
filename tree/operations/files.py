"""Operations on the files of nodes: add, remove, restore.

(:ContextItem)-[:HAS_FILE]->(:File); copies of a note share its files. A removal is marked on the relation, so that
another note that holds the same file keeps it.
"""

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from neo4j import ManagedTransaction

from knowledgetree.audit.actions import Action
from knowledgetree.basics.times import utc_now
from tree.exceptions import NodeNotFound, NoSpace, Refused
from tree.files import inspection, storage
from tree.files.file_names import clean_filename, extension_of, with_extension
from tree.graph.search_keys import FILE, search_properties
from tree.graph.values import File
from tree.operations.locking import change_tree, lock_parent, require_version
from tree.operations.telling import ToldNode, about, tell

_ADD = """
MATCH (n:ContextItem {id: $node})
CREATE (n)-[:HAS_FILE]->(f:File) SET f = $properties
"""
_SIZES = """
RETURN COLLECT { MATCH (f:File) RETURN sum(f.size) }[0] AS whole,
  COLLECT { MATCH (:ContextItem {id: $node})-[:HAS_FILE]->(f:File) RETURN sum(f.size) }[0] AS at_node
"""
_REMOVE = """
MATCH (:ContextItem {id: $node})-[h:HAS_FILE]->(f:File {id: $file}) WHERE h.trashed_at IS NULL
SET h.trashed_at = $now, h.trashed_by = $author
RETURN coalesce(f.original_filename, f.filename) AS name
"""
_RESTORE = """
MATCH (:ContextItem {id: $node})-[h:HAS_FILE]->(f:File {id: $file}) WHERE h.trashed_at IS NOT NULL
REMOVE h.trashed_at, h.trashed_by
RETURN coalesce(f.original_filename, f.filename) AS name
"""


def add_file(node_id: str, filename: str, stream: storage.Readable, *, author: str) -> File:
    """Store the bytes of ``stream`` as a file of any live node, synced nodes included.

    The name is cleaned, the type is detected from the content, and an image is re-encoded. A file with
    a password is taken without a look into it (``File.is_locked``). Raises FileRefused,
    FileTooLarge, NoSpace (disk or quota), InvalidPlace (the node is gone or in the trash), and then keeps nothing.
    """
    name = clean_filename(filename)
    with storage.received(stream, name) as path, storage.no_space_told():
        seen = inspection.look(path, name)
        digest = storage.digest(path)
        storage.require_size(digest.size, name)
        if extension_of(name) not in seen.type.extensions:  # an image may have the extension of another image type
            name = with_extension(name, seen.type.extensions[0])
        file = File(
            uid=str(uuid.uuid4()),
            name=name,
            filename=storage.new_name(seen.type.extensions[0]),
            content_type=seen.type.content_type,
            size=digest.size,
            sha256=digest.sha256,
            created_at=utc_now(),
            created_by=author,
            width=seen.width or 0,
            height=seen.height or 0,
            is_locked=seen.is_locked,
        )
        _write(node_id, file, path, "" if seen.is_locked else inspection.text_of(path, seen.type))
    return file


def remove_file(node_id: str, file_id: str, *, author: str, base_version: int | None = None) -> str:
    """Remove a file from a node; it can be restored until the sweeper deletes it.

    ``base_version``: the version of the node that the author has seen. Returns the file's name. Raises NodeNotFound,
    Conflict.
    """
    return _mark(_REMOVE, node_id, file_id, author, Action.FILE_REMOVED, base_version)


def restore_file(node_id: str, file_id: str, *, author: str) -> str:
    """Restore a removed file of a node. Returns its name. Raises NodeNotFound."""
    return _mark(_RESTORE, node_id, file_id, author, Action.FILE_RESTORED)


def _write(node_id: str, file: File, path: Path, text: str) -> None:
    """Write the record and, in the same transaction, rename the stored bytes to their final name."""

    def work(transaction: ManagedTransaction) -> list[ToldNode]:
        lock_parent(transaction, node_id)
        _require_space(transaction, node_id, file)
        transaction.run(_ADD, node=node_id, properties=_properties(file, text)).consume()
        storage.keep(path, file.filename)
        return about(transaction, [node_id])

    try:
        told = change_tree(work)
    except Refused:
        storage.delete(file.filename)  # an attempt that was not committed may have kept it
        raise
    tell(Action.FILE_ADDED, told, detail=file.name)


def _properties(file: File, text: str) -> dict[str, Any]:
    properties = {
        "id": file.uid,
        "filename": file.filename,
        "original_filename": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
        "created_at": file.created_at,
        "created_by": file.created_by,
        "width": file.width or None,
        "height": file.height or None,
        "is_locked": file.is_locked or None,
        "text": text,
    }
    return properties | search_properties(FILE, properties)


def _require_space(transaction: ManagedTransaction, node_id: str, file: File) -> None:
    sizes = transaction.run(_SIZES, node=node_id).single(strict=True)
    at_node, whole = settings.FILES_OF_NODE_LIMIT_BYTES, settings.FILES_LIMIT_BYTES
    if sizes["at_node"] + file.size > at_node:
        raise NoSpace(f"“{file.name}” does not fit: the files of one page may have {at_node / 2**20:g} MB in all.")
    if sizes["whole"] + file.size > whole:
        raise NoSpace(
            f"“{file.name}” does not fit: all files together may have {whole / 2**20:g} MB. Tell an administrator "
            "(setting FILES_LIMIT_MB)."
        )


def _mark(
    statement: str, node_id: str, file_id: str, author: str, action: Action, base_version: int | None = None
) -> str:
    def work(transaction: ManagedTransaction) -> tuple[str, list[ToldNode]]:
        require_version(lock_parent(transaction, node_id), base_version)
        record = transaction.run(statement, node=node_id, file=file_id, now=utc_now(), author=author).single()
        if record is None:
            raise NodeNotFound("There is no such file on this page. It may have been removed or restored meanwhile.")
        return str(record["name"]), about(transaction, [node_id])

    name, told = change_tree(work)
    tell(action, told, detail=name)
    return name
