"""What others are told of nodes: the audit log, webhooks. Ids, kinds, titles and companies; never a text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from neo4j import ManagedTransaction

from tree.graph.connection import read
from tree.graph.values import display_name, kind_of
from tree.kinds.titles import TITLE_NAMES, title_of
from tree.vocabulary import LEVELS, MAX_DEPTH, STANDARD, STRICTEST

_ABOUT = (
    """
UNWIND $ids AS id
MATCH (n:ContextItem {id: id})
RETURN n.id AS id, n.name AS name, labels(n) AS labels, n {"""
    + ", ".join(f".{name}" for name in TITLE_NAMES)
    + """} AS properties,
  head(COLLECT {
    MATCH way = (n)<-[:PARENT_OF*0.."""
    + str(MAX_DEPTH)
    + """]-(c:Company)
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
    """A node. ``title`` is what people read instead of the name."""

    uid: str
    kind: str
    title: str
    client: ToldClient | None

    @property
    def as_json(self) -> dict[str, Any]:
        """As programs get it. The name is left out if the compliance level of the company withholds it."""
        level = self.client.compliance_level if self.client else STANDARD
        return {
            "id": self.uid,
            "kind": self.kind,
            "name": self.title if level == STANDARD else None,
            "company_id": self.client.uid if self.client else None,
            "compliance_level": level,
        }


def about(transaction: ManagedTransaction, uids: Iterable[str]) -> list[ToldNode]:
    """What to tell of these nodes, within a transaction. Unknown ids are left out."""
    return [_told(found) for found in transaction.run(_ABOUT, ids=list(uids)).data()]


def read_about(uids: Iterable[str]) -> list[ToldNode]:
    """The same in a transaction of its own. Raises GraphUnavailable."""
    return [_told(found) for found in read(_ABOUT, ids=list(uids))]


def _told(found: dict[str, Any]) -> ToldNode:
    kind, company = kind_of(found["labels"]), found["company"]
    title = title_of(kind, display_name(found["id"], str(found["name"] or "")), found["properties"])
    return ToldNode(found["id"], kind, title, _client(company) if company else None)


def _client(company: dict[str, Any]) -> ToldClient:
    uid, name, account, level = (
        str(company[key] or "") for key in ("id", "name", "account_number", "compliance_level")
    )
    return ToldClient(uid, name, account, level if level in LEVELS else STRICTEST)
