"""The form of an export: a zip of Markdown files with YAML front matter.

    knowledgetree.yaml            format, version, counts
    tree/<place>/<name>.md        a note or folder; its front matter says what it is and where it hangs
    revisions/<id>/<number>.md    each version that was saved
    files/<id>.yaml, files/<id>   what is known of an uploaded file, and its bytes

Entries are sorted and carry no time of their own, so that equal content gives an equal archive.
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
    """What an archive is; counts are checked on reading."""

    format: str
    version: int
    nodes: int
    revisions: int
    files: int


class StoredNode(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A note or folder. ``parent_key`` is the Codex key of a synced parent; ``place`` the names above, for people."""

    id: str
    kind: str
    name: str
    parent: str
    parent_key: str = ""
    place: list[str] = field(default_factory=list)
    version: int = 1
    is_attached: bool = False
    created_at: str = ""
    created_by: str = ""
    updated_at: str = ""
    updated_by: str = ""
    trashed_at: str = ""
    trashed_by: str = ""
    trashed_with: str = ""
    content: str = ""  # stands below the front matter

    @property
    def is_folder(self) -> bool:
        return self.kind == Folder.kind()


class StoredRevision(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One saved version of a node."""

    node: str
    number: int
    name: str
    author: str = ""
    message: str = ""
    saved_at: str = ""
    content: str = ""


class StoredFile(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the graph knows of an uploaded file; ``properties`` as they stand on the node ``File``."""

    id: str
    filename: str
    sha256: str
    owners: list[str]
    owner_keys: list[str] = field(default_factory=list)
    properties: dict[str, str | int | float | bool] = field(default_factory=dict)


class BadFrontMatter(ValueError):
    """A Markdown file of an archive that cannot be read."""


class _PlainLoader(yaml.SafeLoader):
    """YAML without references: a few of them, nested, unfold to gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("references are not taken")
        return super().compose_node(parent, index)


def with_front_matter(stored: StoredNode | StoredRevision) -> bytes:
    """Front matter, then the text as it is, to the byte."""
    fields = to_builtins(stored)
    text = fields.pop("content", "")
    return f"{_FENCE}{as_yaml(fields)}{_FENCE}{text}".encode()


def as_yaml(fields: Any) -> str:
    """YAML as people write it, keys in order."""
    return yaml.safe_dump(fields, allow_unicode=True, sort_keys=True, width=10_000)


def from_yaml(text: str) -> dict[str, Any]:
    """Raises BadFrontMatter."""
    try:
        found = yaml.load(text, _PlainLoader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise BadFrontMatter(f"its front matter is not YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(found, dict):
        raise BadFrontMatter("its front matter has no names and values")
    return found


def from_front_matter(raw: bytes) -> dict[str, Any]:
    """The fields, with the text as ``content``. Raises BadFrontMatter."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise BadFrontMatter(f"it is not UTF-8 (byte {error.start})") from error
    end = text.find(f"\n{_FENCE}", 0, MAX_FRONT_MATTER_CHARACTERS)
    if not text.startswith(_FENCE) or end < 0:
        raise BadFrontMatter("it has no front matter between two lines ---")
    return from_yaml(text[len(_FENCE) : end + 1]) | {"content": text[end + 1 + len(_FENCE) :]}


def entry_of_node(node: StoredNode, taken: set[str]) -> str:
    """A file name that people find again; ``taken`` holds those in use, in lower case, and gets this one."""
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
