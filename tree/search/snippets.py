"""Snippets of search results, in parts that are highlighted or not; never HTML."""

import re
from dataclasses import dataclass
from html import unescape

from tree.graph.values import Hit
from tree.kinds import NODE_CLASS
from tree.search.query_syntax import folded, search_words

_WIDTH = 180
_LEAD = 60
# Markup, which is left out. An escaped sign and an ``_`` within a word are text: SRV_DB_01 is shown as it is.
_MARKUP = re.compile(
    r"\\(?P<sign>[!-/:-@\[-`{-~])|\]\([^()\s]*\)|<br>|^(?: {0,3}>)+|^ {0,3}(?:#{1,6}|[-+]) |[*`|]+|~~|[\[\]]"
    r"|(?<![^\W_])_+|_+(?![^\W_])|(?<![^\s|])(?:-{3,}|:-+:?|-+:)(?![^\s|])",
    re.MULTILINE,
)
_BLANKS = re.compile(r"\s+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Part:
    text: str
    is_hit: bool


def marked(text: str, query: str) -> list[Part]:
    """The whole text in parts; those that match a word of the query are marked."""
    return _parts(text, search_words(query))


def snippet(hit: Hit, query: str) -> list[Part]:
    """About 180 characters around the first match in the content, or else the field that matches."""
    words = search_words(query)
    text = _BLANKS.sub(" ", hit.text if hit.file else _without_markup(hit.text)).strip()
    first = next((m.start() for m in _WORD.finditer(text) if _matches(m.group(), words)), None)
    if first is None:
        field = _matching_field(hit, words)
        return _parts(field, words) if field else _parts(_cut(text, 0), [])
    return _parts(_cut(text, max(0, first - _LEAD)), words)


def _without_markup(markdown: str) -> str:
    return unescape(_MARKUP.sub(lambda found: found["sign"] or " ", markdown))


def _matching_field(hit: Hit, words: list[str]) -> str:
    for name, field in NODE_CLASS[hit.row.kind].fields().items():
        value = str(hit.row.fields.get(name) or "") if field.searched and field.label else ""
        if any(_matches(word, words) for word in _WORD.findall(value)):
            return f"{field.label}: {value}"
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
