"""Makes Markdown of a body. Loading this module takes a while, so ``text_as_markdown`` does so when it is needed."""

import re
from html import unescape

from syncing.kinds.bodies.pictures import without_pictures
from syncing.kinds.bodies.plain import plain_as_markdown
from syncing.kinds.bodies.recognition import is_escaped_text, is_html
from tree.text.html.conversion import SAFE_TAGS, converted, html_as_markdown
from tree.text.html.signs import visible

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
_PARAGRAPH = re.compile(rf"<(p|div)>({_TEXT})</\1>")


def body_as_markdown(text: str) -> str:
    """See ``text_as_markdown``."""
    text = without_pictures(text)
    if "<" not in text:
        return plain_as_markdown(unescape(text) if "&" in text and is_escaped_text(text) else text)
    if paragraph := _PARAGRAPH.fullmatch(text):
        return unescape(paragraph[2]).strip()
    is_simple = _is_simple(text)
    if is_simple and text.startswith("<") and "</" in text:
        return visible(converted(text))
    if not is_html(text):
        return plain_as_markdown(text)
    if is_simple:
        return visible(converted(text))
    return html_as_markdown(text)


def _is_simple(html: str) -> bool:
    has_table_in_list = "<table" in html and "<li" in html
    return (
        not has_table_in_list
        and html.count("<") - html.count("<br") <= 2 * SAFE_TAGS  # most of them have an end
        and html.count("<blockquote") <= _MOST_SIMPLE_QUOTES
        and _SIMPLE_HTML.fullmatch(html) is not None
    )
