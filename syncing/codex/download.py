"""Downloads the bulk response of Codex to disk and reads it from there.

Codex builds the whole response before it sends the first byte, so parsing it while it arrives would save only the short
time of the transfer.
"""

import re
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

from syncing.codex.client import CodexClient
from syncing.exceptions import CodexGarbled

DEEPEST = 32
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")  # one level down, one up: 1 and -1 as signed bytes
_ESCAPED = re.compile(rb'\\["\\]')  # takes a fifth of the time of two calls of replace
_NO_SIGNS = bytes(set(range(256)) - set(b'[{]}"'))


def download(client: CodexClient, file: Path, *, tickets: bool, came: Callable[[], None]) -> None:
    """Download the complete bulk response to ``file``. An interrupted download is retried by the client.

    ``came`` is called for each piece that arrives; an exception that it raises ends the download. Raises CodexError,
    CodexNotFound if this Codex has no bulk endpoint, OSError if the disk is full.
    """
    client.download_bulk(lambda: Writer(file, came), tickets=tickets)


class Writer:
    """The file to which the client writes one attempt."""

    def __init__(self, file: Path, came: Callable[[], None]) -> None:
        self._file, self._came = open(file, "wb"), came  # noqa: SIM115 (closed by __exit__)

    def write(self, chunk: bytes) -> None:
        self._came()
        self._file.write(chunk)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class Reader:
    """The file from which the JSON parser reads the response."""

    def __init__(self, file: Path) -> None:
        self._file = open(file, "rb")  # noqa: SIM115 (closed by close())
        self._depth = _Depth()
        self._beginning = b""

    def read(self, size: int) -> bytes:
        """Read at most ``size`` bytes; none only at the end. Raises CodexGarbled.

        Deeply nested values are refused here, because the parser keeps the path of each, gigabytes in all.
        """
        chunk = self._file.read(size)
        if self._depth.of(chunk) > DEEPEST:
            raise CodexGarbled(
                "The response of Codex at /api/companies/bulk has lists within lists within lists; refused."
            )
        self._beginning = self._beginning or chunk.lstrip()[:16]
        return chunk

    def began_with(self, prefix: bytes) -> bool:
        """Whether the response begins with these bytes, white space aside."""
        return self._beginning.startswith(prefix)

    def close(self) -> None:
        self._file.close()


class _Depth:
    """Counts how many lists and objects are open, over all pieces of a JSON file; brackets inside texts do not count.

    It has to see every byte of a response of 70 MB or more, so only functions that are written in C go over the bytes.
    """

    def __init__(self) -> None:
        self._now = 0
        self._is_in_text = False
        self._left = b""  # a backslash at the end of the last piece, which escapes the next character

    def of(self, piece: bytes) -> int:
        """The greatest depth in the next piece of the file."""
        rest = _ESCAPED.sub(b"", self._left + piece)
        self._left = b"\\" if rest.endswith(b"\\") else b""
        parts = rest.translate(_STEPS, _NO_SIGNS).split(b'"')
        steps = memoryview(b"".join(parts[int(self._is_in_text) :: 2])).cast("b")
        self._is_in_text ^= len(parts) % 2 == 0
        deepest = max(accumulate(steps, initial=self._now))
        self._now += sum(steps)
        return deepest
