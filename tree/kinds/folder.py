"""Folders: the root, those of a company, and those of staff."""

from tree.kinds.base import ContextItem


class Folder(ContextItem):
    """The root, ``Companies``, the folders of a company, and staff folders."""

    class Meta:
        app_label = "tree"
