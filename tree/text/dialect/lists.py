"""Lists: what belongs to an entry is told by the column at which its text begins."""

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree

from markdown.blockprocessors import BlockProcessor
from markdown.util import nearing_recursion_limit

from tree.text.lines import FENCE, closes, ends_paragraph, entry, indent

_CODE_FROM = 5  # spaces after the bullet: the entry then begins with an indented code block
_LENIENT_INDENT = 2  # what is commonly written below “1.”, where the text of the entry begins at the third column


@dataclass
class _Entry:
    """The lines of one entry, without the spaces before them."""

    column: int  # at which its text begins
    base: int  # column of the bullet or number
    is_numbered: bool
    lines: list[str] = field(default_factory=list)
    fence: str = ""  # that is open
    inner_column: int | None = None  # at which the text of the last entry of a list within this one begins
    has_gap: bool = False  # a blank line between two blocks of this entry, not of a list within it

    def add(self, line: str, *, is_after_blank: bool) -> None:
        """Take a line that belongs to the entry, without the spaces that make it do so."""
        if is_after_blank and not self.fence and not self._belongs_to_inner_list(line):
            self.has_gap = True
        self.lines.append(line)
        self._follow(line)

    def _belongs_to_inner_list(self, line: str) -> bool:
        return self.inner_column is not None and (indent(line) >= self.inner_column or entry(line) is not None)

    def _follow(self, line: str) -> None:
        if self.fence:
            if closes(line, self.fence):
                self.fence = ""
            return
        if self.inner_column is not None and indent(line) >= self.inner_column:
            return
        if opened := FENCE.match(line):
            self.fence = opened["fence"]
        elif inner := entry(line):
            self.inner_column = _text_column(inner)
        else:
            self.inner_column = None

    def takes(self, line: str) -> bool:
        """Whether the line is indented enough. An entry with a number also takes lists and fences two spaces below."""
        deep = indent(line)
        if deep >= self.column:
            return True
        if not self.is_numbered or deep < self.base + _LENIENT_INDENT:
            return False
        found = entry(line)
        if (found and found[3] is None) or FENCE.match(line):
            self.column = deep
            return True
        return False

    def goes_on_lazily(self, line: str) -> bool:
        """Whether the line, though not indented, is more text of the entry's last paragraph."""
        last = self.lines[-1] if self.lines else ""
        begins_another = ends_paragraph(line) or entry(line) or FENCE.match(last)
        return bool(last.strip()) and not self.fence and not begins_another


class Lists(BlockProcessor):
    """Replaces the lists of Python-Markdown, which are nested by steps of four spaces."""

    def test(self, parent: ElementTree.Element, block: str) -> bool:
        return entry(block.partition("\n")[0]) is not None and not nearing_recursion_limit()

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> None:
        first = entry(blocks[0].partition("\n")[0])
        assert first is not None  # noqa: S101 (see test)
        entries, is_loose = _Reader(first).read(blocks)
        made = ElementTree.SubElement(parent, "ul" if first[3] is None else "ol")
        if first[3] is not None and int(first[3]) != 1:
            made.set("start", str(int(first[3])))
        for one in entries:
            self.parser.state.set("looselist" if is_loose else "list")
            self.parser.parseChunk(ElementTree.SubElement(made, "li"), "\n".join(one.lines).rstrip("\n"))
            self.parser.state.reset()


class _Reader:
    """Takes the lines of one list off the blocks, which are what lies between two blank lines."""

    def __init__(self, first: "re.Match[str]") -> None:
        self._kind = _kind(first)
        self._entries: list[_Entry] = []
        self._is_loose = False
        self._is_after_blank = False

    def read(self, blocks: list[str]) -> tuple[list[_Entry], bool]:
        """The entries, and whether blank lines separate their parts. ``blocks`` keeps what follows the list."""
        while blocks:
            lines = blocks.pop(0).split("\n")
            end = next((number for number, line in enumerate(lines) if not self._take(line)), None)
            if end is not None:
                blocks.insert(0, "\n".join(lines[end:]))
                break
            self._take("")
        return self._entries, self._is_loose or any(one.has_gap for one in self._entries)

    def _take(self, line: str) -> bool:
        """Whether the line belongs to the list."""
        last = self._entries[-1] if self._entries else None
        if not line.strip():
            if last:
                last.lines.append("")
            self._is_after_blank = True
            return True
        if last and last.takes(line):
            last.add(line[last.column :], is_after_blank=self._is_after_blank)
        elif (begun := entry(line)) and _kind(begun) == self._kind:
            self._is_loose = self._is_loose or (last is not None and self._is_after_blank)
            self._begin(begun)
        elif last and not self._is_after_blank and last.goes_on_lazily(line):
            last.lines.append(line.lstrip(" "))
        else:
            return False
        self._is_after_blank = False
        return True

    def _begin(self, begun: "re.Match[str]") -> None:
        column = _text_column(begun)
        made = _Entry(column, len(begun[1]), is_numbered=begun[3] is not None)
        self._entries.append(made)
        spaces = len(begun[1]) + len(begun[2]) + len(begun[5]) - column
        made.add(" " * max(spaces, 0) + begun[6], is_after_blank=False)


def _text_column(found: "re.Match[str]") -> int:
    after = len(found[5])
    return len(found[1]) + len(found[2]) + (after if 0 < after < _CODE_FROM and found[6] else 1)


def _kind(found: "re.Match[str]") -> str:
    """Entries with another bullet, or another character behind the number, are another list."""
    return found[4] or found[2]
