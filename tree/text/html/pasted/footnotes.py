"""Notes at the foot of a text, in whatever way it writes them: two links that lead to each other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2s

from tree.text.html.pasted.elements import Element

_BLOCKS = frozenset(("p", "li", "div", "dd"))
_LONGEST = 4000  # characters of a note; a longer one is a part of the text


@dataclass
class _Anchors:
    """Where the ids of a text are, and the links that lead within it."""

    holders: dict[str, list[Element]] = field(default_factory=dict)  # by id: the element and those around it
    links: list[tuple[str, Element, list[Element]]] = field(default_factory=list)  # target, link, those around it


def with_footnotes(root: Element) -> dict[str, Element]:
    """Turn the marks of footnotes into elements ``note`` with the id of their note; returns the notes by id.

    The notes are taken from their place.
    """
    anchors = _Anchors()
    _collect(root, [], anchors)
    backwards = {id(link): target for target, link, _ in anchors.links}
    notes: dict[str, Element] = {}
    taken: dict[int, str] = {}
    for target, link, around in anchors.links:
        holder = anchors.holders.get(target)
        if not holder or id(link) in taken:
            continue
        own = {name for element in (link, *around[-2:]) for name in _names(element)}
        note = _block_of(holder)
        back = [inner for inner in _links(note) if backwards.get(id(inner)) in own]
        if not back or any(element is note for element in around) or len(note.text()) > _LONGEST:
            continue
        if (key := taken.get(id(note))) is None:
            key = f"{len(notes) + 1}-{blake2s(note.text().encode(), digest_size=2).hexdigest()}"
            notes[key] = Element("div", {}, note.children)
            taken[id(note)] = key
        for inner in back:
            taken[id(inner)] = key
            inner.tag, inner.children, inner.attributes = "span", [], {}
        link.tag, link.children, link.attributes = "note", [], {"id": key}
    if notes:
        _take_away(root, set(taken))
    return notes


def _collect(element: Element, around: list[Element], anchors: _Anchors) -> None:
    path = [*around, element]
    for name in _names(element):
        anchors.holders.setdefault(name, path)
    address = element.get("href")
    if element.tag == "a" and "#" in address:
        anchors.links.append((address.partition("#")[2], element, around))
    for child in element.elements():
        _collect(child, path, anchors)


def _names(element: Element) -> list[str]:
    return [name for name in (element.get("id"), element.get("name")) if name]


def _block_of(holder: list[Element]) -> Element:
    """The whole note: the entry or paragraph that an anchor is in."""
    for place in range(len(holder) - 1, 0, -1):
        if holder[place].tag in _BLOCKS:
            above = holder[place - 1]
            return above if above.tag == "div" and above.get("id") and place > 1 else holder[place]
    return holder[-1]


def _links(element: Element) -> Iterator[Element]:
    return (inner for inner in element.all() if inner.tag == "a")


def _take_away(element: Element, taken: set[int]) -> None:
    is_list_of_word = "mso-element:footnote-list" in element.get("style").replace(" ", "")
    element.children = [
        child
        for child in element.children
        if isinstance(child, str) or not (id(child) in taken or (is_list_of_word and child.tag in ("hr", "br")))
    ]
    for child in element.elements():
        _take_away(child, taken)
