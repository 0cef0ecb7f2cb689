"""How these routes read requests and answer errors: ``{"error": "text"}`` with the expected status."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from msgspec import Struct

from knowledgetree.basics.address_forms import whole_number
from knowledgetree.basics.mismatches import in_words, mismatch_of
from tree.api.sizes import MAX_BODY_BYTES
from tree.exceptions import Conflict, Forbidden, NameTaken, NodeNotFound, ReadOnlyNode, Refused

_STATUSES: dict[type[Refused], int] = {NameTaken: 409, Conflict: 409, ReadOnlyNode: 403, Forbidden: 403}
_WITHOUT_QUOTES = str.maketrans("", "", "“”")  # the old application's clients expect bare field names
View = Callable[..., HttpResponseBase]
Body = TypeVar("Body", bound=Struct)


class BadRequest(Exception):
    """The request has an invalid body or parameter. ``status`` is the status code of the response."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def answers_json(view: View) -> View:
    """Turn exceptions of the tree into ``{"error": …}`` with the status codes that the old clients expect."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except BadRequest as error:
            return error_response(str(error), error.status)
        except NodeNotFound as error:
            return error_response(str(error), 404)
        except Refused as error:
            more = {name: getattr(error, name) for name in ("existing_id", "version", "author") if hasattr(error, name)}
            return error_response(str(error), _STATUSES.get(type(error), 400), **more)

    return guarded


def body_of(request: HttpRequest, kind: type[Body]) -> Body:
    """The request's JSON as ``kind``; unknown fields are ignored. Raises BadRequest, which names an invalid field."""
    if request.content_type != "application/json":
        raise BadRequest("Send JSON with Content-Type: application/json.", 415)
    if len(request.body) > MAX_BODY_BYTES:
        raise BadRequest("The request is too large.", 413)
    try:
        body = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest("The request's body is not JSON.") from error
    if not isinstance(body, dict):
        raise BadRequest("The request's body must be a JSON object.")
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise BadRequest(in_words(mismatch_of(error)).translate(_WITHOUT_QUOTES)) from error


def body_if_any(request: HttpRequest, kind: type[Body]) -> Body:
    """Like ``body_of``; the defaults of ``kind`` if there is no body, or only an HTML form's."""
    is_form = request.content_type in ("multipart/form-data", "application/x-www-form-urlencoded")
    return kind() if is_form or request.META.get("CONTENT_LENGTH") in (None, "", "0") else body_of(request, kind)


def limit_of(typed: str | None, default: int, highest: int) -> int:
    """The parameter ``limit``. Raises BadRequest."""
    if typed is None or typed == "":
        return default
    number = whole_number(typed, 1, highest)
    if number is None:
        raise BadRequest(f"limit must be a number from 1 to {highest}")
    return number


def error_response(error: str, status: int, **more: Any) -> JsonResponse:
    """``{"error": "text"}`` and more keys."""
    return JsonResponse({"error": error} | more, status=status)
