"""Escaping of plain text for use in Markdown."""

import re

_MARKUP = re.compile(r"([\\`*\[\]<>#|~]|(?<![^\W_])_|_(?![^\W_]))")  # within a word, ``_`` is none: SRV_DB_01
_ENTITY = re.compile(r"&(?=#?\w{1,32};)")
_TO_CHANGE = re.compile(r"[\\`*_\[\]<>#|~&\x00-\x1f]")
_BREAKS = re.compile(r"[\x00-\x1f]+")


def escaped(text: str) -> str:
    """The text as a single line in which no character acts as markup."""
    if not _TO_CHANGE.search(text) and text == text.strip():  # fast path: most texts are facts that need no escaping
        return text
    parts = (part.strip() for part in _BREAKS.split(text))
    return _ENTITY.sub("&amp;", _MARKUP.sub(r"\\\1", " ".join(part for part in parts if part)))


def link(text: str, address: str) -> str:
    """The Markdown of a link that shows this text as it is. ``address`` is quoted already."""
    shown = escaped(text).replace("\\#", "#")  # within brackets, no heading begins
    return f"[{shown}]({address.replace('(', '%28').replace(')', '%29')})"
