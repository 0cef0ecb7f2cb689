"""Detection of a file's type from its content, which must match the extension.

Refused are content that a browser could execute (HTML, SVG, XHTML), programs, archives, macros, and files of two
types at once. Everything but images is served as a download (see ``serving``). An administrator may allow some kinds
that are refused otherwise; they are only ever downloads. The functions have no time limit; ``decoding`` calls them.
"""

import re
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import filetype

from tree.exceptions import FileRefused
from tree.files.file_names import extension_of
from tree.files.office.checks import check_office
from tree.files.office.locked import SIGNATURE as OLE_SIGNATURE
from tree.files.pdf import check_pdf, header_at
from tree.files.text_decoding import decoded
from tree.files.types import (
    BY_EXTENSION,
    DOWNLOAD_EXTENSIONS,
    DOWNLOADS,
    EML,
    EXTENSIONS,
    HEIC,
    MSG,
    OFFICE,
    PDF,
    SCRIPTS,
    VISIO,
    ZIP,
    FileType,
)

_OLD_OFFICE = {"doc": "docx", "xls": "xlsx", "ppt": "pptx", "docm": "docx", "xlsm": "xlsx", "pptm": "pptx"}
# Each of these is skipped by itself: one expression for all of them would try every way to tell one comment from two.
_BEFORE_THE_ROOT = re.compile(r"\s+|<\?xml[^>]*>|<!--(?:-?>|.*?--!?>)|<!doctype[^>]*>", re.IGNORECASE | re.DOTALL)
_BROWSER_ROOT = re.compile(
    r"<(?:[\w.-]+:)?(?:html|head|body|svg|script|iframe|style|meta|base|object|embed|form|math)\b", re.IGNORECASE
)
_BROWSER_DOCTYPE = re.compile(r"<!doctype\s+(?:html|svg)", re.IGNORECASE)
_DANGEROUS_XML = re.compile(r"www\.w3\.org/(?:1999/xhtml|2000/svg|1999/xsl)|<\?xml-stylesheet", re.IGNORECASE)
_ENTITY = re.compile(r"<!entity\b", re.IGNORECASE)
_ARCHIVE = b"PK\x03\x04"
_EMPTY_ARCHIVE = b"PK\x05\x06"
_NO_EXTENSION = "“%s” has no extension. Rename it, to “%s.txt” if it is a text, and send it again."
_BEGINS_ELSE = (b"#!", b"MZ")  # what runs as a program, whatever comes after it


@dataclass(frozen=True)
class Recognised:
    """The type of a file, and whether a password keeps its content from being looked at."""

    type: FileType
    is_locked: bool = False


def recognise(path: Path, filename: str, downloads: Collection[str] = ()) -> Recognised:
    """The type of a file. ``downloads`` are the extensions that the setting DOWNLOAD_ONLY_FILES names.

    Raises FileRefused or FileTooLarge with the reason, as a message to the person who uploaded it.
    """
    promised = _promised(filename, downloads)
    with open(path, "rb") as file:
        head = file.read(8192)
    if not head:
        raise FileRefused(f"“{filename}” is empty (0 bytes). Was it saved before it was sent?")
    seen = filetype.guess_extension(head)
    if promised.is_image:
        pictured = BY_EXTENSION.get(str(seen))
        if pictured is None or not pictured.is_image:
            raise _other_content(filename, seen)
        return Recognised(pictured)
    if promised is PDF:
        _require_pdf_header(head, filename, seen)
        _require_no_archive(path, filename)
        return Recognised(PDF, is_locked=check_pdf(path, filename))
    if promised in OFFICE or promised is VISIO:
        if not head.startswith((_ARCHIVE, OLE_SIGNATURE)):
            raise _other_content(filename, seen)
        return Recognised(promised, is_locked=check_office(path, filename, promised.extensions[0]))
    if promised in DOWNLOADS:
        _check_download(path, filename, promised, head, seen)
    else:
        _check_text(path, filename, seen)
    return Recognised(promised)


def _promised(filename: str, downloads: Collection[str]) -> FileType:
    extension = extension_of(filename)
    if extension in EXTENSIONS or extension in downloads:
        return BY_EXTENSION[extension]
    if extension in DOWNLOAD_EXTENSIONS:
        raise FileRefused(
            f"Files of the kind .{extension} are not taken here. An administrator may allow them as downloads (setting "
            "DOWNLOAD_ONLY_FILES)."
        )
    if extension in _OLD_OFFICE:
        raise FileRefused(f"“{filename}” may hold macros. Save it as .{_OLD_OFFICE[extension]} and send that.")
    what = f"Files of the kind .{extension} are not taken." if extension else _NO_EXTENSION % (filename, filename)
    raise FileRefused(f"{what} Possible are: {', '.join((*EXTENSIONS, *downloads))}.")


def _check_text(path: Path, filename: str, seen: str | None) -> None:
    text = decoded(path.read_bytes())
    if text is None:
        raise _no_text(filename, seen)
    is_xml = extension_of(filename) == "xml"
    if is_xml and _ENTITY.search(text):
        raise FileRefused(f"“{filename}” declares entities (<!ENTITY), which can read other files. Take them out.")
    if _is_for_a_browser(text) or (is_xml and _DANGEROUS_XML.search(text)):
        raise FileRefused(f"“{filename}” holds a web page or a drawing that a browser would run. Send it as PDF.")
    _require_no_archive(path, filename)


def _is_for_a_browser(text: str) -> bool:
    """Whether the first element, or the document type before it, is one of HTML or SVG."""
    place = 0
    while skipped := _BEFORE_THE_ROOT.match(text, place):
        if _BROWSER_DOCTYPE.match(text, place):
            return True
        place = skipped.end()
    return bool(_BROWSER_ROOT.match(text, place) or _BROWSER_DOCTYPE.match(text, place))


def _check_download(path: Path, filename: str, promised: FileType, head: bytes, seen: str | None) -> None:
    """Only whether it is what it says. Nothing shows or runs it, and an archive stays packed."""
    if promised in (SCRIPTS, EML):
        _require_one_extension(filename)
        if decoded(path.read_bytes()) is None:
            raise _no_text(filename, seen)
        _require_no_archive(path, filename)
        return
    is_archive = promised is ZIP and head.startswith((_ARCHIVE, _EMPTY_ARCHIVE))
    if is_archive and not zipfile.is_zipfile(path):
        raise FileRefused(f"“{filename}” is damaged: the list of what it holds, at its end, is missing. Send it again.")
    is_right = (
        is_archive or (promised is HEIC and seen == "heic") or (promised is MSG and head.startswith(OLE_SIGNATURE))
    )
    if not is_right:
        raise _other_content(filename, seen)


def _require_one_extension(filename: str) -> None:
    """Windows hides the last extension: ``invoice.pdf.bat`` looks like a PDF there."""
    before = extension_of(filename.rpartition(".")[0])
    if before in BY_EXTENSION:
        raise FileRefused(f"“{filename}” has two extensions, so it looks like .{before}. Rename it and send it again.")


def _require_pdf_header(head: bytes, filename: str, seen: str | None) -> None:
    """Scanners and printers put bytes before the PDF, as a byte order mark or commands for the printer."""
    start = header_at(head)
    is_other = seen not in (None, "pdf") or head.startswith(_BEGINS_ELSE) or b"<" in head[: max(0, start)]
    if start < 0 or (start > 0 and is_other):
        raise _other_content(filename, seen)


def _require_no_archive(path: Path, filename: str) -> None:
    if zipfile.is_zipfile(path):
        raise FileRefused(f"“{filename}” is two things at once: a zip archive hangs behind it.")


def _no_text(filename: str, seen: str | None) -> FileRefused:
    if seen:
        return _other_content(filename, seen)
    return FileRefused(
        f"“{filename}” is not what its ending says: it is no text, or one in an encoding that is not known. If it is a "
        "text, save it in the encoding UTF-8 and send that."
    )


def _other_content(filename: str, seen: str | None) -> FileRefused:
    really = f"{seen.upper()}" if seen else "something else"
    return FileRefused(f"“{filename}” is not what its ending says: its content is {really}.")
