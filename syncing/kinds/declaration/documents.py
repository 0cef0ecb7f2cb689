"""Renders the Markdown text of synced nodes; texts of Codex are escaped or converted from HTML.

The headings are those of the previous application, because its users search for them.
"""

import re
from collections.abc import Iterable

import html_to_markdown

from tree.text.escaping import escaped

DOCUMENT_VERSION = 1  # increase it when the text of a kind changes, so that every node is rendered again
_HEAD = re.compile(r"<(?:head|meta|title)\b", re.IGNORECASE)
_WITHOUT_METADATA = html_to_markdown.ConversionOptions(extract_metadata=False)


def facts_document(title: str, facts: Iterable[tuple[str, str | None]]) -> str:
    """A heading, then one line for each fact that Codex has. ``title`` is Markdown; ``facts`` are (label, text)."""
    lines = [f"- **{label}:** {escaped(value)}" for label, value in facts if value]
    return "\n".join([f"# {title}", "", *lines, ""])


def yes_or_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def text_as_markdown(text: str) -> str:
    """Convert HTML to Markdown; plain text keeps its line breaks."""
    if "<" not in text and "&" not in text:
        typed = text.replace("\\", "\\\\")  # technicians paste Windows paths
        return "  \n".join(line.rstrip() for line in typed.strip().splitlines())
    try:
        options = _WITHOUT_METADATA if _HEAD.search(text) else None  # options cost as much as the conversion
        markdown = (html_to_markdown.convert(text, options).content or "").strip()
    except html_to_markdown.ConversionError:
        return escaped(text)
    return markdown or escaped(text)  # extremely nested HTML is converted to nothing; the text must not be lost
