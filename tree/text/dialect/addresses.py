"""Bare web addresses: where each of them ends.

When addresses are looked for, Python-Markdown has already put placeholders without blanks in the place of line breaks,
code, footnotes and escaped characters. Such an element ends an address; an escaped character is read as itself.
"""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import InlineProcessor as Inlines
from markdown.util import INLINE_PLACEHOLDER_RE
from pymdownx.magiclink import RE_LINK, MagiclinkAutoPattern, MagiclinkPattern

_BLANK = re.compile(r"[\s<]")
_ESCAPED = re.compile("\x02([0-9]{1,7})\x03")
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
