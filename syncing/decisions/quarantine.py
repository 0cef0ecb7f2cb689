"""Records that Codex sends in a form that cannot be taken: kept with the record itself, until a sync takes them.

A run's own list (RefusedRecord) says what that run refused; here is what is refused *now*, and since when.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Any

from django.db import transaction
from msgspec import Struct

from knowledgetree.accounts.policy import Role
from knowledgetree.basics.batches import in_batches
from syncing.decisions import pauses
from syncing.kinds.desired import company_key, user_prefix
from syncing.kinds.records import valid
from syncing.models import QuarantinedRecord, SyncRun
from syncing.refusals import Refused

ROWS_A_STATEMENT = 500
KEPT_RAW = 1_000  # records of a run; of further ones the reason must do
KEPT_CHARACTERS = 2_000  # of one text in a record
_KEPT_ROWS, _KEPT_DEPTH = 50, 6
_LOOKED = (SyncRun.Status.COMPLETE, SyncRun.Status.PARTIAL, SyncRun.Status.NEEDS_APPROVAL)
_SECRET = re.compile(
    r"pass(word|wd|phrase|code)?|secret|token|credential|private|api_?key|recovery|bitlocker|_pin$", re.I
)
_BODIES = frozenset({"description", "description_text", "body", "body_text", "conversations", "notes", "subject"})
_SEES_ALL = frozenset({Role.ADMIN})
_SEES_BODIES = frozenset({Role.ADMIN, Role.TECHNICIAN})
_FIELD = re.compile(r"“([^”]+)” (?:must|is missing)")  # as knowledgetree.basics.mismatches says it
_LISTS = {"Company": "companies", "Contact": "contacts", "Asset": "assets"}
_LIST_OF = {"Contact": "contacts", "Asset": "assets", "Ticket": "tickets"}  # a whole list has its own name as kind


class Line(Struct):
    """One field of a raw record as a page shows it. ``is_wrong``: the one for which the record was refused."""

    name: str
    text: str
    is_masked: bool
    is_wrong: bool


def remember(run: SyncRun, status: str, refused: Sequence[Refused]) -> None:
    """At the end of a run that has read Codex: what it refused is in quarantine, what it took no longer is."""
    if run.dry_run or run.approve or run.undoes_id or status not in _LOOKED:
        return
    found = {_identity(record): record for record in refused if not record.is_skipped}
    with transaction.atomic():
        here = {
            row.identity: row for row in QuarantinedRecord.objects.filter(command=run.command).defer("raw", "reason")
        }
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
            update_fields=["reason", "raw", "last_run"],
        )


def accounts_of(refused: Iterable[Any]) -> list[str]:
    """The companies of these refused records, for a run over them; empty when one belongs to none: then all."""
    accounts = {record.account or (record.codex_id if record.kind == "Company" else "") for record in refused}
    return [] if "" in accounts else sorted(accounts)


def node_key(record: QuarantinedRecord) -> str:
    """The key that the record's node has, if it was taken before; empty when its id could not be read."""
    if not record.codex_id:
        return ""
    if record.kind == "Company":
        return company_key(record.codex_id)
    if record.kind == "Contact":
        return user_prefix(record.account) + record.codex_id
    return f"{record.kind.lower()}:{record.codex_id}" if record.kind in ("Asset", "Ticket") else ""


def raw_lines(record: QuarantinedRecord, role: Role) -> list[Line]:
    """The record field by field. Secrets are for admins, the texts of tickets for those who read tickets."""
    raw = json.loads(record.raw) if record.raw else {}
    if not isinstance(raw, dict):
        return [Line("", str(raw) if role in _SEES_ALL else _masked(raw), role not in _SEES_ALL, True)]
    wrong = _wrong_field(record.reason).partition(".")[0].partition("[")[0]
    lines = []
    for name, value in raw.items():
        shown = _for_role(name, value, record.kind, role)
        text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
        lines.append(Line(valid(name), valid(text), shown != value, name == wrong))
    return sorted(lines, key=lambda line: not line.is_wrong)


def advice(record: QuarantinedRecord) -> str:
    """What to mend, and where: a sentence for the one who keeps Codex."""
    company = f"the company {record.account}" if record.account else "Codex"
    if "twice" in record.reason:
        return f"In Codex, remove one of the two records with this id from {company}, or give it an id of its own."
    field = _wrong_field(record.reason)
    if not field:
        return _advice_for_a_list(record, company)
    number = f" {record.codex_id}" if record.codex_id else ""
    what = f"“{field}” of the {record.kind.lower()}{number} of {company}"
    if record.reason.endswith(("but is empty.", "is missing.", "at least 1 character.")):
        return f"In Codex, fill {what}: it is empty and must not be."
    if record.reason.endswith("characters."):
        return f"In Codex, shorten {what}."
    wrong = "it is too large or too small" if " must be at " in record.reason else "it is of the wrong kind"
    return f"In Codex, correct {what}: {wrong}."


def _advice_for_a_list(record: QuarantinedRecord, company: str) -> str:
    if "Run `manage.py sync_codex`" in record.reason:
        return "Nothing in Codex: sync companies, contacts and assets first, then the tickets."
    if "surrogate" in record.reason:
        return f"In Codex, retype the text with the broken character in this {record.kind.lower()} of {company}."
    if record.raw or record.reason.startswith("It must be "):  # one entry of a list that was read
        return f"In Codex, correct this {record.kind.lower()} of {company}: see below why it was refused."
    what = record.kind if record.kind in _LIST_OF.values() else _LIST_OF.get(record.kind, "records")
    return f"Look at {company} in Codex: its list of {what} could not be read. Codex's own log says why."


def _wrong_field(reason: str) -> str:
    """The field that a refusal's reason begins with, ``notes[0].body`` for one within a list."""
    found = _FIELD.match(reason)
    return found[1] if found else ""


def _row(
    run: SyncRun, identity: str, record: Refused, before: QuarantinedRecord | None, number: int
) -> QuarantinedRecord:
    return QuarantinedRecord(
        command=run.command,
        identity=identity,
        kind=record.kind[:20],
        account=valid(record.account[:255]),
        codex_id=valid(record.codex_id[:255]),
        reason=valid(record.reason),
        raw=kept(record.raw) if record.raw is not None and number < KEPT_RAW else "",
        first_run_id=before.first_run_id if before else run.pk,
        last_run=run,
    )


def kept(raw: Any) -> str:
    """The record as JSON in ASCII, which any database takes; long texts and lists cut."""
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
    if _SECRET.search(name) or (kind == "Ticket" and name in _BODIES and role not in _SEES_BODIES):
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


def _identity(record: Refused) -> str:
    """The same for the same record in every run; of a record without an id, its reason tells it apart."""
    parts = (record.kind, record.account, record.codex_id or f"? {record.reason}")
    return blake2b("\0".join(parts).encode(errors="replace"), digest_size=20).hexdigest()


def _scope_of(run: SyncRun) -> Callable[[QuarantinedRecord], bool]:
    """Whether the run has looked at the record's list: of these companies and kinds, none of them paused."""
    paused = pauses.accounts()

    def was_looked_at(row: QuarantinedRecord) -> bool:
        account = row.codex_id if row.kind == "Company" else row.account
        is_asked_for = not run.companies or account in run.companies or row.account in run.companies
        is_of_kind = not run.kinds or _LISTS.get(row.kind, row.kind) in run.kinds
        return is_asked_for and is_of_kind and account not in paused

    return was_looked_at
