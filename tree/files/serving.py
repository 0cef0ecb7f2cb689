"""Bytes of files in an answer: the one place that gives them out.

Everything is a download, but for pictures that we wrote ourselves. Nothing that is given out can run as a page of
ours: the type is the one that was recognised, browsers may not guess another, and the answer is in a sandbox.
"""

import logging
from http import HTTPStatus
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

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
    """The lasting address of a file."""
    return reverse("file", args=[file.uid, file.name])


def file_response(request: HttpRequest, file: File) -> HttpResponseBase:
    """The bytes of this file; the caller has asked who may have them. Raises Http404."""
    etag = f'"{file.sha256 or file.filename}"'
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None or answer.status_code != 304:
        try:
            stored = storage.open_stored(file.filename)
        except FileNotFoundError as error:
            _logger.error("The bytes of file %s are missing on disk: %s.", file.uid, file.filename)
            raise Http404("The bytes of this file are missing.") from error
        answer = FileResponse(stored, content_type=_content_type(file))
    answer["ETag"] = etag
    answer["Content-Disposition"] = content_disposition_header(not is_inline(file), file.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def is_inline(file: File) -> bool:
    """Whether the file is shown in the page: a picture that was written anew when it came."""
    return file.content_type in _INLINE and bool(file.width)


def markdown_link(file: File, address: str) -> str:
    """What to write into a note: the picture itself, or a link to the file."""
    name = "".join(f"\\{c}" if c in "[]\\`*_<>" else c for c in file.name)
    return f"{'!' if is_inline(file) else ''}[{name}]({quote(address, safe='/%')})"


def status_of(error: Refused) -> HTTPStatus:
    """The status of HTTP for a file that was refused."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)


def _content_type(file: File) -> str:
    """The type that was recognised; imported records may say anything, and only types of ours are given out."""
    if file.content_type not in _KNOWN:
        return "application/octet-stream"
    return f"{file.content_type}; charset=utf-8" if file.content_type in _TEXT else file.content_type
