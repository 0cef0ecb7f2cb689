"""The text of Office files, for the search."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

from tree.exceptions import Refused
from tree.files.office.package import BROKEN_ARCHIVE, BROKEN_XML, MAX_PART_BYTES, Package

# The ends of content types of parts with words, in the order in which they are read: only so much text is kept.
_WITH_WORDS = re.compile(
    r"wordprocessingml\.(?:document\.main|footnotes|endnotes|header|footer|comments)\+xml"
    r"|spreadsheetml\.(?:sheet\.main|sharedstrings|comments)\+xml|ms-excel\.threadedcomments\+xml"
    r"|presentationml\.(?:slide|notesslide|comments)\+xml|ms-powerpoint\.comments\+xml"
    r"|drawingml\.(?:chart|diagramdata)\+xml|officedocument\.drawing\+xml"
    r"|ms-visio\.page\+xml"
)
_WITH_CELLS = re.compile(r"spreadsheetml\.worksheet\+xml")
_BLANKS = frozenset({"tab", "br", "cr"})
_ENDS_OF_PARAGRAPHS = frozenset({"p", "si", "is", "comment", "cm"})
_PAGE_TEXTS = frozenset(f"{page}{place}" for page in ("odd", "even", "first") for place in ("Header", "Footer"))
_CODES_OF_PAGE_TEXTS = re.compile(r'&(?:"[^"]*"|K[0-9A-F+-]{5,6}|\d+|[A-Z&])', re.IGNORECASE)
# The types of cells whose value stands in the cell itself: numbers, dates, and the text that a formula gives.
_TYPES_WITH_VALUE = frozenset({None, "n", "d", "str"})
# Threaded comments of Excel and comments of PowerPoint are a "text", shapes of Visio a "Text".
_WHOLE_TEXTS = frozenset({"sheet", "c", "text", "Text", *_PAGE_TEXTS})


def office_text(path: Path) -> Iterator[str]:
    """The text by paragraph or cell; damaged parts are left out."""
    try:
        with zipfile.ZipFile(path) as archive:
            package = Package(archive, path.name)
            with_words = [name for name in package.parts if _WITH_WORDS.search(package.content_type(name))]
            with_cells = [name for name in package.parts if _WITH_CELLS.search(package.content_type(name))]
            for name in (*with_words, *with_cells):
                if package.parts[name].file_size <= MAX_PART_BYTES:
                    yield from _of_part(package, name)
    except (Refused, *BROKEN_ARCHIVE):
        return


def _of_part(package: Package, name: str) -> Iterator[str]:
    try:
        with package.open(name) as xml:
            yield from _words(xml)
    except (*BROKEN_XML, *BROKEN_ARCHIVE):
        return


def _words(xml: IO[bytes]) -> Iterator[str]:
    """The text by paragraph. A paragraph's runs are joined, because formatting may change within a word."""
    paragraph: list[str] = []
    for _, element in iterparse(xml, forbid_dtd=True):
        tag = element.tag.rpartition("}")[2]
        if tag == "t":
            paragraph.append(element.text or "")
        elif tag in _BLANKS:
            paragraph.append(" ")
        elif tag in _ENDS_OF_PARAGRAPHS:
            yield "".join(paragraph)
            paragraph = []
        elif tag in _WHOLE_TEXTS:
            yield _text_of(tag, element)
        elif tag != "row":
            continue
        element.clear()
    yield "".join(paragraph)


def _text_of(tag: str, element: Element) -> str:
    """The text of an element that is not made of paragraphs."""
    if tag == "sheet":
        return element.get("name") or ""
    if tag == "c":
        return (element.findtext("{*}v") or "") if element.get("t") in _TYPES_WITH_VALUE else ""
    if tag in _PAGE_TEXTS:
        return _CODES_OF_PAGE_TEXTS.sub(" ", element.text or "")
    return "".join(element.itertext())
