"""Validation errors of msgspec in structured form, and in words for people who have to fix the data.

msgspec reports an error as a message for programmers: ``Expected `int`, got `null` - at `$.id` ``. Only
``mismatch_of`` parses these messages. Code decides by the field and misfit of a mismatch, never by the sentence of
``in_words``.
"""

import re
from enum import StrEnum

from msgspec import Struct, ValidationError


class Misfit(StrEnum):
    """The problem of a field."""

    MISSING = "missing"
    UNKNOWN_FIELD = "unknown_field"
    EMPTY = "empty"  # null or an empty text
    NOT_AN_OBJECT = "not_an_object"  # the record as a whole has no named fields
    NAME_NOT_TEXT = "name_not_text"  # of a field or an entry in it; impossible in JSON, where all names are texts
    WRONG_TYPE = "wrong_type"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    OUT_OF_RANGE = "out_of_range"  # a number
    OTHER = "other"


class Mismatch(Struct, frozen=True):
    """A validation error. ``field`` is the path of the value, like ``notes[0].body``; empty for the whole record.

    The rest is for the sentence: the ``wanted`` types and the type that was ``found``, by msgspec's names; the limits
    of a number or of a text's length, as msgspec writes them; and what msgspec ``said`` if the misfit is OTHER.
    """

    field: str
    misfit: Misfit
    wanted: tuple[str, ...] = ()
    found: str = ""
    at_least: str = ""
    at_most: str = ""
    said: str = ""


_AT = re.compile(r" - at (?P<of_name>`key` in )?`\$\.?(?P<path>[^`]*)`$")
_MESSAGES = {
    Misfit.MISSING: re.compile(r"Object missing required field `(?P<inner>.*)`", re.DOTALL),
    Misfit.UNKNOWN_FIELD: re.compile(r"Object contains unknown field `(?P<inner>.*)`", re.DOTALL),
    Misfit.WRONG_TYPE: re.compile(r"Expected `(?P<wanted>[^`]*)`(?:, got `(?P<found>[^`]*)`)?"),
    Misfit.TOO_SHORT: re.compile(r"Expected `str` of length >= (?P<at_least>\d+)"),
    Misfit.TOO_LONG: re.compile(r"Expected `str` of length <= (?P<at_most>\d+)"),
    Misfit.OUT_OF_RANGE: re.compile(
        r"Expected `(?:int|float)` (?:>= (?P<at_least>\S+)|<= (?P<at_most>\S+))|(?:Number|Integer value) out of range"
    ),
}
_WANTED = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a record with named fields",
    "null": "empty",
}
_FOUND = _WANTED | {"int": "a number", "float": "a number with a decimal point", "bool": "true or false"}


def mismatch_of(error: ValidationError) -> Mismatch:
    """Parse msgspec's error. A message of an unknown form becomes the misfit OTHER."""
    text = str(error)
    at = _AT.search(text)
    path, said = (at["path"], text[: at.start()]) if at else ("", text)
    for form, message in _MESSAGES.items():
        if not (match := message.fullmatch(said)):
            continue
        parts = match.groupdict(default="")
        field = ".".join(filter(None, (path, parts.pop("inner", ""))))
        wanted = tuple(filter(None, parts.pop("wanted", "").split(" | ")))
        misfit = form
        if at and at["of_name"]:
            misfit = Misfit.NAME_NOT_TEXT
        elif wanted == ("object",) and not field:
            misfit = Misfit.NOT_AN_OBJECT
        elif parts.get("found") == "null" or (form is Misfit.TOO_SHORT and parts["at_least"] == "1"):
            misfit = Misfit.EMPTY
        return Mismatch(field, misfit, wanted, **parts)
    return Mismatch(path, Misfit.OTHER, said=said)


def in_words(mismatch: Mismatch) -> str:
    """One sentence for the person who has to fix the data: “hostname” must be a text, but is empty.

    It begins with the field, if known, in curly quotes. Messages of an unknown form are quoted as they are.
    """
    if mismatch.misfit is Misfit.OTHER and not mismatch.field:
        return mismatch.said
    subject = f"“{mismatch.field}”" if mismatch.field else "It"
    if mismatch.misfit is Misfit.NAME_NOT_TEXT:
        subject = f"A name in {subject}" if mismatch.field else "The name of a field"
    return f"{subject} {_predicate(mismatch)}."


def _predicate(mismatch: Mismatch) -> str:
    relation, limit = ("at least", mismatch.at_least) if mismatch.at_least else ("at most", mismatch.at_most)
    match mismatch.misfit:
        case Misfit.MISSING:
            return "is missing"
        case Misfit.UNKNOWN_FIELD:
            return "is an unknown field"
        case Misfit.OUT_OF_RANGE:
            return f"must be {relation} {limit}" if limit else "is too large or too small"
        case Misfit.OTHER:
            return f"must be otherwise: {mismatch.said}"
    if limit:
        return f"must have {relation} {int(limit):,} character{'' if limit == '1' else 's'}"
    wanted = " or ".join(_WANTED.get(name, name) for name in mismatch.wanted)
    found = f", but is {_FOUND.get(mismatch.found, mismatch.found)}" if mismatch.found else ""
    return f"must be {wanted}{found}"
