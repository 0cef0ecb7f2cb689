"""Tells others what an operation has changed, after its commit: the audit log.

An operation finds out ``about`` its nodes within its transaction, while they can be found, and ``tell``s afterwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from neo4j import ManagedTransaction

from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from tree.graph.values import display_name, kind_of
from tree.kinds.titles import TITLE_NAMES, title_of

_ABOUT = (
    """
UNWIND $ids AS id
MATCH (n:ContextItem {id: id})
RETURN n.id AS id, n.name AS name, labels(n) AS labels, n {"""
    + ", ".join(f".{name}" for name in TITLE_NAMES)
    + """} AS properties,
  head(COLLECT {
    MATCH way = (n)<-[:PARENT_OF*0..]-(c:Company)
    RETURN c {.id, .name, .account_number, .compliance_level} ORDER BY length(way) LIMIT 1
  }) AS company
"""
)


@dataclass(frozen=True)
class ToldClient:
    """The company that a node belongs to."""

    uid: str
    name: str
    account: str
    compliance_level: str


@dataclass(frozen=True)
class ToldNode:
    """A node that was changed. ``title`` is what people read instead of the name."""

    uid: str
    kind: str
    title: str
    client: ToldClient | None


def about(transaction: ManagedTransaction, uids: Iterable[str]) -> list[ToldNode]:
    """What to tell of these nodes. Unknown ids are left out."""
    return [_told(found) for found in transaction.run(_ABOUT, ids=list(uids)).data()]


def tell(action: Action, nodes: Sequence[ToldNode], *, below: Iterable[str] = (), detail: str = "") -> None:
    """Tell that these nodes were changed, and with them those ``below`` them, given by id.

    ``detail`` replaces the title of a single node.
    """
    ids = list(below)
    for client, some in groupby(nodes, key=lambda node: node.client):
        group = list(some)
        told = [node.uid for node in group]
        log.record(
            action,
            nodes=dict.fromkeys([*told, *ids]),
            company=log.Client(client.account, client.name) if client else None,
            detail=detail or (group[0].title if len(group) == 1 else ""),
        )
        ids = []


def _told(found: dict[str, Any]) -> ToldNode:
    kind, company = kind_of(found["labels"]), found["company"]
    title = title_of(kind, display_name(found["id"], str(found["name"] or "")), found["properties"])
    return ToldNode(found["id"], kind, title, _client(company) if company else None)


def _client(company: dict[str, Any]) -> ToldClient:
    words = {name: str(company[name] or "") for name in ("id", "name", "account_number", "compliance_level")}
    return ToldClient(words["id"], words["name"], words["account_number"], words["compliance_level"])
