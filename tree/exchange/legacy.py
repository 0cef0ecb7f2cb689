"""Imports the old application's JSON export: ``[{"path", "content", "is_folder", "is_attached"}, …]``.

A path consists of names joined by ``/``, unescaped, so a name with ``/`` looks like two names: the longest name that
exists in the graph or the file is preferred. Nothing marks a text as Markdown or HTML; it is HTML if it begins with a
block tag.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import html_to_markdown
import msgspec

from knowledgetree.basics.mismatches import in_words, mismatch_of
from tree import operations, queries
from tree.exceptions import NameTaken, ReadOnlyNode, Refused
from tree.exchange.archive_reader import BadArchive
from tree.graph.validation import MAX_TEXT_BYTES, checked_name, checked_text
from tree.vocabulary import ORIGIN_STAFF, ROOT_ID

MAX_BYTES = 256 * 1024 * 1024
_BLOCK_TAG = re.compile(r"<(?:p|div|h[1-6]|ul|ol|table|blockquote|pre|br|hr|img|figure|section)\b", re.IGNORECASE)


class LegacyEntry(msgspec.Struct):
    """One entry as the old application writes it; unknown keys are ignored."""

    path: str
    content: str | None = ""
    is_folder: bool | None = False
    is_attached: bool | None = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self.path.split("/") if name.strip())


@dataclass
class LegacyImport:
    """The result of an import, or of its dry run. ``lines`` are messages to people."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    lines: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("created", "updated", "unchanged", "refused")}


def read_legacy(path: Path) -> list[LegacyEntry]:
    """The entries, parents first. Raises BadArchive if the file is not such an export; OSError."""
    if path.stat().st_size > MAX_BYTES:
        raise BadArchive([f"{path.name} has more than {MAX_BYTES:,} bytes."])
    try:
        raw = json.loads(path.read_bytes())
        entries = msgspec.convert(raw, list[LegacyEntry])
    except msgspec.ValidationError as error:
        raise BadArchive(
            [f"{path.name} is not an export of the old application: {in_words(mismatch_of(error))}"]
        ) from error
    except (ValueError, RecursionError) as error:
        raise BadArchive([f"{path.name} is not an export of the old application: {error}"]) from error
    faults = [f"{entry.path!r}: {fault}" for entry in entries for fault in _faults(entry)]
    if faults:
        raise BadArchive(faults)
    return sorted(entries, key=lambda entry: (len(entry.names), entry.path))


def import_legacy(entries: list[LegacyEntry], *, author: str, dry_run: bool) -> LegacyImport:
    """Create folders and notes. An existing staff note gets the text as a new version; all else is only reported.

    Each entry is a transaction of its own, and the import is safe to repeat. Raises GraphUnavailable.
    """
    done = LegacyImport()
    tree = _Tree(author, dry_run)
    for entry in entries:
        try:
            what = tree.put(entry)
        except (NameTaken, ReadOnlyNode, Refused) as error:
            done.refused += 1
            done.lines.append(f"{entry.path}: {error}")
        else:
            setattr(done, what, getattr(done, what) + 1)
    return done


class _Tree:
    """Places by path: those in the graph, and those that this import has created (or would create, in a dry run)."""

    def __init__(self, author: str, dry_run: bool) -> None:
        self._author, self._dry_run = author, dry_run
        self._made: dict[tuple[str, str], str] = {}

    def put(self, entry: LegacyEntry) -> str:
        parent, names = self._deepest(entry.names)
        for name in names[:-1]:
            parent = self._make(parent, name, is_folder=True)
        if names:
            self._make(parent, names[-1], is_folder=bool(entry.is_folder), content=text_of(entry))
            return "created"
        return self._change(parent, entry)

    def _deepest(self, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """The node at the longest existing prefix of the path, and the remaining names."""
        parent = ROOT_ID
        while names:
            joined = ["/".join(names[:length]) for length in range(len(names), 0, -1)]
            here = {} if parent.startswith("new:") else queries.find_children_by_name(parent, joined)
            found = next((name for name in joined if name in here or (parent, name) in self._made), None)
            if found is None:
                break
            parent = here.get(found) or self._made[parent, found]
            names = names[found.count("/") + 1 :]
        return parent, names

    def _make(self, parent: str, name: str, *, is_folder: bool, content: str = "") -> str:
        uid = f"new:{parent}/{name}"
        if not self._dry_run and is_folder:
            uid = operations.create_folder(parent, name, author=self._author)
            if content:
                operations.save(uid, author=self._author, content=content)
        elif not self._dry_run:
            uid = operations.create_note(parent, name, content, author=self._author)
        self._made[parent, name] = uid
        return uid

    def _change(self, uid: str, entry: LegacyEntry) -> str:
        if uid.startswith("new:"):
            return "unchanged"  # a duplicate in the file
        node, content = queries.get_node(uid), text_of(entry)
        if not content or node.content == content:
            return "unchanged"
        if node.properties.get("origin") != ORIGIN_STAFF:
            raise ReadOnlyNode("comes from Codex or is part of the frame here; its text was left as it is.")
        if not self._dry_run:
            operations.save(uid, author=self._author, content=content, message="Imported from the old application")
        return "updated"


def text_of(entry: LegacyEntry) -> str:
    """The entry's text as Markdown."""
    text = entry.content or ""
    if not _BLOCK_TAG.match(text.lstrip()):
        return checked_text(text)
    try:
        converted = (html_to_markdown.convert(text).content or "").strip()
    except html_to_markdown.ConversionError:
        converted = ""
    return checked_text(f"{converted}\n" if converted else text)


def _faults(entry: LegacyEntry) -> list[str]:
    if not entry.names:
        return ["it has no path."]
    try:
        for name in entry.names:
            checked_name(name)
        if len((entry.content or "").encode("utf-8", "replace")) > 8 * MAX_TEXT_BYTES:
            return ["its text is too long."]
        text_of(entry)
    except Refused as error:
        return [str(error)]
    return []
