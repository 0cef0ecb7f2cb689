"""The table of contents of a long text, read from its HTML."""

import re
from dataclasses import dataclass
from html import unescape

MOST = 200  # headings that are listed
_FEWEST = 3
_LEVELS = 3  # below the highest one
_SCREEN_LINES, _LINE_CHARACTERS = 40, 90

_OPENED = re.compile(r'<h([2-6])\b[^<>]*\bid="([^"<>]*)"[^<>]*>')
_NOTE_NUMBER = re.compile(r'<sup\b[^<>]*><a class="footnote-ref"[^<>]*>[^<>]*</a></sup>')
_TAG = re.compile(r'<(?:[^<>"]++|"[^"]*+")*+>')


@dataclass(frozen=True)
class Heading:
    """A heading of a text: its anchor, its words, and how deep it lies below the highest one (from 0)."""

    anchor: str
    title: str
    depth: int


def contents(text: str, html: str) -> list[Heading]:
    """The headings of a text that is longer than a screen and has three or more of them; otherwise none.

    ``html`` is the sanitised HTML of the text; its headings have anchors.
    """
    if _lines(text) <= _SCREEN_LINES:
        return []
    found = _headings(html)
    highest = min((level for level, _, _ in found), default=0)
    listed = [Heading(anchor, title, level - highest) for level, anchor, title in found if level < highest + _LEVELS]
    return listed[:MOST] if len(listed) >= _FEWEST else []


def _lines(text: str) -> int:
    """The lines of a text on a page, nearly: long ones take several."""
    return sum(1 + len(line) // _LINE_CHARACTERS for line in text.splitlines() if line.strip())


def _headings(html: str) -> list[tuple[int, str, str]]:
    """Level, anchor and words of each heading that has words."""
    found = []
    for opened in _OPENED.finditer(html):
        end = html.find(f"</h{opened[1]}>", opened.end())
        if end < 0:
            break
        words = _TAG.sub("", _NOTE_NUMBER.sub("", html[opened.end() : end]))
        title = " ".join(unescape(words).split())
        if title:
            found.append((int(opened[1]), unescape(opened[2]), title))
    return found
