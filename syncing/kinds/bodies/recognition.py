"""Tells HTML from text in which somebody typed a ``<``.

A mail client writes the brackets of a text as ``&lt;``, so text is HTML if it has tags that only markup has: elements
of HTML that are closed as they should be, line breaks, pictures. Addresses, placeholders, generics and XML have none.
Where both can be meant, it is taken for text, which then shows more than was meant, and loses nothing.
"""

import re
from html import unescape

from syncing.kinds.bodies.tags import BLOCKS, ELEMENTS, END_IS_OPTIONAL, OFFICE, STRUCTURE, VOID, names, tags_of

_DOCUMENT = re.compile(
    r"\s*+(?:<\?xml[^<>]*+>\s*+)?(?:<!--(?:[^-]|-(?!->))*+-->\s*+)*+<(?:!doctype\s+html|html)\b", re.I
)
_MAIL_ELEMENTS = names("b strong i em u s strike font span a small big sub sup tt label del ins center")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,10}|#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6});")
_SIGNS_THAT_ARE_WRITTEN_SO = frozenset("&<>\"'\u00a0")


def is_html(text: str) -> bool:
    """Whether this body is HTML."""
    if _DOCUMENT.match(text):
        return True
    found = [(tag["name"].lower(), bool(tag["end"]), tag) for tag in tags_of(text) if tag["name"]]
    opened = {name for name, is_end, _ in found if not is_end}
    closed = {name for name, is_end, _ in found if is_end}
    marks = [tag for name, is_end, tag in found if not is_end and _is_markup(name, tag, closed)]
    if not marks:
        return _are_paragraphs(found, text)
    xml = {name for name in opened & closed if name not in ELEMENTS and name.partition(":")[0] not in OFFICE}
    first = marks[0].start()
    if any(name in xml for name, _, tag in found if tag.start() < first):
        return False
    return _begins_with_an_element(found, text, closed) or "\n" not in text[:first].lstrip()


def is_escaped_text(text: str) -> bool:
    """Whether a text without tags is written with HTML's entities throughout, such as ``Ben &amp; Ana``.

    A program that does so writes them for the signs of HTML and for letters, and leaves no ``&`` as it is.
    """
    entities = _ENTITY.findall(text)
    written = {unescape(entity) for entity in entities}
    return len(entities) == text.count("&") and all(
        sign in _SIGNS_THAT_ARE_WRITTEN_SO or sign.isalpha() for sign in written
    )


def _begins_with_an_element(found: list[tuple[str, bool, re.Match[str]]], text: str, closed: set[str]) -> bool:
    name, _, tag = found[0]
    is_first = not text[: tag.start()].strip("\ufeff \t\r\n")
    return is_first and name in ELEMENTS and (name in closed or name in VOID or name in END_IS_OPTIONAL)


def _is_markup(name: str, tag: re.Match[str], closed: set[str]) -> bool:
    if name in ("br", "hr"):
        return True
    if name == "img":
        return "src" in tag["rest"].lower() or "alt" in tag["rest"].lower()
    if name == "a":
        return name in closed and "href" in tag["rest"].lower()
    if name in closed:
        return name in BLOCKS or name in _MAIL_ELEMENTS
    return name in STRUCTURE and "=" in tag["rest"]


def _are_paragraphs(found: list[tuple[str, bool, re.Match[str]]], text: str) -> bool:
    """Whether the only markup is ``<p>`` or ``<li>`` without end tags, as old programs wrote it."""
    bare = [tag for name, is_end, tag in found if not is_end and name in ("p", "li", "td")]
    return len(bare) > 1 and (len(bare) == len(found) or text.lstrip().startswith(bare[0].group()))
