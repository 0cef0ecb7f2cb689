"""Cypher expressions by which lists are sorted and compared: one for each sort of value.

Names of properties are put into statements, and come from the classes of ``tree.kinds`` only. ``$missing`` is what
stands for a missing value, so that these come last in either direction. A value is read once and then called ``t``,
and the usual forms are told by as little as will do, because a list of many nodes spends its time with that.
"""

from tree.kinds import NODE_CLASS
from tree.kinds.declaration.fields import Field, Sort

NAME, CLIENT = "name", "client"
_LONGEST = 100  # characters of a text that sort; they also stand in the address of the next page
_IN_NUMBERS = (Sort.NUMBER, Sort.BYTES, Sort.HOURS, Sort.TERABYTES, Sort.FLAG)

_PRESENT = "CASE WHEN {t} IS NULL OR {t} = '' THEN {missing} "
_TEXT = _PRESENT + "ELSE toLower(left({t}, {longest})) END"
_CODE = (
    _PRESENT
    + """
    WHEN size({t}) < 12 AND toIntegerOrNull({t}) IS NOT NULL THEN right('000000000000' + {t}, 12)
    ELSE toLower(left({t}, {longest}))
  END"""
)
_IP = (
    _PRESENT
    + """
    WHEN size(split({t}, '.')) = 4
      THEN reduce(padded = '', part IN split({t}, '.') | padded + right('000' + trim(part), 3))
    ELSE toLower(left({t}, {longest}))
  END"""
)
# A time as the graph has it, in UTC and to the second. Codex writes most times in UTC, with or without a zone; one with
# another offset is moved to UTC, and what is no time is missing. No function is used that raises for a wrong date.
_TIME = """CASE
    WHEN size({t}) = 19 AND substring({t}, 10, 1) = 'T' THEN {t}
    WHEN {t} IS NULL OR {t} < '1' OR {t} >= '3' THEN {missing}
    WHEN size({t}) <= 20 OR right({t}, 6) = '+00:00' OR NOT substring({t}, 10) =~ '.*[+-].*'
      THEN left(CASE WHEN {t} CONTAINS ' ' THEN replace({t}, ' ', 'T') ELSE {t} END, 19)
    ELSE left(toString(
      datetime({{year: coalesce(toIntegerOrNull(left({t}, 4)), 1)}})
      + duration({{
        months: coalesce(toIntegerOrNull(substring({t}, 5, 2)), 1) - 1,
        days: coalesce(toIntegerOrNull(substring({t}, 8, 2)), 1) - 1,
        hours: coalesce(toIntegerOrNull(substring({t}, 11, 2)), 0)
          - coalesce(toIntegerOrNull(left(right(replace({t}, ':', ''), 5), 3)), 0),
        minutes: coalesce(toIntegerOrNull(substring({t}, 14, 2)), 0)
          - coalesce(toIntegerOrNull(left(right(replace({t}, ':', ''), 5), 1) + right({t}, 2)), 0),
        seconds: coalesce(toIntegerOrNull(substring({t}, 17, 2)), 0)
      }})
    ), 19)
  END"""
_FORMS = {Sort.TIME: _TIME, Sort.IP: _IP, Sort.CODE: _CODE}


def text_of(kind: str, name: str) -> str:
    """The text of a property, its entries joined if it is a list; null if there is none."""
    if field_of(kind, name).is_list:
        return f"reduce(joined = '', entry IN n.{name} | joined + entry + ' ')"
    return f"n.{name}"


def sort_value(kind: str, name: str) -> str:
    """The expression of the value that sorts by a property or by NAME; by CLIENT, it is ``client_key``."""
    if name in (NAME, CLIENT):
        return {NAME: "n.sort_key", CLIENT: "client_key"}[name]
    return text_of(kind, sorted_by(kind, name))


def sort_key(kind: str, name: str, *, value: str = "t", missing: str = "$missing") -> str:
    """The expression that makes the key to sort by of the value."""
    if name in (NAME, CLIENT):
        return f"coalesce({value}, {missing})"
    field = field_of(kind, sorted_by(kind, name))
    if field.sort is Sort.FLAG:
        return f"CASE {value} WHEN true THEN 1 WHEN false THEN 0 ELSE {missing} END"
    if field.uniform or field.sort in _IN_NUMBERS:
        return f"coalesce({value}, {missing})"
    form = _TEXT if field.is_list else _FORMS.get(field.sort, _TEXT)
    return form.format(t=value, longest=_LONGEST, missing=missing)


def sorted_by(kind: str, name: str) -> str:
    """The property that sorts by this one: itself, unless its declaration names another."""
    return field_of(kind, name).sorted_by or name


def index_for(kind: str, name: str) -> str:
    """The property with an index that has all nodes of the kind in this order; "" if there is none."""
    if name in (NAME, CLIENT):
        return ""
    found = sorted_by(kind, name)
    return found if field_of(kind, found).indexed else ""


def is_number(kind: str, name: str) -> bool:
    """Whether the values that sort by this property are numbers."""
    return name not in (NAME, CLIENT) and field_of(kind, name).sort in _IN_NUMBERS


def field_of(kind: str, name: str) -> Field:
    """The declaration of a property. Raises KeyError for any name that the kind does not declare."""
    return NODE_CLASS[kind].fields()[name]
