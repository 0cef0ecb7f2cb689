"""All write operations of staff on the tree, one transaction each; they enforce the rules of the tree.

    operations.create_note("root", "VPN", "# VPN", author="tess")

Operations on names and places first take the lock of the tree's structure, so that two moves, or a move and a delete,
never create a cycle, an orphan or a second parent; saving a text locks its node only. A refused operation raises
``tree.exceptions.Refused`` and writes nothing. ``author`` is a user name. Pages and the JSON API write only through
these operations.
"""

from tree.operations.files import add_file, remove_file, restore_file
from tree.operations.import_nodes import (
    import_files,
    import_links,
    import_nodes,
    import_revisions,
    make_waiting_folders,
    settle_waiting,
    waiting_id,
)
from tree.operations.structure import copy, create_folder, create_note, move, move_all
from tree.operations.texts import Saved, rename, restore_revision, save, set_warning
from tree.operations.trash import Purged, purge, restore, trash, trash_all

__all__ = [
    "Purged",
    "Saved",
    "add_file",
    "copy",
    "create_folder",
    "create_note",
    "import_files",
    "import_links",
    "import_nodes",
    "import_revisions",
    "make_waiting_folders",
    "move",
    "move_all",
    "purge",
    "remove_file",
    "rename",
    "restore",
    "restore_file",
    "restore_revision",
    "save",
    "set_warning",
    "settle_waiting",
    "trash",
    "trash_all",
    "waiting_id",
]
