"""The JSON responses of the API v1: one thing with its ETag, or a page of a list with the way to the next one."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

_encode = msgspec.json.Encoder().encode


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A response with this content as JSON."""
    return HttpResponse(_encode(content), status=status, content_type="application/json", headers=headers)


def etag_of(content: Mapping[str, Any], version: Any) -> str:
    """The strong ETag of what was read: its version, and a hash of all that was said of it.

    ``url`` does not count, so that it is the same for those who come by another address of the site.
    """
    said = _encode({name: value for name, value in content.items() if name != "url"})
    return f'"{version or 1}-{hashlib.blake2b(said, digest_size=9).hexdigest()}"'


def page_answer(request: HttpRequest, items: Sequence[Any], next_cursor: str | None, **more: Any) -> HttpResponse:
    """A page of a list. ``next_cursor`` is None on the last page; the header Link has the whole address (RFC 8288)."""
    headers = {}
    if next_cursor:
        query = request.GET.copy()
        query["cursor"] = next_cursor
        headers["Link"] = f'<{request.build_absolute_uri(request.path)}?{query.urlencode()}>; rel="next"'
    return answer({"items": items, "next_cursor": next_cursor, **more}, headers=headers)
