"""Which nodes a list has, as conditions of Cypher.

Labels and names of properties come from the declarations of ``tree.kinds`` only (anything else raises KeyError), values
are parameters.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledgetree.basics.rights.reader import Reader
from tree.graph.values import CLOSED_STATUS, WAITING_STATUS
from tree.kinds import NODE_CLASS, Company, ContextItem, Ticket
from tree.kinds.declaration.listing import FilterBy
from tree.queries.columns import IS_IN_TICKET
from tree.queries.lists.keys import field_of, sort_key, sort_value, text_of
from tree.vocabulary import ORIGIN_CODEX

_IS_CLOSED = "(n.closed_at IS NOT NULL OR coalesce(n.status, '') =~ $closed)"
_STATES = {
    "open": f"NOT {_IS_CLOSED}",
    "active": f"NOT {_IS_CLOSED} AND NOT coalesce(n.status, '') =~ $waiting",
    "waiting": f"NOT {_IS_CLOSED} AND n.status =~ $waiting",
    "closed": _IS_CLOSED,
}
_CLIENTS = {  # which companies
    "id": "client.id = $client",
    "words": "(toLower(client.name) CONTAINS $client_words OR client.account_number = $client)",
    "all": "client.id IS NOT NULL",
}


@dataclass(frozen=True)
class Selection:
    """Which nodes a list has. ``client`` is the id of a company, or a part of the names of some; "" stands for all.

    ``words`` are looked for in the name and all searched properties. ``equal``, ``containing`` and ``flags`` map
    properties to values; ``times`` to a first moment and one before which they lie, in UTC, either of which may be "".
    ``archived``: "" for live nodes, ``too`` or ``only``. ``reader`` is who reads the list.
    """

    kind: str
    client: str = ""
    is_client_id: bool = False
    words: str = ""
    state: str = ""
    archived: str = ""
    equal: Mapping[str, str] = field(default_factory=dict)
    containing: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, bool] = field(default_factory=dict)
    times: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    reader: Reader = field(kw_only=True)

    @property
    def is_of_companies(self) -> bool:
        """Whether it has nodes of some companies only, so that they are found from these down."""
        return bool(self.client) or self.reader.companies is not None


def is_client(chosen: Selection) -> str:
    """Which companies it is about, as a condition of ``client``."""
    which = _CLIENTS[("id" if chosen.is_client_id else "words") if chosen.client else "all"]
    return which if chosen.reader.companies is None else f"{which} AND client.account_number IN $companies"


def conditions(chosen: Selection) -> str:
    """What its nodes must be like, as conditions of ``n`` and, for companies, of ``client``."""
    kind, about = chosen.kind, NODE_CLASS[chosen.kind].about
    found = ["n.trashed_at IS NULL"]
    if chosen.archived != "too":
        found.append(f"n.archived_at IS {'NOT ' if chosen.archived == 'only' else ''}NULL")
    if about.listing.of_staff:
        found.append("coalesce(n.origin, '') <> $codex")
    if not chosen.reader.tickets and NODE_CLASS[kind] is Ticket:
        found.append("false")
    if not chosen.reader.tickets and not about.is_record:
        found.append(f"NOT {IS_IN_TICKET % {'n': 'n'}}")
    if NODE_CLASS[kind] is Company and chosen.is_of_companies:
        found.append(is_client(chosen))
    if chosen.state:
        found.append(f"({_STATES[chosen.state]})")
    if chosen.words:
        texts = (f"coalesce({text_of(kind, name)}, '')" for name in searched(kind))
        found.append(_contains(" + '\\n' + ".join(texts), "words"))
    found += [f"toLower(trim(n.{name})) = $equal.{name}" for name in chosen.equal if _is(kind, name)]
    found += [_contains(text_of(kind, name), f"containing.{name}") for name in chosen.containing]
    found += [f"n.{name} = $flags.{name}" for name in chosen.flags if _is(kind, name)]
    for name, bounds in chosen.times.items():
        key = sort_key(kind, name, value=sort_value(kind, name), missing="null")
        found += [f"{key} {sign} $times.{name}[{i}]" for i, sign in enumerate((">=", "<")) if bounds[i]]
    return " AND ".join(found)


def searched(kind: str) -> tuple[str, ...]:
    """The properties in which the words of a list are looked for: those that are searched, without the long text."""
    return tuple(name for name, each in NODE_CLASS[kind].fields().items() if each.searched and name != "content")


def filters(kind: str) -> dict[str, FilterBy]:
    """The properties by which the list of a kind is filtered: its own, and of those of all kinds its columns."""
    columns, common = NODE_CLASS[kind].about.listing.columns, ContextItem.fields()
    declared = NODE_CLASS[kind].fields().items()
    return {name: f.filtered for name, f in declared if f.filtered and (name not in common or name in columns)}


def _contains(text: str, parameter: str) -> str:
    return f"toLower({text}) CONTAINS ${parameter}"


def _is(kind: str, name: str) -> bool:
    return bool(field_of(kind, name))


def parameters(chosen: Selection) -> dict[str, Any]:
    """The parameters of its conditions."""
    return {
        "client": chosen.client,
        "client_words": chosen.client.lower(),
        "words": chosen.words.lower(),
        "equal": {name: value.strip().lower() for name, value in chosen.equal.items()},
        "containing": {name: value.lower() for name, value in chosen.containing.items()},
        "flags": dict(chosen.flags),
        "times": {name: list(bounds) for name, bounds in chosen.times.items()},
        "closed": CLOSED_STATUS,
        "waiting": WAITING_STATUS,
        "codex": ORIGIN_CODEX,
        **chosen.reader.parameters,
    }
