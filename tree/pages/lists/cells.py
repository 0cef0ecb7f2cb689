"""The table of a list: its columns with the addresses that sort it, and the cells of its rows.

A page has hundreds of cells, so Python writes their HTML: a template would take five times as long.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from knowledgetree.basics.times import moment_of
from tree.graph.values import Row
from tree.kinds import NODE_CLASS, Company
from tree.kinds.declaration.fields import Sort
from tree.kinds.facts import shown_value
from tree.queries.lists.address import ListAddress, all_columns
from tree.queries.lists.keys import CLIENT, NAME, field_of
from tree.queries.lists.rows import ListedRow
from tree.templatetags.shown import status_badge, when

PLACE = "place"  # the column that names what a note lies below; nothing sorts by it


@dataclass(frozen=True)
class Column:
    """A column. ``query`` is the query string that sorts by it, or the other way round; "" if nothing sorts by it.

    ``direction`` is "ascending" or "descending" if the list is sorted by it.
    """

    name: str
    label: str
    query: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Cell:
    """The value of a row in one column; ``node`` is the node that it names, if it names one."""

    column: Column
    sort: Sort
    text: str
    node: Row | None = None

    @property
    def html(self) -> SafeString:
        """What stands in the ``<td>``."""
        if self.node:
            return format_html('<a href="{}"><bdi>{}</bdi></a>', reverse("node", args=[self.node.uid]), self.text)
        if self.sort is Sort.TIME:
            return when(self.text)
        if self.column.name == "status":
            return status_badge(self.text)
        return format_html("<bdi>{}</bdi>", self.text)


@dataclass(frozen=True)
class TableRow:
    """A row: the node that it is about, and its cells."""

    row: Row
    cells: tuple[Cell, ...]


def columns(address: ListAddress, *, is_one_client: bool) -> list[Column]:
    """The columns, that of the name first; the client has none if all rows are of one client."""
    names = [NAME, *(() if is_one_client or address.kind == Company.kind() else (CLIENT,))]
    if not NODE_CLASS[address.kind].about.is_record:
        names.append(PLACE)
    return [_column(address, name) for name in (*names, *address.shown_columns)]


def table_rows(address: ListAddress, wanted: list[Column], found: tuple[ListedRow, ...]) -> Iterator[TableRow]:
    """The rows with a cell for each column but the first, which is that of the name."""
    sorts = {c.name: field_of(address.kind, c.name).sort for c in wanted[1:] if c.name not in (CLIENT, PLACE)}
    for each in found:
        cells = tuple(_cell(each, column, sorts.get(column.name, Sort.TEXT)) for column in wanted[1:])
        yield TableRow(each.row, cells)


def column_choices(address: ListAddress) -> list[tuple[str, str, bool]]:
    """The properties that can be columns: name, label, whether it is shown."""
    shown = address.shown_columns
    return [(name, label_of(address.kind, name), name in shown) for name in all_columns(address.kind)]


def label_of(kind: str, name: str) -> str:
    """The heading of a column or filter."""
    if name in (NAME, CLIENT, PLACE):
        return {NAME: "Name", CLIENT: "Client", PLACE: "Below"}[name]
    field = field_of(kind, name)
    return field.label or (field.column or name.replace("_", " ")).capitalize()


def value_text(value: Any, sort: Sort) -> str:
    """A value as text; the entries of a list separated by commas."""
    values = value if isinstance(value, list) else [value]
    return ", ".join(shown_value(one, sort) for one in values if one is not None and one != "")


def _column(address: ListAddress, name: str) -> Column:
    label = label_of(address.kind, name)
    if name == PLACE:
        return Column(name, label)
    order = address.order
    is_this = order.by == name
    is_time = name not in (NAME, CLIENT) and field_of(address.kind, name).sort is Sort.TIME
    descends = not order.is_descending if is_this else is_time  # the latest times are looked at first
    query = address.query(sort=("-" if descends else "") + name, after=None)
    direction = ("descending" if order.is_descending else "ascending") if is_this else ""
    return Column(name, label, query, direction)


def _cell(each: ListedRow, column: Column, sort: Sort) -> Cell:
    if column.name in (CLIENT, PLACE):
        node = each.client if column.name == CLIENT else each.place
        return Cell(column, sort, node.title if node else "", node)
    text = value_text(each.row.fields.get(column.name), sort)
    return Cell(column, Sort.TEXT if sort is Sort.TIME and not moment_of(text) else sort, text)
