"""Nodes as the API v1 says them, whole or as an entry of a list. Each has its company, its level and its page."""

from collections.abc import Callable, Container, Mapping
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse

from tree.api.compliance import Disclosure, Way
from tree.graph.values import Crumb, File, Node, Row
from tree.kinds import NODE_CLASS, ContextItem
from tree.kinds.declaration.fields import Sort

PROPERTIES = {  # what a kind has besides what all kinds have, without the keys that tie nodes together
    kind: tuple(n for n, field in c.fields().items() if n not in ContextItem.fields() and field.sort is not Sort.KEY)
    for kind, c in NODE_CLASS.items()
}


class PageAddresses:
    """The addresses of pages of nodes. ``whole`` makes a whole address of a path of this site."""

    def __init__(self, whole: Callable[[str], str]) -> None:
        example = whole(reverse("node", args=["-"]))
        self._before, self._after = example[:-2], example[-1:]

    @classmethod
    def seen_by(cls, request: HttpRequest) -> "PageAddresses":
        """As those who read this response reach them."""
        return cls(request.build_absolute_uri)

    def __call__(self, uid: str) -> str:
        return f"{self._before}{quote(uid, safe='')}{self._after}"


def node_record(node: Node, known: Disclosure, page: PageAddresses, related: Container[str]) -> dict[str, Any]:
    """A whole node. ``known`` says what is withheld; ``related``: the ids that its relations may name."""
    has = node.properties
    values = {
        "id": node.uid,
        "kind": node.kind,
        "name": node.name,
        "title": node.title,
        "parent_id": node.path[-2].uid if len(node.path) > 1 else None,
        "path": [crumb_record(crumb) for crumb in node.path],
        "is_folder": bool(has.get("is_folder")),
        "is_warning": bool(has.get("is_warning")),
        "is_read_only": bool(node.read_only_reason),
        "content": node.content,
        "version": int(has.get("version") or 1),
        "created_at": has.get("created_at"),
        "created_by": has.get("created_by"),
        "updated_at": has.get("updated_at"),
        "updated_by": has.get("updated_by"),
        "archived_at": has.get("archived_at"),
        "trashed_at": has.get("trashed_at"),
        "properties": properties(node.kind, has),
        "relations": [
            {
                "type": relation.name,
                "is_outgoing": relation.outgoing,
                "evidence": relation.evidence,
                "id": relation.row.uid,
                "kind": relation.row.kind,
                "title": relation.row.title,
            }
            for relation in node.relations
            if relation.row.uid in related
        ],
        "url": page(node.uid),
    }
    return known.item(values, node.path)


def row_record(row: Row, way: Way, known: Disclosure, page: PageAddresses, **more: Any) -> dict[str, Any]:
    """An entry of a list. ``way``: the nodes above it as far as companies may be among them; ``more``: further keys."""
    has = row.fields
    values = {
        "id": row.uid,
        "kind": row.kind,
        "name": row.name,
        "title": row.title,
        "is_read_only": has.get("origin") not in ("staff", None),
        "updated_at": has.get("updated_at"),
        "archived_at": has.get("archived_at"),
        "properties": properties(row.kind, has),
        **more,
        "url": page(row.uid),
    }
    return known.item(values, (*way, row))


def file_record(file: File, url: str) -> dict[str, Any]:
    """A file of a node. ``url``: where it is downloaded."""
    return {
        "id": file.uid,
        "name": file.name,
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
        "created_at": file.created_at or None,
        "created_by": file.created_by or None,
        "is_locked": file.is_locked,
        "url": url,
    }


def crumb_record(crumb: Crumb) -> dict[str, Any]:
    """A node on the path to another one."""
    return {"id": crumb.uid, "kind": crumb.kind, "name": crumb.name, "title": crumb.title}


def properties(kind: str, has: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that the kind has of its own, as far as they have values."""
    return {name: has[name] for name in PROPERTIES[kind] if has.get(name) is not None}
