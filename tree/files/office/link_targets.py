"""Where the target of a link lies: in the web, on a share of another computer, or on the reader's own disk."""

import re
from urllib.parse import unquote

_FILE = re.compile(r"file:", re.IGNORECASE)
_SCHEME = re.compile(r"(?!file:)[a-z][a-z0-9+.-]{1,40}:", re.IGNORECASE)
_OWN_DISK = re.compile(r"[a-z][:|]|localhost/", re.IGNORECASE)


def is_on_the_web(target: str) -> bool:
    """Whether the target is an address with a scheme, such as ``https:``, ``ftp:`` or ``mhtml:``."""
    return _SCHEME.match(target) is not None


def is_on_a_share(target: str) -> bool:
    r"""Whether opening the target asks another computer: ``\\server\share``, ``file://server/``, ``file:////server/``.

    Windows sends the name and the hash of the password of whoever opens it there.
    """
    rest = unquote(target).strip()
    is_address = _FILE.match(rest) is not None
    rest = (rest[len("file:") :] if is_address else rest).replace("\\", "/")
    path = rest.lstrip("/")
    slashes = len(rest) - len(path)
    is_own_path = slashes < 2 or (is_address and slashes == 3) or _OWN_DISK.match(path) is not None
    return not is_own_path
