"""Renders the Markdown text of synced nodes; texts of Codex are escaped or converted from HTML.

The headings are those of the previous application, because its users search for them.
"""

from collections.abc import Callable, Iterable
from functools import cache

from tree.text.escaping import escaped

DOCUMENT_VERSION = 3  # increase it when the text of a kind changes, so that every node is rendered again


def facts_document(title: str, facts: Iterable[tuple[str, str | None]]) -> str:
    """A heading, then one line for each fact that Codex has. ``title`` is Markdown; ``facts`` are (label, text)."""
    lines = [f"- **{label}:** {escaped(value)}" for label, value in facts if value]
    return "\n".join([f"# {title}", "", *lines, ""])


def yes_or_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def text_as_markdown(text: str) -> str:
    """Markdown that shows a body as it was meant: HTML with its form, anything else as it was typed.

    No sign of the text itself acts as markup. ``data:`` pictures are left out; the result is empty if nothing is left
    to be seen.
    """
    return _conversion()(text)


@cache
def _conversion() -> Callable[[str], str]:
    from syncing.kinds.bodies.conversion import body_as_markdown  # with a converter that most syncs do not need

    return body_as_markdown
