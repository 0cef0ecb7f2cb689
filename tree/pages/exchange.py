"""The pages for export and import, for admins. The worker checks a file to import; when told to, it imports it."""

import tempfile
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from tree.exchange import jobs
from tree.exchange.exporter import export_tree
from tree.exchange.uploads import keep
from tree.models import TreeImport

SHOWN_LINES = 200
SHOWN_IMPORTS = 10
SHOWN_FAULTS = 20


@require_safe
def exchange(request: HttpRequest) -> HttpResponse:
    """The page that offers export and import, and lists the latest imports."""
    return _page(request)


@require_POST
def export_download(request: HttpRequest) -> HttpResponse | FileResponse:
    """Export the tree and send the archive as a download."""
    name = f"knowledgetree-{timezone.now():%Y-%m-%d}.zip"
    with tempfile.TemporaryDirectory(prefix="export-", dir=settings.INSTANCE_DIR) as folder:
        path = Path(folder) / name
        for fault in export_tree(path).faults[:SHOWN_FAULTS]:
            messages.warning(request, f"The export that you downloaded: {fault}")
        file = path.open("rb")  # stays readable after the folder is deleted
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


@require_POST
def import_upload(request: HttpRequest) -> HttpResponse:
    """Store an uploaded file and have it checked and compared; nothing is written to the graph yet."""
    upload = request.FILES.get("file")
    if upload is None:
        return _refused(request, "Choose a file first.")
    row = jobs.have_checked(cast(User, request.user), keep(upload).name, str(upload.name)[-255:])
    return redirect("import-page", row.pk)


@require_safe
def import_page(request: HttpRequest, number: int) -> HttpResponse:
    """An import: what it would do, how far it is, or what it has done."""
    return render(request, "tree/import.html", _context(get_object_or_404(TreeImport, pk=number)))


@require_safe
def import_progress(request: HttpRequest, number: int) -> HttpResponse:
    """The progress alone. When the import has ended, the whole page must be reloaded."""
    row = get_object_or_404(TreeImport, pk=number)
    if row.is_under_way:
        return render(request, "tree/_import_progress.html", _context(row))
    response = HttpResponse()
    response["HX-Refresh"] = "true"
    return response


@require_POST
def import_apply(request: HttpRequest, number: int) -> HttpResponse:
    """Have the worker import the file that was compared, or do what an earlier attempt has left to do."""
    row = get_object_or_404(TreeImport, pk=number)
    try:
        if row.may_start:
            jobs.start(row)
    except FileNotFoundError:
        return _refused(request, f"Choose {row.shown_as} again: it is kept for a day only.")
    except jobs.QueueUnusable as error:
        messages.error(request, str(error))
    return redirect("import-page", row.pk)


def _context(row: TreeImport) -> dict[str, Any]:
    return {"row": row, "job": row, "lines": row.lines[:SHOWN_LINES], "more": len(row.lines) - SHOWN_LINES}


def _page(request: HttpRequest, fault: str = "", status: int = 200) -> HttpResponse:
    latest = TreeImport.objects.select_related("user")[:SHOWN_IMPORTS]
    return render(request, "tree/exchange.html", {"fault": fault, "imports": latest}, status=status)


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    return _page(request, why, status=400)
