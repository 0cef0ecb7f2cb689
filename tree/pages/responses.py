"""Responses of the pages that change the tree: a full page, or a fragment for the dialog of an open page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect, HttpResponseLocation

from tree.graph.values import Node
from tree.pages.readable import readable_node

TREE_CHANGED = "tree-changed"  # the class of a message that makes tree.js reload the tree
_DIALOG = "dialog-body"

View = Callable[..., HttpResponse]


def with_node(view: View) -> View:
    """Pass the node of the URL to a view, even if it is in the trash; 404 if there is none."""

    @wraps(view)
    def found(request: HttpRequest, uid: str, **kwargs: Any) -> HttpResponse:
        return view(request, readable_node(request, uid), **kwargs)

    return found


def is_in_dialog(request: HttpRequest) -> bool:
    """Whether the response is for the dialog of a page that is already open."""
    return asks_only_for(request, _DIALOG)


def asks_only_for(request: HttpRequest, part: str) -> bool:
    """Whether only the part of the open page with this id is asked for. Going back in the browser wants whole pages."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and htmx.target == part and not htmx.history_restore_request


def show(request: HttpRequest, fragment: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render ``fragment``: alone for the dialog, otherwise within a full page."""
    context = context | {"fragment": fragment, "in_dialog": is_in_dialog(request)}
    return render(request, fragment if context["in_dialog"] else "tree/change.html", context, status=status)


def refuse(request: HttpRequest, node: Node, reason: str) -> HttpResponse:
    """The response that says why a node cannot be changed in this way."""
    return show(request, "tree/_refused.html", {"node": node, "reason": reason}, status=409)


def tell(reason: str, status: int) -> HttpResponse:
    """A refusal as plain text, for actions without a form, such as a drop in the tree. page.js displays it."""
    return HttpResponse(reason, status=status, content_type="text/plain; charset=utf-8")


def done(
    request: HttpRequest, address: str, message: str, *, is_whole: bool = False, changes_tree: bool = True
) -> HttpResponse:
    """Redirect to a page that shows the message and reloads the tree, if that has changed.

    ``is_whole``: the page has scripts of its own, so the browser must load it in full.
    """
    messages.success(request, message, extra_tags=TREE_CHANGED if changes_tree else "")
    htmx: Any = getattr(request, "htmx", None)
    if htmx and is_whole:
        return HttpResponseClientRedirect(address)
    if htmx and not htmx.boosted:
        swap = "outerHTML show:window:top"
        return HttpResponseLocation(address, target="#page", select="#page", swap=cast(Any, swap))
    return redirect(address)


def author(request: HttpRequest) -> str:
    """The user name under which a change is recorded."""
    return str(request.user.get_username())
