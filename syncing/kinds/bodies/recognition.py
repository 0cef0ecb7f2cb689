"""Tells HTML from text in which somebody typed a ``<``.

A mail client writes the brackets of a text as ``&lt;``, so text is HTML if it has tags that only markup has: elements
of HTML that are closed as they should be, line breaks, pictures. Addresses, placeholders, generics and XML have none.
A tag that is a word of a sentence (“use <br> for a break”) proves nothing, nor do a few tags in a text that breaks its
lines itself. Where both can be meant, it is taken for text, which then shows more than was meant, and loses nothing.
"""

import re
from html import unescape

from tree.text.html.tags import BLOCKS, ELEMENTS, END_IS_OPTIONAL, OFFICE, STRUCTURE, VOID, names, tags_of

_DOCUMENT = re.compile(
    r"\s*+(?:<\?xml[^<>]*+>\s*+)?(?:<!--(?:[^-]|-(?!->))*+-->\s*+)*+<(?:!doctype\s+html|html)\b", re.I
)
_MAIL_ELEMENTS = names("b strong i em u s strike font span a small big sub sup tt label del ins center")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,10}|#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6});")
_PICTURE_OF_A_MAIL = re.compile(r"""\bsrc\s*=\s*(?:["']\s*)?+(?:https?:|cid:|//|(?<=["'])["']|$)|\balt\s*=""", re.I)
_UNSEEN = names("style script title head xml")
_OPENING_MARKS, _CLOSING_MARKS = "(\"'`", ".,;:!?)\"'`"
_MOST_MENTIONED_BREAKS = 2  # more of them are how a program joins its lines
_NEAR = 8  # characters around a tag that tell whether it is a word of a sentence
_INSIDE, _BREAK = "x", "\0"  # what tags become where bare line breaks are counted
_BARE_BREAK = re.compile(r"(?<=[^\s\0])[^\S\n]*+\n\s*+(?=[^\s\0])")
_SIGNS_THAT_ARE_WRITTEN_SO = frozenset("&<>\"'\u00a0")
_Tag = tuple[str, bool, "re.Match[str]"]  # name, whether it is an end tag


def is_html(text: str) -> bool:
    """Whether this body is HTML."""
    if _is_document(text):
        return True
    found = [(tag["name"].lower(), bool(tag["end"]), tag) for tag in tags_of(text) if tag["name"]]
    if len(found) == 1 and text.startswith("<") and _is_before_a_word(text, found[0][2].end()):
        return False  # “<br> is shown in the subject”
    opened = {name for name, is_end, _ in found if not is_end}
    closed = {name for name, is_end, _ in found if is_end}
    mentioned = _mentioned(found, text)
    meant = [one for number, one in enumerate(found) if number not in mentioned]
    marks = [tag for name, is_end, tag in meant if not is_end and _is_markup(name, tag, closed)]
    if not marks:
        return _are_paragraphs(meant, text)
    xml = {name for name in opened & closed if name not in ELEMENTS and name.partition(":")[0] not in OFFICE}
    first = marks[0].start()
    if any(name in xml for name, _, tag in found if tag.start() < first):
        return False
    begins_so = _begins_with_an_element(found, text, closed) or "\n" not in text[:first].lstrip()
    return begins_so and not _breaks_its_lines(found, mentioned, text)


def _is_document(text: str) -> bool:
    """Whether it begins as a whole document does, and not with a sentence about ``<html>``."""
    begins = _DOCUMENT.match(text)
    return begins is not None and ("</" in text or not _is_before_a_word(text, text.find(">", begins.end()) + 1))


def is_escaped_text(text: str) -> bool:
    """Whether a text without tags is written with HTML's entities throughout, such as ``Ben &amp; Ana``.

    A program that does so writes them for the signs of HTML and for letters, and leaves no ``&`` as it is.
    """
    entities = _ENTITY.findall(text)
    written = {unescape(entity) for entity in entities}
    return len(entities) == text.count("&") and all(
        sign in _SIGNS_THAT_ARE_WRITTEN_SO or sign.isalpha() for sign in written
    )


def _mentioned(found: list[_Tag], text: str) -> set[int]:
    """The numbers of the tags that are words of a sentence: a blank and a word before, a blank or a mark behind."""
    numbers: set[int] = set()
    closed = {name for name, is_end, _ in found if is_end}
    for number, (name, is_end, tag) in enumerate(found):
        may_be_one = name in BLOCKS or name == "br" or (name in STRUCTURE and name not in closed)
        if is_end or not may_be_one or not _is_behind_a_word(text, tag.start()):
            continue
        last = _end_of(found, number)
        if _is_before_a_word(text, found[last][2].end()):
            numbers.update((number, last))
    breaks = {number for number in numbers if found[number][0] == "br"}
    return numbers - breaks if len(breaks) > _MOST_MENTIONED_BREAKS else numbers


def _end_of(found: list[_Tag], number: int) -> int:
    """The number of the tag that ends this element, if it holds no other element of its kind; else its own number."""
    name = found[number][0]
    for place in range(number + 1, min(len(found), number + _NEAR)):
        if found[place][0] == name:
            return place if found[place][1] else number
    return number


def _is_behind_a_word(text: str, place: int) -> bool:
    before = text[max(0, place - _NEAR) : place].rstrip(_OPENING_MARKS)
    word = before.rstrip(" \t")
    return len(word) < len(before) and word[-1:] not in ("", ">", "\n", "\r")


def _is_before_a_word(text: str, place: int) -> bool:
    after = text[place : place + _NEAR]
    word = after.lstrip(" \t")
    return word[:1] not in ("", "<", "\r", "\n") and (len(word) < len(after) or word[0] in _CLOSING_MARKS)


def _breaks_its_lines(found: list[_Tag], mentioned: set[int], text: str) -> bool:
    """Whether outside of all blocks there are at least as many bare line breaks as tags that break lines.

    In HTML, such line breaks are blanks; in a text in which somebody named tags, they are its lines.
    """
    pieces: list[str] = []
    closed = {name for name, is_end, _ in found if is_end}
    position = depth = breaking = 0
    for number, (name, is_end, tag) in enumerate(found):
        pieces.append("" if depth else text[position : tag.start()])
        position = tag.end()
        is_block = name in BLOCKS or name in _UNSEEN
        is_in_a_word = (
            name not in closed
            and name not in VOID
            and text[max(0, tag.start() - 1) : tag.start()] not in ("", "\n", ">")
        )
        if number in mentioned or is_in_a_word or (not is_block and name != "br"):
            pieces.append(_INSIDE)
            continue
        pieces.append(_BREAK)
        breaking += not is_end and name not in _UNSEEN
        if is_block and name not in VOID:
            depth = max(0, depth - 1) if is_end else depth + 1
    pieces.append("" if depth else text[position:])
    return 0 < breaking <= len(_BARE_BREAK.findall("".join(pieces)))


def _begins_with_an_element(found: list[_Tag], text: str, closed: set[str]) -> bool:
    name, _, tag = found[0]
    is_first = not text[: tag.start()].strip("\ufeff \t\r\n")
    return is_first and name in ELEMENTS and (name in closed or name in VOID or name in END_IS_OPTIONAL)


def _is_markup(name: str, tag: re.Match[str], closed: set[str]) -> bool:
    if name in ("br", "hr"):
        return True
    if name == "img":
        return _PICTURE_OF_A_MAIL.search(tag["rest"]) is not None
    if name == "a":
        return name in closed and "href" in tag["rest"].lower()
    if name in closed:
        return name in BLOCKS or name in _MAIL_ELEMENTS
    return name in STRUCTURE and "=" in tag["rest"]


def _are_paragraphs(found: list[_Tag], text: str) -> bool:
    """Whether the only markup is ``<p>`` or ``<li>`` without end tags, as old programs wrote it."""
    bare = [tag for name, is_end, tag in found if not is_end and name in ("p", "li", "td")]
    return len(bare) > 1 and (len(bare) == len(found) or text.lstrip().startswith(bare[0].group()))
