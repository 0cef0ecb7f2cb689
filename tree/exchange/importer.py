"""Imports the checked content of an archive: plans the changes, then applies them in short steps.

It never overwrites anything, and what is here already is skipped; so an import that was broken off is completed by
running it again. Others go on working meanwhile.
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.conf import settings
from msgspec import to_builtins

from knowledgetree.basics.batches import in_batches, in_weighed_batches
from tree import operations
from tree.exceptions import Refused
from tree.exchange.archive import StoredFile, StoredNode, StoredRevision
from tree.exchange.archive_reader import BadArchive, Content
from tree.files import storage
from tree.files.file_names import extension_of
from tree.graph.sibling_keys import retired_sibling_key, sibling_key, sort_key
from tree.operations.structure import numbered_names
from tree.queries.texts import staff
from tree.vocabulary import COMPANIES_ID, MAX_DEPTH, ORIGIN_STAFF, ROOT_ID, WAITING_ID

# One batch holds the lock of the tree, or of its nodes, for a small part of a second.
NODES_A_BATCH, CHARACTERS_A_BATCH = 100, 500_000
FILES_A_BATCH = 20
LINKED_A_BATCH = 100
_DEPTH_OF_WAITING = 2
_NAMES_ASKED_AHEAD = 4
MESSAGE = "Imported from the old application"

Wrote = Callable[[int, list[str]], object]


@dataclass(frozen=True)
class Update:
    """A new text for a note that an earlier import made and that nobody has changed since.

    ``version`` is the present one.
    """

    uid: str
    path: str
    content: str
    version: int


@dataclass
class Import:
    """The changes that an import makes. ``lines`` are messages about whatever a person should check."""

    create: list[dict[str, Any]] = field(default_factory=list)
    update: list[Update] = field(default_factory=list)
    waiting: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    revisions: list[StoredRevision] = field(default_factory=list)
    files: list[tuple[StoredFile, list[str]]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)  # texts by id
    author: str = "import"
    unchanged: int = 0
    kept: int = 0
    lines: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {
            "created": len(self.create),
            "updated": len(self.update),
            "unchanged": self.unchanged,
            "kept": self.kept,
            "waiting": sum(1 for node in self.create if node["parent_id"].startswith(f"{WAITING_ID}:")),
            "revisions": len(self.revisions),
            "files": len(self.files),
        }

    def steps(self) -> int:
        """The number of things to write, for a progress bar."""
        return len(self.create) + len(self.update) + len(self.revisions) + len(self.files) + len(self.links)


def plan_import(content: Content, beat: staff.Beat = staff.silent) -> Import:
    """Compare checked content with the graph. Raises BadArchive if the import would change Codex records.

    ``beat`` is called in between, as a sign of life.
    """
    planned = Import()
    ids = [node.id for node in content.nodes]
    asked = ids + [node.parent for node in content.nodes] + [o for f in content.files for o in f.owners]
    here = staff.present(asked, beat)
    faults = [
        f"{content.entry_of['node', uid]}: node {uid}: here this id belongs to {here[uid]['name']!r}, which staff did "
        "not make."
        for uid in ids
        if uid in here and here[uid]["origin"] != ORIGIN_STAFF
    ]
    if faults:
        raise BadArchive(faults)
    made = {node.id for node in content.nodes if node.id not in here}
    for node in content.nodes:
        if node.id in here:
            _note_present(planned, node, here[node.id])
        else:
            planned.create.append(properties_of(node, _place_of(planned, node, here, made)))
    name_apart(planned, beat)
    require_depths(planned, here, {node.id: content.entry_of["node", node.id] for node in content.nodes})
    _plan_revisions(planned, content, here, made, beat)
    _plan_files(planned, content, here, made, beat)
    plan_links(planned, (here[n.id] for n in content.nodes if n.id in here and here[n.id]["content"] == n.content))
    return planned


def apply_import(content: Content, planned: Import, wrote: Wrote = lambda number, lines: None) -> None:
    """Apply the import in short steps; ``wrote(number, lines)`` is called after each and may raise to end it there.

    ``lines`` are messages about what was done otherwise than planned, because others have changed the tree meanwhile.
    Raises Refused, GraphUnavailable, OSError; then what was written stays, and another import of the same file does the
    rest.
    """
    operations.make_waiting_folders(planned.waiting)
    for level in _levels(planned.create):
        for batch in in_weighed_batches(level, (NODES_A_BATCH, CHARACTERS_A_BATCH), _weight):
            wrote(len(batch), _import_nodes(batch))
    for rows in in_weighed_batches(
        _rows_of(content, planned.revisions), (4 * NODES_A_BATCH, CHARACTERS_A_BATCH), _weight
    ):
        operations.import_revisions(rows)
        wrote(len(rows), [])
    for update in planned.update:
        wrote(1, _update(update, planned.author))
    for files in in_batches(planned.files, FILES_A_BATCH):
        _import_files(content, files)
        wrote(len(files), [])
    for uids in in_batches(planned.links, LINKED_A_BATCH):
        operations.import_links({uid: planned.links[uid] for uid in uids})
        wrote(len(uids), [])
    operations.settle_waiting()


def _levels(nodes: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The nodes in lists of which none has a node and its parent; parents come first, as in ``nodes``."""
    level: list[dict[str, Any]] = []
    ids: set[str] = set()
    for node in nodes:
        if node["parent_id"] in ids:
            yield level
            level, ids = [], set()
        level.append(node)
        ids.add(node["id"])
    yield level


def _weight(row: dict[str, Any]) -> tuple[int, int]:
    return 1, len(row["content"])


def _rows_of(content: Content, revisions: Iterable[StoredRevision]) -> Iterator[dict[str, Any]]:
    for revision in revisions:
        fields = to_builtins(revision)
        uid = fields.pop("node")
        yield fields | {"id": f"{uid}:{revision.number}", "node_id": uid, "content": content.text_of(revision)}


def _import_nodes(nodes: list[dict[str, Any]]) -> list[str]:
    names = {node["id"]: node["name"] for node in nodes}
    renamed = operations.import_nodes(nodes)
    return [f"{names[uid]}: the name was taken meanwhile; it is now {name}." for uid, name in renamed]


def _update(update: Update, author: str) -> list[str]:
    try:
        operations.save(update.uid, author=author, base_version=update.version, content=update.content, message=MESSAGE)
    except Refused as error:
        return [f"{update.path}: not updated: {error}"]
    return []


def _import_files(content: Content, files: Iterable[tuple[StoredFile, list[str]]]) -> None:
    """Store the bytes, then the records: a crash leaves bytes without a record, which the sweep of files finds."""
    rows = []
    for stored, owners in files:
        raw = content.file_bytes(stored)
        filename = _stored(stored, raw)
        properties = stored.properties | {
            "id": stored.id,
            "filename": filename,
            "size": len(raw),
            "sha256": hashlib.sha256(raw).hexdigest(),
        }
        rows.append({"properties": properties, "owners": owners})
    operations.import_files(rows)


def _stored(stored: StoredFile, raw: bytes) -> str:
    """Store the bytes under their name, or under a new one if that belongs to other bytes here. Returns the name."""
    filename = stored.filename
    path = storage.path_of(filename)
    if path.exists():
        if path.read_bytes() == raw:
            return filename
        filename = storage.new_name(extension_of(filename))
    with storage.received(io.BytesIO(raw), filename) as received:
        storage.keep(received, filename)
    return filename


def _note_present(planned: Import, node: StoredNode, here: dict[str, Any]) -> None:
    mine = (here["name"], here["content"] or "", here["is_warning"])
    if (node.name, node.content, node.is_warning) == mine:
        planned.unchanged += 1
        return
    planned.kept += 1
    what = "text" if node.content != mine[1] else "name" if node.name != mine[0] else "mark as a warning"
    planned.lines.append(f"{path_of(node)}: it is here with another {what}, which is kept.")


def _place_of(planned: Import, node: StoredNode, here: dict[str, dict[str, Any]], made: set[str]) -> str:
    if node.parent in made or node.parent in (ROOT_ID, COMPANIES_ID):
        return node.parent
    if node.parent in here:
        if here[node.parent]["is_live"] or node.trashed_at:
            return node.parent
        planned.lines.append(f"{path_of(node)}: its place lies in the trash here; it was put at the top.")
        return ROOT_ID
    if not node.parent_key:  # in the archive, and refused there
        planned.lines.append(f"{path_of(node)}: its place is not here; it was put at the top.")
        return ROOT_ID
    planned.waiting[node.parent] = (node.parent_key, node.place)
    planned.lines.append(f"{path_of(node)}: waits for {node.parent_key}, which no sync has brought here yet.")
    return operations.waiting_id(node.parent)


def require_depths(planned: Import, here: dict[str, dict[str, Any]], named: Mapping[str, str]) -> None:
    """Raises BadArchive if something would lie too deep here; ``named`` are the entries' names for people, by id."""
    depths = {ROOT_ID: 0, COMPANIES_ID: 1}
    faults = []
    for node in planned.create:
        parent = node["parent_id"]
        if parent not in depths:
            depths[parent] = here[parent]["depth"] if parent in here else _DEPTH_OF_WAITING
        depth = depths[node["id"]] = depths[parent] + 1
        if depth > MAX_DEPTH:
            entry = named.get(node["id"], node["name"])
            faults.append(f"{entry}: it would lie {depth} levels deep here; at most {MAX_DEPTH} are possible.")
    if faults:
        raise BadArchive(faults)


def _plan_revisions(
    planned: Import, content: Content, here: dict[str, dict[str, Any]], made: set[str], beat: staff.Beat
) -> None:
    """Versions of new notes, and those that an import which was broken off did not write any more.

    Somebody may have saved a new version meanwhile, which follows on those of the archive.
    """
    as_here = {node.id for node in content.nodes if node.id in here and node.version <= here[node.id]["version"]}
    written = staff.numbers_of_revisions(as_here, beat)
    planned.revisions = [
        revision
        for revision in content.revisions
        if revision.node in made or (revision.node in as_here and revision.number not in written[revision.node])
    ]


def _plan_files(
    planned: Import, content: Content, here: dict[str, dict[str, Any]], made: set[str], beat: staff.Beat
) -> None:
    holders = staff.holders_of_files([stored.id for stored in content.files], beat)
    for stored in content.files:
        owners = _owners(planned, stored, here, made)
        if stored.id not in holders or not set(owners) <= holders[stored.id]:
            planned.files.append((stored, owners))
    new = sum(int(stored.properties.get("size", 0)) for stored, _ in planned.files if stored.id not in holders)
    limit = settings.FILES_LIMIT_BYTES
    if new and new + staff.bytes_of_files() > limit:
        raise BadArchive([f"Its files do not fit: all files together may have {limit / 2**20:g} MB (FILES_LIMIT_MB)."])


def _owners(planned: Import, stored: StoredFile, here: dict[str, Any], made: set[str]) -> list[str]:
    owners = []
    for owner, key in zip(stored.owners, stored.owner_keys, strict=True):
        if owner in made or owner in here:
            owners.append(owner)
        elif key:
            planned.waiting.setdefault(owner, (key, [stored.filename]))
            owners.append(operations.waiting_id(owner))
    return owners


def properties_of(node: StoredNode, parent_id: str) -> dict[str, Any]:
    """All properties of a new node below this parent."""
    stored: dict[str, Any] = {
        "id": node.id,
        "name": node.name,
        "content": node.content,
        "parent_id": parent_id,
        "sibling_key": sibling_key(parent_id, node.name),
        "sort_key": sort_key(node.name, node.is_folder),
        "origin": ORIGIN_STAFF,
        "is_folder": node.is_folder,
        "is_attached": node.is_attached,
        "read_only": False,
        "version": node.version,
    }
    for name in (
        *("created_at", "created_by", "updated_at", "updated_by"),
        *("trashed_at", "trashed_by", "trashed_with"),
    ):
        if getattr(node, name):
            stored[name] = getattr(node, name)
    if node.is_warning and not node.is_folder:
        stored["is_warning"] = True
    if node.trashed_with == node.id:
        stored["sibling_key"] = retired_sibling_key(parent_id, node.name, node.id)
    return stored


def name_apart(planned: Import, beat: staff.Beat = staff.silent) -> None:
    """Append “(imported)” to names that are already taken here or by an earlier one of the import."""
    live = [node for node in planned.create if node.get("trashed_with") != node["id"]]
    own = {node["sibling_key"] for node in live}
    taken = set(staff.taken(own, beat))
    asked = own | _further_keys(live, taken)
    taken |= set(staff.taken(asked - own, beat))

    def is_free(key: str) -> bool:
        return key not in taken and (key in asked or not staff.taken([key]))

    for node in live:
        old, parent_id = node["name"], node["parent_id"]
        node["name"] = next(n for n in numbered_names(old, "imported") if is_free(sibling_key(parent_id, n)))
        node["sibling_key"] = sibling_key(parent_id, node["name"])
        taken.add(node["sibling_key"])
        if node["name"] != old:
            node["sort_key"] = sort_key(node["name"], node["is_folder"])
            planned.lines.append(f"{old}: the name is taken here; it is now {node['name']}.")


def _further_keys(live: Iterable[dict[str, Any]], taken: set[str]) -> set[str]:
    """The keys of the first names that nodes may get whose own are taken, here or within the import."""
    given: set[str] = set()
    keys: set[str] = set()
    for node in live:
        key = node["sibling_key"]
        if key in taken or key in given:
            names = islice(numbered_names(node["name"], "imported"), _NAMES_ASKED_AHEAD)
            keys.update(sibling_key(node["parent_id"], name) for name in names)
        given.add(key)
    return keys


def plan_links(planned: Import, as_in_file: Iterable[Mapping[str, Any]]) -> None:
    """Plan the links of new pages, and those that an import which was broken off did not draw.

    ``as_in_file`` are the pages, as ``staff.present`` gives them, that are here with the text that the file has.
    """
    undrawn = (node for node in as_in_file if not node["has_links"])
    planned.links = {n["id"]: n["content"] for n in (*planned.create, *undrawn) if "](" in (n["content"] or "")}


def path_of(node: StoredNode) -> str:
    """The path of names, for people."""
    return "/" + "/".join([*node.place, node.name])
