"""Properties of nodes that say, beside their type, what people see of them and where they are looked for.

    hostname = Code("Host", searched=True, listed=True)

One with a label is a fact on its node's page; the facts stand there in the order in which a kind declares them.
"""

from enum import StrEnum
from typing import Any, ClassVar

from neomodel import ArrayProperty, BooleanProperty, FloatProperty, IntegerProperty, StringProperty
from neomodel.properties import Property


class Sort(StrEnum):
    """What a value is, which decides how pages write it."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    CODE = "code"  # a word that people copy: a hostname, an account number
    IP = "ip"
    TIME = "time"  # or a day; ISO 8601
    FLAG = "flag"
    NUMBER = "number"
    BYTES = "bytes"
    HOURS = "hours"
    TERABYTES = "terabytes"
    KEY = "key"  # the id or ``codex_key`` of a node


class Field(Property):
    """What every property declares.

    ``label``: its name for people, where it is a fact on the page. ``searched``: its words are in the full-text index
    of its kind, and found in plans. ``listed``: rows of lists carry it. ``column``: what stands over it in the Django
    admin, if not its name. Further arguments are those of neomodel.
    """

    sort: ClassVar[Sort]
    is_list: ClassVar[bool] = False

    def __init__(
        self, label: str = "", *, searched: bool = False, listed: bool = False, column: str = "", **options: Any
    ) -> None:
        super().__init__(label=label, **options)
        self.searched = searched
        self.listed = listed
        self.column = column


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
    """A list of texts."""

    is_list = True

    def __init__(self, label: str = "", **options: Any) -> None:
        super().__init__(label, base_property=StringProperty(), **options)


class Emails(_Several):
    sort = Sort.EMAIL


class Codes(_Several):
    sort = Sort.CODE


class Keys(_Several):
    sort = Sort.KEY
