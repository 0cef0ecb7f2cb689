"""Web and mail addresses: where each of them begins and ends.

When addresses are looked for, Python-Markdown has already put placeholders without blanks in the place of line breaks,
code, footnotes and escaped characters. Such an element ends an address; an escaped character is read as itself.
"""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import AUTOMAIL_RE, AutomailInlineProcessor
from markdown.treeprocessors import InlineProcessor as Inlines
from markdown.util import ETX, INLINE_PLACEHOLDER_RE
from pymdownx.magiclink import RE_LINK, RE_MAIL, MagiclinkAutoPattern, MagiclinkMailPattern, MagiclinkPattern

_BLANK = re.compile(r"[\s<]")
_ESCAPED = re.compile("\x02([0-9]{1,7})\x03")
_LONGEST_BEFORE = 200
_LOCAL_PART = re.compile(r"[-+.\w]", re.ASCII)
_PIECE = re.compile("\x02klzzwxh:[0-9]{1,9}\x03|.", re.DOTALL)
_ALL = re.compile("(.*)", re.DOTALL)
_IN_BRACKETS = r"(?i)<((?:ht|f)tps?://[^<>\s]*)>"


class Addresses(Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (the library's name)
        magic = md.inlinePatterns["magic-link"]
        assert isinstance(magic, MagiclinkPattern)  # noqa: S101 (for the types)
        bare = _BareAddress(RE_LINK, md)
        bare.config = magic.config
        md.inlinePatterns.register(bare, "magic-link", 85)
        in_brackets = MagiclinkAutoPattern(_IN_BRACKETS, md)
        in_brackets.config = bare.config
        md.inlinePatterns.register(in_brackets, "autolink", 120)
        md.inlinePatterns.register(_BareMail(RE_MAIL, md), "magic-mail", 84.9)
        md.inlinePatterns.register(_MailInBrackets(AUTOMAIL_RE, md), "automail", 110)


def typed_address(md: markdown.Markdown, text: str) -> str | None:
    """The address with its escaped characters as they were meant; None if an element, such as code, is within it."""
    address = "".join(character for character, _ in _characters(md, text, 0, len(text)))
    is_whole = all(isinstance(_stashed(md, found), str) for found in INLINE_PLACEHOLDER_RE.finditer(text))
    return address if is_whole else None


class _BareAddress(MagiclinkPattern):
    """Hands the address to the extension as it was typed."""

    def handleMatch(  # noqa: N802 (the library's name)
        self, m: re.Match[str], data: str
    ) -> tuple[ElementTree.Element | None, int | None, int | None]:
        start = m.start(0)
        behind = _BLANK.search(data, m.end(0))
        end = behind.start() if behind else len(data)
        if "\x02" not in data[start:end]:
            return super().handleMatch(m, data)  # type: ignore[no-any-return]
        characters, ends = zip(*_characters(self.md, data, start, end), strict=True)
        address = "".join(characters)
        begins = self.compiled_re.match(address)
        link, _, length = super().handleMatch(begins, address) if begins else (None, None, None)
        return (link, start, ends[length - 1]) if length else (None, None, None)


class _BareMail(MagiclinkMailPattern):
    """``_svc@acme.example``, where the first sign is escaped, is not the address of ``svc``."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[ElementTree.Element, int, int]:  # noqa: N802
        start = self._start(data, m.start(0))
        address = typed_address(self.md, data[start : m.end(0)]) if start < m.start(0) else None
        whole = self.compiled_re.match(address) if address else None
        if whole and whole[0] == address:
            return super().handleMatch(whole, address)[0], start, m.end(0)
        return super().handleMatch(m, data)  # type: ignore[no-any-return]

    def _start(self, data: str, place: int) -> int:
        """Where the name before this place begins, if the sign right before it is an escaped one."""
        if not data.endswith(ETX, 0, place):
            return place
        for piece in reversed(_PIECE.findall(data, max(0, place - _LONGEST_BEFORE), place)):
            if not _LOCAL_PART.fullmatch(typed_address(self.md, piece) or ""):
                break
            place -= len(piece)
        return place


class _MailInBrackets(AutomailInlineProcessor):
    def handleMatch(  # type: ignore[override]  # noqa: N802
        self, m: re.Match[str], data: str
    ) -> tuple[ElementTree.Element | None, int | None, int | None]:
        address = _ALL.match(typed_address(self.md, m[1]) or "")
        if not address or not address[0]:
            return None, None, None
        link = super().handleMatch(address, data)[0]
        assert isinstance(link, ElementTree.Element)  # noqa: S101 (for the types)
        return link, m.start(0), m.end(0)


def _characters(md: markdown.Markdown, data: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    """Each character of an address and its end in the data, up to the first element or bracket."""
    for found in INLINE_PLACEHOLDER_RE.finditer(data, start, end):
        yield from ((data[place], place + 1) for place in range(start, found.start()))
        character = _character(_stashed(md, found))
        if not character or character in "<>":
            return
        yield character, found.end()
        start = found.end()
    yield from ((data[place], place + 1) for place in range(start, end))


def _stashed(md: markdown.Markdown, found: re.Match[str]) -> ElementTree.Element | str | None:
    inlines = md.treeprocessors["inline"]
    assert isinstance(inlines, Inlines)  # noqa: S101 (for the types)
    return inlines.stashed_nodes.get(found[1])


def _character(stashed: ElementTree.Element | str | None) -> str:
    """The escaped character that was put aside; empty if it was something else."""
    escaped = _ESCAPED.fullmatch(stashed) if isinstance(stashed, str) else None
    return chr(int(escaped[1])) if escaped else ""
