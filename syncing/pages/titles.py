"""The titles of changed nodes, as the tree shows them: ``#40007 VPN is down``, not ``Ticket_7.md``."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tree import queries
from tree.exceptions import GraphUnavailable
from tree.kinds.titles import TITLED_KINDS, title_of


class Changed(NamedTuple):
    """A changed node. ``before`` and ``after``: the properties that the change alters."""

    uid: str
    kind: str
    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def titles_of(changes: Iterable[Changed]) -> list[str]:
    """The title of each node after its change. What the change does not say is read from the graph, if it answers."""
    changes = list(changes)
    known = _known({change.uid for change in changes if change.kind in TITLED_KINDS})
    return [
        title_of(change.kind, change.name, {**known.get(change.uid, {}), **change.before, **change.after})
        for change in changes
    ]


def _known(ids: set[str]) -> dict[str, dict[str, Any]]:
    try:
        return queries.get_title_properties(ids)
    except GraphUnavailable:
        return {}
