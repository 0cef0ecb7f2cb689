"""The lists of the API v1: all companies, people, computers, tickets … filtered and sorted as on the pages of lists.

The parameters are those of the pages' addresses (``tree.queries.lists.address``), but a value that is not known is
refused. Each property by which the page filters is a parameter, so they come from the declarations of the kinds.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field, create_model

from knowledgetree.accounts.rights.reader_of import reader_of
from tree import queries
from tree.api.compliance import Disclosure, withheld_from
from tree.api.v1 import cursors, schemas
from tree.api.v1.answers import page_answer
from tree.api.v1.errors import Problem
from tree.api.v1.records import PROPERTIES, PageAddresses, row_record
from tree.graph.values import Crumb, Row
from tree.kinds import NODE_CLASS, Asset, Company, ContextItem, Location, Note, Ticket, User
from tree.kinds.declaration.listing import FilterBy
from tree.queries.lists.address import ARCHIVED, FLAGS, ListAddress, read_address, sortable
from tree.queries.lists.rows import ListedRow
from tree.queries.lists.scans import Cursor
from tree.queries.lists.selection import Selection, filters

LISTS: dict[str, type[ContextItem]] = {
    "companies": Company,
    "users": User,
    "assets": Asset,
    "locations": Location,
    "notes": Note,
    "tickets": Ticket,
}
router = Router(tags=["Lists"])
_TIMES = r"^((over-)?[0-9]{1,5}d|[0-9]{4}-[0-9]{2}-[0-9]{2})?$"
_FILTERS: dict[FilterBy, dict[str, Any]] = {
    FilterBy.CHOICE: {"description": "The whole value, in any case.", "max_length": 200},
    FilterBy.WORDS: {"description": "A part of the value, in any case.", "max_length": 200},
    FilterBy.FLAG: {"description": "yes or no.", "pattern": "^(yes|no)?$", "examples": ["", *FLAGS]},
    FilterBy.TIME: {
        "description": "Within the last 30 days: 30d; before that: over-30d; since a day: 2026-11-01.",
        "pattern": _TIMES,
        "examples": ["", "30d", "over-30d", "2026-11-01"],
    },
}


def _add(name: str, node_class: type[ContextItem]) -> None:
    kind, parameters = node_class.kind(), _parameters(node_class)

    def operation(request: HttpRequest, asked: Query[parameters]) -> HttpResponse:  # type: ignore[valid-type]
        return _page(request, kind, asked)

    operation.__name__ = f"list_{name}"
    what = node_class.about.plural.lower()
    router.get(
        f"/{name}",
        url_name=name,
        response=schemas.List,
        summary=f"All {what}",
        description=f"The {what} of all clients or of one, filtered and sorted like the page of the list.",
    )(operation)


def _parameters(node_class: type[ContextItem]) -> type[BaseModel]:
    """The parameters of the list of a kind."""
    kind = node_class.kind()
    return create_model(f"{kind}List", __config__=ConfigDict(extra="forbid"), **dict(_fields(kind)))


def _fields(kind: str) -> Iterator[tuple[str, Any]]:
    def text(description: str, **options: Any) -> Any:
        return Annotated[str, Field(description=description, **options)], ""

    about, orders = NODE_CLASS[kind].about, sorted(set(sortable(kind)))
    yield "client", text("The id of a company, or a part of its name, or its account number.", max_length=200)
    yield "words", text("What the name or a searched property has in it.", max_length=200)
    if about.listing.states:
        yield "state", text("Which tickets.", pattern=_one_of(about.listing.states), examples=["", "open"])
    yield "archived", text("Archived ones too, or only them.", pattern=_one_of(ARCHIVED), examples=["", *ARCHIVED])
    for name, how in filters(kind).items():
        yield name, text(**_FILTERS[how])
    order = text("By which property; after a - the last first.", pattern=_one_of(orders, "-?"), examples=["", "name"])
    yield "sort", order
    yield "limit", (Annotated[int, Field(ge=1, le=1000, description="At most so many, 1 to 1000.", examples=[50])], 100)
    yield "cursor", text("Where the page begins: next_cursor of the page before.", max_length=4000, examples=[""])


def _one_of(names: Any, before: str = "") -> str:
    return f"^({before}({'|'.join(names)}))?$"


def _page(request: HttpRequest, kind: str, asked: BaseModel) -> HttpResponse:
    given = asked.model_dump()
    limit, cursor = given.pop("limit"), given.pop("cursor")
    address = _address(kind, request, given)
    purpose = f"list {kind} {sorted(given.items())}"
    after = cursors.place(purpose, cursor)
    chosen = _selection(request, address)
    page = queries.get_list(
        chosen, address.order, columns=PROPERTIES[kind], after=Cursor(*after) if after else None, limit=limit
    )
    ways = _ways(request, kind, page.rows)
    rows = [each for each in page.rows if each.row.uid in ways]
    known = Disclosure.of(request, [one for each in rows for one in (*ways[each.row.uid], each.row)])
    pages = PageAddresses.seen_by(request)
    items = [
        row_record(each.row, ways[each.row.uid], known, pages, company=each.client.title if each.client else None)
        for each in rows
        if not known.hides((*ways[each.row.uid], each.row))
    ]
    more = cursors.written(purpose, [page.next.key, page.next.element]) if page.next else None
    return page_answer(request, items, more)


def _ways(request: HttpRequest, kind: str, rows: Iterable[ListedRow]) -> dict[str, Sequence[Crumb | Row]]:
    """What lies above each row, by its id, as far as it decides what is withheld: a note may lie below a ticket.

    Without those that have gone meanwhile.
    """
    clients = {each.row.uid: (each.client,) if each.client else () for each in rows}
    if NODE_CLASS[kind].about.is_record or not withheld_from(request):
        return dict(clients)
    placed = queries.get_placed(clients, reader=reader_of(request))
    return {uid: one.path for uid, one in placed.items()}


def _address(kind: str, request: HttpRequest, given: dict[str, Any]) -> ListAddress:
    """What is asked for, as the pages read it. Raises Problem for what they would leave out."""
    query = request.GET.copy()
    query.clear()
    query.update({name: value for name, value in given.items() if value})
    address = read_address(kind, query)
    if address.unknown:
        names = [one.partition("=")[0] for one in address.unknown]
        raise Problem(422, f"This cannot be taken: {', '.join(names)}.", dict.fromkeys(names, "No such value."))
    return address


def _selection(request: HttpRequest, address: ListAddress) -> Selection:
    client = queries.get_client(address.client, reader=reader_of(request)) if address.client else None
    return address.selection(is_client_id=client is not None, reader=reader_of(request))


for _name, _class in LISTS.items():
    _add(_name, _class)
