"""Escaping of plain text for use in Markdown."""

import re

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")
_TO_CHANGE = re.compile(r"[\\`*_\[\]<>#|~\x00-\x1f]|^\s|\s\Z")
_BREAKS = re.compile(r"\s*[\r\n\x00-\x1f]\s*")


def escaped(text: str) -> str:
    """The text as a single line in which no character acts as markup."""
    if not _TO_CHANGE.search(text):  # fast path: most texts are facts that need no escaping
        return text
    return _MARKUP.sub(r"\\\1", _BREAKS.sub(" ", text).strip())
