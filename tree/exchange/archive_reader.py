"""Reads an archive and checks it completely, before anything is written."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from django.conf import settings

from tree.exceptions import TreeError
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
    decoded,
    entry_of_file,
    from_front_matter,
    from_yaml,
)
from tree.exchange.field_forms import faults_of
from tree.exchange.repacked_archives import entries, faults_of_name
from tree.graph.sibling_keys import sibling_key
from tree.graph.validation import checked_name, checked_text
from tree.vocabulary import COMPANIES_ID, MAX_DEPTH, ROOT_ID

MAX_TEXT_ENTRY_BYTES = 1024 * 1024  # enough for a text of 256 kB and its front matter
MAX_NOTES_BYTES = 1024 * 1024 * 1024  # of all texts of notes together, which are compared in memory
MAX_ENTRIES = 500_000
UNPACKED_TIMES = 2  # how many times the limit of an import an archive may unpack to
SHOWN_FAULTS = 20

Read = Callable[[int], object]
T = TypeVar("T", bound=msgspec.Struct)


class BadArchive(TreeError):
    """The archive is invalid; nothing was written.

    ``faults`` lists all errors, one line each. ``shown`` and the message have the first ones, ``whole`` is the message
    with all.
    """

    def __init__(self, faults: list[str]) -> None:
        shown = faults[:SHOWN_FAULTS]
        if len(faults) > SHOWN_FAULTS:
            shown.append(f"… and {len(faults) - SHOWN_FAULTS:,} more.")
        super().__init__(_refusal(shown))
        self.faults, self.shown = faults, shown

    @property
    def whole(self) -> str:
        return _refusal(self.faults)


def _refusal(lines: list[str]) -> str:
    return "The archive is refused; nothing was changed.\n" + "\n".join(f"  {line}" for line in lines)


@dataclass
class Content:
    """The content of an archive, checked for consistency; nodes are in order, parents first.

    ``revisions`` have no ``content``, because all versions together may be more than fits into memory.
    """

    path: Path
    nodes: list[StoredNode] = field(default_factory=list)
    revisions: list[StoredRevision] = field(default_factory=list)
    files: list[StoredFile] = field(default_factory=list)
    entry_of: dict[tuple[str, str], str] = field(default_factory=dict)  # ("node" | "file" | a node's id, id | number)

    def text_of(self, revision: StoredRevision) -> str:
        """The text of a saved version, which it has itself unless it comes from a zip."""
        if (revision.node, str(revision.number)) not in self.entry_of:
            return revision.content
        raw = self._archive.read(self._names[self.entry_of[revision.node, str(revision.number)]])
        return checked_text(from_front_matter(raw)["content"])

    def file_bytes(self, stored: StoredFile) -> bytes:
        """The bytes of an uploaded file."""
        return self._archive.read(self._names[entry_of_file(stored.id)])

    @cached_property
    def _archive(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(self.path)

    @cached_property
    def _names(self) -> dict[str, zipfile.ZipInfo]:
        return dict(entries(self._archive))


def read_archive(path: Path, read: Read = lambda number: None) -> Content:
    """Read and check an archive; ``read(1)`` is called after each entry, ``read(0)`` for a sign of life in between.

    Raises BadArchive with every fault, OSError.
    """
    if path.stat().st_size > settings.IMPORT_LIMIT_BYTES:
        most = f"{settings.IMPORT_LIMIT_BYTES / 2**20:,g} MB"
        raise BadArchive([f"{path.name} has more than {most}, the largest file that is imported (IMPORT_LIMIT_MB)."])
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(path, archive, read)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise BadArchive([f"{path.name} is not a zip file that can be read: {error}"]) from error


def number_of_entries(path: Path) -> int:
    """How many entries ``read_archive`` will count; 0 if the file cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return len(archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError):
        return 0


def _read(path: Path, archive: zipfile.ZipFile, read: Read) -> Content:
    found = entries(archive)
    faults = list(_faults_of_sizes(found))
    if faults:
        raise BadArchive(faults)
    manifest = _manifest(archive, dict(found))
    content = Content(path)
    for name, info in found:
        if name != MANIFEST:
            faults += [f"{name}: {fault}" for fault in _read_entry(archive, name, info, content)]
        read(1)
    faults += _faults_of_counts(manifest, content) if not faults else []
    content.nodes, lost = _parents_first(content.nodes)
    faults += _faults_of_nodes(content, lost)
    faults += _faults_of_revisions(content)
    faults += _faults_of_files(content, archive, dict(found), read)
    if faults:
        raise BadArchive(faults)
    return content


def _faults_of_sizes(found: list[tuple[str, zipfile.ZipInfo]]) -> Iterator[str]:
    if len(found) > MAX_ENTRIES:
        yield f"It has {len(found):,} entries; at most {MAX_ENTRIES:,} are possible."
    if len({name for name, _ in found}) < len(found):
        yield "It has two entries of one name."
    most = UNPACKED_TIMES * settings.IMPORT_LIMIT_BYTES
    if sum(info.file_size for _, info in found) > most:
        yield (
            f"Unpacked it would have more than {most / 2**20:,g} MB, {UNPACKED_TIMES} times the largest file that is "
            "imported (IMPORT_LIMIT_MB)."
        )
    if sum(info.file_size for name, info in found if name.startswith(TREE)) > MAX_NOTES_BYTES:
        yield f"Its notes have more than {MAX_NOTES_BYTES / 2**20:,g} MB in all, without their earlier versions."
    for name, info in found:
        is_bytes = name.startswith(FILES) and not name.endswith(".yaml")
        limit = settings.FILE_LIMIT_BYTES if is_bytes else MAX_TEXT_ENTRY_BYTES
        if info.file_size > limit:
            why = (
                f"a file may have up to {limit / 2**20:g} MB (FILE_LIMIT_MB)" if is_bytes else "more than any text has"
            )
            yield f"{name} would unpack to {info.file_size:,} bytes: {why}."


def _manifest(archive: zipfile.ZipFile, found: dict[str, zipfile.ZipInfo]) -> Manifest:
    if MANIFEST not in found:
        raise BadArchive([f"It has no {MANIFEST}: it is not an export of KnowledgeTree."])
    try:
        fields = from_yaml(decoded(archive.read(found[MANIFEST])))
    except BadFrontMatter as error:
        raise BadArchive([f"{MANIFEST}: {error}"]) from error
    faults = list(faults_of(fields, Manifest))
    if faults:
        raise BadArchive([f"{MANIFEST}: {fault}" for fault in faults])
    manifest = msgspec.convert(fields, Manifest)
    if manifest.format != FORMAT or manifest.version != VERSION:
        is_this = f"{manifest.format} {manifest.version}"
        raise BadArchive([f"{MANIFEST}: this is {is_this!r:.80}; {FORMAT} {VERSION} can be read."])
    return manifest


def _read_entry(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo, content: Content) -> list[str]:
    """Add the entry to the content. Returns what is wrong with it."""
    faults = list(faults_of_name(name, info))
    if faults:
        return faults
    try:
        if name.startswith(TREE):
            return _add_node(from_front_matter(archive.read(info)), name, content)
        if name.startswith(REVISIONS):
            return _add_revision(from_front_matter(archive.read(info)), name, content)
        if name.startswith(FILES) and name.endswith(".yaml"):
            return _add_file(from_yaml(decoded(archive.read(info))), name, content)
    except BadFrontMatter as error:
        return [str(error)]
    return [] if name.startswith(FILES) else ["entries of this name are unknown"]


def _add_node(fields: dict[str, Any], name: str, content: Content) -> list[str]:
    faults = list(faults_of(fields, StoredNode))
    if not faults:
        node = msgspec.convert(fields, StoredNode)
        node.name, node.content = checked_name(node.name), checked_text(node.content)
        content.nodes.append(node)
        content.entry_of.setdefault(("node", node.id), name)
    return faults


def _add_revision(fields: dict[str, Any], name: str, content: Content) -> list[str]:
    faults = list(faults_of(fields, StoredRevision))
    if not faults:
        revision = msgspec.convert(fields | {"content": ""}, StoredRevision)
        content.revisions.append(revision)
        content.entry_of.setdefault((revision.node, str(revision.number)), name)
    return faults


def _add_file(fields: dict[str, Any], name: str, content: Content) -> list[str]:
    faults = list(faults_of(fields, StoredFile))
    if not faults:
        stored = msgspec.convert(fields, StoredFile)
        if len(stored.owners) != len(stored.owner_keys):
            return ["“owner_keys” must have one entry for each of “owners”, empty for a page of staff."]
        content.files.append(stored)
        content.entry_of.setdefault(("file", stored.id), name)
    return faults


def _faults_of_counts(manifest: Manifest, content: Content) -> list[str]:
    expected = (manifest.nodes, manifest.revisions, manifest.files)
    found = (len(content.nodes), len(content.revisions), len(content.files))
    if expected == found:
        return []
    return [f"{MANIFEST} promises {expected} nodes, versions and files; there are {found}. Something was taken out."]


def _faults_of_nodes(content: Content, lost: list[StoredNode]) -> Iterator[str]:
    """``lost`` are the nodes in a cycle, which ``content.nodes`` does not contain."""
    yield from (f"{_entry(content, node)}: node {node.id} hangs below itself." for node in lost)
    yield from _repeated("node", [node.id for node in content.nodes + lost])
    by_id = {node.id: node for node in content.nodes}
    names: dict[str, str] = {}
    depths = {ROOT_ID: 0, COMPANIES_ID: 1}
    for node in content.nodes:
        entry = _entry(content, node)
        parent = by_id.get(node.parent)
        if parent is None and node.parent not in depths and not node.parent_key:
            yield f"{entry}: “parent” of node {node.id} is {node.parent!r}, which is not in the archive."
        depth = depths.get(node.parent, len(node.place)) + 1
        depths[node.id] = depth
        if depth > MAX_DEPTH:
            yield f"{entry}: node {node.id} lies {depth} levels deep; at most {MAX_DEPTH} are possible."
        yield from (f"{entry}: {fault}" for fault in _faults_of_trash(node, parent, by_id))
        if not node.trashed_at:
            key = sibling_key(node.parent, node.name)
            if key in names:
                yield f"{entry}: “name”: nodes {names[key]} and {node.id} have one name in one place."
            names[key] = node.id


def _faults_of_trash(node: StoredNode, parent: StoredNode | None, by_id: dict[str, StoredNode]) -> Iterator[str]:
    if bool(node.trashed_at) != bool(node.trashed_with):
        yield "“trashed_at” and “trashed_with” go together: a node lies in the trash, or it does not."
    elif node.trashed_with:
        top = by_id.get(node.trashed_with)
        if top is None or top.trashed_with != top.id:
            yield f"“trashed_with” is {node.trashed_with!r}, which was not put into the trash."
    elif parent is not None and parent.trashed_at:
        yield "“trashed_at” is missing: what it hangs below lies in the trash."


def _faults_of_revisions(content: Content) -> Iterator[str]:
    ids = {node.id for node in content.nodes}
    yield from _repeated("version", [f"{revision.node}:{revision.number}" for revision in content.revisions])
    for revision in content.revisions:
        if revision.node not in ids:
            entry = content.entry_of[revision.node, str(revision.number)]
            yield f"{entry}: “node” is {revision.node!r}, which is not in the archive."


def _faults_of_files(
    content: Content, archive: zipfile.ZipFile, found: dict[str, zipfile.ZipInfo], read: Read
) -> Iterator[str]:
    yield from _repeated("file", [stored.id for stored in content.files])
    yield from _repeated("file name", [stored.filename for stored in content.files])
    known = {entry_of_file(stored.id) for stored in content.files}
    for name in found:
        is_bytes = name.startswith(FILES) and not name.endswith(".yaml")
        if is_bytes and name not in known and f"{name}.yaml" not in found:
            yield f"{name}: nothing says what it is."
    for stored in content.files:
        read(0)  # it takes a while, and somebody may want to see that it goes on
        record, entry = content.entry_of["file", stored.id], entry_of_file(stored.id)
        if entry not in found:
            yield f"{record}: its bytes are missing; they should be {entry}."
            continue
        raw = archive.read(found[entry])
        size = stored.properties.get("size", len(raw))
        if size != len(raw):
            yield f"{record}: “properties.size” is {size:,}, but {entry} has {len(raw):,} bytes."
        elif stored.sha256 and hashlib.sha256(raw).hexdigest() != stored.sha256:
            yield f"{record}: “sha256” is that of other bytes: {entry} was changed."


def _entry(content: Content, node: StoredNode) -> str:
    return content.entry_of["node", node.id]


def _repeated(what: str, ids: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            yield f"{what} {one} is there twice."
        seen.add(one)


def _parents_first(nodes: list[StoredNode]) -> tuple[list[StoredNode], list[StoredNode]]:
    """The nodes in an order in which they can be created, level by level; and those that hang below themselves."""
    below: dict[str, list[StoredNode]] = {}
    ids = {node.id for node in nodes}
    for node in nodes:
        below.setdefault(node.parent if node.parent in ids else "", []).append(node)
    ordered: list[StoredNode] = []
    waiting: list[StoredNode] = below.pop("", [])
    while waiting:
        ordered += waiting
        waiting = [child for node in waiting for child in below.pop(node.id, [])]
    return ordered, [node for nodes in below.values() for node in nodes]
