"""The typed fields of a node as facts to read and copy: label, text, and what sort of thing it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.dateparse import parse_date, parse_datetime

from tree.kinds import NODE_CLASS
from tree.kinds.fields import Sort

_COPYABLE = (Sort.EMAIL, Sort.PHONE, Sort.CODE, Sort.IP)


@dataclass(frozen=True)
class Fact:
    """One line of facts; ``values`` are texts, several for a list."""

    label: str
    sort: Sort
    values: tuple[str, ...]

    @property
    def is_copyable(self) -> bool:
        return self.sort in _COPYABLE


def facts(kind: str, properties: Mapping[str, Any]) -> list[Fact]:
    """Facts of a node of this kind, in the order in which it declares them; what is not known is left out."""
    found = []
    for name, field in NODE_CLASS[kind].fields().items():
        value = properties.get(name) if field.label else None
        values = value if isinstance(value, list) else [value]
        texts = tuple(_text(v, field.sort) for v in values if v is not None and v != "")
        if texts:
            found.append(Fact(field.label, _time_sort(field.sort, texts[0]), texts))
    return found


def _text(value: Any, sort: Sort) -> str:
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
    """A time that cannot be read is shown as the text that it is."""
    if sort != Sort.TIME:
        return sort
    try:
        return Sort.TIME if parse_datetime(text) or parse_date(text) else Sort.TEXT
    except ValueError:
        return Sort.TEXT
