"""Downloads the bulk response of Codex to disk and reads it from there.

Codex builds the whole response before it sends the first byte, so parsing it while it arrives would save only the short
time of the transfer.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import IO

from syncing.codex.client import CodexClient
from syncing.exceptions import CodexGarbled

DEEPEST = 32
_MANY_LISTS = b"[" * DEEPEST
_TEXTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)  # the last text may continue in the next piece
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_SCANNED_BYTES = 1 << 20


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
        self._position = 0
        self._beginning = b""
        self._texts = _TextOrNot(self._file)

    def read(self, size: int) -> bytes:
        """Read at most ``size`` bytes; none only at the end. Raises CodexGarbled.

        Deeply nested lists are refused here, because the parser keeps the path of each list, gigabytes in all.
        """
        chunk = self._file.read(size)
        if _MANY_LISTS in chunk and self._texts.depth(chunk, self._position) > DEEPEST:
            raise CodexGarbled(
                "The response of Codex at /api/companies/bulk has lists within lists within lists; refused."
            )
        self._position += len(chunk)
        self._beginning = self._beginning or chunk.lstrip()[:16]
        return chunk

    def began_with(self, prefix: bytes) -> bool:
        """Whether the response begins with these bytes, white space aside."""
        return self._beginning.startswith(prefix)

    def close(self) -> None:
        self._file.close()


class _TextOrNot:
    """Knows which positions of a JSON file are inside a text. It scans the file only as far as needed, and once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._position = 0
        self._inside = False
        self._left = b""  # a backslash at the end of the last piece, which escapes the next character

    def depth(self, chunk: bytes, start: int) -> int:
        """The number of lists that this piece of the file leaves open, ignoring brackets inside texts."""
        self._go_to(start)
        rest = _TEXTS.sub(b"", (b'"' if self._inside else b"") + self._left + chunk)
        return rest.count(b"[") - rest.count(b"]")

    def _go_to(self, start: int) -> None:
        here = self._file.tell()
        self._file.seek(self._position)
        while self._position < start:
            piece = self._file.read(min(start - self._position, _SCANNED_BYTES))
            self._position += len(piece)
            rest = _ESCAPED.sub(b"", self._left + piece)
            self._left = b"\\" if rest.endswith(b"\\") else b""
            self._inside ^= bool(rest.count(b'"') % 2)
        self._file.seek(here)
