"""Word, Excel and PowerPoint files (zip archives of XML): checks for macros and zip bombs, and their text."""

import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from tree.exceptions import FileRefused, FileTooLarge

MAX_PARTS = 5_000
MAX_UNPACKED_BYTES = 200 * 2**20
_MAX_PART_BYTES = 50 * 2**20
_END_OF_ARCHIVE = b"PK\x05\x06"
_MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_PARTS_WITH_WORDS = {
    "docx": re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml"),
    "xlsx": re.compile(r"xl/(?:sharedStrings|workbook)\.xml"),
    "pptx": re.compile(r"ppt/(?:slides/slide|notesSlides/notesSlide)\d+\.xml"),
}
_MACROS = re.compile(r"vbaproject|vbadata|(?:^|/)macrosheets/|(?:^|/)activex/", re.IGNORECASE)
_INSIDE = re.compile(r"\.(?:zip|7z|rar|jar|class|exe|dll|com|scr|msi|bat|cmd|ps1|vbs|js|hta)$", re.IGNORECASE)


def check_office(path: Path, filename: str, extension: str) -> None:
    """Raises FileRefused, FileTooLarge. Mainly checks the archive's directory; nothing is unpacked to disk."""
    with open(path, "rb") as file:
        file.seek(-22, 2)
        if not file.read().startswith(_END_OF_ARCHIVE):
            raise FileRefused(f"“{filename}” is damaged, or other content is appended to it.")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_parts(parts, filename)
            if _MAIN_PARTS[extension] not in archive.namelist():
                raise FileRefused(f"“{filename}” is not what its ending says: it is no {extension} file.")
            kinds = archive.read("[Content_Types].xml").lower()
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise FileRefused(f"“{filename}” is damaged: it cannot be opened.") from error
    if b"macroenabled" in kinds or b"vbaproject" in kinds:
        raise _holds_macros(filename)


def office_text(path: Path, extension: str) -> Iterator[str]:
    """The text of the document by paragraph or cell; damaged parts are left out."""
    wanted = _PARTS_WITH_WORDS[extension]
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            if wanted.fullmatch(part.filename) and part.file_size <= _MAX_PART_BYTES:
                try:
                    with archive.open(part) as xml:
                        yield from _words(xml)
                except (ParseError, DefusedXmlException, zipfile.BadZipFile, EOFError):
                    continue


def _check_parts(parts: list[zipfile.ZipInfo], filename: str) -> None:
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise FileTooLarge(f"“{filename}” would be too large when it is unpacked.")
    names = [part.filename for part in parts]
    if any(_MACROS.search(name) for name in names):
        raise _holds_macros(filename)
    if any(_INSIDE.search(name) for name in names):
        raise FileRefused(f"“{filename}” holds a program or an archive inside.")
    are_wrong = any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names)
    if are_wrong or len(set(names)) != len(names) or any(stat.S_ISLNK(part.external_attr >> 16) for part in parts):
        raise FileRefused(f"“{filename}” is damaged: no office program writes such an archive.")


def _words(xml: IO[bytes]) -> Iterator[str]:
    """The text by paragraph. A paragraph's runs are joined, because formatting may change within a word."""
    paragraph: list[str] = []
    for _, element in iterparse(xml, forbid_dtd=True):
        tag = element.tag.rpartition("}")[2]
        if tag == "t":
            paragraph.append(element.text or "")
        elif tag in ("tab", "br"):
            paragraph.append(" ")
        elif tag in ("p", "si"):
            yield "".join(paragraph)
            paragraph = []
        elif tag == "sheet":
            yield str(element.get("name") or "")
        else:
            continue
        element.clear()
    yield "".join(paragraph)


def _holds_macros(filename: str) -> FileRefused:
    return FileRefused(f"“{filename}” holds macros. Save it without them and send that.")
