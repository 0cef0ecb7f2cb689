"""The bulk answer of Codex: whole to disk, then read from there.

Codex makes all of it before it sends the first byte, so that reading while it comes would save the moment of the
transfer only.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import IO

from syncing.codex.client import CodexClient
from syncing.exceptions import CodexGarbled

DEEPEST = 32
_MANY_LISTS = b"[" * DEEPEST
_TEXTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)  # the last one may go on in the next piece
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_SCANNED_BYTES = 1 << 20


def download(client: CodexClient, file: Path, *, tickets: bool, came: Callable[[], None]) -> None:
    """The bulk answer in ``file``, complete. One that breaks off is fetched anew, as often as the client tries.

    ``came`` is called for each piece that came; what it raises ends the download. Raises CodexError, CodexNotFound
    from a Codex without bulk, OSError when the disk is full.
    """
    client.download_bulk(lambda: Writer(file, came), tickets=tickets)


class Writer:
    """What the client writes one try to."""

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
    """What the JSON parser reads the answer from."""

    def __init__(self, file: Path) -> None:
        self._file = open(file, "rb")  # noqa: SIM115 (closed by close())
        self._position = 0
        self._beginning = b""
        self._texts = _TextOrNot(self._file)

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes, none only at the end. Raises CodexGarbled.

        Lists within lists are refused here: the parser would keep the whole path of each, gigabytes in all.
        """
        chunk = self._file.read(size)
        if _MANY_LISTS in chunk and self._texts.depth(chunk, self._position) > DEEPEST:
            raise CodexGarbled(
                "The answer of Codex at /api/companies/bulk has lists within lists within lists; refused."
            )
        self._position += len(chunk)
        self._beginning = self._beginning or chunk.lstrip()[:16]
        return chunk

    def began_with(self, sign: bytes) -> bool:
        """Whether the first sign of the answer is this one."""
        return self._beginning.startswith(sign)

    def close(self) -> None:
        self._file.close()


class _TextOrNot:
    """Whether a place in a JSON file is within a text. Asked for rarely; goes through the file once in all."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._position = 0
        self._inside = False
        self._left = b""  # a backslash at the end of what was looked at: it escapes the next sign

    def depth(self, chunk: bytes, start: int) -> int:
        """How many lists this piece of the file leaves open, brackets within texts not counted."""
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
