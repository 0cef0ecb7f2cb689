"""Keeps the invalid records that Codex sends in quarantine until a sync accepts them.

RefusedRecord lists the refusals of each run; the quarantine lists the records that are refused *now*, and since when.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Any

from django.db import transaction
from msgspec import Struct

from knowledgetree.accounts.rights.policy import Role
from knowledgetree.basics.batches import in_batches
from syncing.decisions import pauses
from syncing.kinds import COMPANIES, TICKETS, kind_named
from syncing.kinds.declaration.validation import valid
from syncing.models import QuarantinedRecord, SyncRun
from syncing.refusals import Fault, Refused
from syncing.runs.refusal_rows import columns

ROWS_A_STATEMENT = 500
KEPT_RAW = 1_000  # records of a run that are kept themselves; for further ones only the reason is kept
KEPT_CHARACTERS = 2_000  # characters of each text in a record
_KEPT_ROWS, _KEPT_DEPTH = 50, 6
_LOOKED = (SyncRun.Status.COMPLETE, SyncRun.Status.PARTIAL, SyncRun.Status.NEEDS_APPROVAL)
_SECRET = re.compile(
    r"pass(word|wd|phrase|code)?|secret|token|credential|private|api_?key|recovery|bitlocker|_pin$", re.I
)
_BODIES = frozenset({"description", "description_text", "body", "body_text", "conversations", "notes", "subject"})
_SEES_ALL = frozenset({Role.ADMIN})
_SEES_BODIES = frozenset({Role.ADMIN, Role.TECHNICIAN})
_FILL = "In Codex, fill {what}: it is empty and must not be."
_OF_ANOTHER_KIND = "In Codex, correct {what}: it is of the wrong kind."
_FOR_A_FIELD: dict[str, str] = {
    Fault.MISSING: _FILL,
    Fault.EMPTY: _FILL,
    Fault.TOO_SHORT: "In Codex, lengthen {what}.",
    Fault.TOO_LONG: "In Codex, shorten {what}.",
    Fault.OUT_OF_RANGE: "In Codex, correct {what}: it is too large or too small.",
    Fault.WRONG_TYPE: _OF_ANOTHER_KIND,
    Fault.OTHER: _OF_ANOTHER_KIND,
}
_FOR_A_LIST = "Look at {place}: its list of {list} could not be read. Codex's own log says why."
_TICKETS_LATER = "Nothing in Codex: sync companies, contacts, locations and assets first, then the tickets."
_FOR_THE_WHOLE: dict[str, str] = {
    Fault.LISTED_TWICE: (
        "In Codex, remove one of the two records with this id from {company}, or give it an id of its own."
    ),
    Fault.NOT_UNICODE: "In Codex, retype the text with the broken character in this {kind} of {company}.",
    Fault.LIST_UNREADABLE: _FOR_A_LIST,
    Fault.LIST_MISSING: _FOR_A_LIST,
    Fault.COMPANIES_MISSING: (
        "Look at Codex: its answer leaves out the {list} of some companies. Codex's own log says why."
    ),
    Fault.COMPANY_NOT_IN_TREE: _TICKETS_LATER,
    Fault.COMPANY_ARCHIVED: _TICKETS_LATER,
    Fault.FOLDER_NOT_IN_TREE: _TICKETS_LATER,
}
_FOR_A_RECORD = "In Codex, correct this {kind} of {company}: see below why it was refused."


class Line(Struct):
    """One field of a raw record as a page shows it. ``is_wrong``: the record was refused because of this field."""

    name: str
    text: str
    is_masked: bool
    is_wrong: bool


def remember(run: SyncRun, status: str, refused: Sequence[Refused]) -> None:
    """Update the quarantine at the end of a run: add refused records and remove those that the run accepted."""
    if run.dry_run or run.approve or run.undoes_id or status not in _LOOKED:
        return
    found = _by_identity([record for record in refused if not record.is_skipped])
    with transaction.atomic():
        rows_here = QuarantinedRecord.objects.filter(command=run.command).defer("raw", "reason")
        here = _recognised({row.identity: row for row in rows_here}, found)
        if not run.since or run.companies:
            was_looked_at = _scope_of(run)
            gone = [row.pk for key, row in here.items() if key not in found and was_looked_at(row)]
            for some in in_batches(gone, ROWS_A_STATEMENT):
                QuarantinedRecord.objects.filter(pk__in=some).delete()
        rows = [_row(run, key, record, here.get(key), at) for at, (key, record) in enumerate(found.items())]
        QuarantinedRecord.objects.bulk_create(
            rows,
            batch_size=ROWS_A_STATEMENT,
            update_conflicts=True,
            unique_fields=["command", "identity"],
            update_fields=["fault", "field", "reason", "raw", "last_run"],
        )


def accounts_of(refused: Iterable[Any]) -> list[str]:
    """The companies of these refused records, for a new run; empty (all companies) if a record belongs to none."""
    accounts = {record.account or (record.codex_id if record.kind == COMPANIES.name else "") for record in refused}
    return [] if "" in accounts else sorted(accounts)


def node_key(record: QuarantinedRecord) -> str:
    """The key of the record's node, if it was accepted before; empty if its id could not be read."""
    if not record.codex_id:
        return ""
    kind = kind_named(record.kind)
    return kind.key(record.account, record.codex_id) if kind else ""


def raw_lines(record: QuarantinedRecord, role: Role) -> list[Line]:
    """The fields of the record. Only admins see secrets; only roles that read tickets see the texts of tickets."""
    raw = json.loads(record.raw) if record.raw else {}
    if not isinstance(raw, dict):
        return [Line("", str(raw) if role in _SEES_ALL else _masked(raw), role not in _SEES_ALL, True)]
    wrong = record.field.partition(".")[0].partition("[")[0]
    lines = []
    for name, value in raw.items():
        shown = _for_role(name, value, record.kind, role)
        text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
        lines.append(Line(valid(name), valid(text), shown != value, name == wrong))
    return sorted(lines, key=lambda line: not line.is_wrong)


def advice(record: QuarantinedRecord) -> str:
    """A sentence for the person who maintains Codex: what to fix, and where. It is general if the fault is unknown."""
    kind, account = record.kind.lower(), record.account
    company = f"the company {account}" if account else "Codex"
    number = f" {record.codex_id}" if record.codex_id else ""
    of_a_kind = kind_named(record.kind)
    is_a_list = of_a_kind is not None and record.kind == of_a_kind.list_name
    general = _FOR_A_LIST if is_a_list else _FOR_A_RECORD
    return (
        (_FOR_A_FIELD if record.field else _FOR_THE_WHOLE)
        .get(record.fault, general)
        .format(
            what=f"“{record.field}” of the {kind}{number} of {company}",
            kind=kind,
            company=company,
            place=f"{company} in Codex" if account else company,
            list=of_a_kind.list_name if of_a_kind not in (None, COMPANIES) else "records",
        )
    )


def _row(
    run: SyncRun, identity: str, record: Refused, before: QuarantinedRecord | None, number: int
) -> QuarantinedRecord:
    return QuarantinedRecord(
        command=run.command,
        identity=identity,
        raw=kept(record.raw) if record.raw is not None and number < KEPT_RAW else "",
        first_run_id=before.first_run_id if before else run.pk,
        last_run=run,
        **columns(record),
    )


def kept(raw: Any) -> str:
    """The record as ASCII JSON, which every database accepts, with long texts and lists shortened."""
    return json.dumps(_cut(raw, 0))


def _cut(value: Any, depth: int) -> Any:
    if depth > _KEPT_DEPTH:
        return "… (nested too deeply)"
    if isinstance(value, str) and len(value) > KEPT_CHARACTERS:
        return f"{value[:KEPT_CHARACTERS]}… ({len(value):,} characters)"
    if isinstance(value, dict):
        return {str(name)[:200]: _cut(inner, depth + 1) for name, inner in list(value.items())[:_KEPT_ROWS]}
    if isinstance(value, list):
        more = [f"… ({len(value):,} entries)"] if len(value) > _KEPT_ROWS else []
        return [_cut(inner, depth + 1) for inner in value[:_KEPT_ROWS]] + more
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _for_role(name: str, value: Any, kind: str, role: Role) -> Any:
    if role in _SEES_ALL or value is None or value == "":
        return value
    if _SECRET.search(name) or (kind == TICKETS.name and name in _BODIES and role not in _SEES_BODIES):
        return _masked(value)
    if isinstance(value, dict):
        return {inner: _for_role(inner, v, kind, role) for inner, v in value.items()}
    if isinstance(value, list):
        return [_for_role(name, v, kind, role) for v in value]
    return value


def _masked(value: Any) -> str:
    if isinstance(value, str):
        return f"•••••• ({len(value):,} characters)"
    return "••••••"


def _by_identity(refused: Iterable[Refused]) -> dict[str, Refused]:
    """Refused records by an identity that is the same in every run: kind, company and id.

    A record without an id is identified by its fault and field. Records with equal identities are numbered in the order
    in which Codex lists them, because their other fields, such as the time when a computer was last seen, may change
    from run to run.
    """
    alike: Counter[tuple[str, ...]] = Counter()
    found = {}
    for record in refused:
        parts: tuple[str, ...] = (record.kind, record.account, record.codex_id)
        if not record.codex_id:
            parts = (record.kind, record.account, "?", record.fault, record.field)
            alike[parts] += 1
            parts = (*parts, str(alike[parts]))
        found[blake2b("\0".join(parts).encode(errors="replace"), digest_size=20).hexdigest()] = record
    return found


def _recognised(here: dict[str, QuarantinedRecord], found: dict[str, Refused]) -> dict[str, QuarantinedRecord]:
    """The rows by identity. A row of an older version, which has no fault, gets the identity of a matching record.

    So the record keeps the time of its first refusal. Rows with an id have always had the same identity.
    """
    old: dict[tuple[str, str], list[QuarantinedRecord]] = defaultdict(list)
    for before in here.values():
        if not before.fault and not before.codex_id:
            old[before.kind, before.account].append(before)
    for identity, record in found.items():
        rows = old[record.kind, record.account]
        if rows and not record.codex_id and identity not in here:
            row = rows.pop(0)
            del here[row.identity]
            row.identity = identity
            row.save(update_fields=["identity"])
            here[identity] = row
    return here


def _scope_of(run: SyncRun) -> Callable[[QuarantinedRecord], bool]:
    """A function that says whether the run read a record's list: its company and kind in scope and not paused."""
    paused = pauses.accounts()

    def was_looked_at(row: QuarantinedRecord) -> bool:
        account = row.codex_id if row.kind == COMPANIES.name else row.account
        is_asked_for = not run.companies or account in run.companies or row.account in run.companies
        kind = kind_named(row.kind)
        is_of_kind = not run.kinds or (kind is not None and kind.list_name in run.kinds)
        return is_asked_for and is_of_kind and account not in paused

    return was_looked_at
