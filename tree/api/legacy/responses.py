"""The JSON responses: the keys that the old application's clients read, and some newer ones."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from knowledgetree.basics.rights.withholding import Part
from tree.api.compliance import Disclosure
from tree.api.legacy.numbers import number_of
from tree.api.sizes import summary
from tree.graph.values import File, Hit, Node, Page, Row
from tree.kinds import FOLDER_KINDS
from tree.text.rendering import render
from tree.vocabulary import ROOT_ID

ROOT_NAME = "KnowledgeTree Root"  # clients compare with this name


def is_folder(row: Row | Node) -> bool:
    """Whether the old application would call it a folder; computers, tickets and notes are articles."""
    return row.kind in FOLDER_KINDS


def search_item(hit: Hit, relevance: float, known: Disclosure) -> dict[str, Any]:
    """One search result. ``relevance``: from 1, the best, down to 0. ``known`` says what is withheld."""
    names = [*(crumb.name for crumb in hit.path[1:]), hit.row.name]
    values = {
        "id": hit.row.uid,
        "number": number_of(hit.row.uid),
        "name": hit.row.name,
        "is_folder": is_folder(hit.row),
        "path_names": [ROOT_NAME, *names],
        "folder_path": " / ".join(names),
        "url_path": url_path(names),
        "title": hit.row.name,
        "summary": summary(hit.text),
        "category": names[-2] if len(names) > 1 else "",
        "kind": hit.row.kind,
        "relevance": relevance,
    }
    return known.item(values, (*hit.path, hit.row))


def browsed(path: str, node: Node, children: Page, summaries: Mapping[str, str], known: Disclosure) -> dict[str, Any]:
    """A folder that was requested by its path."""
    base = url_path([crumb.name for crumb in node.path[1:]])
    base = f"/{base}/" if base else "/"
    rows, are_hidden = visible(children, node, known)
    values = {
        "path": path,
        "current_node": {
            "id": node.uid,
            "number": number_of(node.uid),
            "name": _name(node),
            "is_folder": is_folder(node),
        },
        "categories": [
            known.item(
                {
                    "id": row.uid,
                    "number": number_of(row.uid),
                    "name": row.name,
                    "path": f"{base}{quote(row.name, safe='')}",
                },
                (*node.path, row),
            )
            for row in rows
            if is_folder(row)
        ],
        "articles": [
            known.item(
                {
                    "id": row.uid,
                    "number": number_of(row.uid),
                    "title": row.name,
                    "summary": summary(summaries.get(row.uid, "")),
                },
                (*node.path, row),
            )
            for row in rows
            if not is_folder(row)
        ],
    }
    return known.item(values, node.path) | {"withheld": [Part.TICKETS.value] if are_hidden else []}


def visible(children: Page, node: Node, known: Disclosure) -> tuple[list[Row], bool]:
    """The children that are not withheld as a whole, and whether others are."""
    rows = [row for row in children.rows if not known.hides((*node.path, row))]
    return rows, len(rows) < len(children.rows)


def browsed_node(node: Node, children: Page, known: Disclosure) -> dict[str, Any]:
    """A folder that was requested by its id."""
    names = [crumb.name for crumb in node.path[1:]]
    rows, are_hidden = visible(children, node, known)
    values = {
        "id": node.uid,
        "name": _name(node),
        "children": [child(row, node, known) for row in rows],
        "breadcrumb": [{"id": c.uid, "name": ROOT_NAME if c.uid == ROOT_ID else c.name} for c in node.path],
        "url_path": url_path(names),
    }
    return known.item(values, node.path) | {"withheld": [Part.TICKETS.value] if are_hidden else []}


def folder_tree(found: Sequence[tuple[str, Row]]) -> dict[str, Any]:
    """Folders within folders. ``found``: each with the id of its parent, the parents first."""
    root: dict[str, Any] = {"id": ROOT_ID, "name": ROOT_NAME, "is_attached": False, "children": []}
    placed = {ROOT_ID: root}
    for parent, row in found:
        branch = {"id": row.uid, "name": row.name, "is_attached": bool(row.fields.get("is_attached")), "children": []}
        placed[parent]["children"].append(branch)
        placed[row.uid] = branch
    return root


def child(row: Row, parent: Node, known: Disclosure) -> dict[str, Any]:
    """A node in the list of its parent's children."""
    values = {
        "id": row.uid,
        "number": number_of(row.uid),
        "name": row.name,
        "is_folder": is_folder(row),
        "is_attached": bool(row.fields.get("is_attached")),
        "read_only": row.fields.get("origin") != "staff",
    }
    return known.item(values, (*parent.path, row))


def node(found: Node, known: Disclosure, backlinks: Sequence[Row], files: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One complete node. ``files`` are results of ``file``; ``known`` says what is withheld."""
    properties = found.properties
    values = {
        "id": found.uid,
        "number": number_of(found.uid),
        "name": _name(found),
        "title": _name(found),
        "category": found.path[-2].name if len(found.path) > 1 else "",
        "is_folder": is_folder(found),
        "is_attached": found.is_attached,
        "is_warning": bool(properties.get("is_warning")),
        "read_only": properties.get("origin") != "staff",
        "content_format": "markdown",
        "content": found.content,
        "content_html": str(render(found.content)),
        "content_markdown": found.content,
        "files": list(files),
        "version": properties.get("version"),
        "created_at": properties.get("created_at"),
        "updated_at": properties.get("updated_at"),
        "tags": [],
        "related_articles": [{"id": row.uid, "title": row.name} for row in backlinks],
    }
    return known.item(values, found.path)


def file(found: File, url: str) -> dict[str, Any]:
    """A file of a node."""
    return {
        "id": found.uid,
        "filename": found.filename,
        "original_filename": found.name,
        "url": url,
        "size": found.size,
    }


def url_path(names: Sequence[str]) -> str:
    """Names joined by ``/``, each percent-encoded; a slash within a name is not encoded, as clients expect."""
    return "/".join(quote(name) for name in names)


def _name(node: Node) -> str:
    return ROOT_NAME if node.uid == ROOT_ID else node.name
