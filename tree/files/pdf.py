"""PDF files: a check for scripts and programs that they would start, and their text."""

import io
from collections.abc import Iterator
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

from tree.exceptions import FileRefused
from tree.files.file_names import is_program

HEADER = b"%PDF-"
_HEADER_WITHIN = 1024  # bytes; ISO 32000-1, annex H, 3.4.1: readers look for the header there
MAX_OBJECTS = 200_000
_MAX_FORM_BYTES = 10 * 2**20
_SCRIPTS = ("/JavaScript", "/JS", "/OnInstantiate")
_OPENS_FILES = ("/GoToR", "/GoToE", "/Thread")
_SHARES = ("\\\\", "//")
# What pages are drawn from, and how their text is structured: most of a file, and no place of actions.
_NOT_FOLLOWED = frozenset(
    ("/Contents", "/Resources", "/AP", "/Metadata", "/Thumb", "/StructTreeRoot", "/PieceInfo", "/Dests")
)
# Besides its own errors, pypdf raises these for broken files.
_BROKEN = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError)


def header_at(head: bytes) -> int:
    """Where the PDF begins in the first bytes of a file; -1 if it does not within the first 1,024."""
    return head[: _HEADER_WITHIN + len(HEADER) - 1].find(HEADER)


def check_pdf(path: Path, filename: str) -> bool:
    """Whether the file is locked with a password, so that nobody could look into it.

    Raises FileRefused if the file is broken, or holds a script or a program anywhere.
    """
    try:
        reader = _reader(path)
        if _is_locked(reader):
            return True
        why = _finding(reader)
        reader.get_num_pages()
    except FileNotDecryptedError:
        return True
    except _BROKEN as error:
        raise FileRefused(f"“{filename}” is damaged: it cannot be read as PDF.") from error
    if why:
        raise FileRefused(f"“{filename}” {why}. Print it into a new PDF and send that.")
    return False


def pdf_text(path: Path) -> Iterator[str]:
    """The text by page, up to the first page that cannot be read."""
    try:
        for page in _reader(path).pages:
            yield page.extract_text()
    except _BROKEN:
        return


def _reader(path: Path) -> PdfReader:
    """Its places are counted from the header: scanners and mail programs put bytes before it."""
    content = path.read_bytes()
    return PdfReader(io.BytesIO(content[max(0, header_at(content[: 2 * _HEADER_WITHIN])) :]), strict=False)


def _is_locked(reader: PdfReader) -> bool:
    """Whether it takes a password to open the file. Many files only forbid printing, which takes none."""
    return bool(reader.is_encrypted and not reader.decrypt(""))


def _finding(reader: PdfReader) -> str:
    """What is wrong with the file, or "". All objects are looked at but those that pages are drawn from."""
    root = reader.trailer["/Root"].get_object()
    if not isinstance(root, DictionaryObject):
        raise ValueError("no catalog")
    seen: set[tuple[int, int]] = set()
    waiting: list[PdfObject] = [root]
    for _ in range(MAX_OBJECTS):
        if not waiting:
            return ""
        found = _resolved(waiting.pop(), seen)
        if isinstance(found, DictionaryObject):
            if why := _fault(found):
                return why
            waiting += [value for key, value in found.items() if key not in _NOT_FOLLOWED and _holds_more(value)]
        elif isinstance(found, ArrayObject):
            waiting += [value for value in found if _holds_more(value)]
    return "has too many parts to look for scripts in all of them"


def _resolved(value: PdfObject, seen: set[tuple[int, int]]) -> PdfObject | None:
    if not isinstance(value, IndirectObject):
        return value
    place = (value.idnum, value.generation)
    if place in seen:
        return None
    seen.add(place)
    try:
        return value.get_object()
    except FileNotDecryptedError:
        raise
    except _BROKEN:  # readers cannot read it either
        return None


def _holds_more(value: object) -> bool:
    return isinstance(value, (IndirectObject, DictionaryObject, ArrayObject))


def _fault(found: DictionaryObject) -> str:
    kind = _value(found, "/S")
    if any(key in found for key in _SCRIPTS) or kind == "/JavaScript":
        return "runs a script when it is opened or used"
    if kind == "/Launch":
        return "starts a program or opens another file"
    if "/XFA" in found and _has_script(found["/XFA"]):
        return "is a form that runs scripts"
    return _fault_of_places(found, kind) or _fault_of_media(found)


def _fault_of_places(found: DictionaryObject, kind: object) -> str:
    """What is wrong with where an action leads, or with what file a part comes from."""
    if kind == "/ImportData":
        return "fills its form from another file"
    names = _names(_value(found, "/F")) if "/F" in found else []
    if kind == "/SubmitForm" and not (names and all(name.lower().startswith("mailto:") for name in names)):
        return "sends what is typed into it to another computer"
    if any(name.startswith(_SHARES) or (kind in _OPENS_FILES and "://" in name) for name in names):
        return "opens a file of another computer"
    return ""


def _fault_of_media(found: DictionaryObject) -> str:
    if _value(found, "/Subtype") == "/RichMedia":
        return "holds a film or a program of Flash"
    if "/EF" in found and any(is_program(name) for name in _names(found)):
        return "has a program, an archive or a file with macros attached"
    return ""


def _value(found: DictionaryObject, key: str) -> object:
    """The value itself, even where the dictionary only refers to it."""
    found_here = found.get(key)
    return found_here.get_object() if isinstance(found_here, PdfObject) else None


def _names(file: object) -> list[str]:
    """The names of a file specification, which is a text or a dictionary."""
    found = file.get_object() if isinstance(file, PdfObject) else file
    if isinstance(found, DictionaryObject):
        return [str(found[key]) for key in ("/F", "/UF", "/DOS", "/Unix", "/Mac", "/Desc") if key in found]
    return [found.decode("latin-1")] if isinstance(found, bytes) else [str(found)]


def _has_script(form: PdfObject) -> bool:
    """Whether an XFA form has scripts. It is XML in a stream, or an array of its pieces with their names."""
    pieces = list(form) if isinstance(form, ArrayObject) else [form]
    left = _MAX_FORM_BYTES
    for piece in pieces:
        found = piece.get_object()
        content = found.get_data() if isinstance(found, StreamObject) else str(found).encode()
        left -= len(content)
        if left < 0 or b"script" in content.lower():
            return True
    return False
