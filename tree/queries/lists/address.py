"""The address of a list: which rows, in which order, with which columns; and the one in which a person left it.

    /list/tickets/?client=<id>&state=open&priority=urgent&opened_at=over-7d&sort=-opened_at&column=status

A parameter with the name of a property filters by it. What an address says that no list knows is left out and named.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from knowledgetree.basics.rights.reader import Reader
from knowledgetree.basics.times import moment_of
from tree.kinds import NODE_CLASS, NODE_CLASSES, Company, Folder
from tree.kinds.declaration.listing import FilterBy
from tree.queries.lists.keys import CLIENT, NAME, is_number
from tree.queries.lists.scans import Cursor, Order
from tree.queries.lists.selection import Selection, filters

LISTED_KINDS = {c.about.slug: c.kind() for c in NODE_CLASSES if c is not Folder}
ARCHIVED = {"too": "Archived too", "only": "Only archived"}
FLAGS = {"yes": True, "no": False}
_LONGEST = 200
_TOLD = 5  # parameters that are not known
_LARGEST = 1e300  # what stands for a missing number
_DAYS = re.compile(r"(over-)?([0-9]{1,5})d")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAMES = ("client", "words", "state", "archived")


@dataclass(frozen=True)
class ListAddress:
    """What an address of a list says. ``unknown`` names what it says that the list does not know.

    ``sort`` is the property by which the list is sorted, after a "-" if the last comes first; the kind's if it says
    nothing of that.
    """

    kind: str
    sort: str
    client: str = ""
    words: str = ""
    state: str = ""
    archived: str = ""
    values: dict[str, str] = field(default_factory=dict)  # of filters, by property
    columns: tuple[str, ...] = ()
    after: Cursor | None = None
    unknown: tuple[str, ...] = ()

    @property
    def order(self) -> Order:
        return Order(self.sort.removeprefix("-"), self.sort.startswith("-"))

    @property
    def shown_columns(self) -> tuple[str, ...]:
        return self.columns or usual_columns(self.kind)

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the client narrows it."""
        return bool(self.words or self.state or self.archived or self.values)

    def query(self, **changes: Any) -> str:
        """The query string with ``changes`` to the fields of this class; without what is empty.

        It is never empty, which would mean the list as it was left.
        """
        changed = replace(self, **changes) if changes else self
        address = QueryDict(mutable=True)
        for name in _NAMES:
            if value := getattr(changed, name):
                address[name] = value
        address.update(changed.values)
        address["sort"] = changed.sort
        if changed.columns and changed.columns != usual_columns(self.kind):
            address.setlist("column", list(changed.columns))
        if changed.after:
            address["after"] = _written(changed.after)
        return address.urlencode()

    def everything(self, *, client: str = "") -> str:
        """The query string of the list without filters, or with that of the client only."""
        return ListAddress(self.kind, self.sort, client=client, columns=self.columns).query()

    def selection(self, *, is_client_id: bool, reader: Reader) -> Selection:
        """The nodes that it asks for."""
        by = filters(self.kind)
        given = {how: {n: v for n, v in self.values.items() if by[n] is how} for how in FilterBy}
        return Selection(
            self.kind,
            client=self.client,
            is_client_id=is_client_id,
            words=self.words,
            state=self.state,
            archived=self.archived,
            equal=given[FilterBy.CHOICE],
            containing=given[FilterBy.WORDS],
            flags={name: FLAGS[value] for name, value in given[FilterBy.FLAG].items()},
            times={name: _between(value) for name, value in given[FilterBy.TIME].items()},
            reader=reader,
        )


def read_address(kind: str, query: QueryDict) -> ListAddress:
    """What a query string says about the list of this kind."""
    by, states = filters(kind), NODE_CLASS[kind].about.listing.states
    known: dict[str, Any] = {}
    unknown: list[str] = []

    def take(name: str, allowed: Any = None) -> str:
        given = query.get(name, "").strip()
        if not given:
            return ""
        is_known = "\0" not in given and len(given) <= _LONGEST and (allowed is None or given in allowed)
        if not is_known:
            unknown.append(f"{name}={given[:40]}".replace("\0", "\ufffd"))
        return given if is_known else ""

    known["client"], known["words"] = take("client"), take("words")
    known["state"], known["archived"] = take("state", states), take("archived", ARCHIVED)
    sort = take("sort", {sign + name for name in sortable(kind) for sign in ("", "-")})
    allowed = {FilterBy.FLAG: FLAGS, FilterBy.TIME: _Times()}
    values = {name: take(name, allowed.get(how)) for name, how in by.items()}
    known["values"] = {name: value for name, value in values.items() if value}
    columns = [name for name in dict.fromkeys(query.getlist("column")) if name]
    known["columns"] = tuple(name for name in columns if name in all_columns(kind))
    unknown += [f"column={name[:40]}" for name in columns if name not in all_columns(kind)]
    after = query.get("after", "")
    address = ListAddress(kind, sort or NODE_CLASS[kind].about.listing.order, **known)
    cursor = _cursor(after, is_numeric=is_number(kind, address.order.by))
    if after and not cursor:
        unknown.append("after=…")
    return replace(address, after=cursor, unknown=tuple(unknown[:_TOLD]))


def all_columns(kind: str) -> tuple[str, ...]:
    """The properties that can be columns: those that people see."""
    usual = NODE_CLASS[kind].about.listing.columns
    labelled = [name for name, f in NODE_CLASS[kind].fields().items() if f.label]
    return tuple(dict.fromkeys([*usual, *labelled, "updated_at"]))


def usual_columns(kind: str) -> tuple[str, ...]:
    """The columns of a list whose reader has chosen none."""
    declared = NODE_CLASS[kind].about.listing.columns
    return declared or tuple(name for name, f in NODE_CLASS[kind].fields().items() if f.label and f.listed)


def sortable(kind: str) -> Iterator[str]:
    """By what a list can be sorted."""
    yield NAME
    if kind != Company.kind():
        yield CLIENT
    yield from all_columns(kind)


class _Times:
    """The values of filters by a time: ``7d``, ``over-30d``, ``2026-11-01``."""

    def __contains__(self, value: str) -> bool:
        if found := _DAYS.fullmatch(value):
            return int(found[2]) <= 36_500
        return bool(_DAY.fullmatch(value) and moment_of(value))


def _between(value: str) -> tuple[str, str]:
    """The first moment, and the one before which, as ``Selection`` wants them; either may be missing."""
    found = _DAYS.fullmatch(value)
    if not found:
        return value, ""
    moment = _text(timezone.now() - timedelta(days=int(found[2])))
    return ("", moment) if found[1] else (moment, "")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19]


def _written(cursor: Cursor) -> str:
    return urlsafe_b64encode(json.dumps([cursor.key, cursor.element]).encode()).decode().rstrip("=")


def _cursor(text: str, *, is_numeric: bool) -> Cursor | None:
    """The place after which a page begins; None if the text names none that this order has."""
    try:
        key, element = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, RecursionError):
        return None
    if not _is_text(element):
        return None
    if is_numeric:
        is_key = isinstance(key, int | float) and not isinstance(key, bool) and abs(key) <= _LARGEST
        return Cursor(float(key), element) if is_key else None
    return Cursor(key, element) if _is_text(key) else None


def _is_text(value: Any) -> bool:
    """Whether Neo4j can take it as a text: one half of a pair of surrogates cannot be sent."""
    return isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value)
