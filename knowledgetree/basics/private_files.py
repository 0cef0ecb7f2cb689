"""Files that hold secrets, or what only we may read."""

import os


def owner_only(path: str, flags: int) -> int:
    """For ``open(…, opener=owner_only)``: a new file is readable by its owner only, from its first moment on."""
    return os.open(path, flags, 0o600)
