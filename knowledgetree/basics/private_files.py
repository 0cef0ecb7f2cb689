"""Creation of files that only their owner may read."""

import os


def owner_only(path: str, flags: int) -> int:
    """For ``open(…, opener=owner_only)``: create the file with mode 600, so that nobody else can ever read it."""
    return os.open(path, flags, 0o600)
