"""The pages of lists: tickets, people, computers, notes … of one client or of all, and each list as a CSV file."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from knowledgetree.accounts.rights.reader_of import reader_of
from tree import queries
from tree.graph.values import Row
from tree.kinds import NODE_CLASS, Ticket
from tree.pages.finding.saved import saved_for
from tree.pages.lists import cells
from tree.pages.lists.download import csv_response
from tree.pages.lists.filter_fields import filter_fields
from tree.pages.lists.remembered import remember, with_remembered
from tree.pages.responses import asks_only_for
from tree.queries.lists.address import LISTED_KINDS, ListAddress, read_address
from tree.queries.lists.rows import COUNTED, ListPage
from tree.queries.lists.selection import Selection

_TABLE = "list-table"  # the id of the part of the page that filters and orders change


@require_safe
def list_page(request: HttpRequest, listed: str) -> HttpResponse:
    """The list of a kind; its part below the filters only, if htmx asks for it."""
    kind = _readable_kind(request, listed)
    address = read_address(kind, request.GET)
    if (as_left := with_remembered(request, address)) != address:
        return redirect(f"{request.path}?{as_left.query()}")
    remember(request, address)
    client, chosen = _selection(request, address)
    columns = cells.columns(address, is_one_client=client is not None)
    page = queries.get_list(chosen, address.order, columns=address.shown_columns, after=address.after)
    context: dict[str, Any] = {
        "address": address,
        "about": NODE_CLASS[kind].about,
        "listed": listed,
        "client": client,
        "client_title": client.title if client else "",
        "columns": columns,
        "rows": list(cells.table_rows(address, columns, page.rows)),
        "number": _number(chosen, page, address),
        "most": COUNTED,
        "page_rows": queries.LIST_ROWS,
        "query": address.query(after=None),
        "everything": address.everything(),
        "everything_here": address.everything(client=address.client),
        "next": address.query(after=page.next) if page.next else "",
    }
    if asks_only_for(request, _TABLE):
        return _table(request, context)
    context["choices"] = cells.column_choices(address)
    context["saved"] = saved_for(request.user, listed)
    context["fields"] = filter_fields(address, chosen)
    return render(request, "tree/list.html", context)


@require_safe
def list_number(request: HttpRequest, listed: str) -> HttpResponse:
    """How many rows a list has, for the page, which does not wait for it."""
    kind = _readable_kind(request, listed)
    _, chosen = _selection(request, read_address(kind, request.GET))
    context = {"number": queries.count_list(chosen), "most": COUNTED, "about": NODE_CLASS[kind].about}
    return render(request, "tree/_list_number.html", context)


@require_safe
def list_csv(request: HttpRequest, listed: str) -> HttpResponseBase:
    """The whole list as a CSV file, with the filters, the order and the columns of its address."""
    kind = _readable_kind(request, listed)
    address = read_address(kind, request.GET)
    client, chosen = _selection(request, address)
    columns = cells.columns(address, is_one_client=False)
    node_url = request.build_absolute_uri(reverse("node", args=["{}"])).replace("%7B%7D", "{}")
    name = "-".join(filter(None, (listed, slugify(client.name) if client else "")))
    return csv_response(address, chosen, columns, name, node_url)


def _readable_kind(request: HttpRequest, listed: str) -> str:
    """The kind of this list. Raises Http404, for tickets as for what is no list if the user may not read tickets."""
    kind = LISTED_KINDS.get(listed)
    if kind is None or (kind == Ticket.kind() and not reader_of(request).tickets):
        raise Http404(f"There is no list of {listed!r}.")
    return kind


def _selection(request: HttpRequest, address: ListAddress) -> tuple[Row | None, Selection]:
    """The client, if the address names one by its id, and the nodes that the address asks for."""
    client = queries.get_client(address.client, reader=reader_of(request)) if address.client else None
    return client, address.selection(is_client_id=client is not None, reader=reader_of(request))


def _number(chosen: Selection, page: ListPage, address: ListAddress) -> int | None:
    """How many rows a list has; None on later pages, and if it would take long: of a kind, all nodes may be read."""
    if address.after:
        return None
    if page.next is None:
        return len(page.rows)
    return queries.count_list(chosen) if chosen.is_client_id else None


def _table(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The table alone; the browser's address becomes the one without empty parameters."""
    response = render(request, "tree/_list.html", context)
    response["HX-Push-Url"] = f"{request.path}?{context['address'].query()}"
    return response
