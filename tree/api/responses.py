"""The JSON responses of the API: the keys that the old application's clients read, and some newer ones."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from tree.graph.values import Crumb, File, Hit, Node, Page, Row
from tree.kinds import FOLDER_KINDS, Company
from tree.text.rendering import render
from tree.vocabulary import ROOT_ID

ROOT_NAME = "KnowledgeTree Root"  # clients compare with this name
SUMMARY_CHARACTERS = 200


def is_folder(row: Row | Node) -> bool:
    """Whether the old application would call it a folder; computers, tickets and notes are articles."""
    return row.kind in FOLDER_KINDS


def search_item(hit: Hit, levels: Mapping[str, str]) -> dict[str, Any]:
    """One search result. ``levels`` maps company ids to compliance levels."""
    names = [*(crumb.name for crumb in hit.path[1:]), hit.row.name]
    return {
        "id": hit.row.uid,
        "name": hit.row.name,
        "is_folder": is_folder(hit.row),
        "path_names": [ROOT_NAME, *names],
        "folder_path": " / ".join(names),
        "url_path": url_path(names),
        "title": hit.row.name,
        "summary": summary(hit.text),
        "category": names[-2] if len(names) > 1 else "",
        "kind": hit.row.kind,
        "company_compliance_level": _level(hit.path, levels),
    }


def browsed(path: str, node: Node, children: Page, summaries: Mapping[str, str]) -> dict[str, Any]:
    """A folder that was requested by its path."""
    base = "/" + "/".join(crumb.name for crumb in node.path[1:])
    return {
        "path": path,
        "current_node": {"id": node.uid, "name": _name(node), "is_folder": is_folder(node)},
        "categories": [
            {"id": row.uid, "name": row.name, "path": f"{base.rstrip('/')}/{row.name}"}
            for row in children.rows
            if is_folder(row)
        ],
        "articles": [
            {"id": row.uid, "title": row.name, "summary": summary(summaries.get(row.uid, ""))}
            for row in children.rows
            if not is_folder(row)
        ],
    }


def browsed_node(node: Node, children: Page) -> dict[str, Any]:
    """A folder that was requested by its id."""
    names = [crumb.name for crumb in node.path[1:]]
    return {
        "id": node.uid,
        "name": _name(node),
        "children": [child(row) for row in children.rows],
        "breadcrumb": [{"id": c.uid, "name": ROOT_NAME if c.uid == ROOT_ID else c.name} for c in node.path],
        "url_path": url_path(names),
    }


def child(row: Row) -> dict[str, Any]:
    """A node in a list."""
    return {
        "id": row.uid,
        "name": row.name,
        "is_folder": is_folder(row),
        "is_attached": bool(row.fields.get("is_attached")),
        "read_only": row.fields.get("origin") != "staff",
    }


def node(
    found: Node, levels: Mapping[str, str], backlinks: Sequence[Row], files: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """One complete node. ``files`` are results of ``file``, ``levels`` maps company ids to compliance levels."""
    properties = found.properties
    return {
        "id": found.uid,
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
        "company_compliance_level": _level(found.path, levels),
    }


def file(found: File, url: str) -> dict[str, Any]:
    """A file of a node."""
    return {
        "id": found.uid,
        "filename": found.filename,
        "original_filename": found.name,
        "url": url,
        "size": found.size,
    }


def summary(text: str) -> str:
    """The first 200 characters, followed by dots if the text is longer."""
    return text if len(text) <= SUMMARY_CHARACTERS else text[:SUMMARY_CHARACTERS] + "..."


def url_path(names: Sequence[str]) -> str:
    """Names joined by ``/``, each percent-encoded; a slash within a name is not encoded, as clients expect."""
    return "/".join(quote(name) for name in names)


def _name(node: Node) -> str:
    return ROOT_NAME if node.uid == ROOT_ID else node.name


def _level(path: Sequence[Crumb], levels: Mapping[str, str]) -> str | None:
    company = next((crumb.uid for crumb in path if crumb.kind == Company.kind()), None)
    return levels.get(company or "")
