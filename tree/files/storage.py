"""Storage of files below ``instance/uploads``; no other module writes, opens or deletes them.

While a request is being read, a large upload goes to ``settings.FILE_UPLOAD_TEMP_DIR`` within that folder. A file is
then received under a temporary name that begins with ``.incoming-``, and gets its final, random name in the
transaction that writes its record to the graph. So a crash may leave bytes without a record, which ``manage.py
sweep_files`` finds, but never a record without bytes. Only the owner has access: folders have mode 700, files 600.
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

from knowledgetree.basics.private_files import make_private_folder
from tree.exceptions import FileTooLarge, NoSpace

INCOMING = ".incoming-"
_PIECE = 1 << 16
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_STORED_NAME = re.compile(r"[A-Za-z0-9_-]{1,120}\.[A-Za-z0-9]{1,10}")  # includes names of the old application


class Readable(Protocol):
    """A source of bytes: an open file or an upload."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Digest:
    """The size in bytes and the SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True)
class OnDisk:
    """A file in the uploads folder. ``changed_at`` is Unix time, ``size`` is in bytes."""

    name: str
    size: int
    changed_at: float


def new_name(extension: str) -> str:
    """A stored name that nobody can guess."""
    return f"{secrets.token_hex(16)}.{extension}"


def make_folders() -> None:
    """Create the folders for uploads if they are missing. Raises OSError."""
    _folder(settings.UPLOADS_DIR)
    _folder(settings.FILE_UPLOAD_TEMP_DIR)


@contextmanager
def received(stream: Readable, filename: str) -> Iterator[Path]:
    """Receive ``stream`` into a temporary file, which is deleted unless it is kept. Raises FileTooLarge, NoSpace.

    An upload that is already on disk is moved, so it can be received only once.
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
    """The size and checksum of a file."""
    with open(path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Digest(path.stat().st_size, sha256)


def require_size(size: int, filename: str) -> None:
    """Raises FileTooLarge if the size (in bytes) exceeds the limit for a file."""
    limit = settings.FILE_LIMIT_BYTES
    if size > limit:
        raise FileTooLarge(f"“{filename}” is too large: a file may have up to {limit / 2**20:g} MB.")


def keep(path: Path, stored_name: str) -> None:
    """Rename received bytes to their final name, durably. Idempotent. Raises NoSpace."""
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
    """Open a stored file for reading. Raises FileNotFoundError."""
    return open(path_of(stored_name), "rb")


def delete(*stored_names: str) -> None:
    """Delete stored files; missing ones are ignored."""
    for name in stored_names:
        path_of(name).unlink(missing_ok=True)


def delete_incoming(name: str) -> None:
    """Delete the remains of a broken upload: a name from ``on_disk`` for which ``is_incoming`` is true."""
    folder, _, own_name = name.rpartition("/")
    if folder:
        (Path(settings.FILE_UPLOAD_TEMP_DIR) / own_name).unlink(missing_ok=True)
    elif is_incoming(name):
        (settings.UPLOADS_DIR / name).unlink(missing_ok=True)


def on_disk() -> Iterator[OnDisk]:
    """All files in the uploads folder, incomplete uploads included."""
    for file in _files_in(Path(settings.UPLOADS_DIR)):
        if is_stored_name(file.name) or is_incoming(file.name):
            yield file
    temporary = Path(settings.FILE_UPLOAD_TEMP_DIR)
    for file in _files_in(temporary):
        yield replace(file, name=f"{temporary.name}/{file.name}")


def is_incoming(name: str) -> bool:
    """Whether a name from ``on_disk`` is that of an upload in progress or of a broken one."""
    return name.startswith((INCOMING, f"{Path(settings.FILE_UPLOAD_TEMP_DIR).name}/"))


def is_stored_name(name: str) -> bool:
    """Whether this could be the name of a stored file: not a path, no leading dot."""
    return _STORED_NAME.fullmatch(name) is not None


def path_of(stored_name: str) -> Path:
    """The path of a stored file. Raises FileNotFoundError if the name cannot be a stored name."""
    if not is_stored_name(stored_name):
        raise FileNotFoundError(errno.ENOENT, "no stored name", stored_name)
    return Path(settings.UPLOADS_DIR) / stored_name


@contextmanager
def no_space_told() -> Iterator[None]:
    """Turn the OSError of a full disk into NoSpace."""
    try:
        yield
    except OSError as error:
        if not is_no_space(error):
            raise
        raise NoSpace("The server's disk is full; the file was not stored. Tell an administrator.") from error


def is_no_space(error: BaseException) -> bool:
    """Whether this is the OSError of a full disk."""
    return isinstance(error, OSError) and error.errno in _NO_SPACE


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
    make_private_folder(folder)
    return folder
