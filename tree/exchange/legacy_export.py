"""What staff wrote, as JSON: version 2 of the old application's export, which had neither ids nor files nor a header.

The notes below Codex records are in it, too, and so are all nodes above them, without their texts (``read_only``), so
that every path of the file leads through nodes of the file. Files are named; their bytes are in the archive of
``exporter`` only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tree.graph.values import Crumb
from tree.kinds import FOLDER_KINDS
from tree.queries.texts import staff

FORMAT, VERSION = "knowledgetree-json", 2
_OF_THE_OLD_FORM = ("path", "content", "is_folder", "is_attached")


@dataclass(frozen=True)
class Entry:
    """A node of the export. ``way``: the nodes from the root to it, itself included."""

    way: tuple[Crumb, ...]
    values: dict[str, Any]


def entries() -> Iterator[Entry]:
    """The nodes, in no particular order. Raises GraphUnavailable."""
    known: set[str] = set()
    for page in staff.every_page():
        for number, above in enumerate(page.path[1:-1], start=2):
            if above.uid in page.frame and above.uid not in known:
                known.add(above.uid)
                yield Entry(page.path[:number], _values(page.path[:number], read_only=True))
        more = {"content": page.content, "is_attached": page.is_attached, "files": page.files}
        yield Entry(page.path, _values(page.path, read_only=False) | more)


def as_version_1(values: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as the old application wrote it, and the names of its keys that are empty because they are withheld."""
    return {name: values[name] for name in (*_OF_THE_OLD_FORM, "withheld") if name in values}


def _values(path: tuple[Crumb, ...], *, read_only: bool) -> dict[str, Any]:
    names = [crumb.name for crumb in path[1:]]
    return {
        "id": path[-1].uid,
        "path": "/".join(names),
        "names": names,
        "content": "",
        "content_format": "markdown",
        "is_folder": path[-1].kind in FOLDER_KINDS,
        "is_attached": False,
        "read_only": read_only,
        "files": [],
    }
