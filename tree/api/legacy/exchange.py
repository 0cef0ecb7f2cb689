"""The old application's routes for export, import and emptying the graph, on top of ``tree.exchange``.

A file to import is checked by the worker first, as on the page for imports; nothing is written until it is applied.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from knowledgetree.basics.address_forms import whole_number
from knowledgetree.basics.batches import in_batches
from tree.api.compliance import Disclosure, withheld_from
from tree.api.legacy.requests import BadRequest, answers_json, error_response
from tree.exchange import jobs, legacy_export
from tree.exchange.archive_reader import BadArchive
from tree.exchange.legacy_import import read_legacy
from tree.exchange.planning import is_legacy
from tree.exchange.uploads import keep
from tree.models import TreeImport

EXPORT_NAME = "knowledgetree_export.json"
CHECKED_AT_ONCE_BYTES = 2 * 1024 * 1024  # of a JSON export, whose faults are then told in the response itself
SHOWN_LINES = 200
_LEVELS_AT_ONCE = 500  # entries whose companies' levels are asked for together
_WIPE = (
    "The graph is not emptied over HTTP any more: it holds what staff wrote, and a call by mistake is for good. "
    "The chapter on a clean slate in docs/troubleshooting.md says how it is done on the server."
)


@require_safe
@answers_json
def export(request: HttpRequest) -> HttpResponseBase:
    """What staff wrote, as a JSON file: version 2, or with ``version=1`` the list that the old application wrote."""
    version = whole_number(request.GET.get("version") or str(legacy_export.VERSION), 1, legacy_export.VERSION)
    if version is None:
        raise BadRequest("version must be 1 or 2")
    with tempfile.TemporaryDirectory(prefix="export-", dir=settings.INSTANCE_DIR) as folder:
        path = Path(folder) / EXPORT_NAME
        _write(request, path, version)
        file = path.open("rb")  # stays readable after the folder is deleted
    return FileResponse(file, as_attachment=True, filename=EXPORT_NAME, content_type="application/json")


@require_http_methods(["GET", "HEAD", "POST"])
@answers_json
def import_(request: HttpRequest) -> HttpResponse:
    """POST the form field ``file`` to have it checked; then POST ``apply`` with the number of the import to write it.

    GET with ``import`` says how far it is, and what it would do or has done.
    """
    if request.method != "POST":
        return JsonResponse(_state(_row(request.GET.get("import"))))
    if "apply" in request.POST:
        return _apply(_row(request.POST["apply"]))
    upload = request.FILES.get("file")
    if upload is None:
        raise BadRequest("No file part")
    if not upload.name:
        raise BadRequest("No file selected")
    path = keep(upload)
    if is_legacy(path) and path.stat().st_size <= CHECKED_AT_ONCE_BYTES:
        try:
            read_legacy(path)
        except BadArchive as error:
            path.unlink(missing_ok=True)
            raise BadRequest("\n".join(error.shown)) from error
    row = jobs.have_checked(cast(User, request.user), path.name, upload.name[-255:])
    log.record(Action.IMPORT_UPLOADED, detail=row.shown_as)
    told = "The file is being checked. Nothing is written until you apply it."
    return JsonResponse(_state(row) | {"message": told})


@require_POST
@answers_json
def wipe(request: HttpRequest) -> HttpResponse:
    """Refused for good."""
    return error_response(_WIPE, 410, success=False, message="Nothing was deleted.")


def _write(request: HttpRequest, path: Path, version: int) -> None:
    path.touch(mode=0o600)
    head = {"format": legacy_export.FORMAT, "version": version, "exported_at": timezone.now().isoformat()}
    with path.open("w", encoding="utf-8") as file:
        file.write("[" if version == 1 else json.dumps(head, indent=2).removesuffix("\n}") + ',\n  "entries": [')
        for number, values in enumerate(_entries(request)):
            written = legacy_export.as_version_1(values) if version == 1 else values
            file.write(("," if number else "") + "\n" + json.dumps(written, ensure_ascii=False))
        file.write("\n]\n" if version == 1 else "\n  ]\n}\n")


def _entries(request: HttpRequest) -> Iterator[Mapping[str, Any]]:
    """The values of the entries, without what is withheld from whoever asks."""
    if not withheld_from(request):
        yield from (entry.values for entry in legacy_export.entries())
        return
    for some in in_batches(legacy_export.entries(), _LEVELS_AT_ONCE):
        known = Disclosure.of(request, (crumb for entry in some for crumb in entry.way))
        yield from (known.item(entry.values, entry.way) for entry in some if not known.hides(entry.way))


def _apply(row: TreeImport) -> HttpResponse:
    try:
        if not row.may_start or not jobs.start(row):
            return error_response(f"Import {row.pk} is {row.get_status_display()}: it cannot be applied now.", 409)
    except FileNotFoundError as error:
        raise BadRequest(f"Send {row.shown_as} again: it is kept for a day only.") from error
    except jobs.QueueUnusable as error:
        return error_response(str(error), 503)
    log.record(Action.IMPORT_STARTED, detail=f"import {row.pk}")
    row.refresh_from_db()
    return JsonResponse(_state(row) | {"message": "The import is being written."})


def _row(number: str | None) -> TreeImport:
    """Raises BadRequest."""
    wanted = whole_number(number, 1)
    row = TreeImport.objects.filter(pk=wanted).first() if wanted else None
    if row is None:
        raise BadRequest("There is no such import", 404)
    return row


def _state(row: TreeImport) -> dict[str, Any]:
    return {
        "success": row.status not in (TreeImport.Status.FAILED, TreeImport.Status.REFUSED),
        "import": row.pk,
        "status": row.status,
        "counts": row.counts,
        "lines": row.lines[:SHOWN_LINES],
        "reason": row.reason,
        "url": reverse("import-page", args=[row.pk]),
    }
