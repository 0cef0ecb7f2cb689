"""Records of Codex as typed objects: what their fields may hold, and what is refused.

The types stand in the files of the kinds. A record that does not fit is refused with the field's name and stays in
quarantine; it never becomes half a node. Texts of a node's name are capped, ids must fit Neo4j's 64-bit integers.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec
from msgspec import Meta, Struct

from knowledgetree.basics.mismatches import in_words, mismatch_of
from syncing.refusals import Fault, Refused

Name = Annotated[str, Meta(max_length=500)]
Account = Annotated[str, Meta(min_length=1, max_length=200)]
CodexId = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Text = Annotated[str, Meta(max_length=1_000_000)]
Line = Annotated[str, Meta(max_length=10_000)]
Bytes = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Hours = Annotated[float, Meta(ge=-1e300, le=1e300)]  # 1e999 is infinite, which JSON cannot say again


Record = TypeVar("Record", bound=Struct)


def typed(rows: Iterable[Any], record_type: type[Record], account: str) -> Iterator[tuple[Record, bytes] | Refused]:
    """Each row as a record with its canonical JSON (what the fingerprint is made of), or its refusal."""
    for row in rows:
        try:
            record = msgspec.convert(row, record_type)
            yield record, msgspec.json.encode(record)
        except (msgspec.ValidationError, UnicodeEncodeError, OverflowError) as error:
            value = row.get(record_type.__struct_fields__[0]) if isinstance(row, dict) else None
            number, sound = _id_of(value), _is_sound_id(value, record_type)
            fault, field, reason = _what_is_wrong(error)
            yield Refused(record_type.__name__, account, number, fault, reason, field, row, id_is_sound=sound)


def as_list(text: str | None) -> list[str]:
    """Codex's lists inside a text: ``'["a", "b"]'`` or ``"a, b"``. Never fails; blanks are dropped."""
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
    """``"1.25"``, ``1.25`` or nothing; a text that is no finite number counts as nothing."""
    try:
        number = float(value) if value is not None else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def valid(text: str) -> str:
    """The text without what databases refuse: NUL and halves of surrogate pairs become question marks."""
    return text.replace("\0", "?").encode(errors="replace").decode()


def _id_of(value: Any) -> str:
    return valid(str(value)[:200]) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _is_sound_id(value: Any, record_type: type[Struct]) -> bool:
    """Whether this is how Codex writes an id; a number as text is understood too."""
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


def _what_is_wrong(error: Exception) -> tuple[Fault, str, str]:
    """The fault, the field where it is known, and the sentence for people."""
    if isinstance(error, UnicodeEncodeError):
        return Fault.NOT_UNICODE, "", "A text holds half of a surrogate pair, which is no valid Unicode."
    if isinstance(error, msgspec.ValidationError):
        mismatch = mismatch_of(error)
        return Fault(mismatch.misfit), mismatch.field, in_words(mismatch)
    return Fault.OUT_OF_RANGE, "", str(error)[:500]
