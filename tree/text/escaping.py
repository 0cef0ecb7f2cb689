"""Plain text within Markdown."""

import re

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")
_TO_CHANGE = re.compile(r"[\\`*_\[\]<>#|~\x00-\x1f]|^\s|\s\Z")
_BREAKS = re.compile(r"\s*[\r\n\x00-\x1f]\s*")


def escaped(text: str) -> str:
    """One line in which nothing is markup."""
    if not _TO_CHANGE.search(text):  # most facts need nothing, and are most of the texts
        return text
    return _MARKUP.sub(r"\\\1", _BREAKS.sub(" ", text).strip())
