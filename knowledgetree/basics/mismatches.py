"""Why data does not fit its declared type, in the words of whoever has to mend it.

msgspec says it for programmers: ``Expected `int`, got `null` - at `$.id` ``.
"""

import re

from msgspec import ValidationError

_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]*)`")
_OTHER_TYPE = re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<found>[^`]*)`")
_LENGTH = re.compile(r"Expected `[^`]*` of length (?P<relation>[<>]=) (?P<length>\d+)")
_RANGE = re.compile(r"Expected `[^`]*` (?P<relation>[<>]=) (?P<limit>\S+)")
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
_RELATIONS = {"<=": "at most", ">=": "at least"}


def in_words(error: ValidationError) -> str:
    """One sentence: “hostname” must be a text, but is empty.

    The field comes first, in curly quotes, where one is known. What msgspec says beyond the usual is quoted.
    """
    text = str(error)
    at = _AT.search(text)
    path, said = (at["path"], text[: at.start()]) if at else ("", text)
    if found := _MISSING.fullmatch(said):
        return f"“{_below(path, found['field'])}” is missing."
    if found := _UNKNOWN.fullmatch(said):
        return f"“{_below(path, found['field'])}” is an unknown field."
    subject = f"“{path}”" if path else "It"
    if found := _OTHER_TYPE.fullmatch(said):
        wanted = " or ".join(_WANTED.get(name, name) for name in found["wanted"].split(" | "))
        return f"{subject} must be {wanted}, but is {_FOUND.get(found['found'], found['found'])}."
    if found := _LENGTH.fullmatch(said):
        return f"{subject} must have {_RELATIONS[found['relation']]} {_characters(int(found['length']))}."
    if found := _RANGE.fullmatch(said):
        return f"{subject} must be {_RELATIONS[found['relation']]} {found['limit']}."
    return f"{subject} must be otherwise: {said}." if path else text


def _below(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field


def _characters(number: int) -> str:
    return f"{number:,} character{'' if number == 1 else 's'}"
