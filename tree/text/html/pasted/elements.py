"""The clipboard's HTML as a tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import nh3

from tree.text.html.tags import VOID, names

_HEADER = re.compile(r"\AVersion:[0-9.]{1,9}\s{1,4}(?:[A-Za-z]{1,30}:[^\r\n]{0,2000}[\r\n]+){1,12}")  # Windows' own
_CONTENT_DROPPED = names(
    "script style title template noscript iframe object svg math audio video select textarea button"
)
_ATTRIBUTES = {
    *("style", "class", "id", "name", "href", "src", "alt", "align", "start", "type", "checked", "hidden"),
    *("colspan", "rowspan", "role", "aria-level", "aria-checked", "data-aria-level"),
}
_TAGS = names(
    "p div h1 h2 h3 h4 h5 h6 blockquote pre ul ol li dl dt dd table thead tbody tfoot tr td th caption hr br"
    " a img input b strong i em s strike del code kbd samp tt sub sup span font section article main header footer"
    " aside nav figure figcaption address center details summary"
)
BLOCKS = _TAGS - names("br a img input b strong i em s strike del code kbd samp tt sub sup span font")


@dataclass
class Element:
    """An element with what is in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def elements(self) -> list["Element"]:
        """The elements that are directly in this one."""
        return [child for child in self.children if isinstance(child, Element)]

    def all(self) -> Iterator["Element"]:
        """All elements within this one, in their order."""
        for child in self.elements():
            yield child
            yield from child.all()

    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def has_blocks(self) -> bool:
        return any(element.tag in BLOCKS for element in self.all())


def parsed(html: str) -> Element:
    """The tree of a page or a part of one. Scripts, styles, comments and unknown attributes are gone."""
    clean = nh3.clean(
        _HEADER.sub("", html.lstrip("\ufeff")),
        tags=set(_TAGS),
        clean_content_tags=set(_CONTENT_DROPPED),
        attributes={"*": _ATTRIBUTES},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
        strip_comments=True,
    )
    builder = _Builder()
    builder.feed(clean)
    builder.close()
    return builder.root


class _Builder(HTMLParser):
    """Reads the sanitiser's HTML, in which each element is closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("div")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1].tag == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)
