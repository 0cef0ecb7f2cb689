"""Markdown as people write it: each text with what has to be in its HTML, without the attributes that do not matter."""

import re

import pytest

from tree.text.rendering import to_html

_TO_IGNORE = re.compile(r' (?:rel|class|disabled)="[^"]*"|</?span[^>]*>|</?div[^>]*>')
_BETWEEN_TAGS = re.compile(r"(?<=>)\n+|\n+(?=<)")


def shown(text: str) -> str:
    return _BETWEEN_TAGS.sub("", _TO_IGNORE.sub("", to_html(text)))


LISTS = [
    (
        "nested by two",
        "- a\n  - b\n    - c\n- d",
        "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>",
    ),
    ("nested by three", "1. a\n   - b\n2. c", "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>"),
    ("nested by four", "- a\n    - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
    ("two below a number", "1. a\n  - b\n2. c", "<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>"),
    ("numbers with a bracket", "1) one\n2) two", "<ol><li>one</li><li>two</li></ol>"),
    ("numbers from elsewhere", "3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'),
    ("another bullet", "- a\n* b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
    ("below a line", "**Parts:**\n* a\n* b", "<p><strong>Parts:</strong></p><ul><li>a</li><li>b</li></ul>"),
    ("steps below a line", "**Steps:**\n1. a\n2. b", "<p><strong>Steps:</strong></p><ol><li>a</li><li>b</li></ol>"),
    ("prose with a year", "It was in\n2020. A good year", "<p>It was in<br>2020. A good year</p>"),
    ("a line goes on", "- a\nstill a\n- b", "<ul><li>a<br>still a</li><li>b</li></ul>"),
    ("gaps", "- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
    (
        "a gap in the inner list",
        "- a\n  - b\n\n  - c\n- d",
        "<ul><li>a<ul><li><p>b</p></li><li><p>c</p></li></ul></li>",
    ),
    ("a paragraph", "1. a\n\n   more\n\n2. b", "<ol><li><p>a</p><p>more</p></li><li><p>b</p></li></ol>"),
    (
        "code",
        "1. a\n\n   ```\n   x\n\n   y\n   ```\n\n2. b",
        "<li><p>a</p><pre><code>x\n\ny</code></pre></li><li><p>b</p></li></ol>",
    ),
    ("code at once", "1. ```\n   x\n   ```\n2. b", "<ol><li><pre><code>x</code></pre></li><li>b</li></ol>"),
    ("code in a tight list", "- a\n  ```\n  x\n  ```\n- b", "<ul><li>a<pre><code>x</code></pre></li><li>b</li></ul>"),
    ("indented code", "- a\n\n      x = 1\n- b", "<pre><code>x = 1</code></pre>"),
    (
        "bullets in code",
        "- a\n  ```\n  - x\n\n  - y\n  ```\n- b",
        "<pre><code>- x\n\n- y</code></pre></li><li>b</li></ul>",
    ),
    (
        "a fence in code",
        "- a\n  ```\n      ```\n\n  x\n  ```\n- b",
        "<ul><li>a<pre><code>    ```\n\nx</code></pre></li><li>b</li></ul>",
    ),
    (
        "a table",
        "1. a\n   | x | y |\n   |---|---|\n   | 1 | 2 |\n2. b",
        "<tr><td>1</td><td>2</td></tr></tbody></table></li><li>b</li></ol>",
    ),
    ("a quote", "- a\n  > q\n- b", "<ul><li>a<blockquote><p>q</p></blockquote></li><li>b</li></ul>"),
    (
        "in a quote",
        "> - a\n>   - b\n> - c",
        "<blockquote><ul><li>a<ul><li>b</li></ul></li><li>c</li></ul></blockquote>",
    ),
    ("a rule between", "- a\n\n---\n\n- b", "<ul><li>a</li></ul><hr><ul><li>b</li></ul>"),
    ("a heading below", "- a\n## T", '<ul><li>a</li></ul><h3 id="text-t">T</h3>'),
    (
        "tasks",
        "- [x] a\n  - [ ] b",
        (
            '<li><input type="checkbox" checked="" aria-label="Done"> a'
            '<ul><li><input type="checkbox" aria-label="Done"> b</li>'
        ),
    ),
    (
        "definitions",
        "Term\n:   One\n\n    - a\n\nOther\n:   Two",
        "<dl><dt>Term</dt><dd><p>One</p><ul><li>a</li></ul></dd><dt>Other",
    ),
]
FENCES = [
    ("closed by a longer one", "```\nx\n`````\nafter", "<pre><code>x</code></pre><p>after</p>"),
    ("not closed by a shorter one", "````\n```\nx\n```\n````", "<pre><code>```\nx\n```</code></pre>"),
    ("never closed", "a\n\n```\nx\n\ny", "<p>a</p><pre><code>x\n\ny</code></pre>"),
    ("never closed in a step", "1. a\n   ```\n   x\n2. b", "<li>a<pre><code>x</code></pre></li><li>b</li>"),
    ("never closed in a quote", "> ```\n> x\n\ny", "<blockquote><pre><code>x</code></pre></blockquote><p>y</p>"),
    ("waves", "~~~ sh\n# x\n```\n~~~", "<pre><code># x\n```</code></pre>"),
    ("more than a language", '```text title="a.txt" {1,2}\nx\n```', "<pre><code>x</code></pre>"),
    ("below a line", "Run:\n```\nx\n```\nDone", "<p>Run:</p><pre><code>x</code></pre><p>Done</p>"),
    (
        "all kinds of blocks",
        "```\n# a\n- b\n> c\n| d |\n|---|\n\n---\n[e]: f\n```",
        "# a\n- b\n&gt; c\n| d |\n|---|\n\n---\n[e]: f",
    ),
    ("indented", "  ```\n  x\n    y\n  ```", "<pre><code>x\n  y</code></pre>"),
]
HEADINGS = [
    ("number of a ticket", "#1234 is back", "<p>#1234 is back</p>"),
    ("number signs at the end", "## VPN ##", '<h3 id="text-vpn">VPN</h3>'),
    ("a number sign that belongs to it", "# C#", '<h2 id="text-c">C#</h2>'),
    ("spaces before it", "  ## VPN", '<h3 id="text-vpn">VPN</h3>'),
    ("below a line", "text\n# VPN\ntext", '<p>text</p><h2 id="text-vpn">VPN</h2><p>text</p>'),
    ("underlined", "Two\nlines\n===", '<h2 id="text-two-lines">Two<br>lines</h2>'),
    ("a rule below a quote", "> a\n---", "<blockquote><p>a</p></blockquote><hr>"),
    (
        "anchors of the same name",
        "# A\n\n# A-1\n\n# A\n\n# A",
        '<h2 id="text-a">A</h2><h2 id="text-a-1">A-1</h2><h2 id="text-a-2">A</h2><h2 id="text-a-3">A</h2>',
    ),
    ("an anchor in Hebrew", "[x](#כותרת)\n\n# כותרת", '<a href="#text-כותרת">x</a></p><h2 dir="auto" id="text-כותרת">'),
]
TABLES = [
    ("aligned", "| a | b |\n|:-:|--:|\n| 1 | 2 |", '<tr><td align="center">1</td><td align="right">2</td></tr>'),
    ("below a line", "Prices:\n| a | b |\n|---|---|\n| 1 | 2 |", "<p>Prices:</p><table>"),
    ("without outer pipes", "a | b\n- | -\n1 | 2", "<tr><td>1</td><td>2</td></tr>"),
    ("a pipe in code", "| a |\n|---|\n| `x \\| y` |", "<td><code>x | y</code></td>"),
    ("ended by a list", "| a |\n|---|\n| 1 |\n- b", "</table><ul><li>b</li></ul>"),
    ("ended by a quote", "| a |\n|---|\n| 1 |\n> b", "</table><blockquote>"),
    ("as many cells as columns", "| a | b |\n|---|\n| 1 |", "<p>| a | b |<br>|---|<br>| 1 |</p>"),
]
_LINK = '<a href="https://a.example/b">https://a.example/b</a>'
_MAIL = '<a href="mailto:_b_c@a.example">_b_c@a.example</a>'
LINKS = [
    ("in brackets", "<https://a.example/x>", '<p><a href="https://a.example/x">https://a.example/x</a></p>'),
    ("text and address", "[the *portal*]<https://a.example/>", '<a href="https://a.example/">the <em>portal</em></a>'),
    (
        "the same twice",
        "www.zeta.example<http://www.zeta.example/>",
        '<p><a href="http://www.zeta.example/">www.zeta.example</a></p>',
    ),
    (
        "another address",
        "http://a.example/x<http://b.example/y>",
        '<a href="http://a.example/x">http://a.example/x</a> &lt;<a href="http://b.example/y">http://b.example/y</a>&gt;',
    ),
    (
        "a mail address twice",
        "ana@a.example<mailto:ana@a.example>",
        '<p><a href="mailto:ana@a.example">ana@a.example</a></p>',
    ),
    (
        "right behind a word",
        "the form<https://a.example/>.",
        'the form&lt;<a href="https://a.example/">https://a.example/</a>&gt;.',
    ),
    ("a bare one", "see https://a.example/b.", 'see <a href="https://a.example/b">https://a.example/b</a>.'),
    ("before a hard break", "see https://a.example/b  \nnext", f"<p>see {_LINK}<br>next</p>"),
    ("before a typed break", "https://a.example/b<br>next", f"<p>{_LINK}<br>next</p>"),
    ("in a cell of two lines", "| a |\n|---|\n| https://a.example/b<br>c |", f"<td>{_LINK}<br>c</td>"),
    ("before code", "https://a.example/b`c` d", f"<p>{_LINK}<code>c</code> d</p>"),
    ("before a footnote", "https://a.example/b[^1]\n\n[^1]: n", f"<p>{_LINK}<sup "),
    ("before another link", "https://a.example/b[c](/node/d/)", f'<p>{_LINK}<a href="/node/d/">c</a></p>'),
    ("behind bold text", "**b:**https://a.example/b", f"<p><strong>b:</strong>{_LINK}</p>"),
    ("between escaped signs", "\\[https://a.example/b\\] \\*https://a.example/b\\*.", f"<p>[{_LINK}] *{_LINK}*.</p>"),
    ("between escaped brackets", "\\<https://a.example/b\\>", f"<p>&lt;{_LINK}&gt;</p>"),
    (
        "with escaped signs",
        "https://a.example/b\\_c\\*d",
        '<p><a href="https://a.example/b_c*d">https://a.example/b_c*d</a></p>',
    ),
    ("a mail address with escaped signs", "\\_b\\_c@a.example", f"<p>{_MAIL}</p>"),
    ("a mail address with escaped signs, in brackets", "<\\_b\\_c@a.example>", f"<p>{_MAIL}</p>"),
    ("a mail address between escaped signs", "\\*\\<\\_b\\_c@a.example\\>", f"<p>*&lt;{_MAIL}&gt;</p>"),
    ("a mail address behind code", "`a`b@a.example", '<code>a</code><a href="mailto:b@a.example">b@a.example</a>'),
    ("with escaped signs, in brackets", "[t]<https://a.example/\\_b>", '<p><a href="https://a.example/_b">t</a></p>'),
    (
        "with escaped signs, twice",
        "www.a\\_b.example<http://www.a\\_b.example/>",
        '<p><a href="http://www.a_b.example/">www.a_b.example</a></p>',
    ),
    ("with escaped signs, right behind a word", "t<https://a.example/\\_b>", 't&lt;<a href="https://a.example/_b">'),
    ("in code", "`www.a.example<http://www.a.example/>`", "<code>www.a.example&lt;http://www.a.example/&gt;</code>"),
    ("no address", "login as <ZETA\\jdoe> on <server>", "login as &lt;ZETA\\jdoe&gt; on &lt;server&gt;"),
]
OTHERS = [
    ("an alert", "> [!WARNING]\n> Do *not*\n> reboot.", "<p>Warning</p><p>Do <em>not</em><br>reboot.</p>"),
    ("two quotes", "> a\n\n> b", "<blockquote><p>a</p></blockquote><blockquote><p>b</p></blockquote>"),
    ("a footnote", "a[^1]\n\n[^1]: note", '<sup id="text-fnref:1"><a href="#text-fn:1">1</a></sup>'),
    ("where the footnote is", "a[^1]\n\n[^1]: note", '<li id="text-fn:1"><p>note'),
    (
        "front matter",
        "---\ntitle: VPN\ntags: [a, b]\nv: 1.10\n---\n# T",
        "<th>title</th><td>VPN</td></tr><tr><th>tags</th><td>a, b</td></tr><tr><th>v</th><td>1.10</td>",
    ),
    (
        "front matter that is none",
        "---\ntitle: [a\nb: ```\n---\n# T",
        '<pre><code>---\ntitle: [a\nb: ```\n---</code></pre><h2 id="text-t">T</h2>',
    ),
    (
        "front matter with references",
        "---\na: &a x\nb: *a\n---\nx",
        "<pre><code>---\na: &amp;a x\nb: *a\n---</code></pre><p>x",
    ),
    ("a heading at the top", "---\njust text\n---\n", '<hr><h3 id="text-just-text">just text</h3>'),
    ("a backslash at the end of a line", "a\\\nb\\\\\nc\\", "<p>a<br>b\\<br>c\\</p>"),
    ("a backslash at the end of a line of code", "`a\\\nb`", "<code>a\\\nb</code>"),
    ("a backslash in a list", "- a\\\n  b", "<ul><li>a<br>b</li></ul>"),
    ("a backslash behind an address", "https://a.example/b\\\nc", f"<p>{_LINK}<br>c</p>"),
    ("a name that stands there twice", "---\na: 1\na: 2\n---\n", "<td>1</td></tr><tr><th>a</th><td>2</td>"),
    ("its values are no markup", "---\na: '*x* <b>'\n---\n", "<td>*x* &lt;b&gt;</td>"),
    ("rules that are no front matter", "---\n\nsome text\n\n---\n", "<hr><p>some text</p><hr>"),
    ("a direction", "# כותרת\n\ntext", '<h2 dir="auto" id="text-כותרת">כותרת</h2><p dir="auto">text</p>'),
    (
        "of a list",
        "- *שלום*\n\n- b",
        '<ul dir="rtl"><li><p dir="auto"><em>שלום</em></p></li><li><p dir="auto">b</p></li>',
    ),
    ("of a list in English", "שלום\n\n- a\n- שלום", '<p dir="auto">שלום</p><ul><li>a</li>'),
    ("of a quote", "> 1: שלום", '<blockquote dir="rtl"><p dir="auto">1: שלום</p></blockquote>'),
    ("of a table", "| שם | b |\n|---|---|\n| 1 | 2 |", '<table dir="rtl"><thead><tr><th dir="auto">שם</th>'),
    ("of an alert", "> [!NOTE]\n> שלום", '<p>Note</p><p dir="auto">שלום</p>'),
    ("composed letters", "Cafe\u0301", "<p>Caf\u00e9</p>"),
    ("strikethrough", "~~old~~ ~5 min", "<p><del>old</del> ~5 min</p>"),
]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        pytest.param(text, html, id=f"{kind}: {name}")
        for kind, examples in {
            "lists": LISTS,
            "fences": FENCES,
            "headings": HEADINGS,
            "tables": TABLES,
            "links": LINKS,
            "others": OTHERS,
        }.items()
        for name, text, html in examples
    ],
)
def test_a_text_is_read_as_it_was_meant(text: str, html: str) -> None:
    assert html in shown(text)


def test_a_text_leaves_nothing_in_the_next() -> None:
    plain = "[x][r] and a[^1]\n\n# A"
    before = to_html(plain)
    to_html("---\na: b\n---\n# A\n\nשלום [x][r] a[^1]\n\n[r]: /node/a/\n[^1]: note\n\n```\ncode")
    assert to_html(plain) == before
    to_html("> " * 5000 + "too deep")
    assert to_html(plain) == before


@pytest.mark.parametrize(
    "text", ["---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---\n", f"---\na: {'x' * 20_000}\n---\n"]
)
def test_front_matter_cannot_grow(text: str) -> None:
    assert "<table" not in to_html(text)


def test_a_long_front_matter_stays_a_text_with_all_its_words() -> None:
    html = to_html(f"---\n{{{', '.join(f'name{number}: value{number}' for number in range(300))}}}\n---\n")
    assert "<table" not in html
    assert [f"value{number}" for number in range(300)] == re.findall(r": (value\d+)", html)


def test_words_of_a_deep_list_are_all_there() -> None:
    html = to_html("\n".join(f"{'  ' * depth}- word{depth}" for depth in range(40)))
    assert [f"word{depth}" for depth in range(40)] == re.findall(r"word\d+", html)
