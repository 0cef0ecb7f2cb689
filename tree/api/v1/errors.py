"""What the API v1 says when it refuses something: problems as RFC 9457 has them."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from knowledgetree import problems
from tree.exceptions import (
    Conflict,
    FileRefused,
    FileTooLarge,
    Forbidden,
    GraphUnavailable,
    NameTaken,
    NodeNotFound,
    NoSpace,
    ReadOnlyNode,
    Refused,
    TreeError,
)

_STATUSES: tuple[tuple[type[TreeError], int], ...] = (
    (NodeNotFound, 404),
    (Forbidden, 403),
    (ReadOnlyNode, 403),
    (NameTaken, 409),
    (Conflict, 412),
    (FileTooLarge, 413),
    (FileRefused, 415),
    (NoSpace, 507),
    (Refused, 422),
    (GraphUnavailable, 503),
)
_FIELDS = {"parent": "parent_id"}  # what the API calls the fields of forms
_MEMBERS = ("existing_id", "version", "author")


class Problem(Exception):
    """A refusal. ``errors``: what is wrong with which field; ``more``: further members; ``headers`` of the response."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.errors, self.headers, self.more = status, errors or {}, headers or {}, more


def wrong(field: str, detail: str) -> Problem:
    """What one field or parameter holds cannot be taken."""
    return Problem(422, f"{field}: {detail}", {field: detail})


def problem_response(request: HttpRequest, error: Problem) -> HttpResponse:
    """The response for a refusal."""
    response = problems.problem(request, error.status, str(error), list(error.errors.items()), **error.more)
    for name, value in error.headers.items():
        response.headers[name] = value
    return response


def tree_error_response(request: HttpRequest, error: TreeError) -> HttpResponse:
    """The response for an exception of the tree. What only admins may read of it is left out."""
    status = next(status for kind, status in _STATUSES if isinstance(error, kind))
    if isinstance(error, GraphUnavailable):
        headers = {"Retry-After": problems.RETRY_AFTER_SECONDS}
        return problem_response(request, Problem(status, error.in_short, headers=headers))
    field = _FIELDS.get(getattr(error, "field", ""), getattr(error, "field", ""))
    more = {name: getattr(error, name) for name in _MEMBERS if getattr(error, name, "")}
    return problem_response(request, Problem(status, str(error), {field: str(error)} if field else None, **more))
