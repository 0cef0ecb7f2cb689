"""Refusal of Office files that run a program or load something from elsewhere when they are opened."""

import io
import re
import zipfile
from pathlib import Path
from typing import IO

from tree.exceptions import FileRefused, FileTooLarge
from tree.files.file_names import is_program
from tree.files.office import locked
from tree.files.office.fields import has_to_be_parsed, starts_something
from tree.files.office.link_targets import is_on_a_share, is_on_the_web
from tree.files.office.package import (
    BROKEN_ARCHIVE,
    BROKEN_XML,
    MAX_UNPACKED_BYTES,
    Package,
    Relationship,
    ends_with_its_archive,
)

# The content types of main parts, in lower case; ISO's strict form has the same.
_MAIN_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    "vsdx": "application/vnd.ms-visio.drawing.main+xml",
}
_ARCHIVE = b"PK\x03\x04"
_PROGRAM = b"MZ"
_RTF = b"{\\rt"  # Word reads it as part of the document, with the objects in it
_MAX_NESTING = 3  # a chart has a workbook; deeper than a document in a document in a document nobody looks
_MACRO_NAMES = re.compile(r"vbaproject|vbadata|(?:^|/)macrosheets/")
_MACRO_TYPES = re.compile(r"macroenabled|vbaproject|macrosheet")
_MACRO_LINKS = frozenset({"vbaproject", "wordvbadata", "xlmacrosheet", "xlintlmacrosheet"})
_OBJECT_NAMES = re.compile(r"(?:^|/)activex/")
_OBJECT_TYPES = re.compile(r"oleobject|activex|ms-office\.control")
_OBJECT_LINKS = frozenset({"oleobject", "control", "activexcontrol", "activexcontrolbinary"})
# Office follows a hyperlink when somebody clicks it, and asks before it reads another workbook.
_HARMLESS_LINKS = frozenset({"hyperlink", "externallinkpath", "xlpathmissing", "xlstartup", "xlalternatestartup"})
_PICTURES = frozenset({"image", "video", "audio", "media"})
_OTHER_KINDS = {"docx": "a Word", "xlsx": "an Excel", "pptx": "a PowerPoint", "vsdx": "a Visio"}


def check_office(path: Path, filename: str, extension: str) -> bool:
    """Whether the file is locked with a password, so that nobody could look into it.

    Raises FileRefused, FileTooLarge. Nothing is unpacked to disk.
    """
    with open(path, "rb") as file:
        if file.read(len(locked.SIGNATURE)) == locked.SIGNATURE:
            locked.check_locked(path, filename, extension)
            return True
        if not ends_with_its_archive(file):
            raise FileRefused(f"“{filename}” is damaged, or other content is appended to it.")
        file.seek(0)
        _Inspection(filename).inspect(file, extension)
    return False


class _Inspection:
    """Looks at a package and at the packages within; all of them together may only have one size."""

    def __init__(self, filename: str) -> None:
        self._filename = filename
        self._bytes_left = MAX_UNPACKED_BYTES

    def inspect(self, content: IO[bytes], extension: str | None, depth: int = 0) -> None:
        try:
            with zipfile.ZipFile(content) as archive:
                package = Package(archive, self._filename)
                self._bytes_left -= package.unpacked_bytes
                if self._bytes_left < 0 or depth > _MAX_NESTING:
                    raise FileTooLarge(f"“{self._filename}” would be too large when it is unpacked.")
                self._check_names_and_types(package)
                if extension:
                    self._require_main_part(package, extension)
                for relationship in package.relationships():
                    self._check_relationship(relationship)
                for name in package.parts:
                    self._check_part(package, name, depth)
        except BROKEN_ARCHIVE as error:
            raise FileRefused(f"“{self._filename}” is damaged: it cannot be opened.") from error

    def _check_names_and_types(self, package: Package) -> None:
        types = list(package.content_types)
        if any(map(_MACRO_NAMES.search, package.parts)) or any(map(_MACRO_TYPES.search, types)):
            raise self._holds_macros()
        if any(is_program(name) for name in package.parts):
            raise FileRefused(f"“{self._filename}” holds a program or an archive inside.")
        of_parts = (package.content_type(name) for name in package.parts)
        if any(map(_OBJECT_NAMES.search, package.parts)) or any(map(_OBJECT_TYPES.search, of_parts)):
            raise self._holds_objects()

    def _require_main_part(self, package: Package, extension: str) -> None:
        found = package.main_content_type()
        if found == _MAIN_TYPES[extension]:
            return
        other = next((ending for ending, main in _MAIN_TYPES.items() if main == found), None)
        really = f"it is {_OTHER_KINDS[other]} file (.{other})" if other else f"it is no {extension} file"
        raise FileRefused(f"“{self._filename}” is not what its ending says: {really}.")

    def _check_relationship(self, found: Relationship) -> None:
        if found.kind in _MACRO_LINKS:
            raise self._holds_macros()
        if found.kind in _OBJECT_LINKS and not found.is_external:
            raise self._holds_objects()
        if not found.is_external or found.kind in _HARMLESS_LINKS:
            return
        is_elsewhere = is_on_a_share(found.target) or (found.kind not in _PICTURES and is_on_the_web(found.target))
        shown = found.target[:100]
        if found.kind == "attachedtemplate":
            if is_elsewhere:
                raise FileRefused(
                    f"“{self._filename}” loads its template from another computer ({shown}) when it is opened. Choose "
                    "the template Normal in Word (Developer, Document Template), save the file and send that."
                )
        elif found.kind in _OBJECT_LINKS:
            raise FileRefused(
                f"“{self._filename}” is linked to an object outside of it ({shown}). Break the link (File, Info, Edit "
                "Links to Files), save the file and send that."
            )
        elif is_elsewhere:
            what = "a picture or film" if found.kind in _PICTURES else "a part"
            raise FileRefused(
                f"“{self._filename}” loads {what} from another computer ({shown}) when it is opened. Put it into the "
                "file itself, or save the file as PDF, and send that."
            )

    def _check_part(self, package: Package, name: str, depth: int) -> None:
        with package.open(name) as content:
            head = content.read(8)
        if head == locked.SIGNATURE or head.startswith(_RTF):
            raise self._holds_objects()
        if head.startswith(_PROGRAM):
            raise FileRefused(f"“{self._filename}” holds a program or an archive inside.")
        if head.startswith(_ARCHIVE):
            with package.open(name) as content:
                self._check_archive_inside(content.read(), depth)
        elif self._starts_something(package, name):
            raise FileRefused(
                f"“{self._filename}” starts another program, or loads from another computer, by a field, a formula or "
                "an action in it (DDE, LINK, INCLUDETEXT, Run Program). Remove that, save the file and send it."
            )

    def _check_archive_inside(self, content: bytes, depth: int) -> None:
        file = io.BytesIO(content)
        with zipfile.ZipFile(file) as archive:
            names = {name.lower() for name in archive.namelist()}
        if "[content_types].xml" not in names:
            raise FileRefused(f"“{self._filename}” holds a program or an archive inside.")
        self.inspect(file, None, depth + 1)

    def _starts_something(self, package: Package, name: str) -> bool:
        with package.open(name) as content:
            if not has_to_be_parsed(content, package.content_type(name)):
                return False
        try:
            with package.open(name) as content:
                return starts_something(content)
        except BROKEN_XML:  # Office does not open it either
            return False

    def _holds_macros(self) -> FileRefused:
        return FileRefused(f"“{self._filename}” holds macros. Save it without them and send that.")

    def _holds_objects(self) -> FileRefused:
        return FileRefused(
            f"“{self._filename}” holds an object or a control of another program (OLE, ActiveX). Replace it by a "
            "picture, or save the file as PDF, and send that."
        )
