"""A file to import, of whichever kind, compared with the graph: for the command and the job alike."""

from pathlib import Path

from tree.exchange.archive_reader import Content, Read, read_archive
from tree.exchange.importer import Import, plan_import
from tree.exchange.legacy_import import LegacyEntry, plan_legacy, read_legacy
from tree.graph import schema

Checked = Content | list[LegacyEntry]  # the content of a file, which has been checked


def plan_file(path: Path, author: str, read: Read = lambda number: None) -> tuple[Content, Import]:
    """Check the file and compare it with the graph. Raises as ``read_file`` and ``compare`` do."""
    return compare(path, read_file(path, read), author, read)


def read_file(path: Path, read: Read = lambda number: None) -> Checked:
    """Read and check the file; a ``.json`` is an export of the old application. ``read`` counts its entries.

    Raises BadArchive, OSError.
    """
    return read_legacy(path, read) if is_legacy(path) else read_archive(path, read)


def is_legacy(path: Path) -> bool:
    """Whether this is an export of the old application."""
    return path.suffix.lower() == ".json"


def compare(path: Path, checked: Checked, author: str, read: Read = lambda number: None) -> tuple[Content, Import]:
    """Compare the content of the file with the graph, which is set up first if it is new.

    ``read(0)`` is called in between, as a sign of life. Raises BadArchive, GraphUnavailable.
    """
    if not schema.is_set_up():
        schema.set_up()
    if isinstance(checked, Content):
        return checked, plan_import(checked, lambda: read(0))
    return Content(path), plan_legacy(checked, author, lambda: read(0))


def in_words(counts: dict[str, int]) -> str:
    """The numbers of an import as a sentence, the same before and after it."""
    return ", ".join(f"{number:,} {name}" for name, number in counts.items()) + "."
