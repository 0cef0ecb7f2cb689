"""What Pydantic refuses, in words for whoever sent it. What it says itself is for programmers.

The types of errors and their ``ctx``: https://docs.pydantic.dev/latest/errors/validation_errors/
"""

import re
from collections.abc import Mapping
from typing import Any

_CHOICE = re.compile(r"\^\(?(?P<minus>-\?)?\(?(?P<names>[\w.-]+(?:\|[\w.-]+)*)\)+\??\$")
_NUMBER, _FLAG = "It must be a whole number.", "It must be true or false."
_DAY, _MOMENT = "It must be a day such as 2026-11-29.", "It must be a moment such as 2026-11-29T14:30:00Z."
_OBJECT = "It must be an object with named fields."
_SENTENCES = {
    "missing": "It is missing.",
    "missing_argument": "It is missing.",
    "extra_forbidden": "There is no such field.",
    "unexpected_keyword_argument": "There is no such field.",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _NUMBER),
    "int_parsing_size": "It has too many digits.",
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "It must be a number."),
    **dict.fromkeys(("bool_type", "bool_parsing"), _FLAG),
    "string_type": "It must be a text.",
    "string_unicode": "It must be a text in UTF-8.",
    "list_type": "It must be a list.",
    **dict.fromkeys(("model_attributes_type", "model_type", "dict_type", "dataclass_type"), _OBJECT),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"), _DAY),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), _MOMENT),
    **dict.fromkeys(("uuid_type", "uuid_parsing"), "It must be a UUID."),
    "none_required": "It must be null.",
}
_LIMITS = {
    "greater_than_equal": "It must be at least {ge:,}.",
    "less_than_equal": "It must be at most {le:,}.",
    "greater_than": "It must be more than {gt:,}.",
    "less_than": "It must be less than {lt:,}.",
}


def in_words(error: Mapping[str, Any]) -> str:
    """One sentence or more for an entry of Pydantic's ``errors()``; what it says itself for rarer types."""
    kind, limits = str(error["type"]), error.get("ctx") or {}
    said = _SENTENCES.get(kind) or _limited(kind, limits)
    text = said or str(error["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return text if text.endswith(".") else f"{text}."


def _limited(kind: str, limits: Mapping[str, Any]) -> str:
    """The sentence for an error that has a limit; empty for other types."""
    if kind in _LIMITS:
        return _LIMITS[kind].format(**limits)
    if kind in ("string_too_short", "too_short"):
        return _at_least(int(limits["min_length"]), kind)
    if kind in ("string_too_long", "too_long"):
        return f"It must have at most {_several(int(limits['max_length']), kind)}."
    if kind == "string_pattern_mismatch":
        return _fitting(str(limits["pattern"]))
    if kind in ("literal_error", "enum"):
        return f"It must be {str(limits['expected']).replace(chr(39), '')}."
    return ""


def _at_least(least: int, kind: str) -> str:
    return "It must not be empty." if least == 1 else f"It must have at least {_several(least, kind)}."


def _several(number: int, kind: str) -> str:
    one = "character" if kind.startswith("string") else "entry"
    several = "characters" if kind.startswith("string") else "entries"
    return f"{number:,} {one if number == 1 else several}"


def _fitting(pattern: str) -> str:
    """Which texts fit a pattern. One that only lists names, with a minus before them or not, is spelled out."""
    choice = _CHOICE.fullmatch(pattern)
    if choice is None:
        return f"It must fit the pattern “{pattern}”."
    *others, last = choice["names"].split("|")
    names = f"{', '.join(others)} or {last}" if others else last
    return f"It must be {names}{', or one of them after a -' if choice['minus'] else ''}."
