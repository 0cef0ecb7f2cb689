"""The format of an export: a zip of Markdown files with YAML front matter.

    knowledgetree.yaml            format, version, counts
    tree/<place>/<name>.md        a note or folder; its front matter contains its kind, parent and metadata
    revisions/<id>/<number>.md    each saved version
    files/<id>.yaml, files/<id>   the record of an uploaded file, and its bytes

Entries are sorted and have no timestamps, so that equal content gives equal archives.
"""

import re
from typing import Any
from urllib.parse import quote

import yaml
from msgspec import Struct, field, to_builtins

from tree.kinds import Folder

FORMAT, VERSION = "knowledgetree", 2
MANIFEST = "knowledgetree.yaml"
TREE, REVISIONS, FILES = "tree/", "revisions/", "files/"
MAX_FRONT_MATTER_CHARACTERS = 64 * 1024
_FENCE = "---\n"
_UNSAFE = re.compile(r'[\x00-\x1f/\\:*?"<>|]')
_SEGMENT_CHARACTERS = 80


class Manifest(Struct, forbid_unknown_fields=True):
    """The manifest of an archive. Its counts are verified on reading."""

    format: str
    version: int
    nodes: int
    revisions: int
    files: int


class StoredNode(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A note or folder. ``parent_key``: the Codex key of a synced parent; ``place``: the path above, for people."""

    id: str
    kind: str
    name: str
    parent: str
    parent_key: str = ""
    place: list[str] = field(default_factory=list)
    version: int = 1
    is_attached: bool = False
    is_warning: bool = False
    created_at: str = ""
    created_by: str = ""
    updated_at: str = ""
    updated_by: str = ""
    trashed_at: str = ""
    trashed_by: str = ""
    trashed_with: str = ""
    content: str = ""  # the text below the front matter

    @property
    def is_folder(self) -> bool:
        return self.kind == Folder.kind()


class StoredRevision(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A saved version of a node."""

    node: str
    number: int
    name: str
    author: str = ""
    message: str = ""
    saved_at: str = ""
    is_warning: bool = False
    way: str = ""
    through: str = ""
    content: str = ""


class StoredFile(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The record of an uploaded file. ``properties`` are those of the node ``File``."""

    id: str
    filename: str
    sha256: str
    owners: list[str]
    owner_keys: list[str] = field(default_factory=list)
    properties: dict[str, str | int | float | bool] = field(default_factory=dict)


class BadFrontMatter(ValueError):
    """The front matter of a Markdown file in an archive is invalid."""


class _PlainLoader(yaml.SafeLoader):
    """A YAML loader that refuses references, because a few nested ones can expand to gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("references are not taken")
        return super().compose_node(parent, index)


# Seven times as fast, where libyaml is there; it cannot refuse references, which need both of their signs.
_QUICK_LOADER = getattr(yaml, "CSafeLoader", _PlainLoader)


def with_front_matter(stored: StoredNode | StoredRevision) -> bytes:
    """The Markdown file: front matter, then the unchanged text."""
    fields = to_builtins(stored)
    text = fields.pop("content", "")
    return f"{_FENCE}{as_yaml(fields)}{_FENCE}{text}".encode()


def as_yaml(fields: Any) -> str:
    """Readable YAML with its keys in order."""
    return yaml.safe_dump(fields, allow_unicode=True, sort_keys=True, width=10_000)


def decoded(raw: bytes) -> str:
    r"""The text of an entry; a byte order mark and ``\r\n``, which editors on Windows write, are dropped.

    Raises BadFrontMatter.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFrontMatter(f"it is not UTF-8 (byte {error.start})") from error
    return text.replace("\r\n", "\n")


def from_yaml(text: str) -> dict[str, Any]:
    """Raises BadFrontMatter."""
    loader = _PlainLoader if "*" in text and "&" in text else _QUICK_LOADER
    try:
        found = yaml.load(text, loader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadFrontMatter(f"its front matter is not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(found, dict):
        raise BadFrontMatter("its front matter has no names and values")
    return found


def from_front_matter(raw: bytes) -> dict[str, Any]:
    """The fields, with the text as ``content``. Raises BadFrontMatter."""
    text = decoded(raw)
    end = text.find(f"\n{_FENCE}", 0, MAX_FRONT_MATTER_CHARACTERS)
    if not text.startswith(_FENCE) or end < 0:
        raise BadFrontMatter("it has no front matter between two lines ---")
    return from_yaml(text[len(_FENCE) : end + 1]) | {"content": text[end + 1 + len(_FENCE) :]}


def entry_of_node(node: StoredNode, taken: set[str]) -> str:
    """A recognisable, unique file name. ``taken`` contains the used names in lower case; the result is added to it."""
    folder = "/".join([TREE.rstrip("/"), *map(_segment, node.place)])
    stem = f"{folder}/{_segment(node.name.removesuffix('.md'))}"
    for candidate in (f"{stem}.md", f"{stem}~{_segment(node.id)}.md"):
        if candidate.lower() not in taken:
            break
    taken.add(candidate.lower())
    return candidate


def entry_of_revision(revision: StoredRevision) -> str:
    return f"{REVISIONS}{quote(revision.node, safe='')}/{revision.number:06d}.md"


def entry_of_file(file_id: str) -> str:
    return f"{FILES}{quote(file_id, safe='')}"


def _segment(name: str) -> str:
    return _UNSAFE.sub("_", name)[:_SEGMENT_CHARACTERS].strip(" .") or "_"
