"""Notes: Markdown."""

from tree.kinds.base import ContextItem


class Note(ContextItem):
    """Markdown: what staff write, and the synced ``Contact.md``."""

    class Meta:
        app_label = "tree"
