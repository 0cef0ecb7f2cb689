"""The views of files: add, download, remove, restore. ``accounts/rights/policy.py`` says who may use them."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.rights.reader_of import reader_of
from tree import audited, operations, queries
from tree.exceptions import InvalidPlace, NodeNotFound, Refused
from tree.files.serving import file_response, file_url, markdown_link, status_of
from tree.files.types import EXTENSIONS
from tree.graph.values import File, Node
from tree.pages.readable import readable_node


@require_POST
def add(request: HttpRequest, uid: str) -> HttpResponse:
    """Store the uploaded ``file`` fields of the form as files of a node, until one is refused.

    Scripts get JSON: the first file as ``describe`` gives it, and all files in ``files``.
    """
    node = readable_node(request, uid)
    sent = request.FILES.getlist("file")
    if not sent:
        return _refusal(request, node, "Choose a file.", HTTPStatus.BAD_REQUEST, [])
    added: list[File] = []
    try:
        for part in sent:
            file = operations.add_file(uid, part.name or "", part, author=request.user.get_username())
            added.append(file)
    except Refused as error:
        return _refusal(request, node, str(error), status_of(error), added)
    if _wants_json(request):
        described = [describe(file) for file in added]
        return JsonResponse(described[0] | {"files": described})
    messages.success(request, _told(added))
    return redirect(f"{reverse('node', args=[uid])}#files")


@require_safe
def download(request: HttpRequest, file_id: str, name: str) -> HttpResponseBase:
    """Send a file. Only the id identifies it; the name in the URL is for people."""
    try:
        file = queries.get_file(file_id, reader=reader_of(request))
    except NodeNotFound as error:
        raise Http404(str(error)) from error
    audited.note_file(file)
    return file_response(request, file)


@require_safe
def download_by_stored_name(request: HttpRequest, filename: str) -> HttpResponseBase:
    """Redirect from a file link of the old application."""
    try:
        file = queries.get_file_by_stored_name(filename, reader=reader_of(request))
    except NodeNotFound as error:
        raise Http404(str(error)) from error
    audited.note_file(file)
    return redirect(file_url(file))


@require_POST
def remove(request: HttpRequest, uid: str, file_id: str) -> HttpResponse:
    """Remove a file from a node; the page lists it as removed."""
    try:
        name = operations.remove_file(uid, file_id, author=request.user.get_username())
    except (NodeNotFound, InvalidPlace) as error:
        raise Http404(str(error)) from error
    messages.success(request, f"“{name}” was removed. You can restore it for 30 days, below the files.")
    return redirect(f"{reverse('node', args=[uid])}#files")


@require_POST
def restore(request: HttpRequest, uid: str, file_id: str) -> HttpResponse:
    """Restore a removed file of a node."""
    try:
        name = operations.restore_file(uid, file_id, author=request.user.get_username())
    except (NodeNotFound, InvalidPlace) as error:
        raise Http404(str(error)) from error
    messages.success(request, f"“{name}” is back.")
    return redirect(f"{reverse('node', args=[uid])}#files")


def files_context(node: Node, request: HttpRequest) -> dict[str, Any]:
    """The template context of ``tree/_files.html`` on the page of a node."""
    files = queries.get_files(node.uid, with_card=True, reader=reader_of(request))
    may_add = policy.may_add_files(request.user) and not node.properties.get("trashed_at")
    return {
        "files": [file for file in files if not file.removed_at],
        "removed_files": [file for file in files if file.removed_at] if may_add else [],
        "may_add_files": may_add,
        "file_limit": settings.FILE_LIMIT_BYTES,
        "file_extensions": ",".join(f".{ending}" for ending in (*EXTENSIONS, *settings.DOWNLOAD_ONLY_FILES)),
    }


def describe(file: File) -> dict[str, Any]:
    """A stored file as JSON for scripts. ``markdown`` is the link or image to insert into a note."""
    url = file_url(file)
    return {
        "id": file.uid,
        "url": url,
        "filename": file.name,
        "size": file.size,
        "content_type": file.content_type,
        "is_locked": file.is_locked,
        "markdown": markdown_link(file, url),
    }


def _refusal(request: HttpRequest, node: Node, why: str, status: HTTPStatus, added: list[File]) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"error": why, "files": [describe(file) for file in added]}, status=status)
    context = {"node": node, "why": why, "told": _told(added) if added else ""}
    return render(request, "tree/file_refused.html", context, status=status)


def _told(added: list[File]) -> str:
    told = f"“{added[0].name}” was added." if len(added) == 1 else f"{len(added)} files were added."
    locked = [f"“{file.name}”" for file in added if file.is_locked]
    if not locked:
        return told
    return f"{told} Locked with a password, so neither checked nor found by its words: {', '.join(locked)}."


def _wants_json(request: HttpRequest) -> bool:
    """Whether a script asks: by its Accept header, or by the destination that browsers send with ``fetch``."""
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return True
    return request.headers.get("Sec-Fetch-Dest") == "empty" and "HX-Request" not in request.headers
