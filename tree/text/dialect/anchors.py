"""Anchors of headings and footnotes, and links to them within the text.

The sanitiser puts PREFIX before each id, so that none is one of the page's.
"""

from urllib.parse import unquote
from xml.etree import ElementTree

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from pymdownx.slugs import slugify

PREFIX = "text-"
_slug = slugify(case="lower")


class Anchors(Extension):
    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, int] = {}  # for each anchor of this text: how many others were made of it

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (the library's name)
        md.registerExtension(self)
        md.treeprocessors.register(_OwnLinks(md), "own_links", -2)

    def reset(self) -> None:
        """Forget the anchors of the last text."""
        self._counts.clear()

    def slug(self, heading: str, separator: str) -> str:
        """The anchor of a heading as GitHub makes it: the second one of the same name ends with ``-1``."""
        name: str = _slug(heading, separator)
        anchor = name
        while name and anchor in self._counts:
            self._counts[name] += 1
            anchor = f"{name}-{self._counts[name]}"
        self._counts[anchor] = 0
        return anchor


class _OwnLinks(Treeprocessor):
    def run(self, root: ElementTree.Element) -> None:
        for link in root.iter("a"):
            href = link.get("href", "")
            if href.startswith("#"):
                link.set("href", f"#{PREFIX}{unquote(href[1:]).removeprefix(PREFIX)}")
