"""Fields of Word, formulas of Excel and actions of PowerPoint that start a program or load from another computer."""

import re
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

from tree.files.office.places import is_on_a_share, is_on_the_web

_STARTS = re.compile(r'\s*"?(?:DDEAUTO|DDE|LINK)\b', re.IGNORECASE)
_LOADS = re.compile(r'\s*"?(INCLUDETEXT|RD|INCLUDEPICTURE|IMPORT)\s+(?:"([^"]*)"|(\S+))', re.IGNORECASE)
_CHARACTER_CODES = re.compile(r"\s*QUOTE((?:\s+\d{1,6})+)\s*", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'')
_FORMULAS = frozenset({"f", "definedName", "formula", "formula1", "formula2"})
_RUNNING_ACTION = re.compile(r"\s*ppaction://(?:program|macro|ole)", re.IGNORECASE)
_HINTS = {
    "wordprocessingml": re.compile(rb"fldChar|instr"),
    "spreadsheetml": re.compile(rb"\||&#0*124;|&#x0*7c;|ddeLink|oleLink", re.IGNORECASE),
    "presentationml": re.compile(rb"action\b"),
}
_PIECE_BYTES = 1 << 20
_OVERLAP_BYTES = 64


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
    """Whether a part of any of the three kinds has such a field, formula or action."""
    fields = _Fields()
    for _, element in iterparse(xml, forbid_dtd=True):
        tag = element.tag.rpartition("}")[2]
        if any(_is_running_instruction(text) for text in fields.ended_by(tag, element)):
            return True
        if tag in ("ddeLink", "oleLink") or (tag in _FORMULAS and _is_dde(element.text or "")):
            return True
        if _RUNNING_ACTION.match(element.get("action") or ""):
            return True
        if tag not in ("instrText", "fldChar"):
            element.clear()
    return any(_is_running_instruction(text) for text in fields.unfinished())


class _Fields:
    """The instructions of a part's fields. Each may be spread over many runs and hold other fields."""

    def __init__(self) -> None:
        self._open: list[list[str]] = []

    def ended_by(self, tag: str, element: Element) -> Iterator[str]:
        if tag == "fldSimple":
            yield _attribute(element, "instr")
        elif tag == "instrText":
            if self._open:
                self._open[-1].append(element.text or "")
            else:
                yield element.text or ""
        elif tag == "fldChar" and _attribute(element, "fldCharType") == "begin":
            self._open.append([])
        elif tag == "fldChar" and _attribute(element, "fldCharType") == "end" and self._open:
            instruction = "".join(self._open.pop())
            yield instruction
            codes = _CHARACTER_CODES.fullmatch(instruction)
            if codes and self._open:  # the field stands for a part of the instruction around it
                self._open[-1].append("".join(chr(int(code)) for code in codes[1].split()))

    def unfinished(self) -> Iterator[str]:
        yield from ("".join(pieces) for pieces in self._open)


def _is_running_instruction(instruction: str) -> bool:
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


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
