"""How the pages that change the tree answer: as a whole page, or as a fragment in the dialog of the page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect, HttpResponseLocation

from tree.graph.values import Node
from tree.pages.readable import node_or_404

TREE_CHANGED = "tree-changed"  # the class of a message that tells tree.js to draw the tree again
_DIALOG = "dialog-body"

View = Callable[..., HttpResponse]


def with_node(view: View) -> View:
    """Hand the node of the address to a view; 404 if there is none. Trashed ones are found, too."""

    @wraps(view)
    def found(request: HttpRequest, uid: str, **kwargs: Any) -> HttpResponse:
        return view(request, node_or_404(uid), **kwargs)

    return found


def is_in_dialog(request: HttpRequest) -> bool:
    """Whether the answer goes into the dialog of a page that is open already."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and htmx.target == _DIALOG


def show(request: HttpRequest, fragment: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A form: ``fragment`` alone for the dialog, within the frame for a page."""
    context = context | {"fragment": fragment, "in_dialog": is_in_dialog(request)}
    return render(request, fragment if context["in_dialog"] else "tree/change.html", context, status=status)


def refuse(request: HttpRequest, node: Node, reason: str) -> HttpResponse:
    """Say why a node cannot be changed so."""
    return show(request, "tree/_refused.html", {"node": node, "reason": reason}, status=409)


def tell(reason: str, status: int) -> HttpResponse:
    """A refusal for what has no form to show it in, such as a drop in the tree: page.js shows the text."""
    return HttpResponse(reason, status=status, content_type="text/plain; charset=utf-8")


def done(request: HttpRequest, address: str, message: str, *, is_whole: bool = False) -> HttpResponse:
    """To a page that says what was done; the tree is drawn again there.

    ``is_whole``: the page has scripts of its own, so the browser has to load it whole.
    """
    messages.success(request, message, extra_tags=TREE_CHANGED)
    htmx: Any = getattr(request, "htmx", None)
    if htmx and is_whole:
        return HttpResponseClientRedirect(address)
    if htmx and not htmx.boosted:
        swap = "outerHTML show:window:top"
        return HttpResponseLocation(address, target="#page", select="#page", swap=cast(Any, swap))
    return redirect(address)


def author(request: HttpRequest) -> str:
    """Under which name a change is kept."""
    return str(request.user.get_username())
