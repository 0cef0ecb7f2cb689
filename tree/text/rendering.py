"""Markdown → sanitised HTML: the only caller of the sanitiser, and the only place that marks HTML as safe.

Raw HTML in a text is displayed as it was typed: nothing that a person wrote disappears, and none of it is executed.
The conversion runs in a child process with a time limit, because Python-Markdown takes minutes for some short
texts (20 kB of ``[``); a text that takes too long is displayed as escaped plain text.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from urllib.parse import unquote

import nh3
from django.core.cache import cache
from django.urls import get_script_prefix
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown import Markdown
from pygments.token import STANDARD_TYPES

from knowledgetree.basics.shared_work import SharedWork
from knowledgetree.basics.time_limits import NoAnswer, TimeLimitedChildren, TimeLimitExceeded, serve
from tree.text.dialect import converter
from tree.text.dialect.anchors import PREFIX
from tree.text.dialect.directions import HOLDERS, LEAVES
from tree.text.dialect.front_matter import CSS_CLASS as FRONT_MATTER

MAX_BYTES = 256 * 1024
LIMIT_SECONDS = 1.6  # of the processor's time
_AT_ONCE = 8  # children: more than threads of a web process
_CACHE_SECONDS = 24 * 3600
_VERSION = "7"  # part of the cache key: raise it when the conversion changes

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
    **{key: {"id"} for key in ("h2", "h3", "h4", "h5", "h6", "li", "sup")},
}
_ALIGN = {"align": {"left", "center", "right"}}
_VALUES = {tag: {"dir": {"auto"}} for tag in LEAVES} | {tag: {"dir": {"rtl"}} for tag in HOLDERS}
_VALUES |= {tag: {"dir": {"auto"}, **_ALIGN} for tag in ("th", "td")} | {"input": {"type": {"checkbox"}}}
_ALERTS = {"note", "tip", "important", "warning", "caution"}
_CLASSES = {
    "li": {"task-list-item"},
    "ul": {"task-list"},
    "input": {"task-list-control"},
    "a": {"footnote-ref", "footnote-backref"},
    "p": {"admonition-title"},
    "table": {FRONT_MATTER},
    "div": {"highlight", "footnote", "admonition", *_ALERTS},
    "span": {name for name in STANDARD_TYPES.values() if name},  # coloured by tree/static/tree/code.css
}
_SCHEMES = {"http", "https", "mailto", "tel"}

# A link to a node in sanitised HTML: nh3 quotes attributes and escapes quotes within them.
_NODE_LINK = re.compile(r'<a href="(/(?:node|view)/([^"/?#]{1,1000})[^"]*)"')

_WITHIN_SITE = re.compile(r' (href|src)="/(?!/)')
_TAGS_AND_TEXTS = re.compile(r'<(?:[^<>"]++|"[^"]*+")*+>|[^<]++|<')  # a quoted attribute may hold < and >
_NO_LINKS_IN = re.compile(r"<(/?)(?:a|code|pre)\b")
_TICKET_NUMBER = re.compile(r"(?<![\w&/#])#(?P<number>[0-9]{2,12})(?![\w;])")

_converter: Markdown | None = None
_children = TimeLimitedChildren("tree.text.rendering", LIMIT_SECONDS, places=_AT_ONCE, kept=2)
_shared: SharedWork[str] = SharedWork()


def render(text: str) -> SafeString:
    """The HTML of a Markdown text, safe to use in a template. Never raises, and works for at most LIMIT_SECONDS."""
    return mark_safe(_below_prefix(_html_of(text)))  # noqa: S308 (sanitised by to_html, or escaped)


def _html_of(text: str) -> str:
    """Safe HTML, in which links within the site begin with a slash."""
    if not text.strip():
        return ""
    stored = text.encode("utf-8", "replace")
    if len(stored) > MAX_BYTES:
        return str(_plain(text, "This text is longer than 256 kB and is shown without formatting."))
    key = f"html:{_VERSION}:{hashlib.blake2b(stored, digest_size=16).hexdigest()}"
    html: str | None = cache.get(key)
    return html if html is not None else _shared.result(key, lambda: _formatted(text, key))


def _below_prefix(html: str) -> str:
    """The HTML with its links within the site below the prefix of a proxy, if there is one."""
    prefix = get_script_prefix().removesuffix("/")
    if not prefix:
        return html
    pieces = _TAGS_AND_TEXTS.findall(html)
    return "".join(_WITHIN_SITE.sub(rf' \1="{prefix}/', p, count=1) if p[0] == "<" else p for p in pieces)


def _formatted(text: str, key: str) -> str:
    """The HTML, which is kept for the next time; also that a text takes too long, so that it is tried only once."""
    try:
        html = _children.ask(text)
    except TimeLimitExceeded:
        html = str(_plain(text, "Formatting this text takes too long; it is shown as it was written."))
    except NoAnswer:
        return str(_plain(text, "This text could not be formatted just now; it is shown as it was written."))
    cache.set(key, html, _CACHE_SECONDS)
    return html


def render_linked(text: str, find_states: Callable[[list[str]], Mapping[str, str | None]]) -> SafeString:
    """Like ``render``, with links to missing nodes marked as broken.

    ``find_states`` takes the ids of the linked nodes and returns the name of each, or None if it is in the trash;
    unknown ids are left out. This is not cached, because nodes come and go without a change to the text.
    """
    html = _html_of(text)
    ids = [unquote(unescape(match.group(2))) for match in _NODE_LINK.finditer(html)]
    if not ids:
        return mark_safe(_below_prefix(html))  # noqa: S308 (as in render)
    states = find_states(list(dict.fromkeys(ids)))

    def marked(match: re.Match[str]) -> str:
        uid = unquote(unescape(match.group(2)))
        if states.get(uid) is not None:
            return match.group(0)
        why = "This lies in the trash" if uid in states else "This node is gone"
        return f'<a class="broken" data-why="{why}" href="{match.group(1)}"'

    return mark_safe(_below_prefix(_NODE_LINK.sub(marked, html)))  # noqa: S308 (only our own strings are inserted)


def ticket_numbers(text: str) -> list[str]:
    """The distinct numbers in a text that may be those of tickets, in order."""
    return list(dict.fromkeys(match["number"] for match in _TICKET_NUMBER.finditer(text)))


def with_ticket_links(html: SafeString, addresses: Mapping[str, tuple[str, str]]) -> SafeString:
    """HTML of ``render`` in which numbers like ``#1234`` are links; those in links and in code stay as they are.

    ``addresses`` maps numbers to the address and the title of each ticket.
    """
    if not addresses:
        return html

    def linked(match: re.Match[str]) -> str:
        if match["number"] not in addresses:
            return match[0]
        address, title = addresses[match["number"]]
        return f'<a href="{escape(address)}" title="{escape(title)}">#{match["number"]}</a>'

    return mark_safe("".join(_linked_texts(html, linked)))  # noqa: S308 (only escaped strings are inserted)


def _linked_texts(html: str, linked: Callable[[re.Match[str]], str]) -> Iterator[str]:
    """Sanitised HTML in pieces; ``linked`` replaces the numbers of tickets in its texts."""
    depth = 0  # of links and code
    for piece in _TAGS_AND_TEXTS.findall(html):
        if found := _NO_LINKS_IN.match(piece):
            depth += -1 if found[1] else 1
        yield piece if depth or piece.startswith("<") else _TICKET_NUMBER.sub(linked, piece)


def to_html(text: str) -> str:
    """Convert and sanitise without a time limit. Headings start at h2, because the page has its own h1."""
    global _converter  # noqa: PLW0603 (making one takes longer than most texts)
    if _converter is None:
        _converter = converter()
    try:
        html = _converter.reset().convert(unicodedata.normalize("NFC", text))
    except (RecursionError, AssertionError, MemoryError):
        _converter = None  # it stopped half-way
        return str(_plain(text, "This text cannot be formatted; it is shown as it was written."))
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        tag_attribute_values=_VALUES,
        set_tag_attribute_values={"input": {"aria-label": "Done"}},
        allowed_classes=_CLASSES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
        id_prefix=PREFIX,
    )


def _plain(text: str, why: str) -> SafeString:
    return mark_safe(f'<p class="hint">{escape(why)}</p><pre class="plain">{escape(text)}</pre>')  # noqa: S308


if __name__ == "__main__":
    serve(to_html)
