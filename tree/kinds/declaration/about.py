"""The description of a kind of node as a whole: its names, icon, search weight and admin list."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tree.kinds.declaration.listing import Listing

SHARED_INDEX = "context_item_text"  # the full-text index of all kinds that have none of their own


@dataclass(frozen=True)
class Filter:
    """A filter by one property, with the heading ``title``, in the kind's list in the Django admin.

    ``choices`` maps each value to its label; the values of a flag are True and False.
    """

    property: str
    title: str
    choices: Mapping[str, str] | Mapping[bool, str]


@dataclass(frozen=True)
class About:
    """The display names of a kind and how pages, search and the admin treat it.

    ``what`` and ``key`` describe its nodes and their ``codex_key`` in docs/graph.md. ``icon`` is the name of a Lucide
    icon. ``is_record`` marks a Codex record that note templates can be written for; ``variables`` maps the variables
    of such templates to properties. ``folder`` is the end of the key of the folder that a company has for its records
    of this kind. ``text_is_facts``: the text that the sync writes says nothing but the properties, so the
    page does not show it. ``shown_as_folder``: the JSON API presents the kind as a folder, not as an article.
    ``weight`` multiplies its search scores; ``search_index`` is the full-text index that contains it.
    ``titles`` are patterns of what people read instead of the stored name, such as ``#{ticket_number} {subject}``: the
    first one whose properties all have values. Without any it is the name, without the ``.md`` of a text.
    ``called``: the property that a search takes for the name, if that is one of the old application (``Ticket_7.md``).
    ``changed``: the property with the time of its last change, for ``since:``, if it has one that means something to
    people.
    ``summary`` lists the properties that a row of a list shows below the title. ``columns`` and ``filters`` configure
    its list in the Django admin, ``listing`` the one that everybody sees.
    """

    singular: str
    plural: str
    icon: str
    what: str
    key: str
    is_record: bool = False
    folder: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    text_is_facts: bool = False
    shown_as_folder: bool = False
    weight: float = 1.0
    search_index: str = SHARED_INDEX
    titles: tuple[str, ...] = ()
    called: str = ""
    changed: str = ""
    summary: tuple[str, ...] = ()
    columns: tuple[str, ...] = ("name", "origin", "archived_at", "updated_at")
    filters: tuple[Filter, ...] = ()
    listing: Listing = field(default_factory=Listing)

    @property
    def slug(self) -> str:
        """The kind in the address of its list: ``computers``."""
        return self.plural.lower().replace(" ", "-")

    @property
    def indefinite(self) -> str:
        """The singular with its indefinite article, for use within a sentence: ``a computer``."""
        word = self.singular.lower()
        return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
