"""Nodes as the tools tell of them."""

from collections.abc import Mapping
from typing import Any

from tree.api.compliance import Disclosure, Way
from tree.context.customers import fenced, on_one_line, told
from tree.graph.values import Crumb, Node, Row
from tree.kinds import KINDS, NODE_CLASS, Company, Ticket
from tree.mcp.callers import Caller
from tree.mcp.results import Placed

KIND_WORDS = {NODE_CLASS[kind].about.singular.lower(): kind for kind in KINDS}


def placed(way: Way, known: Disclosure, caller: Caller, **texts: Any) -> Any:
    """The node at the end of the way from the root, as far as ``known`` lets it be told. The audit log is told of it.

    ``texts``: further values, of which those are emptied that are withheld.
    """
    node = way[-1]
    company = next((one for one in reversed(way) if one.kind == Company.kind()), None)
    keys = known.item(texts, way)
    del keys["company_compliance_level"]
    return {
        "id": node.uid,
        "kind": kind_word(node.kind),
        "title": on_one_line(node.title),
        "path": path(way),
        "url": caller.page(node.uid),
        "company": on_one_line(company.title) if company else "",
        "archived": _is_archived(node),
        **keys,
    }


def _is_archived(node: Crumb | Row | Node) -> bool:
    fields: Mapping[str, Any] = getattr(node, "fields", None) or getattr(node, "properties", None) or {}
    return bool(fields.get("archived_at"))


def path(way: Way) -> str:
    """The names below the root, as ``fetch`` takes them."""
    return "/" + "/".join(on_one_line(one.name) for one in way[1:])


def kind_word(kind: str) -> str:
    return NODE_CLASS[kind].about.singular.lower()


def quoted(text: str, kind: str) -> str:
    """A text in the fence of customers' words if a customer wrote it."""
    return fenced(text) if kind == Ticket.kind() and text.strip() else told(text)


def headline(node: Placed) -> str:
    """A node on one line of text."""
    where = f" · {node['company']} ({node['compliance_level']})" if node["company_id"] else ""
    archived = " · archived" if node["archived"] else ""
    return f"{node['kind']} “{node['title']}”{where}{archived} · id {node['id']} · {node['url']}"
