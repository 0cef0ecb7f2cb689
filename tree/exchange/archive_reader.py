"""Reads an archive and checks it completely, before anything is written."""

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from knowledgetree.basics.mismatches import in_words, mismatch_of
from tree.exceptions import Refused, TreeError
from tree.exchange.archive import (
    FILES,
    FORMAT,
    MANIFEST,
    REVISIONS,
    TREE,
    VERSION,
    BadFrontMatter,
    Manifest,
    StoredFile,
    StoredNode,
    StoredRevision,
    entry_of_file,
    from_front_matter,
    from_yaml,
)
from tree.files import storage
from tree.graph.sibling_keys import sibling_key
from tree.graph.validation import checked_name, checked_text
from tree.kinds import STAFF_KINDS
from tree.vocabulary import COMPANIES_ID, ROOT_ID

MAX_TEXT_ENTRY_BYTES = 1024 * 1024  # enough for a text of 256 kB and its front matter
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_UNPACKED_BYTES = 4 * 1024**3
MAX_ENTRIES = 500_000
SHOWN_FAULTS = 20
FILE_PROPERTIES = frozenset(
    {"original_filename", "content_type", "size", "width", "height", "created_at", "created_by", "text"}
)

T = TypeVar("T")


class BadArchive(TreeError):
    """The archive is invalid; nothing was written. ``faults`` lists all errors, one line each."""

    def __init__(self, faults: list[str]) -> None:
        shown = faults[:SHOWN_FAULTS]
        if len(faults) > SHOWN_FAULTS:
            shown.append(f"… and {len(faults) - SHOWN_FAULTS} more.")
        super().__init__("The archive is refused; nothing was changed.\n" + "\n".join(f"  {line}" for line in shown))
        self.faults = faults


@dataclass
class Content:
    """The content of an archive, checked for consistency; nodes are in order, parents first."""

    path: Path
    nodes: list[StoredNode] = field(default_factory=list)
    revisions: list[StoredRevision] = field(default_factory=list)
    files: list[StoredFile] = field(default_factory=list)

    def file_bytes(self, stored: StoredFile) -> bytes:
        """The bytes of an uploaded file."""
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(entry_of_file(stored.id))


def read_archive(path: Path) -> Content:
    """Read and check an archive. Raises BadArchive with every fault found, OSError."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(path, archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise BadArchive([f"{path.name} is not a zip file that can be read: {error}"]) from error


def _read(path: Path, archive: zipfile.ZipFile) -> Content:
    _require_modest_size(archive)
    manifest = _manifest(archive)
    content, faults = Content(path), []
    for info in sorted(archive.infolist(), key=lambda info: info.filename):
        if info.is_dir() or info.filename == MANIFEST:
            continue
        try:
            _read_entry(archive, info, content)
        except (BadFrontMatter, Refused) as error:
            faults.append(f"{info.filename}: {error}")
    faults += _faults_of_counts(manifest, content) if not faults else []
    faults += (
        list(_faults_of_nodes(content)) + list(_faults_of_revisions(content)) + list(_faults_of_files(content, archive))
    )
    if faults:
        raise BadArchive(faults)
    content.nodes = _parents_first(content.nodes)
    return content


def _require_modest_size(archive: zipfile.ZipFile) -> None:
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise BadArchive([f"It has {len(infos):,} entries; at most {MAX_ENTRIES:,} are possible."])
    if len({info.filename for info in infos}) < len(infos):
        raise BadArchive(["It has two entries of one name."])
    if sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
        raise BadArchive([f"Unpacked it would have more than {MAX_UNPACKED_BYTES:,} bytes."])
    for info in infos:
        limit = MAX_FILE_BYTES if info.filename.startswith(FILES) else MAX_TEXT_ENTRY_BYTES
        if info.file_size > limit:
            raise BadArchive(
                [f"{info.filename} would unpack to {info.file_size:,} bytes, more than any that was exported."]
            )


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    if MANIFEST not in archive.namelist():
        raise BadArchive([f"It has no {MANIFEST}: it is not an export of KnowledgeTree."])
    try:
        manifest = _typed(from_yaml(archive.read(MANIFEST).decode("utf-8", "replace")), Manifest)
    except BadFrontMatter as error:
        raise BadArchive([f"{MANIFEST}: {error}"]) from error
    if manifest.format != FORMAT or manifest.version != VERSION:
        found = f"{manifest.format} {manifest.version}"
        raise BadArchive([f"{MANIFEST}: this is {found!r}; {FORMAT} {VERSION} can be read."])
    return manifest


def _read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, content: Content) -> None:
    name = info.filename
    if ".." in name.split("/") or name.startswith("/") or "\\" in name:
        raise BadFrontMatter("its name leads outside the archive")
    if (info.external_attr >> 16) & 0o170000 == 0o120000:
        raise BadFrontMatter("it is a symbolic link")
    if name.startswith(TREE):
        node = _typed(from_front_matter(archive.read(name)), StoredNode)
        checked_name(node.name)
        checked_text(node.content)
        content.nodes.append(node)
    elif name.startswith(REVISIONS):
        revision = _typed(from_front_matter(archive.read(name)), StoredRevision)
        checked_text(revision.content)
        content.revisions.append(revision)
    elif name.startswith(FILES) and name.endswith(".yaml"):
        content.files.append(_typed(from_yaml(archive.read(name).decode("utf-8", "replace")), StoredFile))
    elif not name.startswith(FILES):
        raise BadFrontMatter("entries of this name are unknown")


def _typed(fields: dict[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise BadFrontMatter(in_words(mismatch_of(error))) from error


def _faults_of_counts(manifest: Manifest, content: Content) -> list[str]:
    expected = (manifest.nodes, manifest.revisions, manifest.files)
    found = (len(content.nodes), len(content.revisions), len(content.files))
    if expected == found:
        return []
    return [f"{MANIFEST} promises {expected} nodes, versions and files; there are {found}. Something was taken out."]


def _faults_of_nodes(content: Content) -> Iterator[str]:
    yield from _repeated("node", [node.id for node in content.nodes])
    by_id = {node.id: node for node in content.nodes}
    names: dict[str, str] = {}
    for node in content.nodes:
        if node.kind not in STAFF_KINDS:
            yield f"node {node.id}: staff make no {node.kind!r}."
        if node.id in (ROOT_ID, COMPANIES_ID) or not node.id:
            yield f"node {node.id!r}: this id belongs to the tree's frame."
        if node.parent not in by_id and node.parent not in (ROOT_ID, COMPANIES_ID) and not node.parent_key:
            yield f"node {node.id}: its parent {node.parent!r} is not in the archive."
        if not node.trashed_at:
            key = sibling_key(node.parent, node.name)
            if key in names:
                yield f"nodes {names[key]} and {node.id} have one name in one place."
            names[key] = node.id
    reached = {node.id for node in _parents_first(content.nodes)}
    yield from (f"node {node.id}: it hangs below itself." for node in content.nodes if node.id not in reached)


def _faults_of_revisions(content: Content) -> Iterator[str]:
    ids = {node.id for node in content.nodes}
    yield from _repeated("version", [f"{revision.node}:{revision.number}" for revision in content.revisions])
    for revision in content.revisions:
        if revision.node not in ids:
            yield f"version {revision.number} of {revision.node}: that node is not in the archive."
        if revision.number < 1:
            yield f"version {revision.number} of {revision.node}: versions count from 1."


def _faults_of_files(content: Content, archive: zipfile.ZipFile) -> Iterator[str]:
    names = set(archive.namelist())
    yield from _repeated("file", [stored.id for stored in content.files])
    known = {entry_of_file(stored.id) for stored in content.files}
    for name in names:
        if name.startswith(FILES) and not name.endswith((".yaml", "/")) and name not in known:
            yield f"{name}: nothing says what it is."
    for stored in content.files:
        entry = entry_of_file(stored.id)
        if not storage.is_stored_name(stored.filename):
            yield f"{entry}.yaml: {stored.filename!r} is no name under which files are stored."
        strange = sorted(set(stored.properties) - FILE_PROPERTIES)
        if strange:
            yield f"{entry}.yaml: {', '.join(strange)} are not known of files."
        if entry not in names:
            yield f"{entry}: its bytes are missing."
        elif hashlib.sha256(archive.read(entry)).hexdigest() != stored.sha256:
            yield f"{entry}: its bytes are not those that were exported."


def _repeated(what: str, ids: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            yield f"{what} {one} is there twice."
        seen.add(one)


def _parents_first(nodes: list[StoredNode]) -> list[StoredNode]:
    """The nodes in an order in which they can be created; nodes in a cycle are left out."""
    below: dict[str, list[StoredNode]] = {}
    ids = {node.id for node in nodes}
    for node in nodes:
        below.setdefault(node.parent if node.parent in ids else "", []).append(node)
    ordered: list[StoredNode] = []
    waiting: list[StoredNode] = below.pop("", [])
    while waiting:
        ordered += waiting
        waiting = [child for node in waiting for child in below.pop(node.id, [])]
    return ordered
