"""Programs of this machine that a setting names, to be used instead of those that the tests bring along."""

import os
from pathlib import Path

from tests.services.exceptions import ServiceMissing


def named_by(variable: str) -> Path | None:
    """The file or folder that the environment variable names; None when it is not set.

    Raises ServiceMissing when there is no such file or folder.
    """
    value = os.environ.get(variable)
    if not value:
        return None
    path = Path(value)
    if not path.exists():
        raise ServiceMissing(f"{variable} names {value}, which does not exist. Correct it, or leave it unset.")
    return path
