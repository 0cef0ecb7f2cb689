"""Shows the history of a record at /node/<id>/changes/ to everybody who may read the node."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from syncing.decisions import record_history
from tree.kinds.facts import facts
from tree.kinds.titles import title_of
from tree.pages.readable import readable_node
from tree.text.rendering import render as render_markdown

MOMENTS_A_PAGE = 50


@require_safe
def node_changes(request: HttpRequest, uid: str) -> HttpResponse:
    """The changes of this node by syncs; with ``on`` (a day), also its fields as of the end of that day."""
    node = readable_node(request, uid)
    page = Paginator(record_history.moments(node.properties), MOMENTS_A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "node": node,
        "crumbs": node.crumbs,
        "page": page,
        "kept_since": record_history.kept_since(),
        "on": request.GET.get("on", "")[:10],
    }
    return render(request, "syncing/node_changes.html", context | _past(node.kind, node.properties, context["on"]))


def _past(kind: str, properties: Any, on: str) -> dict[str, Any]:
    if not on:
        return {}
    try:
        day = parse_date(on)
    except ValueError:
        day = None
    if day is None:
        return {"problem": f"“{on}” is no day. Write it as 2026-03-09."}
    past = record_history.as_of(properties, record_history.end_of(day))
    return {
        "day": day,
        "past": past,
        "past_title": title_of(kind, str(past.properties.get("name") or ""), past.properties),
        "past_facts": facts(kind, past.properties),
        "past_html": render_markdown(str(past.properties.get("content") or "")),
    }
