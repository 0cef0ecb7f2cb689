import errno
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache

from knowledgetree.basics.time_limits import NoAnswer, TimeLimitedChild, TimeLimitExceeded
from tree.text import code_colours, rendering
from tree.text.dialect.anchors import PREFIX
from tree.text.rendering import render, to_html


@pytest.fixture(autouse=True)
def _no_cache() -> None:
    cache.clear()


@pytest.fixture
def usual_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that a text is given outside of tests."""
    monkeypatch.setattr(rendering._children, "_seconds", rendering.LIMIT_SECONDS)


@pytest.fixture
def short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of it, which many hostile texts still reach."""
    monkeypatch.setattr(rendering._children, "_seconds", rendering.LIMIT_SECONDS / 4)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Title", '<h2 id="text-title">Title</h2>'),
        ("**b** and ~~gone~~", "<strong>b</strong> and <del>gone</del>"),
        ("a\nb", "a<br>"),
        ("| a | b |\n|---|---|\n| 1<br>2 | 3 |", "<td>1<br>"),
        ("```\nGet-X <y>\n```", "Get-X &lt;y&gt;"),
        ("```powershell\nGet-X <y>\n```", '<span class="nb">Get-X</span> <span class="p">&lt;</span>'),
        ("a\n```\nb\n```\n- c", "</div>\n<ul>\n<li>c</li>"),
        ("text\nmore\n- a\n- b", "more</p>\n<ul>\n<li>a</li>\n<li>b</li>"),
        ("- a\nstill a\n- b", "<li>a<br>\nstill a</li>\n<li>b</li>"),
        ("2020 - 1\n2. no", "2020 - 1<br>\n2. no"),
        ("- [x] done", 'type="checkbox"'),
        ("see https://kb.example/a", '<a href="https://kb.example/a"'),
        ("[home](/node/root/)", '<a href="/node/root/"'),
        ("1\\. not a list, \\<b\\>, a\\|b, \\~x\\~", "1. not a list, &lt;b&gt;, a|b, ~x~"),
    ],
)
def test_markdown_is_rendered(text: str, html: str) -> None:
    assert html in render(text)


def test_html_that_somebody_typed_is_shown_and_does_nothing() -> None:
    text = "<b>bold</b> <script>alert(1)</script> <DOMAIN\\user> <img src=x onerror=alert(1)>"
    for html in (rendering.to_html(text), render(text)):  # the second may be plain text, on a busy machine
        assert "&lt;b&gt;bold&lt;/b&gt;" in html
        assert "&lt;script&gt;" in html
        assert "&lt;DOMAIN\\user&gt;" in html
        assert "<img" not in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("![a chart](https://mail.example/c.png)", '<a href="https://mail.example/c.png" rel="noopener'),
        ("![a chart](//mail.example/c.png)", '<a href="//mail.example/c.png"'),
        ("![a chart](/\\\\mail.example/c.png)", ">[a chart]</a>"),
        ("see ![](http://mail.example/pixel.gif) there", ">[image]</a> there"),
        ("![logo](cid:image001.png@01DB)", "<span>[logo]</span>"),
        ("[![logo](https://mail.example/l.png)](https://mail.example/)", "<span>[logo]</span></a>"),
    ],
)
def test_an_image_of_another_host_is_a_link(text: str, html: str) -> None:
    shown = render(text)
    assert html in shown
    assert "<img" not in shown


PLACES = (
    "https://evil.example/x.png",
    "//evil.example/x.png",
    "/\\evil.example/x.png",
    "\\\\evil.example/x.png",
    "https:evil.example",
    "data:image/png;base64,AAAA",
)
DISGUISES: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    lambda place: "".join(f"&#{ord(c)};" for c in place),
    lambda place: "".join(f"&#x{ord(c):x};" for c in place),
    lambda place: "".join(f"&#0{ord(c)}" for c in place),
    lambda place: f"&#{ord(place[0])};{place[1:]}",
    lambda place: place.replace("/", "&sol;").replace(":", "&colon;").replace("\\", "&bsol;"),
    lambda place: place.replace("/", "&#47").replace(":", "&#58"),
    lambda place: place.replace(":", "&Tab;:").replace("//", "/&NewLine;/"),
    lambda place: f"&#1;{place}",
    lambda place: f"&#32;&#9;{place}",
    lambda place: place.replace("/", "\\/").replace(":", "\\:"),
)
FORMS = (
    "![x]({})",
    "![x](<{}>)",
    '![x]({} "title")',
    "![x][r]\n\n[r]: {}",
    "[![x]({})](/node/a/)",
    "| a |\n|---|\n| ![x]({}) |",
)


class _Pictures(HTMLParser):
    """Collects where pictures are loaded from, as a browser reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.hosts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            source = re.sub(r"[\t\r\n]", "", dict(attrs).get("src") or "").lstrip("".join(map(chr, range(33))))
            address = urljoin("https://ours.example/node/a/", source.replace("\\", "/"))
            self.hosts.append(urlsplit(address).netloc or address)


@pytest.mark.parametrize("form", FORMS)
def test_no_disguise_loads_a_picture_of_another_host(form: str) -> None:
    for place, disguise in product(PLACES, DISGUISES):
        pictures = _Pictures()
        pictures.feed(to_html(form.format(disguise(place))))
        assert set(pictures.hosts) <= {"ours.example"}, disguise(place)


def test_an_image_of_our_own_is_shown() -> None:
    assert '<img alt="plan" src="/files/plan.png">' in render("![plan](/files/plan.png)")


ATTACKS = (
    *(
        "<script>alert(1)</script>",
        "<scr<script>ipt>alert(1)</script>",
        "<svg onload=alert(1)>",
        "<svg><animate onbegin=alert(1)>",
    ),
    *(
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
    ),
    *(
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x)",
        "![x](javascript:alert(1))",
        "<javascript:alert(1)>",
    ),
    *('[x](http://a "onclick=alert(1)")', '[x](http://a" onclick="alert(1))', "<a href=javascript:alert(1)>x</a>"),
    *(
        "<iframe src=//evil>",
        "<form action=//evil><button>",
        "<meta http-equiv=refresh content=0>",
        "<base href=//evil>",
    ),
    *(
        "<style>*{background:url(//evil)}</style>",
        "<p style=position:fixed>",
        "<math><mtext></p><script>alert(1)</script>",
    ),
    *(
        "[ref]\n\n[ref]: javascript:alert(1)",
        "```\n</code></pre><script>alert(1)</script>\n```",
        "`</code><script>alert(1)</script>`",
    ),
    *(
        "<!--><script>alert(1)</script>-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "\\<script>alert(1)\\</script>",
        "a <b\nonclick=alert(1)>",
    ),
    *(
        "# x {#page onclick=alert(1)}",
        "# page",
        '# "onmouseover="alert(1)',
        "[^a]\n\n[^a]: <script>alert(1)</script> [x](javascript:alert(1))",
        '[^" onclick=alert(1)]\n\n[^" onclick=alert(1)]: note',
        "> [!NOTE|x onclick=alert(1)] <script>alert(1)</script>\n> text",
        '> [!NOTE"onclick="alert(1)]- x\n> y',
        "---\n<script>alert(1)</script>: <img src=x onerror=alert(1)>\n---\n",
        "---\na: [<svg onload=alert(1)>, 2]\n---\n",
        '```x" onclick=alert(1)\n</code><script>alert(1)</script>',
        '[x]<https://a.example/"onclick=alert(1)>',
        '[x]<mailto:a@b"onclick=alert(1)>',
        "x<https://a.example/'onclick=alert(1)><javascript:alert(1)>",
        'www.a.example<http://www.a.example/"style=x>',
        "1) <script>alert(1)</script>\n   - [x](javascript:alert(1))",
        '[x](#" onclick=alert(1))',
        "\u05d0 <p dir=x onclick=alert(1)>",
    ),
    *(
        "| a |\n|---|\n| <script>alert(1)</script> |",
        "# <script>alert(1)</script>",
        "- [x] <script>alert(1)</script>",
        "<details open ontoggle=alert(1)>",
    ),
)


_SCHEME = re.compile(r"[\x00-\x20]*(?!https?:|mailto:|tel:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)  # as browsers read


class _Strict(HTMLParser):
    """Collects whatever is outside of what our pages allow."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in rendering._TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "formaction", "name"):
                self.found.append(name)
            if name == "id" and not (value or "").startswith(PREFIX):
                self.found.append(f"id={value}")
            if name in ("href", "src") and _SCHEME.match(re.sub(r"[\t\r\n]", "", value or "")):
                self.found.append(f"{name}={value}")


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_hostile_comes_through(text: str) -> None:
    strict = _Strict()
    strict.feed(to_html(text))
    assert strict.found == []


def test_the_strict_parser_would_notice() -> None:
    strict = _Strict()
    strict.feed('<script></script><p onclick="x" style="y" id="page"><a href="javascript:x">')
    assert strict.found == ["script", "onclick", "style", "id=page", "href=javascript:x"]


@pytest.mark.parametrize(
    "piece", ["[", "![", "<![", "[a](", "\n- ", "> ", "*a_", "`", "|a", "&#", "~~", "http://", "\n    "]
)
@pytest.mark.timeout(60)  # without its own limit, the renderer would need hours for some
def test_hostile_text_comes_back_whole(piece: str, short_limit: None) -> None:
    html = render("start " + piece * (250_000 // len(piece)))
    assert "start" in html


def test_ten_kilobytes_of_brackets_come_back_as_escaped_plain_text(short_limit: None) -> None:
    html = render("[" * 10_000 + "<b>")
    assert '<pre class="plain">[[[[' in html
    assert "&lt;b&gt;" in html


def test_the_renderer_works_again_after_a_hostile_text(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(rendering._children, "_seconds", rendering.LIMIT_SECONDS)
        assert '<pre class="plain">' in render("[" * 20_000)
    assert render("**fine**") == "<p><strong>fine</strong></p>"


def test_text_above_the_cap_is_plain() -> None:
    html = render("# x\n" + "a" * (256 * 1024))
    assert "<h2>" not in html
    assert "longer than 256 kB" in html


def test_many_threads_share_the_children() -> None:
    results: dict[int, str] = {}

    def work(number: int) -> None:
        results[number] = render(f"*number {number}*")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: f"<p><em>number {number}</em></p>" for number in range(12)}


def test_fifty_readers_of_one_slow_text_cost_one_try_and_hold_nobody_up(usual_limit: None) -> None:
    slow, tries = "[" * 30_000, []
    ask = rendering._children.ask

    def counted(text: str) -> str:
        tries.append(text)
        return ask(text)

    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(50) as readers:
        patched.setattr(rendering._children, "ask", counted)
        pages = [readers.submit(render, slow) for _ in range(45)]
        others = [readers.submit(render, f"*text {number}*") for number in range(5)]
        assert [other.result() for other in others] == [f"<p><em>text {number}</em></p>" for number in range(5)]
        assert {'<pre class="plain">' in page.result() for page in pages} == {True}
        assert "takes too long" in render(slow)  # a reader who waited on a busy machine was told "not just now"
    assert tries.count(slow) == 1


def test_what_says_nothing_about_a_text_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(rendering._children, "ask", Mock(side_effect=NoAnswer))
        assert "could not be formatted just now" in render("*fine*")
    assert render("*fine*") == "<p><em>fine</em></p>"


def test_that_a_text_takes_too_long_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Mock(side_effect=TimeLimitExceeded)
    monkeypatch.setattr(rendering._children, "ask", asked)
    assert render("*slow*") == render("*slow*")
    assert asked.call_count == 1


def test_a_text_is_converted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = render("*once*")
    monkeypatch.setattr(rendering, "_children", None)  # asking it again would be an error
    assert render("*once*") == first


def test_a_child_that_dies_is_replaced() -> None:
    child = TimeLimitedChild("tree.text.rendering", 10)
    assert child.ask("*a*") == "<p><em>a</em></p>"
    assert child._child is not None
    child._child._process.kill()
    child._child._process.wait()
    assert child.ask("*b*") == "<p><em>b</em></p>"
    child.stop()


def test_a_broken_exchange_is_not_answered_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    child = TimeLimitedChild("tree.text.rendering", 10)
    assert child.ask("*a*") == "<p><em>a</em></p>"
    with monkeypatch.context() as patched:
        patched.setattr(
            "knowledgetree.basics.time_limits._Child._receive", Mock(side_effect=OSError(errno.ENOMEM, "no room"))
        )
        with pytest.raises(OSError, match="no room"):
            child.ask("*b*")
    assert child.ask("*c*") == "<p><em>c</em></p>"
    child.stop()


def test_the_time_limit_kills_the_child() -> None:
    child = TimeLimitedChild("tree.text.rendering", 0.5)
    with pytest.raises(TimeLimitExceeded):
        child.ask("[" * 100_000)
    assert child._child is None


def test_nobody_else_sanitises_or_marks_as_safe() -> None:
    root = Path(settings.BASE_DIR)
    python = [p for app in ("tree", "syncing", "knowledgetree") for p in (root / app).rglob("*.py")]
    other = [*(root / "templates").rglob("*.html"), *(root / "tree" / "static").rglob("*.js")]
    for file in python:
        if file.name != "rendering.py":
            assert "mark_safe" not in file.read_text(), file
        if file.name not in ("rendering.py", "elements.py"):  # what elements.py reads becomes Markdown, no page
            assert not re.search(r"\bnh3\b", file.read_text()), file
    for file in other:
        assert not re.search(
            r"\|\s*safe\b|\.innerHTML|\.outerHTML|insertAdjacentHTML|autoescape off", file.read_text()
        ), file


def test_the_colours_of_code_are_those_that_pygments_has_now() -> None:
    assert (Path(settings.BASE_DIR) / "tree/static/tree/code.css").read_text() == code_colours.style_sheet()
