"""Paragraphs that say by their class or font what they are."""

import re

from tree.text.html.pasted.elements import BLOCKS, Element
from tree.text.html.pasted.styles import declarations, is_monospace, keeps_blanks
from tree.text.html.tags import names

_CODE = names("code kbd samp tt")
_NO_CODE_IN = names("table ul ol dl")
_OF_WORD = {"msotitle": "h1", "msosubtitle": "h2", "msoquote": "blockquote", "msointensequote": "blockquote"}
_HEADING = re.compile(r"msoheading([1-6])|msoheading([7-9])")


def with_headings(root: Element) -> None:
    """Turn paragraphs that Word and web pages use as headings or quotes into such."""
    for element in root.all():
        if element.get("role") == "heading" and element.get("aria-level") in ("1", "2", "3", "4", "5", "6"):
            element.tag = f"h{element.get('aria-level')}"
        elif element.tag in ("p", "div"):
            name = element.get("class").lower().split(" ")[0]
            element.tag = _OF_WORD.get(name, element.tag)


def with_code(element: Element, *, is_code: bool = False, keeps: bool = False) -> None:
    """Turn paragraphs that are set in a font of code, one below the other, into one block of code."""
    if element.tag in _NO_CODE_IN:
        return
    children: list[Element | str] = []
    lines: list[Element] = []
    for child in element.children:
        if isinstance(child, Element) and child.tag in ("p", "div") and _is_code(child, is_code=is_code):
            lines.append(child)
        elif not (lines and isinstance(child, str) and not child.strip()):
            children += [_block(lines)] if lines else []
            children.append(child)
            lines = []
    children += [_block(lines)] if lines else []
    element.children = children
    for child in element.elements():
        if child.tag in BLOCKS and child.tag != "pre":
            declared = declarations(child)
            with_code(
                child,
                is_code=is_code if (own := is_monospace(declared)) is None else own,
                keeps=keeps if (kept := keeps_blanks(declared)) is None else kept,
            )


def code_text(element: Element) -> str:
    """The text of a block of code, with its line breaks."""
    return "".join(_pieces(element)).replace("\u00a0", " ").strip("\n")


def _pieces(element: Element) -> list[str]:
    pieces: list[str] = []
    for child in element.children:
        if isinstance(child, str):
            pieces.append(child)
        elif child.tag == "br":
            pieces.append("\n")
        elif child.tag in BLOCKS:
            inner = "".join(_pieces(child))
            begins = "\n" if pieces and not pieces[-1].endswith("\n") else ""
            pieces.append(f"{begins}{inner}" + ("" if inner.endswith("\n") else "\n"))
        else:
            pieces += _pieces(child)
    return pieces


def _block(lines: list[Element]) -> Element:
    return Element("pre", children=[code_text(Element("div", children=list(lines)))])


def _is_code(element: Element, *, is_code: bool) -> bool:
    """Whether all words of a paragraph, or of the paragraphs in it, are set in a font of code."""
    if any(inner.tag in _NO_CODE_IN or inner.tag in ("img", "pre") for inner in element.all()):
        return False
    return bool(element.text().strip()) and _has_only_code(element, is_code=is_code)


def _has_only_code(element: Element, *, is_code: bool) -> bool:
    own = True if element.tag in _CODE else is_monospace(declarations(element))
    is_code = is_code if own is None else own
    return all(
        (is_code or not child.strip()) if isinstance(child, str) else _has_only_code(child, is_code=is_code)
        for child in element.children
    )
