"""The list of all nodes of a kind, as a kind declares it: which columns, in which order, filtered by what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FilterBy(StrEnum):
    """How a list is filtered by a property."""

    CHOICE = "choice"  # one of the values that its nodes have, in any case
    WORDS = "words"  # a part of the value, in any case
    FLAG = "flag"  # yes or no
    TIME = "time"  # within so many days, longer ago than that, or since a day


@dataclass(frozen=True)
class Listing:
    """How the list of a kind begins; a reader sorts, filters and chooses other columns.

    ``columns`` are the properties beside the name and the client; by default those with a label that rows carry.
    ``order`` is the property by which it is sorted, after a "-" if the last comes first; "name" stands for the names.
    ``states`` maps groups of nodes, which ``tree.queries.lists.selection`` tells apart, to their labels.
    ``of_staff`` leaves out what comes from Codex.
    """

    columns: tuple[str, ...] = ()
    order: str = "name"
    states: Mapping[str, str] = field(default_factory=dict)
    of_staff: bool = False
