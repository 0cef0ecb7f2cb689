"""The fields of the form that filters a list, derived from the declaration of its kind."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.cache import cache

from tree import queries
from tree.kinds import NODE_CLASS
from tree.kinds.declaration.listing import FilterBy
from tree.pages.lists.cells import label_of
from tree.queries.lists.address import ARCHIVED, ListAddress
from tree.queries.lists.selection import Selection, filters

_KEPT_SECONDS = 300  # a value that is new since then can be written into the address
_DAYS = {1: "day", 7: "7 days", 30: "30 days", 90: "90 days", 365: "year"}
_TIMES = {
    **{f"{number}d": f"within the last {days}" for number, days in _DAYS.items()},
    **{f"over-{number}d": f"over {days if number > 1 else 'a day'} ago" for number, days in _DAYS.items()},
}


@dataclass(frozen=True)
class FilterField:
    """A field. ``options`` are pairs of value and label, with "" for all; a field without any is for typing."""

    name: str
    label: str
    value: str
    options: tuple[tuple[str, str], ...] = ()


def filter_fields(address: ListAddress, chosen: Selection) -> list[FilterField]:
    """All fields but those for words and for the client."""
    return list(_fields(address, chosen))


def _fields(address: ListAddress, chosen: Selection) -> Iterator[FilterField]:
    if states := NODE_CLASS[address.kind].about.listing.states:
        yield _choice("state", "State", address.state, dict(states))
    by = filters(address.kind)
    values = _values(chosen, [name for name, how in by.items() if how is FilterBy.CHOICE])
    for name, how in by.items():
        label, value = label_of(address.kind, name), address.values.get(name, "")
        if how is FilterBy.WORDS:
            yield FilterField(name, label, value)
        elif how is FilterBy.FLAG:
            yield _choice(name, label, value, {"yes": "yes", "no": "no"})
        elif how is FilterBy.TIME:
            yield _choice(name, label, value, _TIMES)
        else:
            spelled = next((v for v in values[name] if v.casefold() == value.casefold()), value)
            yield _choice(name, label, spelled, {v: v for v in values[name]})
    yield _choice("archived", "Archived", address.archived, ARCHIVED, nothing="no")


def _choice(name: str, label: str, value: str, options: dict[str, str], nothing: str = "all") -> FilterField:
    """A field to choose from, to which a value that only the address has is added."""
    more = {value: value} if value and value not in options else {}
    return FilterField(name, label, value, (("", nothing), *(options | more).items()))


def _values(chosen: Selection, names: list[str]) -> dict[str, list[str]]:
    """The values that the nodes of the kind have, of the client if there is one, whatever else filters them."""
    key = f"list-values:{chosen.kind}:{chosen.client if chosen.is_client_id else ''}:{chosen.reader.key}"
    found: dict[str, list[str]] | None = cache.get(key)
    if found is None:
        client = chosen.client if chosen.is_client_id else ""
        whole = Selection(chosen.kind, client=client, is_client_id=bool(client), archived="too", reader=chosen.reader)
        found = queries.get_values(whole, names)
        cache.set(key, found, _KEPT_SECONDS)
    return found
