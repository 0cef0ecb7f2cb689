"""Tells others what an operation has changed, after its commit: the audit log and webhooks.

An operation finds out ``about`` its nodes within its transaction, while they can be found, and ``tell``s afterwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import Error
from neo4j import ManagedTransaction

from knowledgetree.accounts.acting import now_acting
from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from knowledgetree.audit.models import Entry
from knowledgetree.basics.batches import in_batches
from knowledgetree.basics.times import moment_of
from knowledgetree.webhooks import events
from knowledgetree.webhooks.event_types import EventType
from tree.graph.told import ToldClient, ToldNode, about
from tree.vocabulary import MAX_DEPTH, ORIGIN_STAFF

__all__ = ["Made", "ToldNode", "about", "made_before", "tell"]

_NODES_AN_EVENT = 100
_CLOCKS_DIFFER = timedelta(minutes=5)  # at most, between processes on several hosts
_MADE = f"""
MATCH (n:ContextItem {{id: $id}})
RETURN n.created_at AS at, n.origin = $staff AND n.created_by = $author AS is_theirs,
  COLLECT {{ MATCH (n)-[:PARENT_OF*1..{MAX_DEPTH}]->(x:ContextItem {{origin: $staff}}) RETURN x.id }} AS below
"""
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


def tell(
    action: Action, nodes: Sequence[ToldNode], *, below: Iterable[str] = (), detail: str = "", once: str = ""
) -> None:
    """Tell that these nodes were changed, and with them those ``below`` them, given by id.

    ``detail`` replaces the title of a single node in the audit log. ``once`` names what happened to webhooks, if it
    may be told again.
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
        events.emit(_EVENTS[action], told, once=once and f"{action.value} {once}")


@dataclass(frozen=True)
class Made:
    """What to tell of a new node, and ``below``, by id, of what was made with it.

    ``at``: when an earlier attempt made it whose answer got lost. If that was the answer of the graph, nobody was told.
    """

    nodes: list[ToldNode]
    below: list[str] = field(default_factory=list)
    at: str = ""

    def tell(self, action: Action) -> None:
        """Tell it, unless an earlier attempt has."""
        if self.nodes and not (self.at and _is_told(action, self.nodes[0].uid, self.at)):
            tell(action, self.nodes, below=self.below, once=self.nodes[0].uid)


def made_before(transaction: ManagedTransaction, uid: str, author: str) -> Made | None:
    """What an earlier attempt to make a node with this id has made; nothing to tell of, if others made it."""
    record = transaction.run(_MADE, id=uid, author=author, staff=ORIGIN_STAFF).single()
    if record is None:
        return None
    return Made(about(transaction, [uid]), record["below"], str(record["at"])) if record["is_theirs"] else Made([])


def _is_told(action: Action, uid: str, at: str) -> bool:
    """Whether the audit log has this action on the node, which was done at this time; if nobody knows, it has."""
    moment = moment_of(at)
    if moment is None:
        return True
    try:
        return Entry.objects.filter(action=action.value, at__gte=moment - _CLOCKS_DIFFER).about_node(uid).exists()
    except Error:
        return True


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
