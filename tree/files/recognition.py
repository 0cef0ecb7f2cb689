"""What a file is. The content decides, and it must be what the name promises.

Not taken are: what a browser could run (HTML, SVG, XHTML), programs, archives, macros, and what is two things at
once. All but pictures are only ever downloaded (see ``serving``). Pure functions of a path, without time limit;
``decoding`` calls them.
"""

import re
import zipfile
from pathlib import Path

import filetype

from tree.exceptions import FileRefused
from tree.files.file_names import ending_of
from tree.files.office import check_office
from tree.files.pdf import check_pdf
from tree.files.types import ENDINGS, OFFICE, PDF, TYPES, FileType

_BY_ENDING = {ending: known for known in TYPES for ending in known.endings}
_OLD_OFFICE = {"doc": "docx", "xls": "xlsx", "ppt": "pptx", "docm": "docx", "xlsm": "xlsx", "pptm": "pptx"}
_PROLOGUE = r"\s*(?:(?:<\?xml[^>]*>|<!--.*?-->|<!doctype[^>]*>)\s*)*"
_BROWSER_ROOT = re.compile(
    _PROLOGUE + r"<(?:[\w.-]+:)?(?:html|head|body|svg|script|iframe|style|meta|base|object|embed|form|math)\b",
    re.IGNORECASE | re.DOTALL,
)
_BROWSER_DOCTYPE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<!doctype\s+(?:html|svg)", re.IGNORECASE)
_DANGEROUS_XML = re.compile(r"www\.w3\.org/(?:1999/xhtml|2000/svg|1999/xsl)|<\?xml-stylesheet|<!entity", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f]")  # left out: tab, line ends, form feed, escape (logs in colour)


def recognise(path: Path, filename: str) -> FileType:
    """What this file is. Raises FileRefused with the reason, in words for the person who sent it."""
    promised = _promised(filename)
    with open(path, "rb") as file:
        head = file.read(8192)
    if not head:
        raise FileRefused(f"“{filename}” is empty (0 bytes). Was it saved before it was sent?")
    seen = filetype.guess_extension(head)
    if promised.is_image:
        pictured = _BY_ENDING.get(str(seen))
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
        check_office(path, filename, promised.endings[0])
    else:
        _check_text(path, filename, seen)
    return promised


def decoded(stored: bytes) -> str | None:
    """Text in UTF-8, in UTF-16 with its mark, or in Windows' western letters; None if it is no text."""
    encodings = ("utf-16",) if stored[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = stored.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _CONTROLS.search(text) else text
    return None


def _promised(filename: str) -> FileType:
    ending = ending_of(filename)
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    if ending in _OLD_OFFICE:
        raise FileRefused(f"“{filename}” may hold macros. Save it as .{_OLD_OFFICE[ending]} and send that.")
    what = f"Files of the kind .{ending} are not taken" if ending else f"“{filename}” has no ending that says its kind"
    raise FileRefused(f"{what}. Possible are: {', '.join(ENDINGS)}.")


def _check_text(path: Path, filename: str, seen: str | None) -> None:
    text = decoded(path.read_bytes())
    if text is None:
        raise _other_content(filename, seen)
    is_xml = ending_of(filename) == "xml"
    if _BROWSER_ROOT.match(text) or _BROWSER_DOCTYPE.match(text) or (is_xml and _DANGEROUS_XML.search(text)):
        raise FileRefused(f"“{filename}” holds a web page or a drawing that a browser would run. Send it as PDF.")
    _require_no_archive(path, filename)


def _require_no_archive(path: Path, filename: str) -> None:
    if zipfile.is_zipfile(path):
        raise FileRefused(f"“{filename}” is two things at once: a zip archive hangs behind it.")


def _other_content(filename: str, seen: str | None) -> FileRefused:
    really = f"{seen.upper()}" if seen else "something else"
    return FileRefused(f"“{filename}” is not what its ending says: its content is {really}.")
