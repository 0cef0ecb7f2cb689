"""Queries of lists: the nodes of a kind, everywhere or below some clients, filtered and sorted, a page at a time.

One statement is made for each combination of filters. Labels and names of properties come from the declarations of
``tree.kinds`` only (anything else raises KeyError), values are parameters. A page begins after the sort key and the id
of the last row before it, so that a later page costs no more than the first one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.graph.connection import read
from tree.graph.values import Row
from tree.kinds import LISTED_NAMES, NODE_CLASS
from tree.queries.columns import CRUMB, MAY_READ, row
from tree.queries.lists.keys import field_of
from tree.queries.lists.scans import Asked, Cursor, Order, nodes, scans
from tree.queries.lists.selection import Selection, conditions, parameters
from tree.queries.records.cards import IS_CARD
from tree.vocabulary import SELF_AND_ABOVE

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
  client: head(COLLECT {{ MATCH (n){above}(c:Company) RETURN c {client} }}),
  place: {place}
}}) AS rows
"""
_PLACE = f"""head(COLLECT {{
    MATCH (n)<-[:PARENT_OF]-(lies:ContextItem) OPTIONAL MATCH (lies)<-[:PARENT_OF]-(person:User)
    WITH CASE WHEN {IS_CARD % {"n": "lies"}} THEN person ELSE lies END AS p RETURN p {CRUMB % {"n": "p"}}
  }})"""
_CLIENT = (
    f"MATCH (c:ContextItem {{id: $id}}) WHERE c:Company AND {MAY_READ % {'n': 'c'}} "
    f"RETURN c {CRUMB % {'n': 'c'}} AS client"
)
_COUNT = "{scan} {conditions} WITH n LIMIT $limit RETURN count(n) AS number"
_VALUES = "{scan} {conditions} RETURN {values}"


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
    asked = Asked(chosen, order, after, limit + 1)
    rows: list[dict[str, Any]] = []
    for scan in scans(asked):
        statement = asked.statement(
            _PAGE,
            scan,
            columns=_columns(chosen.kind, columns),
            above=SELF_AND_ABOVE,
            client=CRUMB % {"n": "c"},
            place="null" if NODE_CLASS[chosen.kind].about.is_record else _PLACE,
        )
        rows += read(statement, **asked.parameters(scan) | {"limit": limit + 1 - len(rows)})[0]["rows"]
        if len(rows) > limit:
            break
    found = tuple(ListedRow(row(r["row"]), _row(r["client"]), _row(r["place"])) for r in rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    return ListPage(found, Cursor(last["key"], last["element"]) if last else None)


def count_list(chosen: Selection, most: int = COUNTED) -> int:
    """How many nodes a list has; ``most + 1`` if there are more."""
    return int(read(_statement(_COUNT, chosen), **parameters(chosen), limit=most + 1)[0]["number"])


def get_values(chosen: Selection, names: Iterable[str]) -> dict[str, list[str]]:
    """The values to choose from of these properties, in order and without those that differ in case only."""
    wanted = [name for name in names if field_of(chosen.kind, name)]
    if not wanted:
        return {}
    values = ", ".join(f"collect(DISTINCT trim(n.{name})) AS {name}" for name in wanted)
    found = read(_statement(_VALUES, chosen, values=values), **parameters(chosen))[0]
    return {name: _distinct(found[name]) for name in wanted}


def get_client(uid: str, *, reader: Reader = EVERYTHING) -> Row | None:
    """The company with this id; None if there is none."""
    found = read(_CLIENT, id=uid, **reader.parameters)
    return row(found[0]["client"]) if found else None


def _statement(form: str, chosen: Selection, **parts: str) -> str:
    return form.format(scan=nodes(chosen), conditions=f"WHERE {conditions(chosen)}", **parts)


def _columns(kind: str, wanted: Iterable[str]) -> str:
    names = dict.fromkeys([*LISTED_NAMES, *(name for name in wanted if field_of(kind, name))])
    return ", ".join(f".{name}" for name in names)


def _distinct(values: list[Any]) -> list[str]:
    spelled: dict[str, str] = {}
    for value in sorted(str(value) for value in values if value):
        spelled.setdefault(value.casefold(), value)
    return [spelled[key] for key in sorted(spelled)][:_CHOICES]


def _row(columns: dict[str, Any] | None) -> Row | None:
    return row(columns) if columns else None
