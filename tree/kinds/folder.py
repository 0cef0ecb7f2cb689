"""Folders: the root, those of a company, and those of staff."""

from tree.kinds.declaration.about import About, Filter
from tree.kinds.declaration.base import ContextItem
from tree.vocabulary import ORIGINS


class Folder(ContextItem):
    """The root, ``Companies``, the folders of a company, and staff folders."""

    about = About(
        singular="Folder",
        plural="Folders",
        icon="folder",
        what="the root, `Companies`, and the folders below a company or person",
        key="`company:<acct>:users`, `…:assets`, `…:tickets`, `user:<acct>:<id>:tickets`",
        shown_as_folder=True,
        changed="updated_at",
        filters=(Filter("origin", "origin", ORIGINS),),
    )

    class Meta:
        app_label = "tree"
