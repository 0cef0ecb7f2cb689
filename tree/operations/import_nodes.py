"""Import of another installation's content into the graph, in one transaction.

Content of a Codex record that does not exist here (yet) waits in the folder ``Waiting for Codex``, in one folder for
each missing record; ``settle_waiting`` moves it to its place as soon as a sync has created the record.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from neo4j import ManagedTransaction

from knowledgetree.basics.batches import in_batches
from knowledgetree.basics.times import utc_now
from tree.exceptions import Refused
from tree.graph.connection import read
from tree.graph.sibling_keys import sibling_key, sort_key
from tree.kinds import STAFF_KINDS, Folder, staff_kind
from tree.operations.links import write_links
from tree.operations.locking import change_tree, lock
from tree.operations.structure import free_name, move_locked
from tree.vocabulary import ORIGIN_STAFF, ROOT_ID, WAITING_ID

ROWS_A_STATEMENT = 500
ALL_OR_NOTHING_SECONDS = 1800.0  # one transaction imports everything, however much it is
WAITING_NAME = "Waiting for Codex"
_AUTHOR = "import"

_CREATE = {
    kind: f"""
UNWIND $rows AS row
MATCH (parent:ContextItem {{id: row.parent_id}})
CREATE (parent)-[:PARENT_OF]->(n:ContextItem:{kind}) SET n = row
"""
    for kind in STAFF_KINDS
}
_REVISIONS = """
UNWIND $rows AS row
MATCH (n:ContextItem {id: row.node_id})
MERGE (r:Revision {id: row.id}) ON CREATE SET r = row
MERGE (n)-[:HAS_REVISION]->(r)
"""
_FILES = """
UNWIND $rows AS row
MERGE (f:File {id: row.properties.id}) ON CREATE SET f = row.properties
WITH f, row
UNWIND row.owners AS owner
MATCH (n:ContextItem {id: owner})
MERGE (n)-[:HAS_FILE]->(f)
"""
_IS_WAITING = "MATCH (f:ContextItem {id: $id}) RETURN f.id AS id"
_WAITING = """
MATCH (f:Folder) WHERE f.id STARTS WITH $prefix AND f.trashed_at IS NULL
MATCH (target:ContextItem {id: substring(f.id, size($prefix))}) WHERE target.trashed_at IS NULL
RETURN f.id AS folder, target.id AS target,
  COLLECT { MATCH (f)-[:PARENT_OF]->(n) WHERE n.trashed_at IS NULL RETURN n.id ORDER BY n.id } AS children
"""
_MOVE_FILES = """
MATCH (folder:ContextItem {id: $folder})-[old:HAS_FILE]->(f:File), (target:ContextItem {id: $target})
MERGE (target)-[:HAS_FILE]->(f)
DELETE old
"""
_DROP_IF_EMPTY = """
MATCH (f:Folder {id: $id}) WHERE NOT (f)-[:PARENT_OF|HAS_FILE]->()
OPTIONAL MATCH (f)-[:HAS_REVISION]->(r)
DETACH DELETE f, r
"""


def import_content(
    nodes: Sequence[Mapping[str, Any]],
    revisions: Iterable[Mapping[str, Any]],
    files: Iterable[Mapping[str, Any]],
    waiting: Mapping[str, tuple[str, list[str]]],
) -> None:
    """Create everything, or nothing. ``nodes`` are complete property maps, parents first.

    ``files`` are ``{"properties": {…}, "owners": [node ids]}``. ``waiting`` maps the id of each missing record to its
    Codex key and its path of names. Raises Refused if the graph has changed since it was compared with the archive.
    """

    def work(transaction: ManagedTransaction) -> None:
        _make_waiting_folders(transaction, waiting)
        for kind, rows in _runs_of_one_kind(nodes):
            counters = transaction.run(_CREATE[kind], rows=rows).consume().counters
            if counters.relationships_created != len(rows):
                raise Refused("The tree changed while it was compared with the archive. Import again.")
        for batch in in_batches(revisions, ROWS_A_STATEMENT):
            transaction.run(_REVISIONS, rows=batch).consume()
        for batch in in_batches(files, ROWS_A_STATEMENT):
            transaction.run(_FILES, rows=batch).consume()
        for node in nodes:
            if "](" in node["content"]:
                write_links(transaction, node["id"], node["content"])

    change_tree(work, ALL_OR_NOTHING_SECONDS)


def settle_waiting() -> int:
    """Move content whose records exist by now to its place. Returns the number of notes and folders moved.

    Called after each sync; writes nothing when nothing is waiting.
    """
    if not read(_IS_WAITING, id=WAITING_ID):
        return 0

    def work(transaction: ManagedTransaction) -> int:
        prefix, moved = f"{WAITING_ID}:", 0
        for found in transaction.run(_WAITING, prefix=prefix).data():
            parent = lock(transaction, found["target"])
            for uid in found["children"]:
                node = lock(transaction, uid)
                move_locked(
                    transaction, node, parent, _AUTHOR, name=free_name(transaction, parent.uid, node.name, "imported")
                )
                moved += 1
            transaction.run(_MOVE_FILES, folder=found["folder"], target=parent.uid).consume()
            transaction.run(_DROP_IF_EMPTY, id=found["folder"]).consume()
        transaction.run(_DROP_IF_EMPTY, id=WAITING_ID).consume()
        return moved

    return change_tree(work, ALL_OR_NOTHING_SECONDS)


def waiting_id(parent_id: str) -> str:
    """The id of the folder for content that belongs below this missing record."""
    return f"{WAITING_ID}:{parent_id}"


def _make_waiting_folders(transaction: ManagedTransaction, waiting: Mapping[str, tuple[str, list[str]]]) -> None:
    if not waiting:
        return
    if transaction.run("MATCH (n:ContextItem {id: $id}) RETURN n.id", id=WAITING_ID).single() is None:
        name = free_name(transaction, ROOT_ID, WAITING_NAME, "import")
        rows = [_folder(WAITING_ID, ROOT_ID, name)]
        transaction.run(_CREATE[Folder.kind()], rows=rows).consume()
    for parent_id, (key, place) in waiting.items():
        uid = waiting_id(parent_id)
        if transaction.run("MATCH (n:ContextItem {id: $id}) RETURN n.id", id=uid).single() is None:
            name = f"{' / '.join(place)[-200:]} ({key})"
            rows = [_folder(uid, WAITING_ID, name) | {"waits_key": key, "waits_place": place}]
            transaction.run(_CREATE[Folder.kind()], rows=rows).consume()


def _folder(uid: str, parent_id: str, name: str) -> dict[str, Any]:
    time = utc_now()
    return {
        "id": uid, "name": name, "content": "", "parent_id": parent_id,
        "sibling_key": sibling_key(parent_id, name), "sort_key": sort_key(name, is_folder=True),
        "origin": ORIGIN_STAFF, "is_folder": True, "is_attached": False, "read_only": False, "version": 1,
        "created_at": time, "created_by": _AUTHOR, "updated_at": time, "updated_by": _AUTHOR,
    }  # fmt: skip


def _runs_of_one_kind(nodes: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    """Consecutive rows of one kind, enough for one statement each; a row's parent is in an earlier statement."""
    rows: list[dict[str, Any]] = []
    kind, made = "", set[str]()
    for node in nodes:
        its_kind = staff_kind(node["is_folder"])
        if rows and (its_kind != kind or len(rows) >= ROWS_A_STATEMENT or node["parent_id"] in made):
            yield kind, rows
            rows, made = [], set()
        kind = its_kind
        rows.append(dict(node))
        made.add(node["id"])
    if rows:
        yield kind, rows
