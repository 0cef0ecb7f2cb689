"""Every write of staff to the tree, one transaction each, with the tree's rules inside.

    operations.create_note("root", "VPN", "# VPN", author="tess")

Each takes the one lock of the tree's structure first, so that two moves, or a move and a delete, never make a
cycle, an orphan or a second parent. What is refused raises a ``tree.exceptions.Refused`` and writes nothing.
``author`` is a user name. Pages and the JSON API call these and nothing else.
"""

from tree.operations.files import add_file, remove_file, restore_file
from tree.operations.import_nodes import import_content, settle_waiting, waiting_id
from tree.operations.structure import copy, create_folder, create_note, move, move_all
from tree.operations.texts import Saved, rename, restore_revision, save
from tree.operations.trash import Purged, purge, restore, trash, trash_all

__all__ = [
    "Purged",
    "Saved",
    "add_file",
    "copy",
    "create_folder",
    "create_note",
    "import_content",
    "move",
    "move_all",
    "purge",
    "remove_file",
    "rename",
    "restore",
    "restore_file",
    "restore_revision",
    "save",
    "settle_waiting",
    "trash",
    "trash_all",
    "waiting_id",
]
