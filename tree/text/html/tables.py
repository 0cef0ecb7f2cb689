"""Tells tables of facts from tables that only lay a mail out.

A table of facts stays a table, with ``BREAK`` between the lines of a cell, because Markdown has one line for a row.
The cells of any other table become paragraphs, one after the other.
"""

import re

from msgspec import Struct, field

from tree.text.html.signs import BREAK
from tree.text.html.tags import names

_LONGEST_CELL = 400  # characters; a longer one is a text, and makes the page of a table unreadable
_MOST_LINES = 12
_PRESENTATION = re.compile(r"\brole\s*=\s*[\"']?\s*(?:presentation|none)", re.IGNORECASE)
_OF_TABLES = names("table thead tbody tfoot tr td th caption colgroup col")
_LINE_ENDS = names("br p div li h1 h2 h3 h4 h5 h6 hr pre blockquote dt dd ul ol dl")


class Table(Struct):
    """A table that is being read. Its tags and the line breaks of its cells, by their places in the output."""

    is_layout: bool = False
    is_of_facts: bool = False  # this is known, however long its cells are
    is_flat: bool = False  # nested too deeply: its cells are lines
    has_head: bool = False
    is_in_cell: bool = False
    tags: list[tuple[int, str, bool]] = field(default_factory=list)  # place, name, is it an end tag
    breaks: list[tuple[int, str, bool]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)  # the texts of the cells
    lines: int = 0  # of the longest cell, about

    def tag(self, place: int, name: str, is_end: bool) -> None:
        """A tag of the table itself, at this place of the output."""
        self.tags.append((place, name, is_end))
        if name == "tr" and not is_end:
            self.rows.append([])
        if name in ("td", "th"):
            self.is_in_cell = not is_end
            if not is_end:
                self.has_head = self.has_head or name == "th"
                self.rows = self.rows or [[]]
                self.rows[-1].append("")
                self.lines = 0

    def text(self, text: str) -> None:
        """A text within the table."""
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += text.strip()

    def line_break(self, place: int, name: str, is_end: bool) -> None:
        """A tag that begins or ends a line of a cell."""
        self.breaks.append((place, name, is_end))
        self.lines += name == "br" or is_end
        self.is_layout = self.is_layout or (self.lines > _MOST_LINES and not self.is_of_facts)

    def finish(self, output: list[str]) -> None:
        """Rewrite the tags in the output, now that the whole table is known."""
        if self.is_layout or not (self.is_of_facts or self._holds_facts()):
            begin, end = ("<br>", "") if self.is_flat else ("<div>", "</div>")
            for place, name, is_end in self.tags:
                output[place] = (end if is_end else begin) if name in ("td", "th", "caption") else ""
            return
        for place, name, is_end in self.breaks:
            output[place] = BREAK if name in ("br", "hr") or not is_end or name in ("p", "div", "pre") else ""
            if name == "li" and not is_end:
                output[place] += "• "

    def _holds_facts(self) -> bool:
        widths = [sum(1 for cell in row if cell) for row in self.rows]
        if any(len(cell) > _LONGEST_CELL for row in self.rows for cell in row):
            return False
        return sum(width > 1 for width in widths) > 1 or (self.has_head and sum(width > 0 for width in widths) > 1)


def is_of_a_table(name: str) -> bool:
    return name in _OF_TABLES


def ends_a_line(name: str) -> bool:
    return name in _LINE_ENDS


def only_lays_out(attributes: str) -> bool:
    """Whether the table's attributes say that it is none."""
    return _PRESENTATION.search(attributes) is not None
