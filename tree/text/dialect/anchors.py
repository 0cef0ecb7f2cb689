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
slug = slugify(case="lower")  # as GitHub makes them


class Anchors(Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (the library's name)
        md.treeprocessors.register(_OwnLinks(md), "own_links", -2)


class _OwnLinks(Treeprocessor):
    def run(self, root: ElementTree.Element) -> None:
        for link in root.iter("a"):
            href = link.get("href", "")
            if href.startswith("#"):
                link.set("href", f"#{PREFIX}{unquote(href[1:]).removeprefix(PREFIX)}")
