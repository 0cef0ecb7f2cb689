"""Refuses request bodies that are too large, or for which the disk has no room."""

import logging
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.shortcuts import render

from knowledgetree import problems
from tree.exceptions import NoSpace
from tree.files import storage

_LARGE_BODIES = ("import", "legacy-import")
_FORM_BYTES = 64 * 1024  # what the form around a file adds
logger = logging.getLogger(__name__)


class _BeforeTheView:
    """A middleware that does nothing but look at requests before their view is called."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class BodyLimitMiddleware(_BeforeTheView):
    """Refuses an oversized request body before it is read. Archives to import have a limit of their own."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        match = request.resolver_match
        is_import = match is not None and match.url_name in _LARGE_BODIES
        limit = settings.IMPORT_LIMIT_BYTES if is_import else settings.REQUEST_LIMIT_BYTES
        if not length.isdecimal() or int(length) <= limit + (_FORM_BYTES if is_import else 0):
            return None
        setting = " (IMPORT_LIMIT_MB)" if is_import else ""
        why = f"This is too large: at most {limit / 2**20:g} MB can be sent at once{setting}."
        return _refused(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why)


class FullDiskMiddleware(_BeforeTheView):
    """Responds with 507 if the disk is full. Uploads are parsed here, which writes the large ones to disk."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.content_type != "multipart/form-data":
            return None
        try:
            with storage.no_space_told():
                storage.make_folders()
                _ = request.FILES
        except NoSpace as error:
            for handler in request.upload_handlers:
                with suppress(OSError):  # flushing its buffer fails for the same reason
                    handler.upload_interrupted()
            return _refused(request, HTTPStatus.INSUFFICIENT_STORAGE, str(error))
        except UnreadablePostError:  # raised again where the view reads the body
            pass
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NoSpace):
            why = str(exception)
        elif storage.is_no_space(exception):
            why = "The server's disk is full, so this was not done. Tell an administrator."
        else:
            return None
        logger.error("The disk is full at %s: %s", request.path, exception)
        return _refused(request, HTTPStatus.INSUFFICIENT_STORAGE, why)


def _refused(request: HttpRequest, status: HTTPStatus, why: str) -> HttpResponse:
    is_script = request.headers.get("Sec-Fetch-Dest") == "empty"
    response = problems.for_programs(request, status, why, is_json=is_script)
    return response or render(request, f"{status:d}.html", {"why": why}, status=status)
