"""PDF files: a check for scripts that run when the file is opened, and their text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError, PyPdfError
from pypdf.generic import DictionaryObject

from tree.exceptions import FileRefused

_RUNS = ("/JavaScript", "/Launch")
# Besides its own errors, pypdf raises these for broken files.
_BROKEN = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError)


def check_pdf(path: Path, filename: str) -> None:
    """Raises FileRefused if the file is broken or would run a script or program when it is opened.

    A file with a password cannot be checked and is accepted.
    """
    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted:
            return
        runs = _runs(reader)
        reader.get_num_pages()
    except FileNotDecryptedError:
        return
    except _BROKEN as error:
        raise FileRefused(f"“{filename}” is damaged: it cannot be read as PDF.") from error
    if runs:
        raise FileRefused(f"“{filename}” runs a script when it is opened. Print it into a new PDF and send that.")


def pdf_text(path: Path) -> Iterator[str]:
    """The text by page, up to the first page that cannot be read."""
    try:
        reader = PdfReader(path, strict=False)
        for page in reader.pages:
            yield page.extract_text()
    except _BROKEN:
        return


def _runs(reader: PdfReader) -> bool:
    root = reader.trailer["/Root"].get_object()
    if not isinstance(root, DictionaryObject):
        raise ValueError("no catalog")
    names = root.get("/Names", DictionaryObject()).get_object()
    if isinstance(names, DictionaryObject) and "/JavaScript" in names:
        return True
    actions = [root.get("/OpenAction"), *_values(root.get("/AA"))]
    return any(_is_program(action) for action in actions)


def _values(actions: Any) -> list[Any]:
    found = actions.get_object() if actions is not None else None
    return list(found.values()) if isinstance(found, DictionaryObject) else []


def _is_program(action: Any) -> bool:
    found = action.get_object() if action is not None else None
    return isinstance(found, DictionaryObject) and found.get("/S") in _RUNS
