"""Exports the content that staff wrote from the graph to an archive."""

import zipfile
from collections.abc import Callable
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
from tree.kinds import staff_kind
from tree.queries import staff
from tree.vocabulary import WAITING_ID

_NO_TIME = (1980, 1, 1, 0, 0, 0)  # so that equal content gives equal archives
_TAKEN_OVER = (
    *("name", "version", "is_attached", "created_at", "created_by", "updated_at", "updated_by"),
    *("trashed_at", "trashed_by", "trashed_with", "content"),
)


def export_tree(target: Path, wrote: Callable[[int], object] = lambda number: None) -> Manifest:
    """Export everything that staff created to a new zip file at ``target``. Calls ``wrote(1)`` after each entry.

    An incomplete archive is deleted. Raises GraphUnavailable, OSError; FileExistsError if ``target`` exists;
    FileNotFoundError, naming the file, if the bytes of an uploaded file are missing.
    """
    with target.open("xb") as file:
        target.chmod(0o600)
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                return _write(archive, wrote)
        except BaseException:
            target.unlink()
            raise


def _write(archive: zipfile.ZipFile, wrote: Callable[[int], object]) -> Manifest:
    taken: set[str] = set()
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
        _add_file(archive, row)
        manifest.files += 1
        wrote(1)
    _add(archive, MANIFEST, as_yaml(to_builtins(manifest)).encode())
    return manifest


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


def _add_file(archive: zipfile.ZipFile, row: dict[str, Any]) -> None:
    properties = row["properties"]
    owners = sorted((_where_it_belongs(owner["id"]), owner["key"] or "") for owner in row["owners"])
    stored = StoredFile(
        id=properties.pop("id"),
        filename=properties.pop("filename"),
        sha256=str(properties.pop("sha256", "")),
        owners=[uid for uid, _ in owners],
        owner_keys=[key for _, key in owners],
        properties=properties,
    )
    entry = entry_of_file(stored.id)
    _add(archive, f"{entry}.yaml", as_yaml(to_builtins(stored)).encode())
    _add(archive, entry, storage.path_of(stored.filename).read_bytes())


def _where_it_belongs(uid: str) -> str:
    """The id of the missing record, for a folder whose content waits for it."""
    return uid.removeprefix(f"{WAITING_ID}:")


def _add(archive: zipfile.ZipFile, entry: str, content: bytes) -> None:
    info = zipfile.ZipInfo(entry, _NO_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    archive.writestr(info, content)
