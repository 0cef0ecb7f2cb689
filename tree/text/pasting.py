"""The clipboard's HTML as Markdown, within a time limit: in a child process, as HTML can be made to take long."""

from knowledgetree.basics.time_limits import NoAnswer, TimeLimitedChildren
from tree.graph.validation import MAX_TEXT_BYTES

MAX_BYTES = 2 * 1024 * 1024  # of HTML; a note's 256 kB of Markdown are less than that
LIMIT_SECONDS = 3.0  # of the processor's time
_AT_ONCE = 4
_children = TimeLimitedChildren("tree.text.html.pasted.conversion", LIMIT_SECONDS, places=_AT_ONCE)


class NotConverted(Exception):
    """This is better pasted as plain text. Its text says why, after “Pasted as plain text: ”."""


def clipboard_as_markdown(html: str, origin: str) -> str:
    """Markdown for what was copied as HTML. ``origin`` is this site's address, such as ``https://tree.example``.

    Raises NotConverted if it is too large, takes too long, or shows nothing.
    """
    if len(html.encode("utf-8", "replace")) > MAX_BYTES:
        raise NotConverted("it is too large.")
    try:
        markdown = _children.ask(f"{origin}\n{html}")
    except NoAnswer as error:
        raise NotConverted("formatting it takes too long.") from error
    if not markdown:
        raise NotConverted("it has no formatting that a note can show.")
    if len(markdown.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
        raise NotConverted("with its formatting, it is too large for a note.")
    return markdown
