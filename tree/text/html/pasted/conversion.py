"""The steps from the clipboard's HTML to Markdown. A child process runs this module, because HTML can be slow."""

import re

from knowledgetree.basics.time_limits import serve
from tree.text.html.conversion import html_as_markdown
from tree.text.html.pasted.elements import Element, parsed
from tree.text.html.pasted.footnotes import with_footnotes
from tree.text.html.pasted.lists import with_lists
from tree.text.html.pasted.paragraphs import with_code, with_headings
from tree.text.html.pasted.styles import styles_of_cells
from tree.text.html.pasted.tables import TooLarge, with_plain_tables
from tree.text.html.pasted.writing import NOTE_BEGINS, NOTE_ENDS, TICKED, UNTICKED, Writer
from tree.text.html.preparation import NOTE

_NOTE = re.compile(f"{NOTE_BEGINS}([0-9a-f-]{{1,20}}){NOTE_ENDS}")
_RULE = re.compile(r"\|(?: -{3,} \|)+")
_FENCE = re.compile(r"\s{0,20}(`{3,})")


def pasted_as_markdown(html: str, origin: str = "") -> str:
    """Markdown for what was copied; empty if nothing of it can be seen, or if it is too large or deep to be a note.

    ``origin`` is this site's address: links to its own pages are written without it.
    """
    try:
        root = parsed(html)
        _style_cells(root, styles_of_cells(html))
        with_headings(root)
        notes = with_footnotes(root)
        with_lists(root)
        with_code(root)
        with_plain_tables(root)
        writer = Writer(origin)
        for key, note in notes.items():
            writer.note(key, note)
        footer = writer.html(Element("div"))
        markdown = html_as_markdown(Writer(origin).html(root) + footer, NOTE)
    except (RecursionError, TooLarge):
        return ""
    markdown = _NOTE.sub(r"[^\1]", markdown).replace(UNTICKED, "[ ]").replace(TICKED, "[x]")
    return _tidied(markdown)


def _style_cells(root: Element, styles: dict[str, str]) -> None:
    if not styles:
        return
    for element in root.all():
        if element.tag in ("td", "th") and (style := styles.get(element.get("class"))):
            element.attributes["style"] = f"{style};{element.get('style')}"


def _tidied(markdown: str) -> str:
    """Lines without the two blanks that end them elsewhere: a note shows each line as one. Tables with short rules."""
    lines: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        if (found := _FENCE.match(line)) and (not fence or found[1].startswith(fence)):
            fence = "" if fence else found[1]
        if fence:
            lines.append(line)
        elif _RULE.fullmatch(line):
            lines.append("|" + " --- |" * (line.count("|") - 1))
        else:
            lines.append(line.rstrip(" "))
    return "\n".join(lines)


def _answer(question: str) -> str:
    origin, _, html = question.partition("\n")
    return pasted_as_markdown(html, origin)


if __name__ == "__main__":
    serve(_answer)
