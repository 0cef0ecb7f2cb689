"""Tells others what an operation has changed, after its commit: the audit log and webhooks.

An operation finds out ``about`` its nodes within its transaction, while they can be found, and ``tell``s afterwards.
"""

from collections.abc import Iterable, Sequence

from knowledgetree.accounts.acting import now_acting
from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from knowledgetree.basics.batches import in_batches
from knowledgetree.webhooks import events
from knowledgetree.webhooks.event_types import EventType
from tree.graph.told import ToldClient, ToldNode, about

__all__ = ["ToldNode", "about", "tell"]

_NODES_AN_EVENT = 100
_EVENTS = {
    Action.CREATED: EventType.NODE_CREATED,
    Action.COPIED: EventType.NODE_CREATED,
    Action.IMPORTED: EventType.NODE_CREATED,
    Action.EDITED: EventType.NODE_CHANGED,
    Action.MARKED: EventType.NODE_CHANGED,
    Action.FILE_ADDED: EventType.NODE_CHANGED,
    Action.FILE_REMOVED: EventType.NODE_CHANGED,
    Action.FILE_RESTORED: EventType.NODE_CHANGED,
    Action.RENAMED: EventType.NODE_RENAMED,
    Action.MOVED: EventType.NODE_MOVED,
    Action.TRASHED: EventType.NODE_TRASHED,
    Action.RESTORED: EventType.NODE_RESTORED,
    Action.PURGED: EventType.NODE_PURGED,
}


def tell(action: Action, nodes: Sequence[ToldNode], *, below: Iterable[str] = (), detail: str = "") -> None:
    """Tell that these nodes were changed, and with them those ``below`` them, given by id.

    ``detail`` replaces the title of a single node in the audit log.
    """
    ids = list(below)
    _to_audit_log(action, nodes, ids, detail)
    acting, number = now_acting(), len({*(node.uid for node in nodes), *ids})
    for some in in_batches(nodes, _NODES_AN_EVENT):
        told = {
            "change": action.value,
            "nodes": [node.as_json for node in some],
            "number": number,
            "by": acting.name,
            "way": acting.way.value,
            "through": acting.through or None,
        }
        events.emit(_EVENTS[action], told)


def _to_audit_log(action: Action, nodes: Sequence[ToldNode], ids: list[str], detail: str) -> None:
    """One entry for each company; what lies below is listed with the first."""
    groups: dict[ToldClient | None, list[ToldNode]] = {}
    for node in nodes:
        groups.setdefault(node.client, []).append(node)
    for client, group in groups.items():
        log.record(
            action,
            nodes=dict.fromkeys([*(node.uid for node in group), *ids]),
            company=log.Client(client.account, client.name) if client else None,
            detail=detail or (group[0].title if len(group) == 1 else ""),
        )
        ids = []
