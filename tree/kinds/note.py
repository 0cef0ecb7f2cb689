"""Notes: Markdown."""

from tree.kinds.declaration.about import About, Filter
from tree.kinds.declaration.base import ContextItem
from tree.kinds.declaration.fields import Flag
from tree.kinds.declaration.listing import Listing
from tree.vocabulary import ORIGINS


class Note(ContextItem):
    """Markdown: what staff write, and the synced ``Contact.md``."""

    about = About(
        singular="Note",
        plural="Notes",
        icon="file-text",
        what="Markdown: what staff write, and `Contact.md` of a person",
        key="none, or `user:<acct>:<id>:contact`",
        changed="updated_at",
        filters=(Filter("origin", "origin", ORIGINS),),
        listing=Listing(columns=("updated_by", "updated_at"), order="-updated_at", of_staff=True),
    )

    is_warning = Flag(listed=True)  # a banner on the pages of what the note lies below, and of all that lies there

    class Meta:
        app_label = "tree"
