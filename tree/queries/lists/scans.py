"""How the nodes of a list are found in its order: from the companies down, by an index, or by looking at all of them.

An index has the texts of a property in their order. Times as Codex writes them are nearly in the order of their texts:
one with another offset stands up to a day beside its place. So a page is sorted out of all nodes whose texts lie within
a day of it, which a first query finds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from knowledgetree.basics.times import moment_of
from tree.graph.connection import read
from tree.kinds import NODE_CLASS, Company
from tree.queries.lists.keys import CLIENT, NAME, field_of, index_for, is_number, sort_key, sort_value
from tree.queries.lists.selection import Selection, conditions, is_client, parameters
from tree.vocabulary import ABOVE, MAX_DEPTH

_FIRST, _LAST = "", "\uffff"  # no text sorts before or after them
_BOUND = """
{scan} {conditions}
WITH n, {value} AS t
WITH t, n, {key} AS key {after}
ORDER BY t {direction} LIMIT $limit
WITH collect(t) AS found
RETURN CASE WHEN size(found) < $limit THEN null ELSE last(found) END AS bound
"""


@dataclass(frozen=True)
class Order:
    """By which property, NAME or CLIENT a list is sorted."""

    by: str = NAME
    is_descending: bool = False


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: after the row with this sort key and Neo4j's own id, which is cheaper to sort by."""

    key: str | float
    element: str


@dataclass(frozen=True)
class Scan:
    """A part of a statement that finds nodes ``n``, the value ``t`` that sorts them, and the key that is made of it.

    ``first`` and ``last`` are the texts between which an index is read.
    """

    nodes: str
    value: str
    key: str
    first: str = _FIRST
    last: str = _LAST


@dataclass(frozen=True)
class Asked:
    """A page that is asked for, with so many rows."""

    chosen: Selection
    order: Order
    after: Cursor | None
    limit: int

    @property
    def missing(self) -> str | float:
        """The key of nodes without a value, which come last."""
        if is_number(self.chosen.kind, self.order.by):
            return -1e300 if self.order.is_descending else 1e300
        return _FIRST if self.order.is_descending else _LAST

    def statement(self, form: str, scan: Scan, **parts: str) -> str:
        sign, direction = ("<", "DESC") if self.order.is_descending else (">", "")
        after = f"WHERE key {sign} $key OR key = $key AND elementId(n) {sign} $element" if self.after else ""
        return form.format(
            scan=scan.nodes,
            conditions=f"WHERE {conditions(self.chosen)}",
            value=scan.value,
            key=scan.key,
            after=after,
            direction=direction,
            **parts,
        )

    def parameters(self, scan: Scan) -> dict[str, Any]:
        return {
            **parameters(self.chosen),
            "missing": self.missing,
            "key": self.after.key if self.after else None,
            "element": self.after.element if self.after else None,
            "first": scan.first,
            "last": scan.last,
            "limit": self.limit,
        }


def scans(asked: Asked) -> Iterator[Scan]:
    """The ways to find the nodes, each with nodes that come after those of the one before."""
    kind, by = asked.chosen.kind, asked.order.by
    value, key = sort_value(kind, by), sort_key(kind, by)
    indexed = "" if asked.chosen.is_of_companies else index_for(kind, by)
    if not indexed:
        yield Scan(nodes(asked.chosen, is_by_client=by == CLIENT), value, key)
        return
    is_uniform = field_of(kind, indexed).uniform
    if asked.after is None or asked.after.key != asked.missing:
        hint, between = f"USING INDEX n:{kind}({indexed})", f"n.{indexed} >= $first AND n.{indexed} < $last"
        found = f"MATCH (n:{kind}) {hint} WHERE {between} WITH n"
        if is_uniform:
            yield Scan(found, value, "t", *_from(asked))
        else:
            yield _within(asked, Scan(found, value, key))
    rest = "" if is_uniform else f" OR n.{indexed} < '1' OR n.{indexed} >= '3'"  # what is no time has no key, either
    yield Scan(f"MATCH (n:{kind}) WHERE (n.{indexed} IS NULL{rest}) WITH n", "$missing", "t")


def _from(asked: Asked) -> tuple[str, str]:
    """Where the page begins, and the end of all texts; the other way round if the last come first."""
    if asked.after is None:
        return _FIRST, _LAST
    key = str(asked.after.key)
    return (_FIRST, f"{key}{_LAST}") if asked.order.is_descending else (key, _LAST)


def _within(asked: Asked, scan: Scan) -> Scan:
    """The scan, bounded to the times among which the page lies."""
    first, last = "1", "3"
    descends = asked.order.is_descending
    if asked.after:
        beside = _day(str(asked.after.key), +2 if descends else -1)
        first, last = (first, beside or last) if descends else (beside or first, last)
    whole = Scan(scan.nodes, scan.value, scan.key, first, last)
    bound = read(asked.statement(_BOUND, whole), **asked.parameters(whole))[0]["bound"]
    if bound:
        beside = _day(bound, -2 if descends else +3)
        first, last = (beside or first, last) if descends else (first, beside or last)
    return Scan(scan.nodes, scan.value, scan.key, first, last)


def _day(text: str, more: int) -> str:
    """The day of a time and so many days; "" if it is none."""
    moment = moment_of(text)
    try:
        return (moment + timedelta(days=more)).strftime("%Y-%m-%d") if moment else ""
    except OverflowError:
        return ""


def nodes(chosen: Selection, *, is_by_client: bool = False) -> str:
    """How to find the nodes: from the companies down, if it is about some of them or sorted by them; otherwise all of
    the kind.
    """
    node_class = NODE_CLASS[chosen.kind]
    if node_class is Company:
        return f"MATCH (n:{chosen.kind}) WITH n, n AS client"
    if not chosen.is_of_companies and not is_by_client:
        return f"MATCH (n:{chosen.kind})"
    which = is_client(chosen)
    if not node_class.about.is_record and not chosen.is_of_companies:
        up = f"OPTIONAL MATCH (n){ABOVE}(client:Company) WITH n, client.sort_key AS client_key"
        return f"MATCH (n:{chosen.kind}) {up}"
    way = "-[:PARENT_OF]->(:Folder)-[:PARENT_OF]->" if node_class.about.is_record else f"-[:PARENT_OF*1..{MAX_DEPTH}]->"
    return (
        f"MATCH (client:ContextItem:Company) WHERE {which} WITH client, client.sort_key AS client_key "
        f"MATCH (client){way}(n:{chosen.kind})"
    )
