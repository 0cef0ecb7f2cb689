"""Makes Markdown of a body. Loading this module takes a while, so ``text_as_markdown`` does so when it is needed."""

import re
from html import unescape

import html_to_markdown

from syncing.kinds.bodies.pictures import without_pictures
from syncing.kinds.bodies.plain import plain_as_markdown
from syncing.kinds.bodies.recognition import is_escaped_text, is_html
from tree.text.html.preparation import depth, prepared, text_alone
from tree.text.html.signs import shown, visible

# HTML that the converter can take as it is, which is most of what ticket systems write: no sign in its texts that
# Markdown knows, no emphasis within emphasis, no lines in the cells of its tables.
_SIGN = r"<>&*_`\[\]~|\\#\r\n\ufdd0-\ufdef"
_MORE = rf"(?:&(?:#x27|#39|quot|nbsp);[^{_SIGN}]*+)*+"
_TEXT = rf"(?!\s*(?:[-+=:]|[0-9]{{1,9}}[.)]))[^{_SIGN}]*+{_MORE}"
_CELL = rf"[^{_SIGN}]{{0,200}}+"
_ROW = rf"<tr>(?:<t[dh]>{_CELL}</t[dh]>){{2,}}</tr>"
_SIMPLE_HTML = re.compile(
    rf"(?:[^{_SIGN}\s0-9+=:-]{_TEXT}(?=<(?:br/?>|(?P<first>p|b)>{_TEXT}<(?:a|/(?P=first)>))))?"
    rf"(?:</?(?:p|div|br|ul|ol|li|a href|a(?=>))(?:[ =/][^<>\r\n]*+)?>{_TEXT}"
    rf"|</?blockquote(?: type=\"cite\")?>{_TEXT}"
    rf"|<(?P<tag>b|strong|i|em)>{_TEXT}</(?P=tag)>(?!<[bise])[^{_SIGN}]*+{_MORE}"
    rf"|<img src=\"https?://[^{_SIGN}]++>{_TEXT}"
    rf"|<table>{_ROW}(?:{_ROW})++</table>{_TEXT})++"
)
_MOST_SIMPLE_QUOTES = 3
_SAFE_TAGS = _SAFE_DEPTH = 400  # half of what the converter takes, whatever an element costs it
_WORD = re.compile(r"\w+")
_PARAGRAPH = re.compile(rf"<(p|div)>({_TEXT})</\1>")
_CELL_END, _CELL_START = (
    re.compile(r"(?<! )(?<!<br>)(?:(?: *<br>)++ *+| {2,}+)(?=\|)"),
    re.compile(r"(?<=\| )(?:<br>)+"),
)
_EMPTY_LINES = re.compile(r"(?:<br> *){2,}")


def body_as_markdown(text: str) -> str:
    """See ``text_as_markdown``."""
    text = without_pictures(text)
    if "<" not in text:
        return plain_as_markdown(unescape(text) if "&" in text and is_escaped_text(text) else text)
    if paragraph := _PARAGRAPH.fullmatch(text):
        return unescape(paragraph[2]).strip()
    is_simple = _is_simple(text)
    if is_simple and text.startswith("<"):
        return visible(_converted(text))
    if not is_html(text):
        return plain_as_markdown(text)
    if is_simple:
        return visible(_converted(text))
    html = prepared(text)
    return visible(_narrow(shown(_whole(html))))


def _is_simple(html: str) -> bool:
    has_table_in_list = "<table" in html and "<li" in html
    return (
        not has_table_in_list
        and html.count("<") - html.count("<br") <= 2 * _SAFE_TAGS  # most of them have an end
        and html.count("<blockquote") <= _MOST_SIMPLE_QUOTES
        and _SIMPLE_HTML.fullmatch(html) is not None
    )


def _whole(prepared_html: str) -> str:
    """Markdown for prepared HTML; without its form if it is nested so deeply that the converter leaves words out."""
    markdown = _converted(prepared_html)
    if markdown and (prepared_html.count("<") <= _SAFE_TAGS or depth(prepared_html) <= _SAFE_DEPTH):
        return markdown
    words = text_alone(prepared_html)
    is_whole = markdown and set(_WORD.findall(markdown)).issuperset(_WORD.findall(words))
    return markdown if is_whole else words


def _converted(html: str) -> str:
    """Markdown for HTML; empty if the converter gives up on it, as it does when elements are nested too deeply."""
    try:
        return (html_to_markdown.convert(html).content or "").strip()
    except html_to_markdown.ConversionError:
        return ""


def _narrow(markdown: str) -> str:
    """Markdown without the blanks that pad the cells of its tables, and without line breaks around their texts."""
    if "\n| " not in f"\n{markdown}":
        return markdown
    lines = markdown.split("\n")
    return "\n".join(_narrow_row(line) if line.startswith("|") else line for line in lines)


def _narrow_row(row: str) -> str:
    return _EMPTY_LINES.sub("<br>", _CELL_START.sub("", _CELL_END.sub(" ", row)))
