"""Pins: the nodes that a person keeps at hand, above the tree and on the start page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from knowledgetree.accounts.rights.reader_of import reader_of
from tree import queries
from tree.exceptions import GraphUnavailable
from tree.graph.values import Placed
from tree.models import Pin
from tree.pages.readable import readable_node
from tree.pages.responses import asks_only_for, refuse, tell

CHANGED = "pins:changed"  # the event at which the lists of a page fetch themselves again
_ON_HOME = "pins"
_FULL = f"You have pinned {Pin.MOST} pages, which is the most there can be. Unpin one first."


@dataclass(frozen=True)
class Pinned:
    """A pinned node, and the pins before and after it among those that the person sees; empty at the ends."""

    placed: Placed
    before: str
    after: str


def pinned(ids: list[str], known: Mapping[str, Placed]) -> list[Pinned]:
    """The pins to show, in order: those of these ids that are known."""
    shown = [uid for uid in ids if uid in known]
    return [
        Pinned(known[uid], before, after)
        for uid, before, after in zip(shown, ["", *shown], [*shown[1:], ""], strict=False)
    ]


def pins_of(user: Any) -> list[Pinned]:
    """The pins of this person, as far as they may read them; none while the graph cannot be read."""
    ids = Pin.of(user)
    try:
        return pinned(ids, queries.get_placed(ids, reader=reader_of(user)))
    except GraphUnavailable:  # the page says so, or needs no graph
        return []


@require_POST
def pin(request: HttpRequest, uid: str) -> HttpResponse:
    """Pin a node with ``on=1``, or unpin it with ``on=0``: also one that is gone, or that the person may not read."""
    is_on = request.POST.get("on") == "1"
    htmx: Any = getattr(request, "htmx", None)
    if not is_on:
        Pin.remove(request.user, uid)
    node = readable_node(request, uid)
    if is_on and not Pin.add(request.user, uid):
        return tell(_FULL, 409) if htmx else refuse(request, node, _FULL)
    if not htmx:
        return redirect(reverse("node", args=[uid]))
    return _changed(render(request, "tree/_pin.html", {"node": node, "is_pinned": is_on}))


@require_http_methods(["GET", "HEAD", "POST"])
def pins(request: HttpRequest) -> HttpResponse:
    """The list of pins as a part of a page. A POST puts the pin ``id`` before or ``after`` the pin ``beside``."""
    if request.method == "POST":
        Pin.move(
            request.user,
            request.POST.get("id", ""),
            request.POST.get("beside", ""),
            is_after=request.POST.get("after") == "1",
        )
        return _changed(HttpResponse(status=204)) if getattr(request, "htmx", None) else redirect("home")
    if asks_only_for(request, _ON_HOME):
        return render(request, "tree/_pins.html", {"pins": pins_of(request.user)})
    return render(request, "tree/_favourites.html")


def _changed(response: HttpResponse) -> HttpResponse:
    response["HX-Trigger"] = CHANGED
    return response
