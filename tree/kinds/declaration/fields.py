"""Property types of nodes that also declare how a value is displayed, listed and searched.

    hostname = Code("Host", searched=True, listed=True)

A property with a label is shown as a fact on its node's page, in the order in which the kind declares them.
"""

from enum import StrEnum
from typing import Any, ClassVar

from neomodel import ArrayProperty, BooleanProperty, FloatProperty, IntegerProperty, StringProperty
from neomodel.properties import Property

from tree.kinds.declaration.listing import FilterBy


class Sort(StrEnum):
    """The sort of a value, which decides how pages format it."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    CODE = "code"  # an identifier that people copy: a hostname, an account number
    IP = "ip"
    TIME = "time"  # a date or a time, in ISO 8601
    FLAG = "flag"
    NUMBER = "number"
    BYTES = "bytes"
    HOURS = "hours"
    TERABYTES = "terabytes"
    KEY = "key"  # the id or ``codex_key`` of a node


_FILTERED = {Sort.FLAG: FilterBy.FLAG, Sort.TIME: FilterBy.TIME}


class Field(Property):
    """The declarations common to all properties.

    ``label`` is its display name if it is shown as a fact on the page. ``searched``: searches find the node by it, in
    the forms that its sort has (``tree.graph.search_keys``), and searches within plans match it. ``listed``: list rows
    carry it. ``column`` is its column heading in the Django admin, if that differs from its name. ``filtered`` says how
    lists are filtered by it; flags and times that are listed need not say so. ``sorted_by`` is the property that lists
    are sorted by instead of this one. ``indexed``: an index has the nodes of the kind in the order of this time,
    because there are too many of them to be sorted for each page. ``uniform``: all values are written in one form,
    which sorts. Further arguments are those of neomodel.
    """

    sort: ClassVar[Sort]
    is_list: ClassVar[bool] = False

    def __init__(
        self,
        label: str = "",
        *,
        searched: bool = False,
        listed: bool = False,
        column: str = "",
        filtered: FilterBy | None = None,
        sorted_by: str = "",
        indexed: bool = False,
        uniform: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(label=label, **options)
        self.searched = searched
        self.listed = listed
        self.column = column
        self.sorted_by = sorted_by
        self.indexed = indexed
        self.uniform = uniform
        self.filtered = filtered or (_FILTERED.get(self.sort) if listed and label else None)


class Text(Field, StringProperty):
    sort = Sort.TEXT


class Email(Field, StringProperty):
    sort = Sort.EMAIL


class Phone(Field, StringProperty):
    sort = Sort.PHONE


class Code(Field, StringProperty):
    sort = Sort.CODE


class IpAddress(Field, StringProperty):
    sort = Sort.IP


class Time(Field, StringProperty):
    sort = Sort.TIME


class Key(Field, StringProperty):
    sort = Sort.KEY


class Flag(Field, BooleanProperty):
    sort = Sort.FLAG


class Number(Field, IntegerProperty):
    sort = Sort.NUMBER


class Bytes(Field, IntegerProperty):
    sort = Sort.BYTES


class Hours(Field, FloatProperty):
    sort = Sort.HOURS


class Terabytes(Field, FloatProperty):
    sort = Sort.TERABYTES


class _Several(Field, ArrayProperty):
    """A list of strings."""

    is_list = True

    def __init__(self, label: str = "", **options: Any) -> None:
        super().__init__(label, base_property=StringProperty(), **options)


class Emails(_Several):
    sort = Sort.EMAIL


class Codes(_Several):
    sort = Sort.CODE


class Keys(_Several):
    sort = Sort.KEY
