"""The addresses of nodes with an ending: ``/node/<id>.md`` is the Markdown of a page, ``/node/<id>.json`` its record.

The record is that of ``/api/v1/nodes/<id>``. Both are open to whoever may read the page, and to tokens.
"""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tree.api.v1.errors import Problem, problem_response, tree_error_response
from tree.api.v1.readable import require_text, shown_by_id, unless_unchanged
from tree.exceptions import Forbidden, NodeNotFound


def _answers_problems(view: Callable[[HttpRequest, str], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, uid: str) -> HttpResponse:
        try:
            return view(request, uid)
        except NodeNotFound as error:
            raise Http404(str(error)) from error
        except Problem as error:
            return problem_response(request, error)
        except Forbidden as error:
            return tree_error_response(request, error)

    return guarded


@require_safe
@_answers_problems
def markdown(request: HttpRequest, uid: str) -> HttpResponse:
    """The text of a node as it was written."""
    found = shown_by_id(request, uid)
    require_text(found)
    etag = found.etag.replace('"', '"md-', 1)
    response = HttpResponse(
        found.node.content, content_type="text/markdown; charset=utf-8; variant=GFM", headers={"ETag": etag}
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return unless_unchanged(request, response)


@require_safe
@_answers_problems
def record(request: HttpRequest, uid: str) -> HttpResponse:
    """The record of a node."""
    return unless_unchanged(request, shown_by_id(request, uid).response())
