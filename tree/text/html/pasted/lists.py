"""Lists as they are meant: entries in lists, lists in entries.

Word writes each entry as a paragraph whose style names its list and its level, with the number or dot as text. Word on
the web writes each as a list of its own with a level. Google Docs and Outlook put lists directly into lists.
"""

import re
from dataclasses import dataclass

from tree.text.html.pasted.elements import BLOCKS, Element

_OF_LIST = re.compile(r"mso-list\s*:\s*(?P<list>[^\s;]{1,40})\s+level(?P<level>[1-9])(?:\s+(?P<format>[^\s;]{1,40}))?")
_IGNORED = re.compile(r"mso-list\s*:\s*ignore", re.IGNORECASE)
_NUMBER = re.compile(r"\(?(?:[0-9]{1,9}[.)-]?|(?:[0-9]{1,4}\.){1,8}[0-9]{1,4}\.?|[A-Za-z]{1,7}[.)])")
_OF_CLASS = re.compile(r"^MsoList(?:Bullet|Number|Continue)?([2-5])?")
_CONTINUED = "MsoListParagraph"
_DEEPEST = 9


@dataclass
class _Entry:
    """What is known of an entry: how deep it is, which list it belongs to, its number."""

    level: int
    of_list: str
    is_numbered: bool
    number: str
    content: Element


def with_lists(element: Element) -> None:
    """Turn what is a list entry by its style into one of a list, here and in all elements below."""
    children: list[Element | str] = []
    open_lists: list[tuple[int, str, Element]] = []
    for child in _without_wrappers(element.children):
        if isinstance(child, str) and not child.strip():
            children.append(child)
            continue
        found = _entries(child) if isinstance(child, Element) else []
        if found:
            for entry in found:
                _add(entry, open_lists, children)
        elif open_lists and isinstance(child, Element) and _goes_on(child):
            open_lists[-1][2].elements()[-1].children.append(child)
        else:
            open_lists.clear()
            children.append(child)
    element.children = children
    for inner in element.elements():
        with_lists(inner)
        if inner.tag in ("ul", "ol"):
            _with_entries_only(inner)


def _without_wrappers(children: list[Element | str]) -> list[Element | str]:
    """The children; Word on the web puts each list into a block of its own."""
    plain: list[Element | str] = []
    for child in children:
        if isinstance(child, Element) and child.get("class").startswith("ListContainerWrapper"):
            plain += child.children
        else:
            plain.append(child)
    return plain


def _entries(child: Element) -> list[_Entry]:
    """The entries that an element stands for; none if it is no list of Word."""
    if child.tag == "p":
        entry = _entry_of_word(child)
        return [entry] if entry else []
    if child.tag in ("ul", "ol"):
        inner = child.elements()
        if inner and all(one.tag == "li" and one.get("data-aria-level") for one in inner):
            return [_entry_of_web(child, one, place) for place, one in enumerate(inner)]
    return []


def _entry_of_word(paragraph: Element) -> _Entry | None:
    mark = _take_mark(paragraph)
    found = _OF_LIST.search(paragraph.get("style"))
    if found is None and mark is None:
        return None
    by_class = _OF_CLASS.match(paragraph.get("class"))
    level = int(found["level"]) if found else int(by_class[1] or 1) if by_class else 1
    text = " ".join((mark or "").split())
    number = text.strip("().-").rpartition(".")[2]
    of_list = f"{found['list']} {found['format']}" if found else ""
    return _Entry(level, of_list, _NUMBER.fullmatch(text) is not None, number, Element("li", {}, paragraph.children))


def _entry_of_web(of_list: Element, entry: Element, place: int) -> _Entry:
    level = entry.get("data-aria-level")
    start = of_list.get("start")
    number = str(int(start) + place) if start.isdecimal() and len(start) < 9 else ""
    depth = min(int(level), _DEEPEST) if level.isdecimal() and len(level) < 3 else 1
    return _Entry(depth, "", of_list.tag == "ol", number, entry)


def _take_mark(element: Element) -> str | None:
    """Take the number or dot of an entry out of its paragraph; None if there is none."""
    for place, child in enumerate(element.children):
        if not isinstance(child, Element):
            continue
        if _IGNORED.search(child.get("style")):
            del element.children[place]
            return child.text()
        if (mark := _take_mark(child)) is not None:
            return mark
    return None


def _add(entry: _Entry, open_lists: list[tuple[int, str, Element]], children: list[Element | str]) -> None:
    """Put an entry into the list of its level, which begins if there is none."""
    tag = "ol" if entry.is_numbered else "ul"
    while open_lists and open_lists[-1][0] > entry.level:
        open_lists.pop()
    if open_lists and open_lists[-1][0] == entry.level:
        _, of_list, opened = open_lists[-1]
        if opened.tag != tag or of_list != entry.of_list:
            open_lists.pop()
    if not open_lists or open_lists[-1][0] < entry.level:
        has_start = entry.is_numbered and entry.number.isdecimal() and entry.number != "1"
        begun = Element(tag, {"start": entry.number} if has_start else {})
        where = open_lists[-1][2].elements()[-1].children if open_lists else children
        where.append(begun)
        open_lists.append((entry.level, entry.of_list, begun))
    open_lists[-1][2].children.append(entry.content)


def _goes_on(child: Element) -> bool:
    """Whether this is a further paragraph of the entry before it."""
    return child.tag == "p" and child.get("class").startswith(_CONTINUED)


def _with_entries_only(element: Element) -> None:
    """Put what stands in a list, but in no entry, into the entry before it."""
    entries: list[Element] = []
    for child in element.children:
        if isinstance(child, str) and not child.strip():
            continue
        if isinstance(child, Element) and child.tag == "li":
            entries.append(child)
        elif entries:
            entries[-1].children.append(child)
        else:
            entries.append(Element("li", {}, [child]))
    for entry in entries:
        _unwrap_only_paragraph(entry)
    element.children = [*entries]


def _unwrap_only_paragraph(entry: Element) -> None:
    """An entry of one paragraph is a line, without an empty one before the next."""
    blocks = [child for child in entry.elements() if child.tag in BLOCKS - {"ul", "ol"}]
    if len(blocks) == 1 and blocks[0].tag in ("p", "div") and not blocks[0].has_blocks():
        place = entry.children.index(blocks[0])
        entry.children[place : place + 1] = blocks[0].children
