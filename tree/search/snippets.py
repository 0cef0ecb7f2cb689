"""Snippets of search results, in parts that are highlighted or not; never HTML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from tree.graph.folding import folded, joined
from tree.graph.values import Hit
from tree.kinds import NODE_CLASS
from tree.kinds.declaration.fields import Sort
from tree.search.typed import Typed
from tree.text.plain import without_markup

_MIN_NUMBER = 4  # digits: fewer are the words of a name
_WIDTH = 180
_LEAD = 60
_BLANKS = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_SEPARATED = re.compile(r"\d+(?:[.:/-]\d+)+")  # an address, or another number in parts


@dataclass(frozen=True)
class Part:
    text: str
    is_hit: bool


def marked(text: str, typed: Typed) -> list[Part]:
    """The whole text in parts; those that match a typed word are marked, or else its letters and digits.

    The parts of a number are no words: the ``19`` of ``10.0.3.19`` is not that of ``LT-197``.
    """
    parts = _parts(text, [] if _SEPARATED.fullmatch(typed.text) else typed.to_mark)
    return parts if any(part.is_hit for part in parts) else _spelled(text, "".join(typed.to_mark)) or parts


def snippet(hit: Hit, typed: Typed) -> list[Part]:
    """The number or address that matches; or about 180 characters around the first match in the text; or a field."""
    if parts := number_hit(hit, typed):
        return parts
    words = typed.to_mark
    text = _BLANKS.sub(" ", hit.text if hit.file else without_markup(hit.text)).strip()
    first = next((m.start() for m in _WORD.finditer(text) if _matches(m.group(), words)), None)
    if first is None:
        field = _matching_field(hit, words)
        return _parts(field, words) if field else _parts(_cut(text, 0), [])
    return _parts(_cut(text, max(0, first - _LEAD)), words)


def number_hit(hit: Hit, typed: Typed) -> list[Part]:
    """The field with the phone number, address or other number that was typed: ``Mobile: +1 (555) 010-0123``.

    Empty if something else matches.
    """
    whole = typed.phone[-10:] or joined("".join(typed.words))
    if len(whole) < _MIN_NUMBER or not (any(map(str.isdigit, whole)) or "@" in typed.text):
        return []
    for label, sort, value in _labelled(hit):
        if typed.network:
            parts = [Part(value, True)] if sort is Sort.IP and _is_in(value, typed) else []
        else:
            parts = _spelled(value, whole)
        if parts:
            return [Part(f"{label}: ", False), *parts]
    return []


def _labelled(hit: Hit) -> Iterator[tuple[str, Sort, str]]:
    """The searched fields that a page shows, each value with its label, without what the title of the hit shows."""
    facts = hit.facts or hit.row.fields
    for name, field in NODE_CLASS[hit.row.kind].fields().items():
        value = facts.get(name) if field.searched and field.label else None
        for one in value if isinstance(value, list) else [value] if value else []:
            if str(one) not in hit.row.title:
                yield field.label, field.sort, str(one)


def _is_in(value: str, typed: Typed) -> bool:
    try:
        address = ip_address(value)
    except ValueError:
        return False
    first, last = typed.network or (address, address)
    return address.version == first.version and int(first) <= int(address) <= int(last)


def _spelled(text: str, whole: str) -> list[Part]:
    """The text in parts if it has these letters and digits, with anything between them; else none."""
    places = [(place, letter) for place, sign in enumerate(text) for letter in joined(sign)]
    start = "".join(letter for _, letter in places).rfind(whole) if whole else -1
    if start < 0:
        return []
    first, last = places[start][0], places[start + len(whole) - 1][0] + 1
    parts = Part(text[:first], False), Part(text[first:last], True), Part(text[last:], False)
    return [part for part in parts if part.text]


def _matching_field(hit: Hit, words: list[str]) -> str:
    for label, _, value in _labelled(hit):
        if any(_matches(word, words) for word in _WORD.findall(value)):
            return f"{label}: {value}"
    return ""


def _cut(text: str, start: int) -> str:
    if start:
        start = text.find(" ", start) + 1 or start
    piece = text[start : start + _WIDTH]
    if start + _WIDTH < len(text):
        piece = piece.rsplit(" ", 1)[0] + " …"
    return ("… " if start else "") + piece


def _parts(text: str, words: list[str]) -> list[Part]:
    parts, end = [], 0
    for match in _WORD.finditer(text):
        if words and _matches(match.group(), words):
            parts += [Part(text[end : match.start()], False), Part(match.group(), True)]
            end = match.end()
    return [part for part in [*parts, Part(text[end:], False)] if part.text]


def _matches(word: str, words: list[str]) -> bool:
    plain = folded(word)
    return any(plain == w for w in words[:-1]) or (bool(words) and plain.startswith(words[-1]))
