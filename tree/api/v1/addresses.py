"""The addresses of nodes with an ending: ``/node/<id>.md`` is the Markdown of a page, ``/node/<id>.json`` its record.

The record is that of ``/api/v1/nodes/<id>``. Both are open to whoever may read the page, and to tokens.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from tree.api.v1.readable import Shown, shown_by_id
from tree.exceptions import NodeNotFound


@require_safe
def markdown(request: HttpRequest, uid: str) -> HttpResponse:
    """The text of a node as it was written."""
    found = _found(request, uid)
    etag = found.etag.replace('"', '"md-', 1)
    response = HttpResponse(
        found.node.content, content_type="text/markdown; charset=utf-8; variant=GFM", headers={"ETag": etag}
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
def record(request: HttpRequest, uid: str) -> HttpResponse:
    """The record of a node."""
    found = _found(request, uid)
    return get_conditional_response(request, etag=found.etag, response=found.response()) or found.response()


def _found(request: HttpRequest, uid: str) -> Shown:
    try:
        return shown_by_id(request, uid)
    except NodeNotFound as error:
        raise Http404(str(error)) from error
