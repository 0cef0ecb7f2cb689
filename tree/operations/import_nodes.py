"""Import of another installation's content into the graph, in short transactions.

Each batch of nodes takes the lock of the tree for a moment, so that others go on working, and checks again under it
what the plan of the import has found before: names, places and depths. Repeating a batch changes nothing.

Content of a Codex record that does not exist here (yet) waits in the folder ``Waiting for Codex``, in one folder for
each missing record; ``settle_waiting`` moves it to its place as soon as a sync has created the record.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from neo4j import ManagedTransaction
from neo4j.exceptions import ConstraintError
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from knowledgetree.audit.actions import Action
from knowledgetree.basics.batches import in_batches
from knowledgetree.basics.times import utc_now
from tree.exceptions import InvalidPlace, Refused
from tree.graph.connection import read, write
from tree.graph.search_keys import FILE, search_properties
from tree.graph.sibling_keys import sibling_key, sort_key
from tree.kinds import STAFF_KINDS, Folder, staff_kind
from tree.operations.links import write_links_of
from tree.operations.locking import change_tree, id_of_sibling, lock
from tree.operations.structure import free_name, move_locked, numbered_names
from tree.operations.telling import ToldNode, about, tell
from tree.vocabulary import MAX_DEPTH, ORIGIN_STAFF, ROOT_ID, WAITING_ID

ATTEMPTS = 3  # a sync does not take the lock of the tree, and may take a name between our check and our commit
WAITING_NAME = "Waiting for Codex"
_AUTHOR = "import"
_SHOWN_OF_PLACE = 200
_FOLDERS_A_BATCH = 200

_CREATE = {
    kind: f"""
UNWIND $rows AS row
MATCH (parent:ContextItem {{id: row.parent_id}})
CREATE (parent)-[:PARENT_OF]->(n:ContextItem:{kind}) SET n = row
"""
    for kind in STAFF_KINDS
}
_PRESENT = "MATCH (n:ContextItem) WHERE n.id IN $ids RETURN collect(n.id) AS ids"
_TAKEN = "MATCH (n:ContextItem) WHERE n.sibling_key IN $keys RETURN collect(n.sibling_key) AS keys"
_PARENTS = """
UNWIND $ids AS id
MATCH (p:ContextItem {id: id})
RETURN id, COUNT { (p)<-[:PARENT_OF*1..]-() } AS depth, p.trashed_at IS NOT NULL AS is_trashed
"""
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
_WAITING = """
MATCH (f:Folder) WHERE f.id STARTS WITH $prefix AND f.trashed_at IS NULL
MATCH (target:ContextItem {id: substring(f.id, size($prefix))}) WHERE target.trashed_at IS NULL
RETURN f.id AS folder, target.id AS target
"""
_CHILDREN = """
MATCH (:ContextItem {id: $id})-[:PARENT_OF]->(n:ContextItem) WHERE n.trashed_at IS NULL
RETURN n.id AS id ORDER BY id
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

_if_name_was_taken = retry(
    retry=retry_if_exception_type(ConstraintError), stop=stop_after_attempt(ATTEMPTS), reraise=True
)


@_if_name_was_taken
def import_nodes(nodes: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Create nodes, given by all their properties, under one lock of the tree; those that are here already are skipped.

    None of them may be the parent of another. Returns (id, new name) of those whose name was taken meanwhile. Raises
    Refused, and creates none, if a parent is gone, lies in the trash or is too deep.
    """

    def work(transaction: ManagedTransaction) -> tuple[list[tuple[str, str]], list[ToldNode]]:
        here = _present(transaction, [node["id"] for node in nodes])
        rows = [dict(node) for node in nodes if node["id"] not in here]
        _require_places(transaction, rows)
        renamed = _free_names(transaction, rows)
        for kind in STAFF_KINDS:
            of_kind = [_with_keys(kind, row) for row in rows if staff_kind(row["is_folder"]) == kind]
            if of_kind:
                transaction.run(_CREATE[kind], rows=of_kind).consume()
        return renamed, about(transaction, [row["id"] for row in rows])

    renamed, told = change_tree(work)
    tell(Action.IMPORTED, told)
    return renamed


def import_revisions(revisions: Sequence[Mapping[str, Any]]) -> None:
    """Write saved versions of nodes that are here; versions that are here already stay as they are."""
    write(lambda transaction: transaction.run(_REVISIONS, rows=[dict(row) for row in revisions]).consume())


def import_files(files: Iterable[Mapping[str, Any]]) -> None:
    """Write records of files, ``{"properties": {…}, "owners": [node ids]}``, whose bytes are stored already."""
    rows = [{**row, "properties": _with_keys(FILE, row["properties"])} for row in files]
    change_tree(lambda transaction: transaction.run(_FILES, rows=rows).consume())


def import_links(texts: Mapping[str, str]) -> None:
    """Draw the relations for the links in the texts of these nodes, given by id."""
    write(lambda transaction: write_links_of(transaction, texts))


@_if_name_was_taken
def make_waiting_folders(waiting: Mapping[str, tuple[str, list[str]]]) -> None:
    """Create what is missing of the folders for content that waits.

    ``waiting`` maps the id of each missing record to its Codex key and its path of names.
    """
    for some in in_batches(waiting.items(), _FOLDERS_A_BATCH):
        change_tree(partial(_make_waiting_folders, waiting=dict(some)))


def settle_waiting() -> int:
    """Move content whose records exist by now to its place. Returns the number of notes and folders moved.

    Called after each sync; writes nothing when nothing is waiting. What would lie too deep there goes on waiting.
    """
    if not read(_PRESENT, ids=[WAITING_ID])[0]["ids"]:
        return 0
    moved = 0
    for row in read(_WAITING, prefix=f"{WAITING_ID}:"):
        told = change_tree(partial(_settle, folder=row["folder"], target=row["target"]))
        tell(Action.MOVED, told)
        moved += len(told)
    change_tree(lambda transaction: transaction.run(_DROP_IF_EMPTY, id=WAITING_ID).consume())
    return moved


def _settle(transaction: ManagedTransaction, folder: str, target: str) -> list[ToldNode]:
    parent, moved = lock(transaction, target), []
    for row in transaction.run(_CHILDREN, id=folder).data():
        node = lock(transaction, row["id"])
        name = free_name(transaction, parent.uid, node.name, "imported")
        try:
            move_locked(transaction, node, parent, _AUTHOR, name=name)
        except InvalidPlace:
            continue
        moved.append(node.uid)
    transaction.run(_MOVE_FILES, folder=folder, target=parent.uid).consume()
    transaction.run(_DROP_IF_EMPTY, id=folder).consume()
    return about(transaction, moved)


def _present(transaction: ManagedTransaction, ids: list[str]) -> set[str]:
    return set(transaction.run(_PRESENT, ids=ids).single(strict=True)["ids"])


def _require_places(transaction: ManagedTransaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Raises Refused unless every row has a parent that it may hang below."""
    ids = sorted({row["parent_id"] for row in rows})
    parents = {row["id"]: row for row in transaction.run(_PARENTS, ids=ids).data()}
    for row in rows:
        parent = parents.get(row["parent_id"])
        if parent is None or (parent["is_trashed"] and not row.get("trashed_at")):
            raise Refused(f"The place of “{row['name']}” was deleted while the import ran. Import the file again.")
        if parent["depth"] + 1 > MAX_DEPTH:
            raise Refused(f"“{row['name']}” would lie more than {MAX_DEPTH} levels deep. Import the file again.")


def _free_names(transaction: ManagedTransaction, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Give rows whose names are taken by now another one. Returns their ids and new names."""
    live = [row for row in rows if row.get("trashed_with") != row["id"]]  # the keys of others are retired
    keys = [row["sibling_key"] for row in live]
    taken = set(transaction.run(_TAKEN, keys=keys).single(strict=True)["keys"])
    late = [row for row in live if row["sibling_key"] in taken]
    taken |= set(keys)
    for row in late:
        parent_id = row["parent_id"]
        row["name"] = next(
            name
            for name in numbered_names(row["name"], "imported")
            if sibling_key(parent_id, name) not in taken and not id_of_sibling(transaction, parent_id, name)
        )
        row["sibling_key"] = sibling_key(parent_id, row["name"])
        row["sort_key"] = sort_key(row["name"], row["is_folder"])
        taken.add(row["sibling_key"])
    return [(row["id"], row["name"]) for row in late]


def waiting_id(parent_id: str) -> str:
    """The id of the folder for content that belongs below this missing record."""
    return f"{WAITING_ID}:{parent_id}"


def _make_waiting_folders(transaction: ManagedTransaction, waiting: Mapping[str, tuple[str, list[str]]]) -> None:
    here = _present(transaction, [WAITING_ID, *map(waiting_id, waiting)])
    if WAITING_ID not in here:
        name = free_name(transaction, ROOT_ID, WAITING_NAME, "import")
        transaction.run(_CREATE[Folder.kind()], rows=[_folder(WAITING_ID, ROOT_ID, name)]).consume()
    rows = [
        _folder(waiting_id(parent_id), WAITING_ID, _name_of_waiting(place, key))
        | {"waits_key": key, "waits_place": place}
        for parent_id, (key, place) in waiting.items()
        if waiting_id(parent_id) not in here
    ]
    transaction.run(_CREATE[Folder.kind()], rows=rows).consume()


def _name_of_waiting(place: list[str], key: str) -> str:
    """The name of the folder for what belongs to a record: its path and its key, without control characters."""
    seen = "".join(c for c in f"{' / '.join(place)[-_SHOWN_OF_PLACE:]} ({key})" if unicodedata.category(c) != "Cc")
    return seen.strip()


def _folder(uid: str, parent_id: str, name: str) -> dict[str, Any]:
    time = utc_now()
    return _with_keys(Folder.kind(), {
        "id": uid, "name": name, "content": "", "parent_id": parent_id,
        "sibling_key": sibling_key(parent_id, name), "sort_key": sort_key(name, is_folder=True),
        "origin": ORIGIN_STAFF, "is_folder": True, "is_attached": False, "read_only": False, "version": 1,
        "created_at": time, "created_by": _AUTHOR, "updated_at": time, "updated_by": _AUTHOR,
    })  # fmt: skip


def _with_keys(kind: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {**properties, **search_properties(kind, properties)}
