"""Keeps what was uploaded to be imported, below a generated name, until the worker has done it."""

import secrets
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.move import file_move_safe
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.utils import timezone

from tree.exchange import jobs
from tree.files import storage
from tree.models import TreeImport

KEPT_SECONDS = 24 * 3600  # for an upload that nobody confirmed, or whose import was not completed
ROWS_KEPT = timedelta(days=90)


def keep(upload: "UploadedFile[Any]") -> Path:
    """Store the upload on disk under a generated name, and delete uploads and rows of past days. Raises NoSpace."""
    folder = jobs.folder()
    for old in folder.iterdir():
        with suppress(FileNotFoundError):  # the worker deletes files, too
            if old.stat().st_mtime < time.time() - KEPT_SECONDS:
                old.unlink()
    TreeImport.objects.filter(created_at__lt=timezone.now() - ROWS_KEPT).delete()
    extension = ".json" if str(upload.name).lower().endswith(".json") else ".zip"
    path = folder / f"{secrets.token_urlsafe(18)}{extension}"
    try:
        with storage.no_space_told():
            _store(upload, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _store(upload: "UploadedFile[Any]", path: Path) -> None:
    if isinstance(upload, TemporaryUploadedFile):
        file_move_safe(upload.temporary_file_path(), str(path))
        return
    path.touch(mode=0o600)
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
