"""What the pages of records show besides their children and files: text, facts, and an overview for each kind.

Nothing stands there twice: what an overview shows is left out of the facts and relations beside it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from knowledgetree.basics.rights.reader import Reader
from tree import queries
from tree.graph.values import Node, Relation
from tree.kinds import NODE_CLASS, Asset, Company, Ticket, User
from tree.kinds.facts import facts
from tree.pages.records import flags
from tree.pages.records.threads import ticket_context
from tree.text.rendering import render_linked

Context = dict[str, Any]
_REACHED_BY = ("email", "secondary_emails", "mobile_phone_number", "work_phone_number")


def record_context(node: Node, reader: Reader) -> Context:
    """Text, facts, relations and overview of a node. Nothing of what the reader may not read."""
    overview = _OVERVIEWS.get(node.kind)
    context: Context = {"without": (), "shown": frozenset()}
    if overview is not _ticket:
        context["html"] = _html(node, reader)
    context |= overview(node, reader) if overview else {}
    context["relations"] = [r for r in node.relations if r.row.uid not in context["shown"]]
    context["facts"] = facts(node.kind, node.properties, context.pop("without"))
    if node.mentioned_by:
        context["mentioning"] = queries.get_mentioning(node.uid, reader=reader)
    return context


def _html(node: Node, reader: Reader) -> Any:
    is_synced = node.properties.get("origin") == "codex"
    if is_synced and NODE_CLASS[node.kind].about.text_is_facts:
        return ""
    return render_linked(node.content, partial(queries.get_link_states, reader=reader))


def _company(node: Node, reader: Reader) -> Context:
    company = queries.get_company(node.uid, reader=reader)
    return {"company": company, "flags": flags.company_flags(node.properties, company.watched)}


def _person(node: Node, reader: Reader) -> Context:
    devices = _rows(node, "USED_BY")
    return {
        "person": queries.get_person(node.uid, reader=reader),
        "devices": devices,
        "without": _REACHED_BY,
        "shown": {relation.row.uid for relation in devices},
    }


def _device(node: Node, reader: Reader) -> Context:
    users = _rows(node, "USED_BY")
    return {
        "flags": flags.device_flags(node.properties),
        "users": users,
        "shown": {relation.row.uid for relation in users},
    }


def _ticket(node: Node, reader: Reader) -> Context:
    context = ticket_context(node, reader)
    around = context["ticket"]
    rows = [row for row in (around.person, *around.named) if row]
    person = around.person.fields if around.person else {}
    is_same = not around.person or person.get("email") == node.properties.get("requester_email")
    without = ["requester_name", *(["requester_email"] if is_same else [])]
    return {**context, "without": without, "shown": {row.uid for row in rows}}


def _rows(node: Node, name: str) -> list[Relation]:
    return [relation for relation in node.relations if relation.name == name]


_OVERVIEWS: dict[str, Callable[[Node, Reader], Context]] = {
    Company.kind(): _company,
    User.kind(): _person,
    Asset.kind(): _device,
    Ticket.kind(): _ticket,
}
