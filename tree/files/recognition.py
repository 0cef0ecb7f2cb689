"""Detection of a file's type from its content, which must match the extension.

Refused are content that a browser could execute (HTML, SVG, XHTML), programs, archives, macros, and files of two
types at once. Everything but images is served as a download (see ``serving``). The functions have no time limit;
``decoding`` calls them.
"""

import re
import zipfile
from pathlib import Path

import filetype

from tree.exceptions import FileRefused
from tree.files.file_names import extension_of
from tree.files.office import check_office
from tree.files.pdf import check_pdf
from tree.files.types import EXTENSIONS, OFFICE, PDF, TYPES, FileType

_BY_EXTENSION = {extension: known for known in TYPES for extension in known.extensions}
_OLD_OFFICE = {"doc": "docx", "xls": "xlsx", "ppt": "pptx", "docm": "docx", "xlsm": "xlsx", "pptm": "pptx"}
# Each of these is skipped by itself: one expression for all of them would try every way to tell one comment from two.
_BEFORE_THE_ROOT = re.compile(r"\s+|<\?xml[^>]*>|<!--(?:-?>|.*?--!?>)|<!doctype[^>]*>", re.IGNORECASE | re.DOTALL)
_BROWSER_ROOT = re.compile(
    r"<(?:[\w.-]+:)?(?:html|head|body|svg|script|iframe|style|meta|base|object|embed|form|math)\b", re.IGNORECASE
)
_BROWSER_DOCTYPE = re.compile(r"<!doctype\s+(?:html|svg)", re.IGNORECASE)
_DANGEROUS_XML = re.compile(r"www\.w3\.org/(?:1999/xhtml|2000/svg|1999/xsl)|<\?xml-stylesheet|<!entity", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f]")  # allowed: tab, newlines, form feed, escape (coloured logs)


def recognise(path: Path, filename: str) -> FileType:
    """The type of a file. Raises FileRefused with the reason, as a message to the person who uploaded it."""
    promised = _promised(filename)
    with open(path, "rb") as file:
        head = file.read(8192)
    if not head:
        raise FileRefused(f"“{filename}” is empty (0 bytes). Was it saved before it was sent?")
    seen = filetype.guess_extension(head)
    if promised.is_image:
        pictured = _BY_EXTENSION.get(str(seen))
        if pictured is None or not pictured.is_image:
            raise _other_content(filename, seen)
        return pictured
    if promised is PDF:
        if not head.startswith(b"%PDF-"):
            raise _other_content(filename, seen)
        _require_no_archive(path, filename)
        check_pdf(path, filename)
    elif promised in OFFICE:
        if not head.startswith(b"PK\x03\x04"):
            raise _other_content(filename, seen)
        check_office(path, filename, promised.extensions[0])
    else:
        _check_text(path, filename, seen)
    return promised


def decoded(stored: bytes) -> str | None:
    """The text, from UTF-8, UTF-16 with a byte order mark, or Windows-1252; None if it is not text."""
    encodings = ("utf-16",) if stored[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = stored.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _CONTROLS.search(text) else text
    return None


def _promised(filename: str) -> FileType:
    extension = extension_of(filename)
    if extension in _BY_EXTENSION:
        return _BY_EXTENSION[extension]
    if extension in _OLD_OFFICE:
        raise FileRefused(f"“{filename}” may hold macros. Save it as .{_OLD_OFFICE[extension]} and send that.")
    what = f"Files of the kind .{extension} are not taken" if extension else f"“{filename}” has no extension"
    raise FileRefused(f"{what}. Possible are: {', '.join(EXTENSIONS)}.")


def _check_text(path: Path, filename: str, seen: str | None) -> None:
    text = decoded(path.read_bytes())
    if text is None:
        raise _other_content(filename, seen)
    is_xml = extension_of(filename) == "xml"
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


def _require_no_archive(path: Path, filename: str) -> None:
    if zipfile.is_zipfile(path):
        raise FileRefused(f"“{filename}” is two things at once: a zip archive hangs behind it.")


def _other_content(filename: str, seen: str | None) -> FileRefused:
    really = f"{seen.upper()}" if seen else "something else"
    return FileRefused(f"“{filename}” is not what its ending says: its content is {really}.")
