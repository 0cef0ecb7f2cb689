"""Files and folders with access for their owner only.

Folders and secrets that root makes in an instance folder belong to that folder's owner. So a command that was started
as root once leaves none behind that the installation's own user cannot use.
"""

import os
from pathlib import Path


class NotWritable(OSError):
    """A folder exists, but this user cannot write there. The message says what to do."""


def owner_only(path: str, flags: int) -> int:
    """For ``open(…, opener=owner_only)``: create the file with mode 600, so that nobody else can ever read it."""
    return os.open(path, flags, 0o600)


def make_private_folder(folder: Path) -> None:
    """Create this folder, with access for its owner only, if it is missing. Raises OSError, NotWritable."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        hand_over(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotWritable(
            f"{folder} belongs to {_owner(folder)}, and this user cannot write there. As root, run: "
            f"chown -R --reference={folder.parent} {folder}"
        )


def hand_over(made: Path) -> None:
    """Give what was just made to the owner of the folder that it is in, if we are root. Otherwise do nothing."""
    if os.geteuid() == 0:
        around = made.parent.stat()
        os.chown(made, around.st_uid, around.st_gid, follow_symlinks=False)


def _owner(folder: Path) -> str:
    try:
        return folder.owner()
    except KeyError:  # its user exists on another host, or no longer
        return f"user {folder.stat().st_uid}"
