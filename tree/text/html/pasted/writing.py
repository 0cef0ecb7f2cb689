"""The tree as plain HTML for the converter: blocks, and in them each text with its marks, once.

Programs mark a text by elements, by styles, or by both, and break it into pieces for reasons of their own. Here, pieces
with the same marks are one again.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html import escape
from itertools import groupby

from tree.text.html.pasted.elements import BLOCKS, Element
from tree.text.html.pasted.paragraphs import code_text
from tree.text.html.pasted.styles import declarations, is_bold, is_invisible, is_monospace, keeps_blanks
from tree.text.html.signs import without_noncharacters
from tree.text.html.tags import names

# Noncharacters stand for what Markdown writes and HTML has no element for; they become it when all else is escaped.
NOTE_BEGINS, NOTE_ENDS, UNTICKED, TICKED = "\U0001fffe", "\U0001ffff", "\U0002fffe", "\U0002ffff"
_OURS = str.maketrans(dict.fromkeys((NOTE_BEGINS, NOTE_ENDS, UNTICKED, TICKED), "\ufffd"))
_MARKS = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "s": "del", "strike": "del", "del": "del"}
_MARKS |= {"code": "code", "kbd": "code", "samp": "code", "tt": "code", "sub": "sub", "sup": "sup"}
_ORDER = ("del", "strong", "em", "sup", "sub", "code")
_HEADINGS = names("h1 h2 h3 h4 h5 h6")
_BOLD_ANYWAY = _HEADINGS | {"th"}
_PLAIN = names("p ul ol li blockquote hr table tr td th dl dt dd h1 h2 h3 h4 h5 h6")  # other blocks are <div>
_BLANKS = re.compile(r"[ \t\r\n\f\u00a0]+")
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True)
class _Style:
    """How a text is to be read: its marks, where it leads to, whether its line breaks count."""

    marks: frozenset[str] = frozenset()
    href: str = ""
    keeps: bool = False
    unmarked: frozenset[str] = frozenset()  # what says nothing here, as bold in a heading

    def within(self, element: Element) -> "_Style":
        declared = declarations(element)
        marks = self.marks | ({_MARKS[element.tag]} if element.tag in _MARKS else set())
        unmarked = self.unmarked | ({"strong"} if element.tag in _BOLD_ANYWAY else set())
        for mark, is_so in _declared(declared, element.tag):
            marks = marks | {mark} if is_so else marks - {mark}
        keeps = keeps_blanks(declared)
        return replace(self, marks=marks, keeps=self.keeps if keeps is None else keeps, unmarked=unmarked)


def _declared(declared: dict[str, str], tag: str) -> Iterable[tuple[str, bool]]:
    if not declared:
        return
    if (bold := is_bold(declared)) is not None:
        yield "strong", bold
    if "font-style" in declared:
        yield "em", declared["font-style"].startswith(("italic", "oblique"))
    decoration = declared.get("text-decoration", "") + declared.get("text-decoration-line", "")
    if "line-through" in decoration:
        yield "del", True
    if (monospace := is_monospace(declared)) is not None and tag not in _MARKS:
        yield "code", monospace
    if declared.get("vertical-align") in ("super", "sub"):
        yield {"super": "sup", "sub": "sub"}[declared["vertical-align"]], True


@dataclass(frozen=True)
class _Run:
    """A piece of text, or of HTML that stands in a text."""

    text: str
    style: _Style
    is_html: bool = False


@dataclass
class Writer:
    """Writes elements one after the other. ``origin`` is the address of this site, whose links are written without."""

    origin: str = ""
    _output: list[str] = field(default_factory=list)
    _runs: list[_Run] = field(default_factory=list)

    def html(self, element: Element) -> str:
        """The HTML of what is in an element."""
        self._children(element, _Style())
        self._end_of_text()
        return "".join(self._output)

    def note(self, key: str, element: Element) -> None:
        """Write a footnote, which is one paragraph."""
        self._end_of_text()
        self._output.append(f"<p>{NOTE_BEGINS}{key}{NOTE_ENDS}: ")
        inline = Writer(self.origin)
        inline._flat(element, _Style())
        inline._end_of_text()
        self._output += [*inline._output, "</p>"]

    def _flat(self, element: Element, style: _Style) -> None:
        """What is in an element as text without blocks."""
        for child in element.children:
            if isinstance(child, Element) and child.tag in BLOCKS:
                self._flat(child, style.within(child))
                self._runs.append(_Run(" ", style))
            else:
                self._child(child, style)

    def _children(self, element: Element, style: _Style) -> None:
        for child in element.children:
            self._child(child, style)

    def _child(self, child: Element | str, style: _Style) -> None:
        if isinstance(child, str):
            self._text(child, style)
        elif is_invisible(child):
            return
        elif child.tag in BLOCKS:
            self._block(child, style)
        else:
            self._inline(child, style)

    def _text(self, text: str, style: _Style) -> None:
        text = without_noncharacters(text).translate(_OURS)
        if not style.keeps:
            self._runs.append(_Run(text, style))
            return
        for number, line in enumerate(_LINE_END.split(text)):
            if number:
                self._runs.append(_Run("<br>", style, is_html=True))
            self._runs.append(_Run(line, style))

    def _block(self, element: Element, style: _Style) -> None:
        self._end_of_text()
        if element.tag == "pre":
            text = without_noncharacters(code_text(element)).translate(_OURS)
            self._output.append(f"<pre>{escape(text, quote=False)}</pre>" if text.strip() else "")
            return
        if element.tag == "hr":
            self._output.append("<hr>")
            return
        tag = element.tag if element.tag in _PLAIN else "div"
        start = element.get("start") if tag == "ol" else ""
        self._output.append(f'<{tag} start="{start}">' if start.isdecimal() and start != "1" else f"<{tag}>")
        inner = style.within(element)
        if tag == "li" and element.get("role") == "checkbox":
            self._box(inner, is_ticked=element.get("aria-checked") == "true")
        self._children(element, inner)
        self._end_of_text()
        self._output.append(f"</{tag}>")

    def _inline(self, element: Element, style: _Style) -> None:
        if element.tag == "br":
            self._runs.append(_Run("<br>", style, is_html=True))
        elif element.tag == "img":
            self._picture(element, style)
        elif element.tag == "note":
            self._runs.append(_Run(f"{NOTE_BEGINS}{element.get('id')}{NOTE_ENDS}", _Style(), is_html=True))
        elif element.tag == "input":
            if element.get("type").lower() == "checkbox":
                self._box(style, is_ticked="checked" in element.attributes)
        elif element.tag == "a" and (href := self._address(element)):
            self._children(element, replace(style.within(element), href=href))
        else:
            self._children(element, style.within(element))

    def _box(self, style: _Style, *, is_ticked: bool) -> None:
        self._runs.append(_Run(f"{TICKED if is_ticked else UNTICKED} ", replace(style, marks=frozenset()), True))

    def _picture(self, element: Element, style: _Style) -> None:
        """No picture of elsewhere is taken: what it shows, in brackets, or that there was one in a document."""
        described = " ".join(element.get("alt").split())
        is_of_web = element.get("src").lower().startswith(("http:", "https:", "/"))
        if described and not described.isascii() and len(described) <= 8:
            self._text(described, style)  # an emoji
        elif described or not is_of_web:
            self._text(f"[{described or 'picture'}]", style)

    def _address(self, element: Element) -> str:
        address = "".join(element.get("href").split())
        if self.origin and address.startswith(f"{self.origin}/"):
            return address[len(self.origin) :]
        return address if address.lower().startswith(("http:", "https:", "mailto:", "tel:", "/")) else ""

    def _end_of_text(self) -> None:
        """Write the texts since the last block."""
        runs = _in_single_blanks(self._runs)
        self._runs = []
        for href, linked in groupby(runs, lambda run: run.style.href):
            words = "".join(_marked(linked))
            self._output.append(f'<a href="{escape(href)}">{words}</a>' if href and words.strip() else words)


def _in_single_blanks(runs: list[_Run]) -> list[_Run]:
    """The texts with single blanks, none at the beginning or end of a line; blanks have the marks of what is before."""
    kept: list[_Run] = []
    ends_with_blank = True
    for run in runs:
        if run.is_html:
            if run.text == "<br>":
                _strip_end(kept)
                ends_with_blank = True
            else:
                ends_with_blank = run.text.endswith(" ")
            kept.append(run)
            continue
        text = _BLANKS.sub(" ", run.text)
        text = text[1:] if ends_with_blank and text.startswith(" ") else text
        if not text:
            continue
        ends_with_blank = text.endswith(" ")
        style = kept[-1].style if kept and not text.strip() and not kept[-1].is_html else run.style
        kept.append(_Run(text, style if text.strip() else replace(style, href=run.style.href)))
    while kept and kept[-1].text == "<br>":
        kept.pop()
    _strip_end(kept)
    return kept


def _strip_end(runs: list[_Run]) -> None:
    if runs and not runs[-1].is_html and not (rest := runs[-1].text.rstrip(" ")):
        runs.pop()
    elif runs and not runs[-1].is_html:
        runs[-1] = replace(runs[-1], text=rest)


def _marked(runs: Iterable[_Run]) -> Iterable[str]:
    """Texts with equal marks in the elements of these marks, the blanks around them outside."""
    for marks, alike in groupby(runs, lambda run: run.style.marks - run.style.unmarked):
        html = "".join(run.text if run.is_html else escape(run.text, quote=False) for run in alike)
        inner = html.strip(" ")
        ordered = [mark for mark in _ORDER if mark in marks]
        if not inner or not ordered or inner.startswith("<br>"):
            yield html
            continue
        before, after = html[: len(html) - len(html.lstrip(" "))], html[len(html.rstrip(" ")) :]
        opened = "".join(f"<{mark}>" for mark in ordered)
        closed = "".join(f"</{mark}>" for mark in reversed(ordered))
        yield f"{before}{opened}{inner.replace('<br>', f'{closed}<br>{opened}')}{closed}{after}"
