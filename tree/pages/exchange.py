"""The pages for export and import, for admins: an import is compared and shown first, then confirmed."""

import json
import secrets
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.move import file_move_safe
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from tree.exceptions import TreeError
from tree.exchange.archive_reader import BadArchive, read_archive
from tree.exchange.exporter import export_tree
from tree.exchange.importer import apply_import, plan_import
from tree.exchange.legacy import import_legacy, read_legacy

SHOWN_LINES = 200
KEPT_SECONDS = 24 * 3600  # for an upload that nobody confirmed
_SESSION_KEY = "import"


@require_safe
def exchange(request: HttpRequest) -> HttpResponse:
    """The page that offers export and import."""
    return render(request, "tree/exchange.html")


@require_POST
def export_download(request: HttpRequest) -> HttpResponse | FileResponse:
    """Export the tree and send the archive as a download."""
    name = f"knowledgetree-{timezone.now():%Y-%m-%d}.zip"
    with tempfile.TemporaryDirectory(prefix="export-", dir=settings.INSTANCE_DIR) as folder:
        path = Path(folder) / name
        try:
            export_tree(path)
        except FileNotFoundError as error:
            messages.error(request, f"Nothing was exported: the uploaded file {error.filename} is missing on the disk.")
            return redirect("exchange")
        file = path.open("rb")  # stays readable after the folder is deleted
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


@require_POST
def import_upload(request: HttpRequest) -> HttpResponse:
    """Check an uploaded archive and compare it with the graph; nothing is written yet."""
    upload = request.FILES.get("file")
    if upload is None:
        return render(request, "tree/exchange.html", {"fault": "Choose a file first."}, status=400)
    path = _kept(upload)
    try:
        counts, lines = _compare(path)
    except (BadArchive, OSError) as error:
        path.unlink(missing_ok=True)
        return render(request, "tree/exchange.html", {"fault": str(error)}, status=400)
    request.session[_SESSION_KEY] = json.dumps({"file": path.name, "shown_as": upload.name})
    shown = {"name": upload.name, "counts": counts, "lines": lines[:SHOWN_LINES], "more": len(lines) - SHOWN_LINES}
    return render(request, "tree/exchange.html", {"compared": shown})


@require_POST
def import_apply(request: HttpRequest) -> HttpResponse:
    """Import the archive that was compared, after comparing it again with the present graph."""
    kept = json.loads(request.session.pop(_SESSION_KEY, "{}"))
    path = _folder() / str(kept.get("file", ""))
    if not kept or not path.is_file():
        return render(request, "tree/exchange.html", {"fault": "Choose the file again: it is not kept."}, status=400)
    try:
        counts = _apply(path, request.user.get_username())
    except (TreeError, OSError) as error:
        return render(request, "tree/exchange.html", {"fault": str(error)}, status=409)
    finally:
        path.unlink(missing_ok=True)
    done = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)
    messages.success(request, f"Imported {kept['shown_as']}: {done or 'nothing was new'}.")
    return redirect("exchange")


def _compare(path: Path) -> tuple[dict[str, int], list[str]]:
    if path.suffix == ".json":
        done = import_legacy(read_legacy(path), author="", dry_run=True)
        return done.counts(), done.lines
    planned = plan_import(read_archive(path))
    return planned.counts(), planned.lines


def _apply(path: Path, author: str) -> dict[str, int]:
    if path.suffix == ".json":
        return import_legacy(read_legacy(path), author=author, dry_run=False).counts()
    content = read_archive(path)
    planned = plan_import(content)
    apply_import(content, planned)
    return planned.counts()


def _kept(upload: "UploadedFile[Any]") -> Path:
    """Store the upload on disk under a generated name, and delete old unconfirmed uploads."""
    folder = _folder()
    for old in folder.iterdir():
        if old.stat().st_mtime < time.time() - KEPT_SECONDS:
            old.unlink(missing_ok=True)
    extension = ".json" if str(upload.name).lower().endswith(".json") else ".zip"
    path = folder / f"{secrets.token_urlsafe(18)}{extension}"
    if isinstance(upload, TemporaryUploadedFile):
        file_move_safe(upload.temporary_file_path(), str(path))
        return path
    path.touch(mode=0o600)
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path


def _folder() -> Path:
    folder: Path = settings.INSTANCE_DIR / "imports"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
