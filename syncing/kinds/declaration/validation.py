"""Validates records of Codex and converts them to typed objects.

The record types are defined with their kinds. A record that does not fit its type is refused, naming the field, and
stays in quarantine; it never becomes half a node. Names have a maximum length, and ids must fit into Neo4j's 64-bit
integers.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec
from msgspec import Meta, Struct

from knowledgetree.basics.mismatches import in_words, mismatch_of
from syncing.kinds.bodies.pictures import may_hold_pictures
from syncing.refusals import Fault, Refused

Name = Annotated[str, Meta(max_length=500)]
Account = Annotated[str, Meta(min_length=1, max_length=200)]
CodexId = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Text = Annotated[str, Meta(max_length=1_000_000)]
Line = Annotated[str, Meta(max_length=10_000)]
Bytes = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Hours = Annotated[float, Meta(ge=-1e300, le=1e300)]  # 1e999 is read as infinity, which JSON cannot represent


Record = TypeVar("Record", bound=Struct)


def typed(
    rows: Iterable[Any], record_type: type[Record], account: str, tidied: Callable[[Any], Any] | None = None
) -> Iterator[tuple[Record, bytes] | Refused]:
    """Each row as a record with its canonical JSON (the basis of its fingerprint), or its refusal.

    ``tidied`` takes ``data:`` pictures out of a row; it is called for a row that has one, or that is refused with it.
    """
    for row in rows:
        try:
            yield _read(row, record_type, tidied)
        except (msgspec.ValidationError, UnicodeEncodeError, OverflowError) as error:
            value = row.get(record_type.__struct_fields__[0]) if isinstance(row, dict) else None
            number, sound = _id_of(value), _is_sound_id(value, record_type)
            fault, field, reason = _explained(error)
            yield Refused(record_type.__name__, account, number, fault, reason, field, row, id_is_sound=sound)


def _read(row: Any, record_type: type[Record], tidied: Callable[[Any], Any] | None) -> tuple[Record, bytes]:
    try:
        record = msgspec.convert(row, record_type)
        encoded = msgspec.json.encode(record)
    except msgspec.ValidationError:
        if tidied is None or (rest := tidied(row)) is row:
            raise
        return _read(rest, record_type, None)
    if tidied is not None and may_hold_pictures(encoded) and (rest := tidied(row)) is not row:
        return _read(rest, record_type, None)
    return record, encoded


def as_list(text: str | None) -> list[str]:
    """Parse a list that Codex sends as text: ``'["a", "b"]'`` or ``"a, b"``. Never fails; drops blank entries."""
    if not text:
        return []
    if text.lstrip().startswith("["):
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            values = text.strip("[] ").split(",")
        if isinstance(values, list):
            return [valid(value.strip()) for value in values if isinstance(value, str) and value.strip()]
    return [value for value in re.split(r"[,;\s]+", text) if value]


def as_number(value: str | float | None) -> float | None:
    """Parse ``"1.25"`` or ``1.25``; None for a text that is not a finite number."""
    try:
        number = float(value) if value is not None else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def valid(text: str) -> str:
    """Replace characters that databases refuse, NUL and unpaired surrogates, with question marks."""
    return text.replace("\0", "?").encode(errors="replace").decode()


def _id_of(value: Any) -> str:
    return valid(str(value)[:200]) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _is_sound_id(value: Any, record_type: type[Struct]) -> bool:
    """Whether this value is a valid id of Codex; a number written as text is valid too."""
    wanted = _id_type(record_type)
    if wanted == CodexId and isinstance(value, str) and value.isascii() and value.isdecimal():
        return value == "0" or not value.startswith("0")
    try:
        msgspec.convert(value, wanted)
    except (msgspec.ValidationError, UnicodeEncodeError, OverflowError):
        return False
    return True


@lru_cache
def _id_type(record_type: type[Struct]) -> Any:
    return get_type_hints(record_type, include_extras=True)[record_type.__struct_fields__[0]]


def _explained(error: Exception) -> tuple[Fault, str, str]:
    """The fault, the field if it is known, and a sentence for people."""
    if isinstance(error, UnicodeEncodeError):
        return Fault.NOT_UNICODE, "", "A text holds half of a surrogate pair, which is no valid Unicode."
    if isinstance(error, msgspec.ValidationError):
        mismatch = mismatch_of(error)
        return Fault(mismatch.misfit), mismatch.field, in_words(mismatch)
    return Fault.OUT_OF_RANGE, "", str(error)[:500]
