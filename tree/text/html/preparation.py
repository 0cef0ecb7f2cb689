"""Prepares HTML for the converter.

The converter writes the text between tags into the Markdown as it is, so ``*`` and its like would become markup, and
what looks like a tag and is none would vanish. Here, the signs of all texts are hidden (``signs.py``), brackets that
are no tags become text, tables are told apart (``tables.py``), and what no mail program shows is dropped.
"""

import re
from collections.abc import Mapping
from html import escape, unescape

from msgspec import Struct

from tree.text.html.raised import MARKS, form
from tree.text.html.signs import BREAK, hidden, without_noncharacters
from tree.text.html.tables import Table, ends_a_line, is_of_a_table, only_lays_out
from tree.text.html.tags import BLOCKS, ELEMENTS, OFFICE, STRUCTURE, VOID, names, tags_of

_NEVER_SHOWN = names("style script title iframe svg template audio video xml")
_WRITTEN = names("p hr ul ol li dl dt dd")  # other blocks are written as <div>
_EMPHASIS = names("b strong i em s strike del")
_VALUE = r"""\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
_ATTRIBUTES = {name: re.compile(rf"(?<![\w-]){name}{_VALUE}", re.IGNORECASE) for name in ("href", "src", "alt")}
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_ATTRIBUTE = re.compile(r"\shidden(?![\w-])", re.IGNORECASE)
_KEEPS_LINES = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_BLANKS = re.compile(r"(?<!\s)\s*[\r\n]\s*")
_DROPPED = re.compile(r"<!--|<!doctype\s+html\b|<!\[(?:if|else|endif)\b|<\?xml\b", re.IGNORECASE)  # of no element
_ANY_TAG = re.compile(r"<[^<>]*+>")
_NAMED_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*+)")
_BREAKING = BLOCKS | {"br"}
_DEEPEST = 200  # nested blocks; the converter drops what is nested more than a thousand times
_NESTED = BLOCKS - names("html head body p li dt dd hr pre h1 h2 h3 h4 h5 h6 option")
_MOST_WITHIN_RAISED = 12  # tags: more of them are no number that somebody made small
_DEEPEST_QUOTE = 6  # deeper ones stay there: a page has no room for more, and Python-Markdown takes too long for them


class Form(Struct, frozen=True):
    """What the HTML is to become. In a document, all tables are such of facts, and entries of lists may hold code."""

    headings: Mapping[str, str]
    is_of_a_document: bool


# The headings of a mail are below those of the ticket that it is in, which go down to the third level.
MAIL = Form({"h1": "h4", "h2": "h5", "h3": "h6", "h4": "h6", "h5": "h6", "h6": "h6"}, is_of_a_document=False)
NOTE = Form({name: name for name in ("h1", "h2", "h3", "h4", "h5", "h6")}, is_of_a_document=True)


def prepared(html: str, form: Form = MAIL) -> str:
    """The HTML as the converter reads it without losing anything. The Markdown is for ``signs.shown``."""
    return "".join(_Preparation(html, form).run())


def text_alone(prepared_html: str) -> str:
    """The text of prepared HTML, a line for each block; for nesting that is too deep for the converter."""
    lines = unescape(_ANY_TAG.sub("\n", prepared_html)).replace(BREAK, "\n")
    return "  \n".join(line for line in map(str.strip, lines.splitlines()) if line)


def depth(prepared_html: str) -> int:
    """How deep elements are nested in prepared HTML, at most; ends that are missing count as if they never came."""
    deepest = now = 0
    for name, is_end in ((tag[2], bool(tag[1])) for tag in _NAMED_TAG.finditer(prepared_html)):
        if name not in VOID:
            now += -1 if is_end else 1
            deepest = max(deepest, now)
    return deepest


class _Preparation:
    """One pass over the tags and texts of a body."""

    def __init__(self, html: str, form: Form) -> None:
        self._form = form
        self._html = without_noncharacters(html)
        self._found = tags_of(self._html)
        self._tags = [(tag["name"] or "").lower() for tag in self._found]
        self._closed = {name for name, tag in zip(self._tags, self._found, strict=True) if tag["end"]}
        self._output: list[str] = []
        self._tables: list[Table] = []
        self._emphasis: list[bool] = []  # for each open one: whether it is written
        self._links: list[bool] = []
        self._quotes = self._nested = 0
        self._lists = 0
        self._fence = ""  # "pre" or "code" while the text is code
        self._hides = _INVISIBLE.search(self._html) is not None
        self._keeps_lines = not _BREAKING.intersection(self._tags)
        self._keeping = ""  # the element that keeps its line breaks, and how many of that name are open
        self._depth = 0
        self._raised: Mapping[int, str] = {}  # what the letters of a raised or lowered text become

    def run(self) -> list[str]:
        """The pieces of the prepared HTML."""
        position, dropped = 0, ""
        for number, (name, tag) in enumerate(zip(self._tags, self._found, strict=True)):
            if dropped:
                if name == dropped and tag["end"]:
                    dropped, position = "", tag.end()
                continue
            self._text(self._html[position : tag.start()])
            position = tag.end()
            if name in _NEVER_SHOWN and not tag["end"] and name in self._closed and not self._fence:
                dropped = name
            elif name:
                self._tag(name, tag, number)
            elif not _DROPPED.match(tag.group()):
                self._typed(tag.group())
        self._text(self._html[position:])
        while self._tables:
            self._end_table()
        return self._output

    # Texts

    def _text(self, text: str) -> None:
        if not text:
            return
        if self._fence:
            self._write(text)
            return
        if "&" in text:
            text = unescape(text)
        if "\n" not in text and "\r" not in text:
            self._words(text)
        elif self._keeps_lines or self._keeping:
            first, *others = text.splitlines()
            if text[-1] in "\r\n":
                others.append("")  # what follows is on another line
            self._words(first)
            for line in others:
                self._line_break("br", "<br>", is_end=False)
                self._words(line)
        else:
            self._words(_BLANKS.sub(" ", text))

    def _words(self, text: str) -> None:
        if self._raised:
            text = text.translate(self._raised)
        self._write(hidden(text))
        if self._tables:
            self._tables[-1].text(text)

    def _typed(self, tag: str) -> None:
        if self._fence:
            self._write(escape(tag))
        else:
            self._words(tag)

    def _write(self, html: str) -> None:
        self._output.append(html)

    # Tags

    def _tag(self, name: str, tag: re.Match[str], number: int) -> None:
        is_end, attributes = bool(tag["end"]), tag["rest"]
        if self._fence:
            self._in_code(name, is_end, tag.group())
        elif self._is_word(name, attributes, is_end):
            self._words(tag.group())
        elif is_of_a_table(name):
            self._of_table(name, attributes, is_end)
        elif name == "code" and self._is_one_text(number):
            self._fence = name
            self._write("<code>")
        elif name in MARKS:
            self._raise(name, number, is_end=is_end)
        elif name in BLOCKS or name == "br":
            self._block(name, attributes, is_end)
        else:
            self._inline(name, attributes, is_end)
        if name == "span" or name in BLOCKS:
            self._keep_lines(name, attributes, is_end)

    def _is_word(self, name: str, attributes: str, is_end: bool) -> bool:
        """Whether this is a word in brackets: of no element, or of one that is nowhere closed, as in ``<address>``."""
        if name not in ELEMENTS:
            return not _is_of_office(name)
        return not is_end and name not in STRUCTURE and name not in self._closed and "=" not in attributes

    def _inline(self, name: str, attributes: str, is_end: bool) -> None:
        if name == "a":
            self._link(attributes, is_end)
        elif name == "img":
            self._picture(attributes)
        elif name in _EMPHASIS:
            self._emphasize(name, is_end)
        elif self._hides and name in ("span", "font"):
            self._write(f"</{name}>" if is_end else _opening(name, attributes))

    def _block(self, name: str, attributes: str, is_end: bool) -> None:
        if name in ("html", "head", "body"):
            return
        if name in ("ul", "ol"):
            self._lists += -1 if is_end else 1
        if name == "pre":
            if not is_end and not self._tables and (self._lists < 1 or self._form.is_of_a_document):
                self._fence = name
            self._line_break(name, f"<{'/' if is_end else ''}{'pre' if self._fence else 'div'}>", is_end)
            return
        if name in _NESTED and self._is_too_deep(is_end):
            self._line_break(name, "<br>", is_end)
            return
        if name == "blockquote":
            self._quotes += 0 if is_end else 1
            written = "blockquote" if 0 < self._quotes <= _DEEPEST_QUOTE else "div"
            self._quotes -= 1 if is_end and self._quotes else 0
        else:
            written = self._form.headings.get(name) or (name if name in _WRITTEN or name == "br" else "div")
        if name == "ol" and not is_end:
            self._line_break(name, f"<ol{attributes}>" if "start" in attributes else "<ol>", is_end)
        else:
            self._line_break(name, f"</{written}>" if is_end else _opening(written, attributes), is_end)

    def _is_too_deep(self, is_end: bool) -> bool:
        """Count a nested element that begins or ends; returns whether it is to be written flat."""
        self._nested += 0 if is_end else 1
        is_too_deep = self._nested > _DEEPEST
        self._nested -= 1 if is_end and self._nested else 0
        return is_too_deep

    def _line_break(self, name: str, html: str, is_end: bool) -> None:
        if self._tables and ends_a_line(name):
            self._tables[-1].line_break(len(self._output), name, is_end)
        self._write(html)

    def _keep_lines(self, name: str, attributes: str, is_end: bool) -> None:
        """Follow the element whose text is shown with the line breaks that it has in the source."""
        if self._keeping == name:
            self._depth += -1 if is_end else 1
            self._keeping = name if self._depth else ""
        elif not self._keeping and not is_end and name in self._closed and self._says_keep(name, attributes):
            self._keeping, self._depth = name, 1

    def _says_keep(self, name: str, attributes: str) -> bool:
        return (name == "pre" and not self._fence) or _KEEPS_LINES.search(attributes) is not None

    def _emphasize(self, name: str, is_end: bool) -> None:
        """Write the outermost of nested emphasis only, and none right after another: Markdown could not tell them."""
        if is_end:
            if self._emphasis and self._emphasis.pop():
                self._write(f"</{name}>")
            return
        is_written = not any(self._emphasis) and not (self._output and self._output[-1] in _ENDS_OF_EMPHASIS)
        self._emphasis.append(is_written)
        if is_written:
            self._write(f"<{name}>")

    def _link(self, attributes: str, is_end: bool) -> None:
        if self._links and self._links.pop():  # links cannot be nested, so a beginning is the end of the one before
            self._write("</a>")
        if is_end:
            return
        address = _BLANKS.sub("", _attribute("href", attributes)).strip()
        is_written = bool(address) and not address.lower().startswith(("javascript:", "data:", "#", "cid:"))
        self._links.append(is_written)
        if is_written:
            self._write(f'<a href="{escape(address)}">')

    def _picture(self, attributes: str) -> None:
        """A picture of the web stays one; any other is replaced by its description, in brackets."""
        address, described = _attribute("src", attributes).strip(), " ".join(_attribute("alt", attributes).split())
        if address.lower().startswith(("http:", "https:")):
            self._write(f'<img src="{escape(address)}" alt="{escape(hidden(described))}">')
        elif described or address:
            name = "image" if ":" in address else address.rpartition("/")[2] or "image"
            self._words(f"[{described or name}]")

    def _in_code(self, name: str, is_end: bool, tag: str) -> None:
        if name == self._fence and is_end:
            self._write(f"</{name}>")
            self._fence = ""
        elif name == "br":
            self._write("\n")
        elif name in MARKS and not is_end:
            self._write(MARKS[name])
        elif name not in ELEMENTS and not _is_of_office(name):
            self._write(escape(tag))

    def _raise(self, name: str, number: int, *, is_end: bool) -> None:
        """Begin or end a raised or lowered text."""
        self._raised = {}
        if is_end:
            return
        within = self._tags[number + 1 : number + 1 + _MOST_WITHIN_RAISED]
        if name in within:
            last = self._found[number + 1 + within.index(name)]
            text = _ANY_TAG.sub("", self._html[self._found[number].end() : last.start()])
            before, after = self._output[-1][-1:] if self._output else "", self._html[last.end() : last.end() + 1]
            mark, self._raised = form(name, unescape(text), before, after)
            if mark:
                self._words(mark)

    def _is_one_text(self, number: int) -> bool:
        """Whether the next tag ends this element, and no table is around it, whose cells code would break."""
        after = number + 1
        if self._tables or after == len(self._found) or self._tags[after] != self._tags[number]:
            return False
        text = self._html[self._found[number].end() : self._found[after].start()]
        return bool(self._found[after]["end"]) and bool(text.strip()) and "\n" not in text

    # Tables

    def _of_table(self, name: str, attributes: str, is_end: bool) -> None:
        if name == "table" and not is_end:
            if self._tables:
                self._tables[-1].is_layout = True
            is_flat = self._is_too_deep(is_end)
            self._tables.append(
                Table(
                    is_flat=is_flat,
                    is_layout=is_flat or self._lists > 0 or only_lays_out(attributes),
                    is_of_facts=self._form.is_of_a_document,
                )
            )
        elif not self._tables:
            self._write("</div>" if is_end else "<div>")
            return
        table = self._tables[-1]
        if table.is_in_cell and not is_end and name != "table":
            self._table_tag("td", "</td>", is_end=True)
        if name == "table" and is_end:
            self._end_table()
        elif not (is_end and name in ("td", "th") and not table.is_in_cell):
            spans = attributes if name in ("td", "th") and "span" in attributes.lower() else ""
            self._table_tag(name, f"</{name}>" if is_end else f"<{name}{spans}>", is_end=is_end)

    def _table_tag(self, name: str, html: str, *, is_end: bool) -> None:
        self._tables[-1].tag(len(self._output), name, is_end)
        self._write(html)

    def _end_table(self) -> None:
        if self._tables[-1].is_in_cell:
            self._table_tag("td", "</td>", is_end=True)
        self._table_tag("table", "</table>", is_end=True)
        self._is_too_deep(is_end=True)
        self._tables.pop().finish(self._output)


_ENDS_OF_EMPHASIS = frozenset(f"</{name}>" for name in _EMPHASIS)


def _is_of_office(name: str) -> bool:
    prefix, colon, _ = name.partition(":")
    return bool(colon) and prefix in OFFICE


def _opening(name: str, attributes: str) -> str:
    """The tag with nothing but whether it is invisible."""
    if attributes and (_INVISIBLE.search(attributes) or _HIDDEN_ATTRIBUTE.search(_QUOTED.sub("", attributes))):
        return f'<{name} style="display:none">'
    return f"<{name}>"


def _attribute(name: str, attributes: str) -> str:
    found = _ATTRIBUTES[name].search(attributes)
    return unescape(next((value for value in found.groups() if value), "")) if found else ""
