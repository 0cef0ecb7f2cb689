"""Serving of stored files; no other module sends their bytes.

Everything is sent as a download, except images that we re-encoded. No file can act as a page of this site: the
content type is the detected one, browsers must not guess another, and the response is sandboxed.
"""

import logging
from http import HTTPStatus
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from knowledgetree.basics.address_forms import without_prefix
from tree.exceptions import FileRefused, FileTooLarge, InvalidPlace, NoSpace, Refused
from tree.files import storage
from tree.files.types import IMAGES, TEXTS, TYPES
from tree.graph.values import File

_INLINE = frozenset(known.content_type for known in IMAGES)
_KNOWN = frozenset(known.content_type for known in TYPES)
_TEXT = frozenset(known.content_type for known in TEXTS)
_STATUSES: tuple[tuple[type[Refused], HTTPStatus], ...] = (
    (FileTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (FileRefused, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (NoSpace, HTTPStatus.INSUFFICIENT_STORAGE),
    (InvalidPlace, HTTPStatus.CONFLICT),
)
_logger = logging.getLogger(__name__)


def file_url(file: File) -> str:
    """The permanent URL of a file."""
    return reverse("file", args=[file.uid, file.name])


def file_response(request: HttpRequest, file: File) -> HttpResponseBase:
    """The response with a file's bytes. The caller has checked access. Raises Http404."""
    etag = f'"{file.sha256 or file.filename}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None or response.status_code != 304:
        try:
            stored = storage.open_stored(file.filename)
        except FileNotFoundError as error:
            _logger.error("The bytes of file %s are missing on disk: %s.", file.uid, file.filename)
            raise Http404("The bytes of this file are missing.") from error
        response = FileResponse(stored, content_type=_content_type(file))
    response["ETag"] = etag
    response["Content-Disposition"] = content_disposition_header(not is_inline(file), file.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def is_inline(file: File) -> bool:
    """Whether browsers display the file in the page, which they do with images that were re-encoded on upload."""
    return file.content_type in _INLINE and bool(file.width)


def markdown_link(file: File, address: str) -> str:
    """The Markdown to insert into a note: an image, or a link to the file."""
    name = "".join(f"\\{c}" if c in "[]\\`*_<>" else c for c in file.name)
    return f"{'!' if is_inline(file) else ''}[{name}]({quote(without_prefix(address), safe='/%')})"


def status_of(error: Refused) -> HTTPStatus:
    """The HTTP status for a refused file."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)


def _content_type(file: File) -> str:
    """The detected type. Imported records may contain any type; only accepted types are sent."""
    if file.content_type not in _KNOWN:
        return "application/octet-stream"
    return f"{file.content_type}; charset=utf-8" if file.content_type in _TEXT else file.content_type
