"""A file to import is read and checked once; what was found is kept beside it for all slices of the job.

Checking a large archive takes about as long as writing it. The kept file has a line of JSON with the numbers of rows,
then a line for each row. It is only a short cut: without it, or if it is damaged, the file is checked again.
"""

from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec

from tree.exchange.archive import StoredFile, StoredNode, StoredRevision
from tree.exchange.archive_reader import Content, Read
from tree.exchange.legacy_import import LegacyEntry
from tree.exchange.planning import Checked, is_legacy, read_file

_SUFFIX = ".checked"
_ENTRY = tuple[str, str, str]
_PARTS_OF_ARCHIVE = (StoredNode, StoredRevision, StoredFile, _ENTRY)


def read_once(path: Path, read: Read = lambda number: None) -> Checked:
    """The checked content of the file, from an earlier check if there was one. Raises BadArchive, OSError."""
    with suppress(OSError, ValueError, msgspec.MsgspecError):
        return _load(path)
    checked = read_file(path, read)
    with suppress(OSError):  # a full disk costs time, not the import
        _keep(path, checked)
    return checked


def delete(path: Path) -> None:
    """Delete the file and what is kept of it."""
    path.unlink(missing_ok=True)
    _kept(path).unlink(missing_ok=True)


def _kept(path: Path) -> Path:
    return path.with_name(path.name + _SUFFIX)


def _load(path: Path) -> Checked:
    with _kept(path).open("rb") as file:
        numbers = msgspec.json.decode(file.readline(), type=list[int])
        if is_legacy(path):
            [entries] = _rows(file, numbers, (LegacyEntry,))
            return entries
        nodes, revisions, files, names = _rows(file, numbers, _PARTS_OF_ARCHIVE)
    return Content(path, nodes, revisions, files, {(whose, which): name for whose, which, name in names})


def _rows(file: IO[bytes], numbers: list[int], types: Iterable[Any]) -> list[list[Any]]:
    parts = []
    for number, its_type in zip(numbers, types, strict=True):
        decoder = msgspec.json.Decoder(its_type)
        parts.append([decoder.decode(line) for line in islice(file, number)])
        if len(parts[-1]) < number:
            raise msgspec.DecodeError("it was cut off")
    return parts


def _keep(path: Path, checked: Checked) -> None:
    parts: list[list[Any]] = [checked] if isinstance(checked, list) else [
        checked.nodes, checked.revisions, checked.files,
        [(whose, which, name) for (whose, which), name in checked.entry_of.items()],
    ]  # fmt: skip
    new = path.with_name(f"{path.name}.new")
    encoder = msgspec.json.Encoder()
    try:
        new.touch(mode=0o600)
        with new.open("wb") as file:
            file.write(encoder.encode([len(part) for part in parts]) + b"\n")
            for part in parts:
                file.writelines(encoder.encode(row) + b"\n" for row in part)
        new.replace(_kept(path))
    finally:
        new.unlink(missing_ok=True)
