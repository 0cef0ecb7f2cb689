"""Markdown as plain text: what is left when its markup is taken out. For excerpts; pages render the whole."""

import re
from html import unescape

# Markup, which is left out. An escaped sign and an ``_`` within a word are text: SRV_DB_01 is shown as it is.
_MARKUP = re.compile(
    r"\\(?P<sign>[!-/:-@\[-`{-~])|\]\([^()\s]*\)|<br>|^(?: {0,3}>)+|^ {0,3}(?:#{1,6}|[-+]) |[*`|]+|~~|[\[\]]"
    r"|(?<![^\W_])_+|_+(?![^\W_])|(?<![^\s|])(?:-{3,}|:-+:?|-+:)(?![^\s|])",
    re.MULTILINE,
)


def without_markup(markdown: str) -> str:
    """The text without its markup; its lines stay."""
    return unescape(_MARKUP.sub(lambda found: found["sign"] or " ", markdown))


def first_lines(markdown: str, title: str, *, lines: int = 3, characters: int = 280) -> str:
    """The first lines that say something, without a heading that repeats the title; cut at a word."""
    said = (" ".join(line.split()) for line in without_markup(markdown).splitlines())
    wanted = [line for line in said if any(sign.isalnum() for sign in line)]
    if wanted and wanted[0].casefold() == title.strip().casefold():
        wanted = wanted[1:]
    text = "\n".join(wanted[:lines])
    if len(text) <= characters:
        return f"{text} …" if len(wanted) > lines else text
    cut = text[:characters]
    end = max(cut.rfind(" "), cut.rfind("\n"))
    return (cut[:end] if 2 * end > characters else cut) + " …"
