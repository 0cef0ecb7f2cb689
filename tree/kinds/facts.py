"""The labelled properties of a node as facts to display: label, text and sort of value."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat

from knowledgetree.basics.times import moment_of
from tree.kinds import NODE_CLASS
from tree.kinds.declaration.fields import Sort

_COPYABLE = (Sort.EMAIL, Sort.PHONE, Sort.CODE, Sort.IP)


@dataclass(frozen=True)
class Fact:
    """One fact. ``values`` are texts to display; a list property has several."""

    label: str
    sort: Sort
    values: tuple[str, ...]

    @property
    def is_copyable(self) -> bool:
        return self.sort in _COPYABLE


def facts(kind: str, properties: Mapping[str, Any], without: Collection[str] = ()) -> list[Fact]:
    """The facts of a node in the order in which its kind declares them. Properties without a value are left out.

    ``without`` names the properties that the page shows elsewhere.
    """
    found = []
    for name, field in NODE_CLASS[kind].fields().items():
        value = properties.get(name) if field.label and name not in without else None
        values = value if isinstance(value, list) else [value]
        texts = tuple(shown_value(v, field.sort) for v in values if v is not None and v != "")
        if texts:
            found.append(Fact(field.label, _time_sort(field.sort, texts[0]), texts))
    return found


def shown_value(value: Any, sort: Sort) -> str:
    """A value as people read it; a time as it is, because templates show times."""
    if sort == Sort.FLAG:
        return "yes" if value else "no"
    if sort == Sort.BYTES and isinstance(value, int | float):
        return filesizeformat(value)
    if sort == Sort.HOURS and isinstance(value, int | float):
        return f"{value:g} h"
    if sort == Sort.TERABYTES and isinstance(value, int | float):
        return f"{value:g} TB"
    return str(value)


def _time_sort(sort: Sort, text: str) -> Sort:
    """The sort of a fact; a time that cannot be parsed is displayed as plain text."""
    if sort != Sort.TIME:
        return sort
    return Sort.TIME if moment_of(text) else Sort.TEXT
