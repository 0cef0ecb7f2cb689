"""The Markdown that the pages speak: what people write, as GitHub reads it, with Python-Markdown.

Extensions of others do what they can (``converter`` lists them); the modules here do the rest. Python-Markdown tells
what is inside a list by steps of four spaces, and splits a text at its blank lines before it looks for fences; GitHub
goes by the place where the text of an entry begins. So lists and fences are read here, by their lines.
"""

import markdown

from tree.text.dialect.addresses import Addresses
from tree.text.dialect.anchors import Anchors
from tree.text.dialect.blocks import Blocks
from tree.text.dialect.directions import Directions
from tree.text.dialect.front_matter import FrontMatter
from tree.text.dialect.links import Links
from tree.text.dialect.pictures import PicturesOfOthersAsLinks
from tree.text.dialect.typed_html import TypedHtml


def converter() -> markdown.Markdown:
    """A converter for one text at a time; call ``reset`` before the next. Headings start at h2."""
    anchors = Anchors()
    return markdown.Markdown(
        extensions=[
            "nl2br",
            "def_list",
            "footnotes",
            "toc",
            "pymdownx.highlight",
            "pymdownx.quotes",
            "pymdownx.magiclink",
            "pymdownx.tasklist",
            "pymdownx.tilde",
            Blocks(),
            FrontMatter(),
            Links(),
            Addresses(),
            TypedHtml(),
            PicturesOfOthersAsLinks(),
            anchors,
            Directions(),
        ],
        extension_configs={
            "toc": {"baselevel": 2, "marker": "", "slugify": anchors.slug},
            "pymdownx.highlight": {"guess_lang": False},
            "pymdownx.quotes": {"callouts": True},
            "pymdownx.tilde": {"subscript": False},
        },
        output_format="html",
    )
