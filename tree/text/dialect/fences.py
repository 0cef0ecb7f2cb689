"""Fenced code: closed by a fence of at least its length, or by the end of the list, the quote or the text it is in."""

from xml.etree import ElementTree

from markdown.blockprocessors import BlockProcessor
from pymdownx.highlight import Highlight

from tree.text.lines import FENCE, closes, indent


class Fences(BlockProcessor):
    """Puts the coloured code of a fence into the stash, from where it comes back as it is."""

    def test(self, parent: ElementTree.Element, block: str) -> bool:
        return FENCE.match(block.partition("\n")[0]) is not None

    def run(self, parent: ElementTree.Element, blocks: list[str]) -> None:
        lines = blocks.pop(0).split("\n")
        opening = FENCE.match(lines[0])
        assert opening is not None  # noqa: S101 (see test)
        code = self._code(lines[1:], blocks, opening["fence"])
        spaces = indent(lines[0])
        dedented = "\n".join(line[min(spaces, indent(line)) :] for line in code)
        language = (opening["info"].split() or [""])[0].strip("{}.")
        coloured = Highlight(self.parser.md, stripnl=False).highlight(dedented, language)
        ElementTree.SubElement(parent, "p").text = self.parser.md.htmlStash.store(coloured)

    @staticmethod
    def _code(lines: list[str], blocks: list[str], fence: str) -> list[str]:
        """The lines down to the closing fence. ``blocks`` keeps what follows it."""
        code: list[str] = []
        while True:
            for number, line in enumerate(lines):
                if closes(line, fence):
                    if rest := "\n".join(lines[number + 1 :]):
                        blocks.insert(0, rest)
                    return code
                code.append(line)
            if not blocks:
                return "\n".join(code).rstrip("\n").split("\n")
            code.append("")
            lines = blocks.pop(0).split("\n")
