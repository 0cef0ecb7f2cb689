"""HTML as Markdown. Loading this module takes a while, because of the converter."""

import re

import html_to_markdown

from tree.text.html.preparation import MAIL, Form, depth, prepared, text_alone
from tree.text.html.signs import shown, visible

SAFE_TAGS = _SAFE_DEPTH = 400  # half of what the converter takes, whatever an element costs it
_WORD = re.compile(r"\w+")
_CELL_END, _CELL_START = (
    re.compile(r"(?<! )(?<!<br>)(?:(?: *<br>)++ *+| {2,}+)(?=\|)"),
    re.compile(r"(?<=\| )(?:<br>)+"),
)
_EMPTY_LINES = re.compile(r"(?:<br> *){2,}")


def html_as_markdown(html: str, form: Form = MAIL) -> str:
    """Markdown that shows the HTML as it was meant; no sign of its texts acts as markup."""
    return visible(_narrow(shown(_whole(prepared(html, form)))))


def converted(html: str) -> str:
    """Markdown for HTML; empty if the converter gives up on it, as it does when elements are nested too deeply."""
    try:
        return (html_to_markdown.convert(html).content or "").strip()
    except html_to_markdown.ConversionError:
        return ""


def _whole(prepared_html: str) -> str:
    """Markdown for prepared HTML; without its form if it is nested so deeply that the converter leaves words out."""
    markdown = converted(prepared_html)
    if markdown and (prepared_html.count("<") <= SAFE_TAGS or depth(prepared_html) <= _SAFE_DEPTH):
        return markdown
    words = text_alone(prepared_html)
    is_whole = markdown and set(_WORD.findall(markdown)).issuperset(_WORD.findall(words))
    return markdown if is_whole else words


def _narrow(markdown: str) -> str:
    """Markdown without the blanks that pad the cells of its tables, and without line breaks around their texts."""
    if "\n| " not in f"\n{markdown}":
        return markdown
    lines = markdown.split("\n")
    return "\n".join(_narrow_row(line) if line.startswith("|") else line for line in lines)


def _narrow_row(row: str) -> str:
    return _EMPTY_LINES.sub("<br>", _CELL_START.sub("", _CELL_END.sub(" ", row)))
