"""A whole list as a CSV file, sent as it is read."""

from collections.abc import Iterator

from django.http import StreamingHttpResponse

from knowledgetree.audit.log import present_trail
from knowledgetree.basics.csv_lines import csv_lines
from tree import queries
from tree.audited import note_rows
from tree.kinds.declaration.fields import Sort
from tree.pages.lists.cells import PLACE, Column, value_text
from tree.queries.lists.address import ListAddress
from tree.queries.lists.keys import CLIENT, NAME, field_of
from tree.queries.lists.rows import ListedRow
from tree.queries.lists.selection import Selection

_ROWS_A_READ = 2000
_UNITS = {Sort.HOURS: "h", Sort.TERABYTES: "TB", Sort.BYTES: "bytes"}  # of the numbers that pages show with their unit


def csv_response(
    address: ListAddress, chosen: Selection, columns: list[Column], name: str, node_url: str
) -> StreamingHttpResponse:
    """All rows of a list with its columns, the client and the address of each. ``node_url`` has {} for the id."""
    names, order = address.shown_columns, address.order
    trail = present_trail()
    first = queries.get_list(chosen, order, columns=names, limit=_ROWS_A_READ)  # may fail, while it can still be told

    def lines() -> Iterator[list[str]]:
        yield [*(_heading(address.kind, column) for column in columns), "Address"]
        page = first
        while True:
            note_rows(trail, ((each.row.uid, each.client) for each in page.rows))
            for each in page.rows:
                yield [*(_text(each, column.name) for column in columns), node_url.format(each.row.uid)]
            if page.next is None:
                return
            page = queries.get_list(chosen, order, columns=names, after=page.next, limit=_ROWS_A_READ)

    response = StreamingHttpResponse(csv_lines(lines()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _heading(kind: str, column: Column) -> str:
    """The label of a column, with the unit of its numbers."""
    unit = None if column.name in (NAME, CLIENT, PLACE) else _UNITS.get(field_of(kind, column.name).sort)
    return f"{column.label} ({unit})" if unit else column.label


def _text(each: ListedRow, name: str) -> str:
    if name == NAME:
        return each.row.title
    if name in (CLIENT, PLACE):
        node = each.client if name == CLIENT else each.place
        return node.title if node else ""
    value, sort = each.row.fields.get(name), field_of(each.row.kind, name).sort
    return _number(value) if sort in _UNITS and isinstance(value, int | float) else value_text(value, sort)


def _number(value: float) -> str:
    """A number as spreadsheets read it."""
    return str(int(value)) if float(value).is_integer() else str(value)
