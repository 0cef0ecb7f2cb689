"""Every word of a mail is on the page, on its line, and nothing that a person wrote acts as markup."""

import json
import re
from collections.abc import Iterable
from html import unescape

import msgspec
import pytest

from syncing.kinds import COMPANIES, TICKETS
from syncing.kinds.bodies.pictures import without_pictures
from syncing.kinds.bodies.plain import LONGEST_PARAGRAPH
from syncing.kinds.bodies.recognition import is_html
from syncing.kinds.declaration.documents import text_as_markdown
from syncing.kinds.declaration.validation import typed
from syncing.kinds.ticket import Ticket
from syncing.refusals import Refused
from tests.syncing.kinds.mails import html_clients, plain_clients
from tests.syncing.kinds.mails.words import Mail
from tree.text.rendering import render, to_html

SEEDS = 6  # for each of 47 clients: 282 bodies
_LINE_END = re.compile(r"<br>\n?|</(?:p|li|t[dh]|h\d|pre|div)>")
_INLINE = re.compile(r"</?(?:em|strong|a|code|span|del)\b[^>]*>")
_TAG = re.compile(r"<([a-z0-9]+)?[^>]*>")
_INVISIBLE = str.maketrans("", "", "\ufeff\u200b")
PICTURE = "data:image/png;base64," + "iVBORw0KGgo/PC42+AAA" * 8 + "=="


def _page(body: str) -> str:
    return to_html(text_as_markdown(body))


def _lines(html: str) -> list[str]:
    """The lines that a page shows, with single blanks."""
    text = unescape(_TAG.sub("", _INLINE.sub("", _LINE_END.sub("\n", html))))
    return _in_single_blanks(text.split("\n"))


def _in_single_blanks(lines: Iterable[str]) -> list[str]:
    return [line for line in (" ".join(line.translate(_INVISIBLE).split()) for line in lines) if line]


def _tags(html: str) -> set[str]:
    return {match.group(1) for match in _TAG.finditer(html) if match.group(1)}


@pytest.mark.parametrize("client", plain_clients.CLIENTS, ids=lambda client: client.__name__)
def test_plain_mails_are_shown_as_they_were_typed(client: plain_clients.Client) -> None:
    for mail in plain_clients.mails(client, SEEDS):
        html = _page(mail.body)
        assert _lines(html) == _in_single_blanks(mail.lines), mail.body
        assert _tags(html) <= {"p", "br", "a"}, mail.body


@pytest.mark.parametrize("client", html_clients.CLIENTS, ids=lambda client: client.__name__)
def test_html_mails_show_every_word_and_line(client: html_clients.Client) -> None:
    for mail in html_clients.mails(client, SEEDS):
        html = _page(mail.body)
        shown = "\n".join(_lines(html))
        missing = [line for line in _in_single_blanks(mail.lines) if line not in shown]
        assert not missing, mail.body
        assert "iVBOR" not in html


def test_a_line_that_begins_with_a_mark_is_a_line_of_its_own() -> None:
    assert _lines(_page("<b>Name:</b> Ana\n<b>Phone:</b> 555\r\n<i>today</i>")) == ["Name: Ana", "Phone: 555", "today"]


def test_there_are_more_than_two_hundred_bodies() -> None:
    bodies = {mail.body for mail in _all_mails()}
    assert len(bodies) > 200
    assert sum(len(mail.words) for mail in _all_mails()) > 10_000


def _all_mails() -> list[Mail]:
    plain = [mail for client in plain_clients.CLIENTS for mail in plain_clients.mails(client, SEEDS)]
    return plain + [mail for client in html_clients.CLIENTS for mail in html_clients.mails(client, SEEDS)]


@pytest.mark.parametrize(
    "text",
    [
        "a < b > c",
        "Ana <ana@zeta.example> wrote",
        "replace <server> and <address>",
        "List<String> and vector<P> and Dictionary<string, List<int>>",
        "<configuration>\n  <title>x</title>\n</configuration>",
        "The page shows:\n<div>boom</div>",
        "<!-- a comment --> of a file",
        "I typed <br> in the field",
        "use the <p></p> tag, or <hr>.",
        "it says (<br>) and <div>x</div> there",
        "<br> is shown in the subject",
        "<html> is shown instead of the page",
        "<!DOCTYPE html> is shown above\nthe page",
        "the <font color=red> tag does nothing",
    ],
)
def test_text_with_brackets_is_no_html(text: str) -> None:
    assert not is_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "<p>x</p>",
        "Hello<br>World",
        "\n <!DOCTYPE html><html>x",
        '<div class="x">cut off',
        "<P>one<P>two",
        "Ana <ana@zeta.example><br>\nwrote<br>",
        '<a href="https://x.example">x</a>',
        '<img src="https://x.example/a.png">',
        "<style>\np {}\n</style>\n<b>x</b>",
        "works<p>See <b>this</b></p>",
        "Dear Ana, <br> <br> it works",
        "Name: Ana <br> Phone: 555 <br> Room: 12 <br> Issue: jam",
        "Hello<br>this line is wrapped\nhere<br>x",
        "<style>\np {}\n</style>\n<div>one\ntwo</div>",
        "<P>long\nand wrapped\nlines\n<P>and <BR>more\nof it",
        "<div>x</div>\n<div>y</div>\nRegards\nAna",
        "<html> Hello <b>Ana</b>",
        "<br>Hello",
    ],
)
def test_markup_is_html(text: str) -> None:
    assert is_html(text)


@pytest.mark.parametrize(
    ("body", "markdown"),
    [
        ("<p>*important* file_name `tick` [x](y) 2*3*4</p>", r"\*important\* file_name \`tick\` \[x\](y) 2\*3\*4"),
        ("<p>&lt;b&gt; &amp;lt; &amp;x</p>", r"\<b> &amp;lt; &x"),
        (
            "<div>a<br>=====<br>- b<br>1. c<br>2) d<br>+ e<br>: f</div>",
            "a  \n\\=====  \n\\- b  \n1\\. c  \n2\\) d  \n\\+ e  \n\\: f",
        ),
        ("<p>C:\\_x\\*y \\\\nas\\share</p>", r"C:\\\_x\\\*y \\\nas\share"),
        ("<p>&lt;https://x.example/a_b?c=1&amp;d=2&gt;</p>", r"\<<https://x.example/a_b?c=1&d=2>>"),
        ("a &lt;b&gt; &amp; c\nd", "a \\<b> & c  \nd"),
        ("write &copy; &amp; more", "write &amp;copy; &amp;amp; more"),
        ("    indented\n\ttoo", "\u00a0\u00a0\u00a0\u00a0indented  \n\u00a0\u00a0\u00a0\u00a0too"),
        ("<p>one\ntwo\r\n  three</p>", "one two three"),
        ("<div style='white-space: pre-wrap'>one\ntwo</div>", "one  \ntwo"),
        ("<b>one</b>\ntwo", "**one**  \ntwo"),
        ("<p><b><i>x</i></b><i>y</i></p>", "**x**y"),
        ('<a href="#top">x</a><a href="https://x.example/\r\ny">z</a><br>', "x[z](https://x.example/y)"),
        ('<p>x<img src="cid:1" alt="logo [1]"></p>', r"x\[logo \[1\]\]"),
        ("<p>ok <script>x</script>well</p>", "ok well"),
        ("<h1>a</h1><h2>b</h2><h3>c</h3><h6>d</h6>", "#### a\n\n##### b\n\n###### c\n\n###### d"),
        ("<p>a <?php echo 1; ?> <!DOCTYPE none></p>", r"a \<?php echo 1; ?> \<!DOCTYPE none>"),
        ("<p>a <![CDATA[ data ]]><![if !vml]>b<![endif]><?xml:namespace x /></p>", r"a \<!\[CDATA\[ data \]\]>b"),
        ('<p>x<img src="logo.png"><img src="cid:1"></p>', r"x\[logo.png\]\[image\]"),
    ],
)
def test_no_sign_of_a_text_is_markup(body: str, markdown: str) -> None:
    assert text_as_markdown(body) == markdown


RAISED = {
    "10<sup>6</sup>": "10⁶",
    "<p>m<sup>2</sup>, H<sub>2</sub>O, log<sub>2</sub>8, 11<sub>2</sub></p>": "m², H2O, log₂8, 11₂",
    "<p>10<sup><span style='color: red'>-6</span></sup> m</p>": "10⁻⁶ m",
    "<p>1<sup>st</sup> of V<sub>REF</sub></p>": "1st of V_REF",
    "<p>Acme<sup>TM</sup> &lt; x<sup>n+1</sup></p>": r"Acme™ \< xⁿ⁺¹",
    "<p>as said<sup>2,3</sup> there<sup>[1]</sup></p>": r"as said^2,3 there\[1\]",
    "<pre>10<sup>6</sup></pre>": "```\n10^6\n```",
    "<p>10<sup>6 or</p>": r"10\<sup>6 or",
}


def test_a_raised_number_is_no_other_number(subtests: pytest.Subtests) -> None:
    for body, markdown in RAISED.items():
        with subtests.test(body=body):
            assert text_as_markdown(body) == markdown


def _table(*rows: str) -> str:
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


_FOUR = _table("<td>a</td><td>b</td>", "<td>c</td><td>d|e</td>")
_LONG = ("long " * 100).strip()


@pytest.mark.parametrize(
    ("body", "markdown"),
    [
        (
            _table("<th>Host</th><th>IP</th>", "<td>DC-01<br>DC-02<br></td><td><p>10.0.0.5</p><p>10.0.0.6</p></td>"),
            "| Host | IP |\n| --- | --- |\n| DC-01<br>DC-02 | 10.0.0.5<br>10.0.0.6 |",
        ),
        (
            '<table width="100%"><tr><td><p>Dear Ana,</p><p>it is open.</p></td></tr></table>',
            "Dear Ana,\n\nit is open.",
        ),
        ("<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>", "a\n\nb\n\nc\n\nd"),
        (_table(f"<td>{_FOUR}</td>"), "| a | b |\n| --- | --- |\n| c | d\\|e |"),
        (
            _table("<td>a</td><td><ul><li>b</li><li>c</li></ul></td>", "<td>d</td><td>e</td>"),
            "| a | • b<br>• c |\n| --- | --- |\n| d | e |",
        ),
        (f"<ul><li>{_FOUR.replace('|', '')}</li></ul>", "- a\n\n  b\n\n  c\n\n  de"),
        (_table(f"<td>a</td><td>{_LONG}</td>", "<td>b</td><td>c</td>"), f"a\n\n{_LONG}\n\nb\n\nc"),
    ],
)
def test_tables_of_facts_stay_and_layout_becomes_paragraphs(body: str, markdown: str) -> None:
    assert re.sub("-{3,}", "---", text_as_markdown(body)) == markdown


@pytest.mark.parametrize("depth", [3, 30, 3000])
def test_deep_quotes_are_kept_and_formatted(depth: int) -> None:
    body = "".join(f"<blockquote><p>quote_{number}_</p>" for number in range(depth)) + "</blockquote>" * depth
    html = _page(body)
    assert html.count("<blockquote>") == min(depth, 6)
    assert all(f"quote_{number}_" in html for number in range(depth))
    assert "shown without formatting" not in html


@pytest.mark.parametrize(
    "nested", ["<div>", "<span>", "<strong>", "<ul><li>", "<table><tr><td>", "<center><div><font>"]
)
@pytest.mark.parametrize("depth", [50, 1200])  # Python and the converter end at a thousand
def test_nothing_is_nested_too_deeply_to_be_read(nested: str, depth: int) -> None:
    lines = _lines(_page("".join(f"{nested}word_{number}_<br>" for number in range(depth))))
    assert [word for word in " ".join(lines).replace("*", "").split() if len(word) > 1] == [
        f"word_{number}_" for number in range(depth)
    ]


NESTED = ("div", "p", "ul", "ul><li", "div><p", "td", "tbody", "blockquote><p")


@pytest.mark.long
def test_what_is_nested_without_words_between_loses_none(subtests: pytest.Subtests) -> None:
    for nested in NESTED:
        for ends in ("".join(f"</{name}>" for name in reversed(nested.split("><"))), ""):
            with subtests.test(nested=nested, ends=ends):
                body = f"<p>begin</p>{f'<{nested}>' * 1100}word{ends * 1100}<p>end</p>"
                assert _lines(_page(body)) == ["begin", "word", "end"]


@pytest.mark.parametrize(
    "picture",
    [
        f'<img src="{PICTURE}">',
        f"<IMG SRC={PICTURE.replace('data:image', 'DATA:IMAGE')}>",
        f"<p style='background: url(&quot;{PICTURE}&quot;)'></p>",
        "<img src='data:image/svg+xml;utf8,<svg xmlns=\"x\">iVBOR</svg>'>",
        f"[{PICTURE[:40]}\n{'iVBOR' * 20}\n{PICTURE[40:]}]",
        f"![shot]({PICTURE})",
    ],
)
def test_pictures_go_and_the_words_around_them_stay(picture: str) -> None:
    for body in (f"before {picture} after", f"<p>before</p>{picture}<p>after</p>"):
        shown = text_as_markdown(body)
        assert "before" in shown
        assert "after" in shown
        assert "iVBOR" not in shown
        assert "PC42" not in shown


@pytest.mark.parametrize(
    "text", ["metadata:image/png;base64,x", "use data:image/png;base64, as prefix", '"data:text/plain, hello" he said']
)
def test_words_about_pictures_stay(text: str) -> None:
    assert without_pictures(text) == text


def test_a_ticket_with_large_screenshots_is_read() -> None:
    shot = f'<p>Screen of <img src="{PICTURE[:-2] + "A" * 5_000_000}"> LAPTOP-59</p>'
    row = {
        "ticket_id": 1,
        "total_hours_spent": 0,
        "description": shot,
        "conversations": [{"body": shot}, None, {"body": 1}],
    }
    refused = next(typed([row], Ticket, "A", TICKETS.tidied))
    assert isinstance(refused, Refused)
    assert (refused.field, refused.raw) == ("conversations[…]", row) or "conversations" in refused.field
    row["conversations"] = [{"body": shot}]
    read = next(typed([row], Ticket, "A", TICKETS.tidied))
    assert not isinstance(read, Refused)
    assert len(read[1]) < 1000
    assert json.loads(read[1])["conversations"][0]["body"] == '<p>Screen of <img src=""> LAPTOP-59</p>'
    assert row["description"] == shot
    company = {"account_number": "A", "name": "A", "description": shot}
    assert COMPANIES.tidied(company)["description"] == '<p>Screen of <img src=""> LAPTOP-59</p>'


def _document(**fields: str) -> str:
    return TICKETS.document(msgspec.convert({"ticket_id": 1, "total_hours_spent": 0, **fields}, Ticket))


@pytest.mark.parametrize(
    "empty",
    ["", "<p>&nbsp;</p>", f'<div><img src="{PICTURE}"><br></div>', "<hr>", "<style>p {}</style><p> </p>", "\u200b"],
)
def test_a_description_that_shows_nothing_gives_way_to_its_plain_text(empty: str) -> None:
    assert "## Description\n\nThe plain words\n" in _document(description=empty, description_text="The plain words")
    assert "## Description" not in _document(description=empty, description_text=" ")


def test_what_only_the_plain_text_says_is_shown_below() -> None:
    html = "<p>The <b>printer</b> jams on R&amp;D_1</p>"
    assert "Only in the plain text" not in _document(description=html, description_text="The printer jams\non R&D_1")
    raised = "<p>10<sup>6</sup> m<sup>2</sup> of Acme<sup>TM</sup></p>"
    assert "Only in the plain text" not in _document(description=raised, description_text="106 m2 of\nAcmeTM")
    text = _document(description=html, description_text="The printer jams on R&D_1\n\nserial zebra_*9\n")
    assert text.endswith("### Only in the plain text\n\nserial zebra\\_\\*9\n")


THREADS = {
    "quoted": "".join(f"{'> ' * (number // 10)}line {number} of R&D_1 says <x> *now*\n" for number in range(600)),
    "log": "".join(f"2026-11-01 10:00 [ERROR] <module_{number}> a*b | c_ x `y`\n" for number in range(2000)),
    "table": "".join(f"| {number} | a_b | 1 | 2 | 3 | 4 |\n" for number in range(3000)),
}


@pytest.mark.parametrize("text", THREADS.values(), ids=THREADS)
def test_long_plain_texts_are_formatted(text: str) -> None:
    html = render(text_as_markdown(text))
    assert _lines(html) == _in_single_blanks(text.split("\n"))
    assert html.count("<p") >= text.count("\n") // LONGEST_PARAGRAPH


def test_a_long_thread_of_mails_is_formatted() -> None:
    thread = ""
    for number in range(700):
        thread = f"<div><p>Day {number}: file_{number} &lt;x&gt;</p></div><blockquote>{thread}</blockquote>"
    html = render(text_as_markdown(thread))
    assert html.count("<blockquote") == 6
    assert all(f"file_{number} &lt;x&gt;" in html for number in range(700))


ATTACKS = {
    "brackets": "<" * 100_000,
    "tags": "<a " * 60_000,
    "quotes": "<a '\"x" * 30_000,
    "comments": "<!--" * 50_000 + "-->" + "<!--" * 50_000,
    "styles": "<style>" * 30_000,
    "tables": "<table><tr><td>" * 10_000,
    "entities": "&amp;" * 50_000,
    "stars": "*" * 100_000,
    "pictures": "data:image/png;base64," * 10_000,
    "attributes": '="data:a/' * 20_000,
    "blanks": "<p>" + " \n" * 100_000 + "x</p>",
    "urls": "https://" + "a" * 100_000 + "<br>",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_no_body_takes_long(attack: str) -> None:
    """A pattern that takes more than linear time would need minutes here, and end at the limit of a test."""
    text_as_markdown(attack)
