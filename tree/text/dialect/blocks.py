"""Blocks: lists and fences by their lines, headings as GitHub has them, and what may begin right below a paragraph."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

import markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor, HashHeaderProcessor, SetextHeaderProcessor
from markdown.extensions import Extension
from markdown.extensions.def_list import DefListIndentProcessor
from markdown.extensions.tables import TableProcessor

from tree.text.dialect.fences import Fences
from tree.text.dialect.lists import Lists
from tree.text.lines import FENCE, QUOTE, RULE, ends_paragraph, entry

_CODE = "    "


class Blocks(Extension):
    """The order of the blocks. What can hold anything comes first, because a heading or a rule in a fence is code."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (the library's name)
        processors = md.parser.blockprocessors
        for name in ("indent", "olist", "ulist"):
            processors.deregister(name)
        processors.register(InDefinitions(md.parser), "defindent", 85)
        processors.register(Lists(md.parser), "lists", 98)
        processors.register(Fences(md.parser), "fences", 97)
        processors.register(Tables(md.parser, {"use_align_attribute": True}), "table", 75)
        processors.register(BelowParagraphs(md.parser), "below_paragraphs", 99)  # asks the tables
        processors.register(HashHeadings(md.parser), "hashheader", 70)
        processors.register(UnderlinedHeadings(md.parser), "setextheader", 60)


class BelowParagraphs(BlockProcessor):
    """Lists, fences and tables may begin right below a line of text: they are given a block of their own."""

    _MAY_BEGIN = re.compile(r"\n {0,3}(?:[-*+] +\S|1[.)] +\S|```|~~~|>)|\n[ >|:-]*-[ |:-]*(?:\n|$)")
    _DELIMITERS = re.compile(r" {0,3}\|?(?: *:?-+:? *\|)* *:?-+:? *(?:\| *)?$")

    def __init__(self, parser: BlockParser) -> None:
        super().__init__(parser)
        self._table = parser.blockprocessors["table"]

    def test(self, parent: ElementTree.Element, block: str) -> bool:
        return self._MAY_BEGIN.search(block) is not None and not block.startswith(_CODE)

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> bool:
        lines = blocks[0].split("\n")
        holds_lines = entry(lines[0]) or FENCE.match(lines[0])
        place = None if holds_lines else self._place(parent, lines)
        if place is None:
            return False
        blocks[:1] = ["\n".join(lines[:place]), "\n".join(lines[place:])]
        return True

    def _place(self, parent: ElementTree.Element, lines: list[str]) -> int | None:
        """The number of the first line that begins a block of its own."""
        is_table, is_quote = self._is_table(parent, lines, 0), QUOTE.match(lines[0]) is not None
        from_line = 2 if is_table else 1
        for place in range(from_line, len(lines)):
            if is_quote and QUOTE.match(lines[place]):
                continue
            may_underline = RULE.match(lines[place]) and not (is_table or is_quote)
            if (ends_paragraph(lines[place]) and not may_underline) or self._is_table(parent, lines, place):
                return place
        return None

    def _is_table(self, parent: ElementTree.Element, lines: list[str], place: int) -> bool:
        below = lines[place + 1] if place + 1 < len(lines) else ""
        if "|" not in lines[place] or "-" not in below or not self._DELIMITERS.match(below):
            return False
        return bool(self._table.test(parent, f"{lines[place]}\n{below}"))


class InDefinitions(DefListIndentProcessor):
    """What is indented below a definition; the entries of other lists are the work of Lists."""

    def __init__(self, parser: BlockParser) -> None:
        super().__init__(parser)
        self.ITEM_TYPES, self.LIST_TYPES = ["dd"], ["dl"]


class Tables(TableProcessor):
    r"""In a cell, ``\|`` is the character itself, also in code; and a table may have no rows but its heading."""

    def _split(self, row: str) -> list[str]:
        cells: list[str] = super()._split(row)  # type: ignore[misc]  # not in the stubs
        return [cell.replace("\\|", "|") for cell in cells]

    def _build_empty_row(self, parent: ElementTree.Element, align: Sequence[str | None]) -> None:
        pass


class HashHeadings(HashHeaderProcessor):
    """A heading needs a space behind its number signs: ``#1234`` is a ticket. Those at its end need one before them."""

    RE = re.compile(r"(?:^|\n) {0,3}(?P<level>#{1,6})(?:$|(?=[ \n]))(?P<header>[^\n]*)(?:\n|$)")

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> None:
        super().run(parent, blocks)
        heading = next((child for child in reversed(parent) if child.tag[0] == "h" and child.tag != "hr"), None)
        if heading is None or not heading.text:
            return
        text = heading.text.rstrip("#")
        if not text or text.endswith(" "):
            heading.text = text.strip()


class UnderlinedHeadings(SetextHeaderProcessor):
    """The lines above ``===`` or ``---`` are one heading."""

    _NO_HEADING = re.compile(r" {0,3}(?:>|\[[^\]]+\]:)")  # a quote, the address of a link, a footnote
    RE = re.compile(r"(?:[^\n]+\n)+? {0,3}(?P<line>=+|-+) *(?:\n|$)")

    def test(self, parent: ElementTree.Element, block: str) -> bool:
        found = self.RE.match(block)
        if found is None:
            return False
        above = block[: found.start("line")].split("\n")
        return not any(self._NO_HEADING.match(line) or RULE.match(line) for line in above)

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> None:
        block = blocks.pop(0)
        found = self.RE.match(block)
        assert found is not None  # noqa: S101 (see test)
        heading = ElementTree.SubElement(parent, "h1" if found["line"][0] == "=" else "h2")
        heading.text = "\n".join(line.strip() for line in block[: found.start("line")].rstrip().split("\n"))
        if rest := block[found.end() :]:
            blocks.insert(0, rest)
