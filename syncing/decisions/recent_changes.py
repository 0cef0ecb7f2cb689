"""The latest changes that syncs made of a client's records, or of one record, for the pages of the tree."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from syncing.models import NodeChange
from syncing.plan.index import shown_fields
from tree.kinds import Company, Folder, Note, Ticket
from tree.kinds.titles import title_of

SHOWN = 6
_FIELDS_SHOWN = 3


class Recent(Struct):
    """One change. ``fields`` names the first few properties that it changed."""

    at: datetime
    action: str
    uid: str
    kind: str
    title: str
    fields: list[str]


def recent_changes(kind: str, properties: Mapping[str, Any]) -> list[Recent]:
    """The latest changes, newest first: of the people, computers and locations of a company, or of a record itself.

    The tickets of a company are left out, because they change all day, and the cards of people, which change with them.
    """
    changes = NodeChange.objects.filter(is_certain=True)
    if kind == Company.kind():
        account = str(properties.get("account_number") or "")
        if not account:
            return []
        changes = changes.filter(account=account).exclude(kind__in=(Ticket.kind(), Note.kind(), Folder.kind()))
    else:
        changes = changes.filter(node_id=str(properties["id"]))
    return [_recent(row) for row in changes.order_by("-at", "-id")[:SHOWN]]


def _recent(row: NodeChange) -> Recent:
    names = [name for name, _, _ in shown_fields(row.before, row.after) if name != "content"]
    title = title_of(row.kind, row.name, {**row.before, **row.after})
    return Recent(row.at, row.action, row.node_id, row.kind, title, names[:_FIELDS_SHOWN])
