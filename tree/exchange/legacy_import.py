"""Imports the old application's JSON export: ``[{"path", "content", "is_folder", "is_attached"}, …]``.

That of ``legacy_export`` as well, which is an object with a header and the same ``entries``, whose ``names`` are apart.

A path consists of names joined by ``/``, unescaped, so a name with ``/`` looks like two names. But an export contains
every folder above its notes, so what stands after the longest path that the file has is one name, slashes included. A
list without any folder was written by hand: there, missing folders are created.

Nothing marks a text as Markdown or HTML; it is HTML if it begins with a block tag. There are no ids either: they are
made from path and kind, so that another import of the same file knows what the first has made.
"""

import hashlib
import json
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import html_to_markdown
import msgspec

from knowledgetree.accounts.acting import Way
from knowledgetree.basics.mismatches import in_words, mismatch_of
from knowledgetree.basics.times import utc_now
from tree import queries
from tree.exceptions import Refused
from tree.exchange.archive import StoredNode, StoredRevision
from tree.exchange.archive_reader import BadArchive, Read
from tree.exchange.importer import MESSAGE, Import, Update, name_apart, plan_links, properties_of, require_depths
from tree.exchange.legacy_export import VERSION
from tree.graph.sibling_keys import sibling_key
from tree.graph.validation import MAX_TEXT_BYTES, checked_name, checked_text
from tree.kinds import staff_kind
from tree.queries.texts import staff
from tree.vocabulary import MAX_DEPTH, ORIGIN_STAFF, ROOT_ID

MAX_BYTES = 256 * 1024 * 1024
_BLOCK_TAG = re.compile(r"<(?:p|div|h[1-6]|ul|ol|table|blockquote|pre|br|hr|img|figure|section)\b", re.IGNORECASE)
_IDS = uuid.UUID("7d1f2f5e-6c0b-5a43-9a4e-1f6f0f3f6a51")  # the name space of ids made from paths

Names = tuple[str, ...]


class LegacyEntry(msgspec.Struct):
    """One entry as the old application writes it, or one of ``legacy_export``; unknown keys are ignored."""

    path: str
    content: str | None = ""
    is_folder: bool | None = False
    is_attached: bool | None = False
    parts: list[str] | None = msgspec.field(default=None, name="names")  # of version 2: the path, already apart

    @property
    def names(self) -> Names:
        parts = self.path.split("/") if self.parts is None else self.parts
        return tuple(name.strip() for name in parts if name.strip())


@dataclass(frozen=True)
class _Page:
    """A note or folder of the file. ``twin`` tells notes of one path apart; ``names`` are the parts of the path."""

    names: Names
    is_folder: bool
    content: str
    is_attached: bool
    twin: str = ""

    @property
    def path(self) -> str:
        return "/" + "/".join(self.names)

    @property
    def uid(self) -> str:
        return str(uuid.uuid5(_IDS, json.dumps([self.names, self.is_folder, self.twin])))


def read_legacy(path: Path, read: Read = lambda number: None) -> list[LegacyEntry]:
    """The entries, with texts as Markdown. ``read(1)`` is called after each.

    Raises BadArchive, with every fault, if the file is not such an export; OSError.
    """
    if path.stat().st_size > MAX_BYTES:
        most = f"{MAX_BYTES / 2**20:g} MB"
        raise BadArchive([f"{path.name} has more than {most}, the largest JSON file that is imported."])
    try:
        content = json.loads(path.read_bytes())
        is_version_2 = isinstance(content, dict) and content.get("version") == VERSION
        rows = msgspec.convert(content["entries"] if is_version_2 else content, list[Any])
    except (ValueError, KeyError, RecursionError) as error:
        raise BadArchive([f"{path.name} is not an export of the old application: {error}"]) from error
    entries, faults = [], []
    for number, raw in enumerate(rows, start=1):
        try:
            entries.append(_checked(raw))
        except (msgspec.ValidationError, Refused) as error:
            faults.append(f"entry {number}{_path_in(raw)}: {_words(error)}")
        read(1)
    if faults:
        raise BadArchive(faults)
    return entries


def plan_legacy(entries: list[LegacyEntry], author: str, beat: staff.Beat = staff.silent) -> Import:
    """Compare the entries with the graph. Nothing that is here is overwritten.

    A text that an earlier import wrote, and that nobody has changed since, becomes the file's as a new version. Raises
    BadArchive if something would lie too deep. ``beat`` is called in between, as a sign of life.
    """
    planned = Import(author=author)
    pages = _distinct(entries, planned)
    here = staff.present((page.uid for page in pages), beat)
    tree = _Tree(planned, pages, dict(here), beat)
    for _, level in groupby(sorted(pages, key=_order), key=lambda page: len(page.names)):
        tree.add(list(level))
    name_apart(planned, beat)
    require_depths(planned, tree.here, tree.paths)
    plan_links(planned, (here[p.uid] for p in pages if p.uid in here and here[p.uid]["content"] == p.content))
    planned.revisions = [_revision(node, author) for node in planned.create]
    written = staff.numbers_of_revisions(here, beat)  # an import that was broken off may have written the page alone
    planned.revisions += [
        _revision(here[p.uid] | {"content": p.content}, author)
        for p in pages
        if p.uid in here and 1 not in written[p.uid]
    ]
    return planned


def text_of(entry: LegacyEntry) -> str:
    """The entry's text as Markdown. Raises InvalidText."""
    text = entry.content or ""
    if not _BLOCK_TAG.match(text.lstrip()):
        return checked_text(text)
    try:
        converted = (html_to_markdown.convert(text).content or "").strip()
    except html_to_markdown.ConversionError:
        converted = ""
    return checked_text(f"{converted}\n" if converted else text)


@dataclass
class _Tree:
    """Places by path: those in the graph and those that the import creates. Levels are added from the top down."""

    planned: Import
    pages: list[_Page]
    here: dict[str, dict[str, Any]]
    beat: staff.Beat
    paths: dict[str, str] = field(default_factory=dict)  # for people, by id
    _places: dict[Names, str] = field(default_factory=lambda: {(): ROOT_ID})
    _makes_folders: bool = False
    _messages: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._makes_folders = not any(page.is_folder for page in self.pages)
        versions = {uid: node["version"] for uid, node in self.here.items()}
        self._messages = staff.messages_of_versions(versions, self.beat)

    def add(self, level: list[_Page]) -> None:
        """Add pages with paths of one length; all shorter ones were added before."""
        placed = [(page, *self._place(page.names)) for page in level]
        by_key = staff.taken((sibling_key(parent, name) for _, parent, name in placed), self.beat)
        self.here |= staff.present((uid for uid in by_key.values() if uid not in self.here), self.beat)
        for page, parent, name in placed:
            self._add(page, parent, name, self.here.get(by_key.get(sibling_key(parent, name), "")))

    def _add(self, page: _Page, parent: str, name: str, sibling: dict[str, Any] | None) -> None:
        if page.uid in self.here:
            self._compare_with_earlier_import(page)
        elif sibling and sibling["id"] != page.uid and self._is_same(page, sibling):
            self._compare(page, sibling)
        else:
            self._create(page, parent, name)

    def _place(self, names: Names) -> tuple[str, str]:
        """The id of the parent, and the name below it."""
        known = next(names[:end] for end in range(len(names) - 1, -1, -1) if names[:end] in self._places)
        parent, rest = self._places[known], names[len(known) :]
        while len(rest) > 1:
            joined = ["/".join(rest[:end]) for end in range(len(rest) - 1, 0, -1)]
            found = queries.find_children_by_name(parent, joined)
            name = next((name for name in joined if name in found), None)
            if name is None:
                break
            parent, rest = found[name], rest[name.count("/") + 1 :]
            self._places[names[: len(names) - len(rest)]] = parent
        if len(rest) > 1 and self._makes_folders:
            for end in range(len(names) - len(rest) + 1, len(names)):
                folder = _Page(names[:end], is_folder=True, content="", is_attached=False)
                if folder.uid in self.here:
                    self._places[folder.names] = folder.uid
                else:
                    self._create(folder, parent, names[end - 1])
                parent = folder.uid
            rest = rest[-1:]
        if len(rest) > 1:
            self._tell(names, f"“{'/'.join(rest)}” is one name: the file has no folder “{rest[0]}” there.")
        return parent, "/".join(rest)

    def _is_same(self, page: _Page, sibling: dict[str, Any]) -> bool:
        """Whether the page is the one of this name here: a folder, a record, or a note with the same text."""
        is_staff_note = sibling["origin"] == ORIGIN_STAFF and not sibling["is_folder"]
        if page.is_folder:
            return not is_staff_note
        return not sibling["is_folder"] and (not is_staff_note or page.content == (sibling["content"] or ""))

    def _compare(self, page: _Page, sibling: dict[str, Any]) -> None:
        self._register(page, sibling["id"])
        if page.content in ("", sibling["content"] or ""):
            self.planned.unchanged += 1
        else:
            self.planned.kept += 1
            by_codex = "" if sibling["origin"] == ORIGIN_STAFF else " It comes from Codex or is part of the frame."
            self._tell(page.names, f"it is here with another text, which is kept.{by_codex}")

    def _compare_with_earlier_import(self, page: _Page) -> None:
        node = self.here[page.uid]
        self._register(page, page.uid)
        if page.content in ("", node["content"] or ""):
            self.planned.unchanged += 1
        elif node["is_live"] and self._messages.get(page.uid) == MESSAGE:
            self.planned.update.append(Update(page.uid, page.path, page.content, node["version"]))
        else:
            self.planned.kept += 1
            self._tell(page.names, "somebody has changed or deleted it here since it was imported; that is kept.")

    def _create(self, page: _Page, parent: str, name: str) -> None:
        if parent in self.here and not self.here[parent]["is_live"]:
            self._tell(page.names, "its place lies in the trash here; it was put at the top.")
            parent = ROOT_ID
        time, author = utc_now(), self.planned.author
        node = StoredNode(
            id=page.uid,
            kind=staff_kind(page.is_folder),
            name=checked_name(name),
            parent=parent,
            is_attached=page.is_attached,
            created_at=time,
            created_by=author,
            updated_at=time,
            updated_by=author,
            content=page.content,
        )
        self.planned.create.append(properties_of(node, parent))
        self._register(page, page.uid)

    def _register(self, page: _Page, uid: str) -> None:
        """Later pages below this path hang below this node; if there are several, below the folder."""
        self.paths[uid] = page.path
        if page.is_folder or page.names not in self._places:
            self._places[page.names] = uid

    def _tell(self, names: Names, what: str) -> None:
        self.planned.lines.append(f"/{'/'.join(names)}: {what}")


def _order(page: _Page) -> tuple[int, bool, Names, str]:
    return len(page.names), not page.is_folder, page.names, page.twin


def _distinct(entries: Iterable[LegacyEntry], planned: Import) -> list[_Page]:
    """The pages of the file. What is in it twice is one page; different notes and texts of one path are all kept."""
    by_path: dict[tuple[Names, bool], list[LegacyEntry]] = defaultdict(list)
    for entry in entries:
        by_path[entry.names, bool(entry.is_folder)].append(entry)
    pages: list[_Page] = []
    for (names, is_folder), twins in by_path.items():
        is_attached = any(entry.is_attached for entry in twins)
        texts = sorted({entry.content or "" for entry in twins}, key=lambda text: (not text, _hash(text)))
        if is_folder:
            first, more = _Page(names, True, texts[0], is_attached), [text for text in texts[1:] if text]
            own = [_Page((*names, names[-1]), False, text, False, _hash(text)) for text in more]
            planned.lines += [
                f"{first.path}: another folder of this name has another text; it is now a note in it."
            ] * len(own)
            pages += [first, *own]
        else:
            alone = _Page(names, False, texts[0], is_attached)
            pages += [alone] if len(texts) == 1 else [replace(alone, content=text, twin=_hash(text)) for text in texts]
        planned.unchanged += len(twins) - (len(texts) if not is_folder else 1 + len(more))
    return pages


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _revision(node: dict[str, Any], author: str) -> StoredRevision:
    return StoredRevision(
        node=node["id"],
        number=1,
        name=node["name"],
        author=author,
        message=MESSAGE,
        saved_at=node["created_at"] or utc_now(),
        way=Way.IMPORT.value,
        content=node["content"],
    )


def _checked(raw: Any) -> LegacyEntry:
    """Raises ValidationError, Refused."""
    entry = msgspec.convert(raw, LegacyEntry)
    if not entry.names:
        raise Refused("“path” is empty.")
    if len(entry.names) > MAX_DEPTH:
        raise Refused(f"“path” has {len(entry.names)} levels; at most {MAX_DEPTH} are possible.")
    for name in entry.names:
        checked_name(name)
    if len((entry.content or "").encode("utf-8", "replace")) > 8 * MAX_TEXT_BYTES:
        raise Refused("“content” is too long.")
    entry.content = text_of(entry)
    return entry


def _path_in(raw: Any) -> str:
    path = raw.get("path") if isinstance(raw, dict) else None
    return f" ({path!r:.200})" if isinstance(path, str) else ""


def _words(error: Exception) -> str:
    return in_words(mismatch_of(error)) if isinstance(error, msgspec.ValidationError) else str(error)
