"""HTML that somebody typed is text, except ``<br>``, which tables need for a second line.

Of CommonMark's line breaks, the backslash at the end of a line is one here, too.
"""

import re
from xml.etree import ElementTree

import markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor


class TypedHtml(Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (the library's name)
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, *"<>|~=:"]  # CommonMark's; the synced texts escape them
        md.inlinePatterns.register(_LineBreak(r"<br\s*/?>", md), "line_break", 90)
        md.inlinePatterns.register(
            _LineBreak(r"\\\n", md), "backslash_break", 179
        )  # one that is escaped is read before


class _LineBreak(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[ElementTree.Element, int, int]:  # type: ignore[override]  # noqa: N802
        return ElementTree.Element("br"), m.start(0), m.end(0)
