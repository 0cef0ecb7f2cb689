"""Texts from right to left: each block takes the direction of its first letters."""

import re
from xml.etree import ElementTree

import markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

TAGS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "table", "dl", "th", "td")
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
            for element in root.iter():
                if element.tag in TAGS:
                    element.set("dir", "auto")


class _Search(Preprocessor):
    """Only a text with such a letter needs directions."""

    def __init__(self, md: markdown.Markdown, blocks: _Blocks) -> None:
        super().__init__(md)
        self._blocks = blocks

    def run(self, lines: list[str]) -> list[str]:
        self._blocks.is_needed = any(_RIGHT_TO_LEFT.search(line) for line in lines)
        return lines
