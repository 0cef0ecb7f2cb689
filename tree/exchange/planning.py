"""A file to import, of whichever kind, compared with the graph: for the command, the page and the job alike."""

from pathlib import Path

from tree.exchange.archive_reader import Content, Read, read_archive
from tree.exchange.importer import Import, plan_import
from tree.exchange.legacy import plan_legacy, read_legacy
from tree.graph import schema


def plan_file(path: Path, author: str, read: Read = lambda number: None) -> tuple[Content, Import]:
    """Check the file and compare it with the graph, which is set up first if it is new. ``read`` counts its entries.

    A ``.json`` is an export of the old application. Raises BadArchive, GraphUnavailable, OSError.
    """
    if path.suffix.lower() == ".json":
        entries = read_legacy(path, read)
        _set_up()
        return Content(path), plan_legacy(entries, author)
    content = read_archive(path, read)
    _set_up()
    return content, plan_import(content)


def _set_up() -> None:
    if not schema.is_set_up():
        schema.set_up()


def in_words(counts: dict[str, int]) -> str:
    """The numbers of an import as a sentence, the same before and after it."""
    return ", ".join(f"{number:,} {name}" for name, number in counts.items()) + "."
