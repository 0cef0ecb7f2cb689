"""What a kind of node says of itself as a whole; its properties and links are declared beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SHARED_INDEX = "context_item_text"  # the full-text index of all kinds but those that have one of their own


@dataclass(frozen=True)
class Filter:
    """A filter of the kind's list in the Django admin: by one property, titled ``title``.

    ``choices``: each value to choose, with its label. Of a flag: those of True and False.
    """

    property: str
    title: str
    choices: Mapping[str, str] | Mapping[bool, str]


@dataclass(frozen=True)
class About:
    """What people call a kind and how pages show it.

    ``what`` and ``key``: what its nodes are, and their ``codex_key``, in the words of docs/graph.md. ``icon``: its
    name in Lucide. ``is_record``: a thing of Codex that note templates can be meant for; ``variables``: what these may
    say of it, each with its property. ``shown_as_folder``: clients of the JSON routes take it for a folder, not for an
    article. ``weight``: the factor of its scores in a search; ``search_index``: the full-text index that it is in.
    ``summary``: the properties that a row of a list shows below the name. ``columns`` and ``filters``: its list in the
    Django admin.
    """

    singular: str
    plural: str
    icon: str
    what: str
    key: str
    is_record: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    shown_as_folder: bool = False
    weight: float = 1.0
    search_index: str = SHARED_INDEX
    summary: tuple[str, ...] = ()
    columns: tuple[str, ...] = ("name", "origin", "archived_at", "updated_at")
    filters: tuple[Filter, ...] = ()

    @property
    def indefinite(self) -> str:
        """One of them, within a sentence: ``a computer``."""
        word = self.singular.lower()
        return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
