"""One typed object for each record of Codex: what is required, what may be null, what is refused.

The field lists are the API's own. A record that does not fit is refused with the field's name and stays in
quarantine; it never becomes half a node. Texts of a node's name are capped, ids must fit Neo4j's 64-bit integers.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypeVar

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


class Company(Struct, kw_only=True, gc=False):
    account_number: Account
    name: Name
    description: Text | None = None
    compliance_level: Line | None = None
    billing_plan: Line | None = None
    contract_term_length: Line | None = None
    contract_start_date: Line | None = None
    contract_end_date: Line | None = None
    support_level: Line | None = None
    profit_or_non_profit: Line | None = None
    company_main_number: Line | None = None
    company_start_date: Line | None = None
    domains: Line | None = None
    phone_system: Line | None = None
    email_system: Line | None = None


class Contact(Struct, kw_only=True, gc=False):
    id: CodexId
    name: Name
    email: Line
    title: Line | None = None
    employment_type: Line | None = None
    active: bool | None = None
    mobile_phone_number: Line | None = None
    work_phone_number: Line | None = None
    secondary_emails: Line | None = None


class Asset(Struct, kw_only=True, gc=False):
    id: CodexId
    hostname: Name
    backup_data_bytes: Bytes
    hardware_type: Line | None = None
    operating_system: Line | None = None
    device_type: Line | None = None
    last_logged_in_user: Line | None = None
    antivirus_product: Line | None = None
    ext_ip_address: Line | None = None
    int_ip_address: Line | None = None
    domain: Line | None = None
    online: bool | None = None
    last_seen: Line | None = None
    backup_usage_tb: Line | float | None = None


class Message(Struct, kw_only=True, gc=False):
    """One mail of a ticket's conversation (``incoming``: from the client), or an internal note."""

    from_email: Line | None = None
    created_at: Line | None = None
    body: Text | None = None
    incoming: bool | None = None


class Ticket(Struct, kw_only=True, gc=False):
    ticket_id: CodexId
    total_hours_spent: Hours
    ticket_number: Line | None = None
    subject: Line | None = None
    description: Text | None = None
    description_text: Text | None = None
    status: Line | None = None
    priority: Line | None = None
    requester_email: Line | None = None
    requester_name: Line | None = None
    created_at: Line | None = None
    last_updated_at: Line | None = None
    closed_at: Line | None = None
    conversations: list[Message] | None = None
    notes: list[Message] | None = None


Record = Company | Contact | Asset | Ticket
RecordType = TypeVar("RecordType", Company, Contact, Asset, Ticket)


def typed(
    rows: Iterable[Any], record_type: type[RecordType], account: str
) -> Iterator[tuple[RecordType, bytes] | Refused]:
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


def _is_sound_id(value: Any, record_type: type[Record]) -> bool:
    """Whether this is how Codex writes an id; a number as text is understood too."""
    wanted = Account if record_type is Company else CodexId
    if wanted is CodexId and isinstance(value, str) and value.isascii() and value.isdecimal():
        return value == "0" or not value.startswith("0")
    try:
        msgspec.convert(value, wanted)
    except (msgspec.ValidationError, UnicodeEncodeError, OverflowError):
        return False
    return True


def _what_is_wrong(error: Exception) -> tuple[Fault, str, str]:
    """The fault, the field where it is known, and the sentence for people."""
    if isinstance(error, UnicodeEncodeError):
        return Fault.NOT_UNICODE, "", "A text holds half of a surrogate pair, which is no valid Unicode."
    if isinstance(error, msgspec.ValidationError):
        mismatch = mismatch_of(error)
        return Fault(mismatch.misfit), mismatch.field, in_words(mismatch)
    return Fault.OUT_OF_RANGE, "", str(error)[:500]
