"""Imports the checked content of an archive: plans the changes, then applies them. It never overwrites anything."""

import io
from dataclasses import dataclass, field
from typing import Any

from msgspec import to_builtins

from tree import operations
from tree.exchange.archive import StoredFile, StoredNode
from tree.exchange.archive_reader import BadArchive, Content
from tree.files import storage
from tree.graph.sibling_keys import retired_sibling_key, sibling_key, sort_key
from tree.queries import staff
from tree.vocabulary import COMPANIES_ID, ORIGIN_STAFF, ROOT_ID, WAITING_ID


@dataclass
class Import:
    """The changes that an import makes. ``lines`` are messages about whatever a person should check."""

    create: list[dict[str, Any]] = field(default_factory=list)
    waiting: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    revisions: list[dict[str, Any]] = field(default_factory=list)
    files: list[tuple[StoredFile, list[str]]] = field(default_factory=list)
    unchanged: int = 0
    kept: int = 0
    lines: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {
            "created": len(self.create),
            "unchanged": self.unchanged,
            "kept": self.kept,
            "waiting": sum(1 for node in self.create if node["parent_id"].startswith(f"{WAITING_ID}:")),
            "revisions": len(self.revisions),
            "files": len(self.files),
        }


def plan_import(content: Content) -> Import:
    """Compare checked content with the graph. Raises BadArchive if the import would change Codex records."""
    planned = Import()
    ids = [node.id for node in content.nodes]
    here = staff.present(ids + [node.parent for node in content.nodes] + [o for f in content.files for o in f.owners])
    faults = [
        f"node {uid}: here this id belongs to {here[uid]['name']!r}, which staff did not make."
        for uid in ids
        if uid in here and here[uid]["origin"] != ORIGIN_STAFF
    ]
    if faults:
        raise BadArchive(faults)
    new = [node for node in content.nodes if node.id not in here]
    for node in content.nodes:
        if node.id in here:
            _note_present(planned, node, here[node.id])
    made = {node.id for node in new}
    for node in new:
        planned.create.append(_properties(node, _place_of(planned, node, here, made)))
    _name_apart(planned)
    planned.revisions = [
        {"id": f"{r.node}:{r.number}", "node_id": r.node} | {k: v for k, v in to_builtins(r).items() if k != "node"}
        for r in content.revisions
        if r.node in made
    ]
    planned.files = [(stored, _owners(planned, stored, here, made)) for stored in content.files]
    return planned


def apply_import(content: Content, planned: Import) -> int:
    """Apply the import, all or nothing. Returns the number of nodes that moved from the waiting folder to their place.

    Raises Refused, GraphUnavailable, OSError.
    """
    kept: list[str] = []
    try:
        for stored, _ in planned.files:
            if not storage.path_of(stored.filename).exists():
                kept.append(stored.filename)
                with storage.received(io.BytesIO(content.file_bytes(stored)), stored.filename) as path:
                    storage.keep(path, stored.filename)
        operations.import_content(
            planned.create,
            planned.revisions,
            [
                {
                    "properties": stored.properties
                    | {"id": stored.id, "filename": stored.filename, "sha256": stored.sha256},
                    "owners": owners,
                }
                for stored, owners in planned.files
            ],
            planned.waiting,
        )
    except BaseException:
        storage.delete(*kept)
        raise
    return operations.settle_waiting()


def _note_present(planned: Import, node: StoredNode, here: dict[str, Any]) -> None:
    if (node.name, node.content) == (here["name"], here["content"] or ""):
        planned.unchanged += 1
        return
    planned.kept += 1
    planned.lines.append(f"{_path(node)}: it is here with another text or name, which is kept.")


def _place_of(planned: Import, node: StoredNode, here: dict[str, dict[str, Any]], made: set[str]) -> str:
    if node.parent in made or node.parent in (ROOT_ID, COMPANIES_ID):
        return node.parent
    if node.parent in here:
        if here[node.parent]["is_live"] or node.trashed_at:
            return node.parent
        planned.lines.append(f"{_path(node)}: its place lies in the trash here; it was put at the top.")
        return ROOT_ID
    if not node.parent_key:  # in the archive, and refused there
        planned.lines.append(f"{_path(node)}: its place is not here; it was put at the top.")
        return ROOT_ID
    planned.waiting[node.parent] = (node.parent_key, node.place)
    planned.lines.append(f"{_path(node)}: waits for {node.parent_key}, which no sync has brought here yet.")
    return operations.waiting_id(node.parent)


def _owners(planned: Import, stored: StoredFile, here: dict[str, Any], made: set[str]) -> list[str]:
    owners = []
    for owner, key in zip(stored.owners, stored.owner_keys, strict=False):
        if owner in made or owner in here:
            owners.append(owner)
        elif key:
            planned.waiting.setdefault(owner, (key, [stored.filename]))
            owners.append(operations.waiting_id(owner))
    return owners


def _properties(node: StoredNode, parent_id: str) -> dict[str, Any]:
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
    if node.trashed_with == node.id:
        stored["sibling_key"] = retired_sibling_key(parent_id, node.name, node.id)
    return stored


def _name_apart(planned: Import) -> None:
    """Append “(imported)” to names that are already taken here."""
    live = [node for node in planned.create if node.get("trashed_with") != node["id"]]
    taken = set(staff.taken([node["sibling_key"] for node in live]))
    for node in live:
        if node["sibling_key"] not in taken:
            continue
        old, number = node["name"], 1
        while node["sibling_key"] in taken:
            node["name"] = f"{old} (imported)" if number == 1 else f"{old} (imported {number})"
            node["sibling_key"] = sibling_key(node["parent_id"], node["name"])
            if node["sibling_key"] not in taken:
                taken |= set(staff.taken([node["sibling_key"]]))
            number += 1
        node["sort_key"] = sort_key(node["name"], node["is_folder"])
        taken.add(node["sibling_key"])
        planned.lines.append(f"{old}: the name is taken here; it is now {node['name']}.")


def _path(node: StoredNode) -> str:
    return "/" + "/".join([*node.place, node.name])
