"""Plain text within Markdown."""

import re

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")
_BREAKS = re.compile(r"\s*[\r\n\x00-\x1f]\s*")


def escaped(text: str) -> str:
    """One line in which nothing is markup."""
    return _MARKUP.sub(r"\\\1", _BREAKS.sub(" ", text).strip())
