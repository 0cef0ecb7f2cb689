"""What is copied in other programs becomes the Markdown that somebody would have typed."""

import re

import pytest

from tests.tree.text.clipboards import office, others
from tree.text.html.pasted.conversion import pasted_as_markdown
from tree.text.pasting import MAX_BYTES, NotConverted, clipboard_as_markdown
from tree.text.rendering import to_html

ORIGIN = "http://testserver"
CLIPBOARDS = {
    name: (html, getattr(module, f"{name}_MARKDOWN"))
    for module in (office, others)
    for name, html in vars(module).items()
    if name.isupper() and not name.endswith("_MARKDOWN")
}


def pasted(html: str) -> str:
    return re.sub(r"\[\^1-[0-9a-f]{4}\]", "[^NOTE]", pasted_as_markdown(html, ORIGIN))


@pytest.mark.parametrize("name", CLIPBOARDS)
def test_a_clipboard_becomes_markdown(name: str) -> None:
    html, markdown = CLIPBOARDS[name]
    assert pasted(html) == markdown


def test_a_clipboard_of_windows_has_a_header() -> None:
    header = "Version:0.9\r\nStartHTML:0000000105\r\nEndHTML:0000000200\r\nSourceURL:file:///C:/x.docx\r\n"
    assert pasted(header + "<html><body><!--StartFragment--><p>a <b>b</b></p><!--EndFragment--></body></html>") == (
        "a **b**"
    )


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "| a | b |\n| --- | --- |"),
        ("<table><tr><td><table><tr><td>x</td><td>y</td></tr><tr><td>1</td><td>2</td></tr></table></td></tr></table>",
         "| x | y |\n| --- | --- |\n| 1 | 2 |"),
        (f"<table><tr><td>a</td><td>{'long ' * 200}</td></tr></table>", f"| a | {'long ' * 199}long |\n| --- | --- |"),
        ("<ol><li>a</li></ol><p>between</p><ol start=2><li>b</li></ol>", "1. a\n\nbetween\n\n2. b"),
        ("<ul><li><p>a</p><p>more</p></li><li><p>b</p></li></ul>", "- a\n\n  more\n\n- b"),
        ("<p>1. no list<br>- none<br># none</p>", "1\\. no list\n\\- none\n\\# none"),
        ("<div style='white-space: pre-wrap'>one\n  two</div>", "one\ntwo"),
        ("<p>a&nbsp;b</p><p>&nbsp;</p><p>c</p>", "a b\n\nc"),
        ("<p><b>all</b><b> one</b><b><br>lines</b></p>", "**all one**\n**lines**"),
        ("<b><p>x</p><p>y</p></b>", "**x**\n\n**y**"),
        ("<p>\U0001fffe1\U0001ffff\ufdd0</p>", "\ufffd1\ufffd\ufffd"),
        ("<p style='mso-list:l0 level1'>\u00b7 x</p>", "- · x"),
        ("<pre>```\nx\n```</pre>", "````\n```\nx\n```\n````"),
        ("<ol><li>a<pre>b\n  c</pre></li><li>d</li></ol>", "1. a\n\n   ```\n   b\n     c\n   ```\n\n2. d"),
        ("<p>m<sup>2</sup></p>", "m²"),
        ("", ""),
        ("<div>" * 20_000 + "x", ""),
        ("<table>" + "<tr><td colspan=199 rowspan=199>x" * 1000, ""),
    ],
)  # fmt: skip
def test_forms(html: str, markdown: str) -> None:
    assert pasted(html) == markdown


def test_the_page_shows_no_more_than_words_and_their_form() -> None:
    for html, _ in CLIPBOARDS.values():
        shown = to_html(pasted_as_markdown(html, ORIGIN))
        assert not re.search(r"<(?:script|style|img)|=\"(?:javascript|data|file):|mso-", shown)
    assert 'class="footnote-ref"' in to_html(pasted_as_markdown(office.WORD))


def test_what_is_too_large_or_takes_long_is_refused() -> None:
    with pytest.raises(NotConverted, match="too large"):
        clipboard_as_markdown("<b>" + "x" * MAX_BYTES, ORIGIN)
    with pytest.raises(NotConverted, match="no formatting"):
        clipboard_as_markdown("<p> </p>", ORIGIN)
    with pytest.raises(NotConverted, match="for a note"):
        clipboard_as_markdown(f"<b>{'x' * 300_000}</b>", ORIGIN)
    assert clipboard_as_markdown("<b>x</b>", ORIGIN) == "**x**"
