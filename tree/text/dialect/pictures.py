"""Pictures on other hosts, as in e-mails, are links, because our pages load nothing from elsewhere."""

import re
from html import unescape
from xml.etree import ElementTree

import markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

_OURS = re.compile(r"(?![a-z][a-z0-9+.-]*:)(?!/[/\\]|\\)", re.IGNORECASE)  # no scheme and no host
_OPENS = re.compile(r"https?:|//", re.IGNORECASE)
_DROPPED_BY_BROWSERS = re.compile(r"[\t\r\n]")
_TRIMMED_BY_BROWSERS = "".join(map(chr, range(0x21)))


class PicturesOfOthersAsLinks(Extension):
    """A picture without an address that a browser could open (inside the e-mail: ``cid:…``) is replaced by its text."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 (the library's name)
        md.treeprocessors.register(_Pictures(md), "pictures_of_others", -1)  # last, when addresses are unescaped


class _Pictures(Treeprocessor):
    def run(self, root: ElementTree.Element) -> None:
        linked = {image for link in root.iter("a") for image in link.iter("img")}
        for image in [*root.iter("img")]:
            address = as_read_by_browsers(image.get("src", ""))
            if _OURS.match(address):
                image.set("src", address)
                continue
            text = image.get("alt") or image.get("title") or "image"
            tail = image.tail
            is_link = _OPENS.match(address.replace("\\", "/")) is not None and image not in linked
            attributes = {"href": address} if is_link else {}
            image.clear()
            image.tag, image.text, image.tail = "a" if is_link else "span", f"[{text}]", tail
            image.attrib.update(attributes)


def as_read_by_browsers(address: str) -> str:
    """The address with its character references replaced, and without the characters that browsers leave out."""
    return _DROPPED_BY_BROWSERS.sub("", unescape(address)).strip(_TRIMMED_BY_BROWSERS)
