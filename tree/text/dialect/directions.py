"""Texts from right to left: each block takes the direction of its first letter.

Browsers find it themselves (``dir="auto"``), but not for what holds other blocks: a list, a quote or a table, on whose
side its bullets, line or first column are. For these it is found here.
"""

import re
import unicodedata
from xml.etree import ElementTree

import markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

LEAVES = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "th", "td"))
HOLDERS = frozenset(("ul", "ol", "dl", "blockquote", "table", "div"))
TITLE = "admonition-title"
_STRONG = ("L", "R", "AL")
# Hebrew, Arabic and the scripts between and beside them; their presentation forms; the ancient and African ones.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")


class Directions(Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (the library's name)
        blocks = _Blocks(md)
        md.preprocessors.register(_Search(md, blocks), "directions", 29)
        md.treeprocessors.register(blocks, "directions", -3)


class _Blocks(Treeprocessor):
    is_needed = False

    def run(self, root: ElementTree.Element) -> None:
        if self.is_needed:
            for element in root:
                _direct(element)


def _direct(element: ElementTree.Element) -> None:
    if element.tag in LEAVES:
        if element.get("class") != TITLE:
            element.set("dir", "auto")
        return
    if element.tag in HOLDERS and _begins_right(element):
        element.set("dir", "rtl")
    for inner in element:
        _direct(inner)


def _begins_right(element: ElementTree.Element) -> bool:
    """Whether the first letter of the text is one from right to left. The title of an alert is not of the text."""
    blocks = [block for block in element if block.get("class") != TITLE]
    letters = (letter for block in blocks for text in block.itertext() for letter in text)
    strong = (unicodedata.bidirectional(letter) for letter in letters)
    return next((kind for kind in strong if kind in _STRONG), "L") != "L"


class _Search(Preprocessor):
    """Only a text with such a letter needs directions."""

    def __init__(self, md: markdown.Markdown, blocks: _Blocks) -> None:
        super().__init__(md)
        self._blocks = blocks

    def run(self, lines: list[str]) -> list[str]:
        self._blocks.is_needed = any(_RIGHT_TO_LEFT.search(line) for line in lines)
        return lines
