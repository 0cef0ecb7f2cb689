"""Markdown → sanitised HTML: the only caller of the sanitiser, and the only place that marks HTML as safe.

Raw HTML in a text is displayed as it was typed: nothing that a person wrote disappears, and none of it is executed.
The conversion runs in a child process with a time limit, because Python-Markdown takes minutes for some short
texts (20 kB of ``[``); a text that takes too long is displayed as escaped plain text.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from html import unescape
from urllib.parse import SplitResult, unquote, urlsplit
from xml.etree import ElementTree

import markdown
import nh3
from django.core.cache import cache
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER
from pygments.token import STANDARD_TYPES

from knowledgetree.basics.time_limits import TimeLimitedChild, TimeLimitExceeded, serve

MAX_BYTES = 256 * 1024
LIMIT_SECONDS = 1.6
_CACHE_SECONDS = 24 * 3600
_CACHE_SECONDS_PLAIN = 600  # shorter, because the reason may have been a busy machine
_VERSION = "3"  # part of the cache key: raise it when the conversion changes

_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code", "ul", "ol", "li"),
    *("dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "em", "strong", "del", "sub", "sup"),
    *("a", "img", "input", "abbr", "div", "span"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "input": {"checked", "disabled"},
    "ol": {"start"},
    "abbr": {"title"},
}
_VALUES = {"input": {"type": {"checkbox"}}, "th": {"align": {"left", "center", "right"}}}
_CLASSES = {
    "li": {"task-list-item"},
    "ul": {"task-list"},
    "input": {"task-list-control"},
    "div": {"highlight"},
    "span": {name for name in STANDARD_TYPES.values() if name},  # coloured by tree/static/tree/code.css
}
_SCHEMES = {"http", "https", "mailto", "tel"}

# A link to a node in sanitised HTML: nh3 quotes attributes and escapes quotes within them.
_NODE_LINK = re.compile(r'<a href="(/(?:node|view)/([^"/?#]{1,1000})[^"]*)"')

_child = TimeLimitedChild("tree.text.rendering", LIMIT_SECONDS)


def render(text: str) -> SafeString:
    """The HTML of a Markdown text, safe to use in a template. Never raises, and takes at most two seconds."""
    if not text.strip():
        return SafeString("")
    stored = text.encode("utf-8", "replace")
    if len(stored) > MAX_BYTES:
        return _plain(text, "This text is longer than 256 kB and is shown without formatting.")
    key = f"html:{_VERSION}:{hashlib.blake2b(stored, digest_size=16).hexdigest()}"
    html: str | None = cache.get(key)
    if html is None:
        try:
            html = _child.ask(text)
            cache.set(key, html, _CACHE_SECONDS)
        except TimeLimitExceeded:
            html = _plain(text, "Formatting this text takes too long; it is shown as it was written.")
            cache.set(key, str(html), _CACHE_SECONDS_PLAIN)
    return mark_safe(html)  # noqa: S308 (sanitised by to_html, or escaped)


def render_linked(text: str, find_states: Callable[[list[str]], Mapping[str, str | None]]) -> SafeString:
    """Like ``render``, with links to missing nodes marked as broken.

    ``find_states`` takes the ids of the linked nodes and returns the name of each, or None if it is in the trash;
    unknown ids are left out. This is not cached, because nodes come and go without a change to the text.
    """
    html = render(text)
    ids = [unquote(unescape(match.group(2))) for match in _NODE_LINK.finditer(html)]
    if not ids:
        return html
    states = find_states(list(dict.fromkeys(ids)))

    def marked(match: re.Match[str]) -> str:
        uid = unquote(unescape(match.group(2)))
        if states.get(uid) is not None:
            return match.group(0)
        why = "This lies in the trash" if uid in states else "This node is gone"
        return f'<a class="broken" data-why="{why}" href="{match.group(1)}"'

    return mark_safe(_NODE_LINK.sub(marked, html))  # noqa: S308 (only our own strings are inserted)


def to_html(text: str) -> str:
    """Convert and sanitise without a time limit. Headings start at h2, because the page has its own h1."""
    try:
        html = _converter().convert(text)
    except (RecursionError, AssertionError, MemoryError):
        return str(_plain(text, "This text cannot be formatted; it is shown as it was written."))
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        tag_attribute_values=_VALUES,
        allowed_classes=_CLASSES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _plain(text: str, why: str) -> SafeString:
    return mark_safe(f'<p class="hint">{escape(why)}</p><pre class="plain">{escape(text)}</pre>')  # noqa: S308


def _converter() -> markdown.Markdown:
    return markdown.Markdown(
        extensions=[
            "nl2br",
            "sane_lists",
            "tables",
            "def_list",
            "toc",
            "pymdownx.highlight",
            "pymdownx.superfences",
            "pymdownx.magiclink",
            "pymdownx.tasklist",
            "pymdownx.tilde",
            _NoRawHtml(),
            _ImagesOfOthersAsLinks(),
        ],
        extension_configs={
            "toc": {"baselevel": 2, "marker": ""},
            "pymdownx.highlight": {"guess_lang": False},
            "pymdownx.tilde": {"subscript": False},
        },
        output_format="html",
    )


class _LineBreak(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[ElementTree.Element, int, int]:  # type: ignore[override]  # noqa: N802
        return ElementTree.Element("br"), m.start(0), m.end(0)


class _FencesStandAlone(Preprocessor):
    """Text right below a fenced block starts a new paragraph or list, as in other Markdown dialects."""

    _FENCE = re.compile(r"^[ \t>]*" + HTML_PLACEHOLDER % r"\d+" + r"[ \t]*$")

    def run(self, lines: list[str]) -> list[str]:
        spaced: list[str] = []
        for line in lines:
            spaced += ["", line, ""] if self._FENCE.match(line) and ">" not in line else [line]
        return spaced


class _ListsAfterText(Preprocessor):
    """A list may begin right below a line of text, as in other Markdown dialects."""

    _FIRST_ENTRY = re.compile(r"^ {0,3}(?:[-*+]|1\.)[ \t]+\S")
    _NO_TEXT = re.compile(r"^(?:\s|[-*+>|#]|\d+\.)")

    def run(self, lines: list[str]) -> list[str]:
        spaced: list[str] = []
        is_text = False  # whether the line above ends a paragraph that has no list in it
        for line in lines:
            if is_text and self._FIRST_ENTRY.match(line):
                spaced.append("")
            spaced.append(line)
            is_text = bool(line.strip()) and not self._NO_TEXT.match(line) and (is_text or not "".join(spaced[-2:-1]))
        return spaced


class _NoRawHtml(Extension):
    """Treats HTML as text, except ``<br>``, which tables need for a second line."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (the library's name)
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, *"<>|~"]  # CommonMark's; the synced texts escape them
        md.preprocessors.register(_FencesStandAlone(md), "fences_stand_alone", 20)  # after superfences, at 25
        md.preprocessors.register(_ListsAfterText(md), "lists_after_text", 19)
        md.inlinePatterns.register(_LineBreak(r"<br\s*/?>", md), "line_break", 90)


class _ImageLinks(Treeprocessor):
    def run(self, root: ElementTree.Element) -> None:
        linked = {image for link in root.iter("a") for image in link.iter("img")}
        for image in [*root.iter("img")]:
            address = _split(image.get("src", ""))
            if not (address.scheme or address.netloc):
                continue
            text = image.get("alt") or image.get("title") or "image"
            tail = image.tail
            is_link = address.scheme in ("", "http", "https") and image not in linked
            attributes = {"href": image.get("src", "")} if is_link else {}
            image.clear()
            image.tag, image.text, image.tail = "a" if is_link else "span", f"[{text}]", tail
            image.attrib.update(attributes)


class _ImagesOfOthersAsLinks(Extension):
    """Turns images on other hosts, as in e-mails, into links, because our pages load nothing from elsewhere.

    An image without a URL that a browser could open (one inside the e-mail: ``cid:…``) is replaced by its text.
    """

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (the library's name)
        md.treeprocessors.register(_ImageLinks(md), "images_of_others", -1)  # last, when URLs are unescaped


def _split(address: str) -> SplitResult:
    """Split a URL as a browser does, which treats a backslash as a slash."""
    try:
        return urlsplit(address.strip().replace("\\", "/"))
    except ValueError:  # such as half an IPv6 address
        return SplitResult("invalid", "", "", "", "")


if __name__ == "__main__":
    serve(to_html)
