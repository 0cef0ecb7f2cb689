"""The archive of an Office file: its directory, its parts by content type, and their relationships."""

import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from xml.sax import SAXException

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from tree.exceptions import FileRefused, FileTooLarge

MAX_PARTS = 5_000
MAX_UNPACKED_BYTES = 200 * 2**20
MAX_PART_BYTES = 50 * 2**20
_CONTENT_TYPES = "[content_types].xml"
_END_OF_ARCHIVE = b"PK\x05\x06"
_END_BYTES = 22  # of the archive's end record without comment; its last two are the length of the comment
_LONGEST_COMMENT = 0xFFFF
BROKEN_XML = (
    ParseError,
    SAXException,
    DefusedXmlException,
    LookupError,
    ValueError,
)  # LookupError: an unknown encoding
BROKEN_ARCHIVE = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError)


@dataclass(frozen=True)
class Relationship:
    """A relationship of a part: the last word of its type, the target, and whether that lies outside of the file."""

    source: str
    kind: str
    target: str
    is_external: bool


class Package:
    """An opened Office file. Names of parts are compared without regard to case, as the standard says."""

    def __init__(self, archive: zipfile.ZipFile, filename: str) -> None:
        """Raises FileRefused, FileTooLarge, and what BROKEN_ARCHIVE lists."""
        self._archive = archive
        self.filename = filename
        self.parts = {part.filename.lower(): part for part in archive.infolist()}
        self._require_sound_directory()
        self._overrides: dict[str, str] = {}
        self._defaults: dict[str, str] = {}
        self._read_content_types()

    @property
    def unpacked_bytes(self) -> int:
        """The size of all parts together once they are unpacked, as the directory says and as reading is limited to."""
        return sum(part.file_size for part in self._archive.infolist())

    @property
    def content_types(self) -> Iterator[str]:
        """All content types that the file declares, in lower case."""
        yield from self._overrides.values()
        yield from self._defaults.values()

    def content_type(self, name: str) -> str:
        """The content type of a part in lower case, or ""."""
        return self._overrides.get(name) or self._defaults.get(name.rpartition(".")[2], "")

    def main_content_type(self) -> str:
        """The content type of the part that the relationship ``officeDocument`` names, or ""."""
        for relationship in self._relationships_in("_rels/.rels"):
            if relationship.kind == "officedocument" and not relationship.is_external:
                name = relationship.target.lstrip("/").removeprefix("./").lower()
                return self.content_type(name) if name in self.parts else ""
        return ""

    def relationships(self) -> Iterator[Relationship]:
        """The relationships of all parts. Raises FileRefused, FileTooLarge."""
        for name in self.parts:
            if name.endswith(".rels"):
                yield from self._relationships_in(name)

    def open(self, name: str) -> IO[bytes]:
        """The content of a part. Reading raises what BROKEN_ARCHIVE lists."""
        return self._archive.open(self.parts[name])

    def _require_sound_directory(self) -> None:
        parts = self._archive.infolist()
        if len(parts) > MAX_PARTS or self.unpacked_bytes > MAX_UNPACKED_BYTES:
            raise FileTooLarge(f"“{self.filename}” would be too large when it is unpacked.")
        names = [part.filename for part in parts]
        are_wrong = any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names)
        are_links = any(stat.S_ISLNK(part.external_attr >> 16) for part in parts)
        if are_wrong or are_links or len(self.parts) != len(names):
            raise FileRefused(f"“{self.filename}” is damaged: no office program writes such an archive.")

    def _read_content_types(self) -> None:
        if _CONTENT_TYPES not in self.parts:
            raise FileRefused(f"“{self.filename}” is not what its ending says: it is an archive, but no Office file.")
        for tag, attributes in self._elements(_CONTENT_TYPES):
            content_type = attributes.get("ContentType", "").strip().lower()
            if tag == "Override":
                self._overrides[attributes.get("PartName", "").lstrip("/").lower()] = content_type
            elif tag == "Default":
                self._defaults[attributes.get("Extension", "").lower()] = content_type

    def _relationships_in(self, name: str) -> Iterator[Relationship]:
        folder, _, own_name = name.rpartition("_rels/")
        for tag, attributes in self._elements(name):
            if tag == "Relationship":
                yield Relationship(
                    source=folder + own_name.removesuffix(".rels"),
                    kind=attributes.get("Type", "").rpartition("/")[2].lower(),
                    target=attributes.get("Target", "").strip(),
                    is_external=attributes.get("TargetMode", "").strip().lower() == "external",
                )

    def _elements(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The elements of a part by which the file is read, so a broken one makes the file unreadable."""
        if name not in self.parts:
            raise self._damaged()
        if self.parts[name].file_size > MAX_PART_BYTES:
            raise FileTooLarge(f"“{self.filename}” would be too large when it is unpacked.")
        try:
            with self.open(name) as xml:
                for _, element in iterparse(xml, forbid_dtd=True):
                    yield element.tag.rpartition("}")[2], element.attrib
                    element.clear()
        except BROKEN_XML as error:
            raise self._damaged() from error

    def _damaged(self) -> FileRefused:
        return FileRefused(f"“{self.filename}” is damaged: it cannot be opened.")


def ends_with_its_archive(content: IO[bytes]) -> bool:
    """Whether nothing follows the archive. The comment that an archive may have belongs to it."""
    size = content.seek(0, 2)
    start = max(0, size - _END_BYTES - _LONGEST_COMMENT)
    content.seek(start)
    tail = content.read()
    found = tail.rfind(_END_OF_ARCHIVE)
    comment = int.from_bytes(tail[found + _END_BYTES - 2 : found + _END_BYTES], "little")
    return found >= 0 and start + found + _END_BYTES + comment == size
