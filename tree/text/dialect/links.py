"""Addresses in angle brackets, as Outlook and its plain texts write links: ``text<https://…>``."""

import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

import markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import ETX, AtomicString

from tree.text.dialect.addresses import typed_address

_ADDRESS = r"<((?:https?://|mailto:)[^<>\s]{1,2000})>"
_Found = tuple[ElementTree.Element | None, int | None, int | None]
_NOTHING: _Found = (None, None, None)


class Links(Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (the library's name)
        md.inlinePatterns.register(_TextAndAddress(r"(?i)\[([^\[\]]{1,1000})\]" + _ADDRESS, md), "text_address", 165)
        before = r"(?i)(?<![^\s(])((?:https?://|www\.)[^<>\s]{1,2000}|[^<>\s@(]{1,200}@[^<>\s@]{1,200})"
        md.inlinePatterns.register(_AddressTwice(before + _ADDRESS, md), "address_twice", 125)
        behind = rf"(?i)(?<=[^\s(\[*_~{ETX}])"  # not behind an escaped character, such as a bracket already shown
        md.inlinePatterns.register(_AddressBehindText(behind + _ADDRESS, md), "address_behind", 124)


class _TextAndAddress(InlineProcessor):
    """``[text]<address>``"""

    def handleMatch(self, m: re.Match[str], data: str) -> _Found:  # type: ignore[override]  # noqa: N802
        address = typed_address(self.md, m[2])
        if address is None:
            return _NOTHING
        link = _link(address)
        link.text = m[1]
        return link, m.start(0), m.end(0)


class _AddressTwice(InlineProcessor):
    """``www.zeta.example<http://www.zeta.example/>``: one link, or both addresses if they are not the same.

    The address that is shown must be the one that the link leads to.
    """

    def handleMatch(self, m: re.Match[str], data: str) -> _Found:  # type: ignore[override]  # noqa: N802
        shown_address, address = typed_address(self.md, m[1]), typed_address(self.md, m[2])
        if shown_address is None or address is None:
            return _NOTHING
        first = _whole(shown_address)
        if _compared(first) == _compared(address):
            link = _link(address)
            link.text = AtomicString(shown_address)
            return link, m.start(0), m.end(0)
        both = ElementTree.Element("span")
        shown = ElementTree.SubElement(both, "a", href=first)
        shown.text = AtomicString(shown_address)
        shown.tail = AtomicString(" ")
        both.append(_in_brackets(address))
        return both, m.start(0), m.end(0)


class _AddressBehindText(InlineProcessor):
    """``the form<https://…>``: the brackets stay, so that text and address do not run into each other."""

    def handleMatch(self, m: re.Match[str], data: str) -> _Found:  # type: ignore[override]  # noqa: N802
        address = typed_address(self.md, m[1])
        return _NOTHING if address is None else (_in_brackets(address), m.start(0), m.end(0))


def _whole(address: str) -> str:
    if "://" in address:
        return address
    return f"mailto:{address}" if "@" in address else f"http://{address}"


def _in_brackets(address: str) -> ElementTree.Element:
    around = ElementTree.Element("span")
    around.text = AtomicString("<")
    link = _link(address)
    link.text, link.tail = AtomicString(address.removeprefix("mailto:")), AtomicString(">")
    around.append(link)
    return around


def _link(address: str) -> ElementTree.Element:
    return ElementTree.Element("a", href=address)


def _compared(address: str) -> tuple[str, str, str]:
    """What makes two addresses the same: http or https and a slash at the end do not matter."""
    try:
        parts = urlsplit(address)
    except ValueError:  # such as half an IPv6 address
        return address, "", ""
    scheme = "" if parts.scheme in ("http", "https") else parts.scheme
    return f"{scheme}:{parts.netloc.lower()}", parts.path.rstrip("/"), f"{parts.query}#{parts.fragment}"
