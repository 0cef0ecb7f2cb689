"""Writes the relationships beside the tree that the kinds declare (``tree.kinds.declaration.link``).

Relationship types, labels and property names cannot be query parameters; they come from the classes of ``tree.kinds``.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from neo4j import ManagedTransaction
from neomodel import ArrayProperty

from syncing.graph.parameters import Rows, RowsMissing
from syncing.plan.plan_files import Change
from tree.kinds import NODE_CLASSES
from tree.kinds.declaration.link import Link

_LINK = """
UNWIND $rows AS row
MATCH (n:ContextItem {id: row.id})
UNWIND row.keys AS key
MATCH (other:ContextItem {codex_key: key%(part)s})
CREATE %(relation)s
"""
_UNLINK = """
UNWIND $ids AS id
MATCH (n:ContextItem {id: id})
MATCH %s
WHERE $evidence IS NULL OR old.evidence IN $evidence
DELETE old
"""


class Relation(NamedTuple):
    """One type of relationship that a property creates. ``evidence``: its source, by the kind of the other node."""

    type: str
    part: str
    incoming: bool
    evidence: dict[str, str]

    def pattern(self, end: str, properties: str = "", name: str = "") -> str:
        """The Cypher pattern from or to the node ``n``."""
        relation = f"[{name}:{self.type}{properties}]"
        return f"(n)<-{relation}-({end})" if self.incoming else f"(n)-{relation}->({end})"


class LinkedBy(NamedTuple):
    """The relationships that one property of a kind creates. ``holds_many``: the property is a list of keys."""

    via: str
    holds_many: bool
    relations: tuple[Relation, ...]

    def keys(self, change: Change) -> list[str]:
        """The keys that the property has after this change."""
        value = change.set.get(self.via)
        return value if isinstance(value, list) else [value] if value else []


def _linked_by(node_class: Any, via: str) -> LinkedBy:
    evidence: dict[tuple[str, str, bool], dict[str, str]] = {}
    for link in node_class.links:
        if link.via == via:
            evidence.setdefault((link.type, link.part, link.incoming), {})[link.to] = link.evidence
    relations = tuple(Relation(*shape, by_kind) for shape, by_kind in evidence.items())
    return LinkedBy(via, isinstance(node_class.defined_properties()[via], ArrayProperty), relations)


def _vias(links: Iterable[Link]) -> Iterable[str]:
    return dict.fromkeys(link.via for link in links)


LINKS: dict[str, tuple[LinkedBy, ...]] = {
    node_class.kind(): tuple(_linked_by(node_class, via) for via in _vias(node_class.links))
    for node_class in NODE_CLASSES
}


def relink(transaction: ManagedTransaction, changes: list[Change]) -> None:
    """Create again the relationships whose properties these changes set. Raises RowsMissing."""
    for kind, linked in LINKS.items():
        for by in linked:
            some = [c for c in changes if c.kind == kind and by.via in c.set]
            if some:
                _unlink(transaction, by, [c.id for c in some])
                link(transaction, by, some)


def link(transaction: ManagedTransaction, by: LinkedBy, changes: list[Change]) -> None:
    """Link these nodes to those whose keys the property holds. Raises RowsMissing if one of them does not exist."""
    rows = Rows({"id": c.id, "keys": keys} for c in changes if (keys := by.keys(c)))
    if not rows:
        return
    number = sum(len(row["keys"]) for row in rows)
    for relation in by.relations:
        part = f" + '{relation.part}'" if relation.part else ""
        statement = _LINK % {"part": part, "relation": relation.pattern("other", _evidence(relation))}
        counters = transaction.run(statement, rows=rows, evidence=relation.evidence).consume().counters
        if counters.relationships_created != number:
            raise RowsMissing


def _unlink(transaction: ManagedTransaction, by: LinkedBy, ids: list[str]) -> None:
    """Delete the relationships of these nodes. Incoming ones may be the staff's, so their evidence must be a sync's."""
    for relation in by.relations:
        evidence = list(relation.evidence.values()) if relation.incoming else None
        statement = _UNLINK % relation.pattern("", name="old")
        transaction.run(statement, ids=ids, evidence=evidence).consume()


def _evidence(relation: Relation) -> str:
    if len(relation.evidence) == 1:
        return f" {{evidence: $evidence.{next(iter(relation.evidence))}}}"
    cases = " ".join(f"WHEN other:{kind} THEN $evidence.{kind}" for kind in relation.evidence)
    return f" {{evidence: CASE {cases} END}}"


class CreatedWith(NamedTuple):
    """The parts of a statement that creates nodes together with the relationships of one of their keys."""

    matches: str
    creates: str

    @classmethod
    def of(cls, by: LinkedBy) -> "CreatedWith":
        """Build the parts for the key ``family[1]``; the parameter ``evidence`` has one entry per relationship."""
        matches, creates = [], []
        for number, relation in enumerate(by.relations):
            part = f" + '{relation.part}'" if relation.part else ""
            matches.append(f"MATCH (other{number}:ContextItem {{codex_key: family[1]{part}}})")
            creates.append(f"CREATE {relation.pattern(f'other{number}', f' {{evidence: $evidence[{number}]}}')}")
        return cls("\n".join(matches), "\n".join(creates))


def evidence_of(by: LinkedBy) -> list[str]:
    """The parameter ``evidence`` for ``CreatedWith``."""
    return [next(iter(relation.evidence.values())) for relation in by.relations]
