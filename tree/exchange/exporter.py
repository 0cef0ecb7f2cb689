"""Exports the content that staff wrote from the graph to an archive."""

import hashlib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from tree.exchange.archive import (
    FORMAT,
    MANIFEST,
    VERSION,
    Manifest,
    StoredFile,
    StoredNode,
    StoredRevision,
    as_yaml,
    entry_of_file,
    entry_of_node,
    entry_of_revision,
    with_front_matter,
)
from tree.files import storage
from tree.graph.old_application import refuse_old_graph
from tree.graph.search_keys import KEYS, SCOPE
from tree.kinds import staff_kind
from tree.queries.texts import staff
from tree.vocabulary import WAITING_ID

_NO_TIME = (1980, 1, 1, 0, 0, 0)  # so that equal content gives equal archives
_TAKEN_OVER = (
    *("name", "version", "is_attached", "is_warning", "created_at", "created_by", "updated_at", "updated_by"),
    *("trashed_at", "trashed_by", "trashed_with", "content"),
)


@dataclass(frozen=True)
class Exported:
    """What an archive contains, and ``faults``: the files that could not be taken, with the pages that have them."""

    manifest: Manifest
    faults: list[str] = field(default_factory=list)


def export_tree(target: Path, wrote: Callable[[int], object] = lambda number: None) -> Exported:
    """Export everything that staff created to a new zip file at ``target``. Calls ``wrote(1)`` after each entry.

    Files whose bytes are missing are left out and named; those whose bytes were changed are named. An incomplete
    archive is deleted. Raises GraphUnavailable, OSError; FileExistsError if ``target`` exists.
    """
    with target.open("xb") as file:
        target.chmod(0o600)
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                return _write(archive, wrote)
        except BaseException:
            target.unlink()
            raise


def _write(archive: zipfile.ZipFile, wrote: Callable[[int], object]) -> Exported:
    refuse_old_graph()
    taken: set[str] = set()
    faults: list[str] = []
    manifest = Manifest(FORMAT, VERSION, 0, 0, 0)
    for row in staff.every_node():
        node = _stored(row)
        _add(archive, entry_of_node(node, taken), with_front_matter(node))
        manifest.nodes += 1
        wrote(1)
    for row in staff.every_revision():
        revision = StoredRevision(**{name: value for name, value in row.items() if value is not None})
        _add(archive, entry_of_revision(revision), with_front_matter(revision))
        manifest.revisions += 1
        wrote(1)
    for row in staff.every_file():
        try:
            raw = storage.path_of(row["properties"]["filename"]).read_bytes()
        except FileNotFoundError:
            faults.append(f"{_described(row)}: its bytes are missing on the disk, so it is not in the export.")
            continue
        if not _add_file(archive, row, raw):
            faults.append(f"{_described(row)}: its bytes on the disk are not those that were uploaded.")
        manifest.files += 1
        wrote(1)
    _add(archive, MANIFEST, as_yaml(to_builtins(manifest)).encode())
    return Exported(manifest, faults)


def _stored(row: dict[str, Any]) -> StoredNode:
    properties = row["properties"]
    place: list[str] = []
    for above in row["above"]:  # a folder of “Waiting for Codex” counts as the place that its content belongs to
        place = above["waits_place"] or [*place, above["name"]]
    return StoredNode(
        id=properties["id"],
        kind=staff_kind(row["is_folder"]),
        parent=_where_it_belongs(row["parent"]),
        parent_key=row["parent_key"] or "",
        place=place,
        **{name: properties[name] for name in _TAKEN_OVER if properties.get(name) is not None},
    )


def _add_file(archive: zipfile.ZipFile, row: dict[str, Any], raw: bytes) -> bool:
    """Add a file with its bytes. Returns whether the bytes are those of its record."""
    properties = dict(row["properties"])
    owners = sorted((_where_it_belongs(owner["id"]), owner["key"] or "") for owner in row["owners"])
    sha256 = hashlib.sha256(raw).hexdigest()
    recorded = properties.pop("sha256", "")
    for name in (KEYS, SCOPE):  # the import makes them anew
        properties.pop(name, None)
    stored = StoredFile(
        id=properties.pop("id"),
        filename=properties.pop("filename"),
        sha256=sha256,
        owners=[uid for uid, _ in owners],
        owner_keys=[key for _, key in owners],
        properties=properties | {"size": len(raw)},
    )
    entry = entry_of_file(stored.id)
    _add(archive, f"{entry}.yaml", as_yaml(to_builtins(stored)).encode())
    _add(archive, entry, raw)
    return recorded in ("", sha256)


def _described(row: dict[str, Any]) -> str:
    """The file and the pages that have it, for people."""
    properties = row["properties"]
    pages = ", ".join(sorted(owner["path"] or "/" for owner in row["owners"]))
    return f"{pages}: {properties.get('original_filename') or properties['filename']} ({properties['filename']})"


def _where_it_belongs(uid: str) -> str:
    """The id of the missing record, for a folder whose content waits for it."""
    return uid.removeprefix(f"{WAITING_ID}:")


def _add(archive: zipfile.ZipFile, entry: str, content: bytes) -> None:
    info = zipfile.ZipInfo(entry, _NO_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    archive.writestr(info, content)
