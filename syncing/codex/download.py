"""The bulk answer of Codex on its way to disk, readable while it still comes.

Codex needs seconds to make it; the comparison uses them instead of waiting. Nothing of that comparison counts
until the answer is complete: a download that breaks off raises in the reader, and one that is begun anew raises
``DownloadRestarted``, after which the reader begins anew, too.
"""

import re
import threading
from pathlib import Path
from types import TracebackType
from typing import IO

from django.db import connections

from syncing.codex.client import CodexClient
from syncing.exceptions import CodexGarbled, DownloadRestarted

DEEPEST = 32
_MANY_LISTS = b"[" * DEEPEST
_TEXTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)  # the last one may go on in the next piece
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_SCANNED_BYTES = 1 << 20


class Download:
    """A bulk download in a thread of its own. Use as a context manager around the reading."""

    def __init__(self, client: CodexClient, file: Path, *, tickets: bool) -> None:
        self._client, self._file, self._tickets = client, file, tickets
        self._news = threading.Condition()
        self._size = 0
        self._tries = 0
        self._ended = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="download-from-codex", daemon=True)

    def __enter__(self) -> "Download":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._client.stop()
        self._thread.join()
        self._client.resume()

    def wait_for_beginning(self) -> None:
        """Return when the first bytes are there. Raises CodexError, CodexNotFound from a Codex without bulk.

        Here and in the reader: whatever else ended the download, such as OSError when the disk is full, is raised too.
        """
        with self._news:
            self._news.wait_for(lambda: self._size or self._ended)
            self._raise_error()

    def open(self) -> "Reader":
        """A file-like reader from the beginning."""
        return Reader(self, open(self._file, "rb"), self._tries)

    def wait_for_more(self, position: int, tries: int) -> bool:
        """Wait for bytes behind ``position``. False when the answer ended there. Raises CodexError."""
        with self._news:
            self._news.wait_for(lambda: self._size > position or self._ended or self._tries != tries)
            if self._tries != tries:
                raise DownloadRestarted
            self._raise_error()
            return self._size > position

    def _run(self) -> None:
        try:
            self._client.download_bulk(self._begin, tickets=self._tickets)
        except Exception as error:  # noqa: BLE001 (whatever ends this thread, a full disk say, is raised in the reader)
            self._error = error
        finally:
            with self._news:
                self._ended = True
                self._news.notify_all()
            connections.close_all()

    def _begin(self) -> "Writer":
        """Called before each try."""
        with self._news:
            self._tries += bool(self._size)
            self._size = 0
            return Writer(self, open(self._file, "wb"))

    def arrived(self, number: int) -> None:
        """That many further bytes of this try are on disk: readers that wait go on."""
        with self._news:
            self._size += number
            self._news.notify_all()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error


class Writer:
    """What the client writes to."""

    def __init__(self, download: Download, file: IO[bytes]) -> None:
        self._download, self._file = download, file

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._file.flush()
        self._download.arrived(len(chunk))

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class Reader:
    """What the JSON parser reads from: waits where the download is still coming."""

    def __init__(self, download: Download, file: IO[bytes], tries: int) -> None:
        self._download, self._file, self._tries = download, file, tries
        self._position = 0
        self._beginning = b""
        self._texts = _TextOrNot(file)

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes, none only at the end. Raises CodexError, DownloadRestarted.

        Lists within lists are refused here: the parser would keep the whole path of each, gigabytes in all.
        """
        if size == 0 or not self._download.wait_for_more(self._position, self._tries):
            return b""
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
