"""Fields of Word, formulas of Excel and actions of PowerPoint that start a program or load from another computer."""

import re
from typing import IO
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import sax

from tree.files.office.link_targets import is_on_a_share, is_on_the_web

_STARTS = re.compile(r'"?(?:DDEAUTO|DDE|LINK)\b', re.IGNORECASE)
_LOADS = re.compile(r'"?(INCLUDETEXT|RD|INCLUDEPICTURE|IMPORT)\s+(?:"([^"]*)"|(\S+))', re.IGNORECASE)
_CHARACTER_CODES = re.compile(r"QUOTE((?:\s+\d{1,6})+)", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'')
_FORMULAS = frozenset({"f", "definedName", "formula", "formula1", "formula2"})
_WITH_TEXT = _FORMULAS | {"instrText"}
_LINKS = frozenset({"ddeLink", "oleLink"})
_RUNNING_ACTION = re.compile(r"ppaction://(?:program|macro|ole)", re.IGNORECASE)
_HINTS = {
    "wordprocessingml": re.compile(rb"fldChar|instr"),
    "spreadsheetml": re.compile(
        # A formula with a pipe, a character reference or half a pair of quotes outside of quotes; XML that Office never
        # writes.
        rb"""<(?:\w+:)?(?:f|formula[12]?|definedName)\b(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>"""
        rb"""(?:[^<"'|&]++|&(?!#)|"[^"<]*+"|'[^'<]*+')*+(?:\||&\#|["'])|ddeLink|oleLink|<!|<\?(?!xml\s)"""
    ),
    "presentationml": re.compile(rb"action\b"),
}
_PIECE_BYTES = 1 << 20
_OVERLAP_BYTES = 1 << 16  # more than a formula may have


def has_to_be_parsed(content: IO[bytes], content_type: str) -> bool:
    """Whether a part holds anything that ``starts_something`` looks at; most parts are only searched for that."""
    hints = next((hints for family, hints in _HINTS.items() if family in content_type), None)
    if hints is None:
        return False
    before = b""
    while piece := content.read(_PIECE_BYTES):
        is_utf16 = not before and (piece[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in piece[:2])
        if is_utf16 or hints.search(before[-_OVERLAP_BYTES:] + piece):
            return True
        before = piece
    return False


def starts_something(xml: IO[bytes]) -> bool:
    """Whether a part of any of the three kinds has such a field, formula or action.

    Raises xml.sax.SAXException or ValueError for broken XML, unless such a field was found before.
    """
    reader = _Reader()
    try:
        sax.parse(xml, reader, forbid_dtd=True)
    except _Found:
        return True
    return any(_is_running_instruction("".join(pieces)) for pieces in reader.open_fields)


class _Found(Exception):
    """The rest of the part need not be read."""


class _Reader(ContentHandler):
    """Collects formulas, and the instructions of fields: each may be spread over many runs and hold other fields.

    SAX takes half the time of building elements, and a document may have millions.
    """

    def __init__(self) -> None:
        super().__init__()
        self.open_fields: list[list[str]] = []
        self._text: list[str] | None = None

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        tag = name.rpartition(":")[2]
        if tag in _WITH_TEXT:
            self._text = []
        elif tag == "fldChar":
            self._limit_of_field(_attribute(attrs, "fldCharType"))
        elif tag == "fldSimple":
            self._found(_is_running_instruction(_attribute(attrs, "instr")))
        self._found(tag in _LINKS or _RUNNING_ACTION.match(attrs.get("action", "").strip()) is not None)

    def characters(self, content: str) -> None:
        if self._text is not None:
            self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        tag = name.rpartition(":")[2]
        if tag not in _WITH_TEXT or self._text is None:
            return
        text, self._text = "".join(self._text), None
        if tag in _FORMULAS:
            self._found(_is_dde(text))
        elif self.open_fields:
            self.open_fields[-1].append(text)
        else:
            self._found(_is_running_instruction(text))

    def _limit_of_field(self, limit: str) -> None:
        if limit == "begin":
            self.open_fields.append([])
        elif limit == "end" and self.open_fields:
            instruction = "".join(self.open_fields.pop())
            self._found(_is_running_instruction(instruction))
            codes = _CHARACTER_CODES.fullmatch(instruction.strip())
            if codes and self.open_fields:  # the field stands for a part of the instruction around it
                self.open_fields[-1].append("".join(chr(int(code) % 0x110000) for code in codes[1].split()))

    def _found(self, is_so: bool) -> None:
        if is_so:
            raise _Found


def _is_running_instruction(instruction: str) -> bool:
    instruction = instruction.strip()
    if _STARTS.match(instruction):
        return True
    loads = _LOADS.match(instruction)
    if not loads:
        return False
    target = loads[2] or loads[3] or ""
    return is_on_a_share(target) or (loads[1].upper() in ("INCLUDETEXT", "RD") and is_on_the_web(target))


def _is_dde(formula: str) -> bool:
    """Whether the formula asks another program: ``cmd|'/c calc'!A1``. Elsewhere a pipe stands only within quotes."""
    return "|" in _QUOTED.sub("", formula)


def _attribute(attributes: AttributesImpl, name: str) -> str:
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")
