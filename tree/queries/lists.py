"""Queries of lists: the nodes of a kind, everywhere or below some clients, filtered and sorted, a page at a time.

One statement is made for each combination of filters. Labels and names of properties come from the declarations of
``tree.kinds`` only (anything else raises KeyError), values are parameters. A page begins after the sort key and the id
of the last row before it, so that a later page costs no more than the first one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tree.graph.connection import read
from tree.graph.values import Row
from tree.kinds import LISTED_NAMES, NODE_CLASS, Company
from tree.queries.columns import row
from tree.queries.list_keys import CLIENT, NAME, field_of, index_for, is_number, sort_key, sort_value
from tree.queries.list_selection import Selection, conditions, is_client, parameters

LIST_ROWS = 100
COUNTED = 10_000  # more rows are not counted
_CHOICES = 200  # values of a property to choose from

_PAGE = """
{scan} {conditions}
WITH n, {value} AS t
WITH n, {key} AS key {after}
ORDER BY key {direction}, elementId(n) {direction} LIMIT $limit
RETURN collect({{
  row: n {{{columns}, labels: labels(n)}}, key: key, element: elementId(n),
  client: head(COLLECT {{ MATCH (n)<-[:PARENT_OF*0..60]-(c:Company) RETURN c {client} }}),
  place: {place}
}}) AS rows
"""
_NODE = "{.id, .name, .ticket_number, .subject, labels: labels(%(n)s)}"
_PLACE = f"head(COLLECT {{ MATCH (n)<-[:PARENT_OF]-(p:ContextItem) RETURN p {_NODE % {'n': 'p'}} }})"
_CLIENT = f"MATCH (c:ContextItem {{id: $id}}) WHERE c:Company RETURN c {_NODE % {'n': 'c'}} AS client"
_COUNT = "{scan} {conditions} WITH n LIMIT $limit RETURN count(n) AS number"
_VALUES = "{scan} {conditions} RETURN {values}"


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
class ListedRow:
    """A row with the company that it belongs to, and the node that it lies below."""

    row: Row
    client: Row | None
    place: Row | None  # None for a record, which lies below a folder of its kind


@dataclass(frozen=True)
class ListPage:
    """A page of a list; ``next`` is where the following page begins, None on the last page."""

    rows: tuple[ListedRow, ...]
    next: Cursor | None = None


def get_list(
    chosen: Selection, order: Order, *, columns: Iterable[str] = (), after: Cursor | None = None, limit: int = LIST_ROWS
) -> ListPage:
    """A page of a list. Rows carry the given properties besides those of any row. Raises KeyError for unknown names."""
    rows: list[dict[str, Any]] = []
    for scan, value, key in _scans(chosen, order, after):
        statement = _statement(
            _PAGE,
            chosen,
            scan,
            value=value,
            key=key,
            columns=_columns(chosen.kind, columns),
            direction="DESC" if order.is_descending else "",
            after=_after(order) if after else "",
            client=_NODE % {"n": "c"},
            place="null" if NODE_CLASS[chosen.kind].about.is_record else _PLACE,
        )
        rows += read(
            statement,
            **parameters(chosen),
            missing=_missing(chosen.kind, order),
            key=after.key if after else None,
            element=after.element if after else None,
            limit=limit + 1 - len(rows),
        )[0]["rows"]
        if len(rows) > limit:
            break
    found = tuple(ListedRow(row(r["row"]), _row(r["client"]), _row(r["place"])) for r in rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    return ListPage(found, Cursor(last["key"], last["element"]) if last else None)


def count_list(chosen: Selection, most: int = COUNTED) -> int:
    """How many nodes a list has; ``most + 1`` if there are more."""
    return int(read(_statement(_COUNT, chosen, _scan(chosen)), **parameters(chosen), limit=most + 1)[0]["number"])


def get_values(chosen: Selection, names: Iterable[str]) -> dict[str, list[str]]:
    """The values to choose from of these properties, in order and without those that differ in case only."""
    wanted = [name for name in names if field_of(chosen.kind, name)]
    if not wanted:
        return {}
    values = ", ".join(f"collect(DISTINCT trim(n.{name})) AS {name}" for name in wanted)
    found = read(_statement(_VALUES, chosen, _scan(chosen), values=values), **parameters(chosen))[0]
    return {name: _distinct(found[name]) for name in wanted}


def get_client(uid: str) -> Row | None:
    """The company with this id; None if there is none."""
    found = read(_CLIENT, id=uid)
    return row(found[0]["client"]) if found else None


def _statement(form: str, chosen: Selection, scan: str, **parts: str) -> str:
    return form.format(scan=scan, conditions=f"WHERE {conditions(chosen)}", **parts)


def _scans(chosen: Selection, order: Order, after: Cursor | None) -> Iterator[tuple[str, str, str]]:
    """How to find the nodes, the value that they are sorted by, and the key that is made of it.

    If an index has them in order, first those that it has, until they fill the page, and then those without a value.
    """
    indexed = index_for(chosen.kind, order.by) if not chosen.client else ""
    if not indexed:
        value, key = sort_value(chosen.kind, order.by), sort_key(chosen.kind, order.by)
        yield _scan(chosen, is_by_client=order.by == CLIENT), value, key
        return
    is_after_values = after is not None and after.key == _missing(chosen.kind, order)
    if not is_after_values:
        begin = "" if after is None else f" AND n.{indexed} {'<=' if order.is_descending else '>='} $key"
        hint = f"USING INDEX n:{chosen.kind}({indexed})"
        yield f"MATCH (n:{chosen.kind}) {hint} WHERE n.{indexed} >= ''{begin} WITH n", f"n.{indexed}", "t"
    yield f"MATCH (n:{chosen.kind}) WHERE n.{indexed} IS NULL WITH n", "$missing", "t"


def _scan(chosen: Selection, *, is_by_client: bool = False) -> str:
    """From the companies down, if it is about some of them or sorted by them; otherwise all nodes of the kind."""
    node_class = NODE_CLASS[chosen.kind]
    if node_class is Company:
        return f"MATCH (n:{chosen.kind}) WITH n, n AS client"
    if not chosen.client and not is_by_client:
        return f"MATCH (n:{chosen.kind})"
    which = is_client(chosen)
    if not node_class.about.is_record and not chosen.client:
        up = "OPTIONAL MATCH (n)<-[:PARENT_OF*1..60]-(client:Company) WITH n, client.sort_key AS client_key"
        return f"MATCH (n:{chosen.kind}) {up}"
    way = "-[:PARENT_OF]->(:Folder)-[:PARENT_OF]->" if node_class.about.is_record else "-[:PARENT_OF*1..60]->"
    return (
        f"MATCH (client:ContextItem:Company) WHERE {which} WITH client, client.sort_key AS client_key "
        f"MATCH (client){way}(n:{chosen.kind})"
    )


def _after(order: Order) -> str:
    sign = "<" if order.is_descending else ">"
    return f"WHERE key {sign} $key OR key = $key AND elementId(n) {sign} $element"


def _columns(kind: str, wanted: Iterable[str]) -> str:
    names = dict.fromkeys([*LISTED_NAMES, *(name for name in wanted if field_of(kind, name))])
    return ", ".join(f".{name}" for name in names)


def _missing(kind: str, order: Order) -> str | float:
    """The key of nodes without a value, which come last."""
    if is_number(kind, order.by):
        return -1e300 if order.is_descending else 1e300
    return "" if order.is_descending else "\uffff"


def _distinct(values: list[Any]) -> list[str]:
    spelled: dict[str, str] = {}
    for value in sorted(str(value) for value in values if value):
        spelled.setdefault(value.casefold(), value)
    return [spelled[key] for key in sorted(spelled)][:_CHOICES]


def _row(columns: dict[str, Any] | None) -> Row | None:
    return row(columns) if columns else None
