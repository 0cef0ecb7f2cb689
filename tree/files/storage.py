"""The bytes of files, on disk below ``instance/uploads``: the one place that writes, opens and deletes them.

A large upload comes to ``settings.FILE_UPLOAD_TEMP_DIR`` below it while its request is read. A file is then received
under a name of its own that begins with ``.incoming-``, and gets its final, random name in the same step as its record
in the graph is written. So what a crash leaves behind is bytes without a record, never a
record without bytes; ``manage.py sweep_files`` finds them. Owner only: folder 700, files 600.
"""

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings
from django.core.files.move import file_move_safe
from django.core.files.uploadedfile import TemporaryUploadedFile

from tree.exceptions import FileTooLarge, NoSpace

INCOMING = ".incoming-"
_PIECE = 1 << 16
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_STORED_NAME = re.compile(r"[A-Za-z0-9_-]{1,120}\.[A-Za-z0-9]{1,10}")  # also those of the old application


class Readable(Protocol):
    """What gives bytes: an open file, or an upload."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Digest:
    """Size in bytes, and SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True)
class OnDisk:
    """A name in the folder of uploads; ``changed_at`` in seconds since 1970."""

    name: str
    size: int
    changed_at: float


def new_name(ending: str) -> str:
    """A stored name that nobody can guess."""
    return f"{secrets.token_hex(16)}.{ending}"


def make_folders() -> None:
    """Make what is missing of the folders that uploads come to. Raises OSError."""
    _folder(settings.UPLOADS_DIR)
    _folder(settings.FILE_UPLOAD_TEMP_DIR)


@contextmanager
def received(stream: Readable, filename: str) -> Iterator[Path]:
    """The bytes of ``stream`` in a file that goes away again unless it is kept. Raises FileTooLarge, NoSpace.

    An upload that lies on disk already is moved, so that it can be received once only.
    """
    path = _folder(settings.UPLOADS_DIR) / f"{INCOMING}{secrets.token_hex(16)}"
    try:
        with no_space_told():
            if isinstance(stream, TemporaryUploadedFile):
                require_size(stream.size or 0, filename)
                file_move_safe(stream.temporary_file_path(), str(path))
            else:
                _receive(stream, path, filename)
        yield path
    finally:
        path.unlink(missing_ok=True)


def digest(path: Path) -> Digest:
    """Size and checksum of a file."""
    with open(path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Digest(path.stat().st_size, sha256)


def require_size(size: int, filename: str) -> None:
    """Raises FileTooLarge."""
    limit = settings.FILE_LIMIT_BYTES
    if size > limit:
        raise FileTooLarge(f"“{filename}” is too large: a file may have up to {limit / 2**20:g} MB.")


def keep(path: Path, stored_name: str) -> None:
    """Give received bytes their final name, for good once this returns. May be repeated. Raises NoSpace."""
    target = path_of(stored_name)
    with no_space_told():
        if path.exists():
            with open(path, "rb") as file:
                os.fsync(file.fileno())
            path.rename(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def open_stored(stored_name: str) -> IO[bytes]:
    """The stored bytes. Raises FileNotFoundError."""
    return open(path_of(stored_name), "rb")


def delete(*stored_names: str) -> None:
    """Delete stored bytes; those that are gone already do not matter."""
    for name in stored_names:
        path_of(name).unlink(missing_ok=True)


def delete_incoming(name: str) -> None:
    """Delete what a broken upload left behind: a name of ``on_disk`` for which ``is_incoming`` holds."""
    folder, _, own_name = name.rpartition("/")
    if folder:
        (Path(settings.FILE_UPLOAD_TEMP_DIR) / own_name).unlink(missing_ok=True)
    elif is_incoming(name):
        (settings.UPLOADS_DIR / name).unlink(missing_ok=True)


def on_disk() -> Iterator[OnDisk]:
    """Every file in the folder of uploads, received halfway ones too."""
    for file in _files_in(Path(settings.UPLOADS_DIR)):
        if is_stored_name(file.name) or is_incoming(file.name):
            yield file
    temporary = Path(settings.FILE_UPLOAD_TEMP_DIR)
    for file in _files_in(temporary):
        yield replace(file, name=f"{temporary.name}/{file.name}")


def is_incoming(name: str) -> bool:
    """Whether a name of ``on_disk`` is that of an upload in work, or of a broken one."""
    return name.startswith((INCOMING, f"{Path(settings.FILE_UPLOAD_TEMP_DIR).name}/"))


def is_stored_name(name: str) -> bool:
    """Whether this could be the name of a stored file: no path, no dot in front."""
    return _STORED_NAME.fullmatch(name) is not None


def path_of(stored_name: str) -> Path:
    """Where the bytes lie. Raises FileNotFoundError for what cannot be a stored name."""
    if not is_stored_name(stored_name):
        raise FileNotFoundError(errno.ENOENT, "no stored name", stored_name)
    return Path(settings.UPLOADS_DIR) / stored_name


@contextmanager
def no_space_told() -> Iterator[None]:
    """A full disk as NoSpace."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        raise NoSpace("The server's disk is full; the file was not stored. Tell an administrator.") from error


def _receive(stream: Readable, path: Path, filename: str) -> None:
    size = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        while piece := stream.read(_PIECE):
            size += len(piece)
            require_size(size, filename)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _files_in(folder: Path) -> Iterator[OnDisk]:
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                found = entry.stat(follow_symlinks=False)
                yield OnDisk(entry.name, found.st_size, found.st_mtime)


def _folder(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
