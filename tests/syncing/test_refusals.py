"""Every fault: what the quarantine advises and marks, decided by fault and field; a sentence changes nothing."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from knowledgetree.accounts.rights.policy import Role
from knowledgetree.basics.mismatches import Misfit, Mismatch, mismatch_of
from syncing.decisions import quarantine
from syncing.kinds import ASSETS, COMPANIES, KINDS, TICKETS
from syncing.kinds.asset import Asset
from syncing.kinds.company import Company
from syncing.kinds.contact import Contact
from syncing.kinds.declaration import validation
from syncing.kinds.declaration.validation import typed
from syncing.kinds.location import Location
from syncing.kinds.ticket import Ticket
from syncing.models import QuarantinedRecord, SyncRun
from syncing.refusals import COMPANY, TICKET, Fault, Refused
from tree.exchange import archive, legacy_import

RECORDS = (Company, Contact, Location, Asset, Ticket)
OF_JSON: list[Any] = [None, True, 7, -1, 2**63, 10**400, 1.5, -1e301, 1e301, "", "x", "x" * 1_000_001, [], [7], {}]
OF_YAML: list[Any] = [b"x", date(2020, 1, 1), {1, 2}, {7: 1}, {"a": []}]
MESSAGES = [[{"body": 7}], [{}, {"from_email": "x" * 10_001}], [{}, None]]
COMPANY_ROW = {"account_number": "1001", "name": "Northwind"}
CONTACT_ROW = {"id": 7, "name": "Ann", "email": "ann@x.example"}
ASSET_ROW = {"id": 7, "hostname": "PC-1", "backup_data_bytes": 0}
TICKET_ROW = {"ticket_id": 7, "total_hours_spent": 0.5}


def mismatches(kind: type[Any], values: list[Any]) -> Iterator[tuple[str, Mismatch, str]]:
    """(name of the field that is spoiled, mismatch, what msgspec says) for each field with each value that is wrong."""
    sound = {field.encode_name: _sound(field.type) for field in msgspec.structs.fields(kind) if field.required}
    msgspec.convert(sound, kind)
    rows = [(field.encode_name, value) for field in msgspec.structs.fields(kind) for value in values]
    spoiled: list[tuple[str, Any]] = [(name, sound | {name: value}) for name, value in rows]
    spoiled += [(name, {other: sound[other] for other in sound if other != name}) for name in sound]
    spoiled += [("", value) for value in values if not isinstance(value, dict) or 7 in value] + [
        ("odd", sound | {"odd": 1})
    ]
    for name, row in spoiled:
        try:
            msgspec.convert(row, kind)
        except msgspec.ValidationError as error:
            yield name, mismatch_of(error), str(error)


def _sound(type_: Any) -> Any:
    candidates: tuple[Any, ...] = (1, "x", [], {})
    return next(value for value in candidates if _fits(value, type_))


def _fits(value: Any, type_: Any) -> bool:
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError:
        return False
    return True


def test_all_that_msgspec_says_of_codex_and_of_archives_is_understood() -> None:
    seen = set()
    for kind in (*RECORDS, archive.Manifest, archive.StoredNode, archive.StoredRevision, archive.StoredFile):
        values = OF_JSON + MESSAGES + ([] if kind in RECORDS else OF_YAML)
        for name, mismatch, message in mismatches(kind, values):
            assert mismatch.misfit is not Misfit.OTHER, message
            if not (mismatch.misfit in (Misfit.NOT_AN_OBJECT, Misfit.NAME_NOT_TEXT) and not mismatch.field):
                assert re.split(r"[.\[]", mismatch.field)[0] == name, message
            seen.add(mismatch.misfit)
    for _, mismatch, message in mismatches(legacy_import.LegacyEntry, OF_JSON):
        assert mismatch.misfit is not Misfit.OTHER, message
    assert seen == set(Misfit) - {Misfit.OTHER, Misfit.TOO_SHORT}  # the only least length of a text is one character


def test_each_misfit_is_a_fault_and_kinds_are_called_like_their_types() -> None:
    assert [Fault(misfit).value for misfit in Misfit] == list(Misfit)
    assert [kind.record for kind in KINDS] == list(RECORDS)
    assert (COMPANIES.name, TICKETS.name) == (COMPANY, TICKET)


OF_ROWS: list[tuple[type[Any], Any, Fault, str, str]] = [
    (Asset, {"hostname": None}, Fault.EMPTY, "hostname", "fill “hostname” of the asset 7 of the company 1001: it is"),
    (Asset, {"hostname": ...}, Fault.MISSING, "hostname", "fill “hostname” of the asset 7 of the company 1001"),
    (Company, {"account_number": ""}, Fault.EMPTY, "account_number", "fill “account_number” of the company of"),
    (Asset, {"hostname": "x" * 501}, Fault.TOO_LONG, "hostname", "In Codex, shorten “hostname” of the asset 7"),
    (
        Asset,
        {"hostname": ["x"]},
        Fault.WRONG_TYPE,
        "hostname",
        "correct “hostname” of the asset 7 of the company 1001",
    ),
    (Asset, {"backup_data_bytes": 2**63}, Fault.OUT_OF_RANGE, "backup_data_bytes", "it is too large or too small"),
    (Ticket, {"total_hours_spent": 10**400}, Fault.OUT_OF_RANGE, "total_hours_spent", "it is too large or too small"),
    (Ticket, {"notes": [{}, {"body": 7}]}, Fault.WRONG_TYPE, "notes[1].body", "“notes[1].body” of the ticket 7 of the"),
    (Contact, {"id": "seven"}, Fault.WRONG_TYPE, "id", "“id” of the contact seven of the company 1001: it is of the"),
    (Contact, {"name": "half \ud800"}, Fault.NOT_UNICODE, "", "retype the text with the broken character in this con"),
    (Contact, "Ann", Fault.NOT_AN_OBJECT, "", "correct this contact of the company 1001: see below why it was"),
    (Contact, None, Fault.NOT_AN_OBJECT, "", "correct this contact of the company 1001: see below why it was refused"),
]
SOUND: dict[type[Any], dict[str, Any]] = {
    Company: COMPANY_ROW,
    Contact: CONTACT_ROW,
    Asset: ASSET_ROW,
    Ticket: TICKET_ROW,
}


@pytest.mark.parametrize(("kind", "change", "fault", "field", "advised"), OF_ROWS)
def test_a_row_that_does_not_fit(
    db: None, kind: type[Any], change: Any, fault: Fault, field: str, advised: str
) -> None:
    [refused] = typed([_row(kind, change)], kind, "" if kind is Company else "1001")
    assert isinstance(refused, Refused)
    assert (refused.fault, refused.field) == (fault, field)
    [record] = remembered([refused])
    assert (record.fault, record.field, record.reason) == (fault, field, refused.reason)
    assert advised in quarantine.advice(record)
    wrong = [line.name for line in quarantine.raw_lines(record, Role.ADMIN) if line.is_wrong]
    is_shown = isinstance(change, dict) and ... not in change.values() and bool(field)
    assert wrong == ([re.split(r"[.\[]", field)[0]] if is_shown else [""] if isinstance(change, str) else [])


def _row(kind: type[Any], change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    return {name: value for name, value in (SOUND[kind] | change).items() if value is not ...}


OF_LISTS: dict[Fault, tuple[Refused, str]] = {
    refused.fault: (refused, advised)
    for refused, advised in (
        (
            Refused(ASSETS.name, "1001", "7", Fault.LISTED_TWICE, "A"),
            "In Codex, remove one of the two records with this id from the company 1001, or give it an id of its own.",
        ),
        (
            Refused("assets", "1001", "", Fault.LIST_UNREADABLE, "A"),
            "Look at the company 1001 in Codex: its list of assets could not be read. Codex's own log says why.",
        ),
        (
            Refused("tickets", "", "", Fault.LIST_MISSING, "A"),
            "Look at Codex: its list of tickets could not be read. Codex's own log says why.",
        ),
        (
            Refused(TICKET, "", "", Fault.COMPANIES_MISSING, "A"),
            "Look at Codex: its answer leaves out the tickets of some companies. Codex's own log says why.",
        ),
        *(
            (
                Refused(COMPANY, f"of {fault}", f"of {fault}", fault, "A"),
                "Nothing in Codex: sync companies, contacts, locations and assets first, then the tickets.",
            )
            for fault in (Fault.COMPANY_NOT_IN_TREE, Fault.COMPANY_ARCHIVED, Fault.FOLDER_NOT_IN_TREE)
        ),
    )
}
NOT_IN_QUARANTINE = {
    *(Fault.COMPANY_UNKNOWN, Fault.NO_COMPANY, Fault.COMPANY_PAUSED),
    *(Fault.NAME_TAKEN, Fault.CHANGED_SINCE, Fault.PLACE_GONE, Fault.TIED_TO_WHAT_STAYS),
}
NOT_OF_CODEX = {Fault.UNKNOWN_FIELD, Fault.NAME_NOT_TEXT, Fault.TOO_SHORT, Fault.OTHER}


@pytest.mark.parametrize("fault", OF_LISTS)
def test_a_list_or_company_that_waits(fault: Fault, db: None) -> None:
    refused, advised = OF_LISTS[fault]
    [record] = remembered([refused])
    assert quarantine.advice(record) == advised


def test_no_fault_is_forgotten_here() -> None:
    assert {row[2] for row in OF_ROWS} | set(OF_LISTS) == set(Fault) - NOT_IN_QUARANTINE - NOT_OF_CODEX


def test_rewording_all_messages_changes_no_advice_and_no_mark(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shown(remembered(everything()))
    assert len(before) == len(OF_ROWS) + len(OF_LISTS)
    monkeypatch.setattr(validation, "in_words", lambda mismatch: "“email” is missing twice: shorten it, characters.")
    for refused, _ in OF_LISTS.values():
        monkeypatch.setattr(refused, "reason", "“email” must be otherwise. Half of a surrogate pair.")
    after = remembered(everything())
    assert len({record.reason for record in after}) == 3  # and that of texts which are no Unicode
    assert shown(after) == before  # the same rows, too: they are recognised without their sentence


def everything() -> list[Refused]:
    of_rows = [
        refused
        for number, (kind, change, *_) in enumerate(OF_ROWS)
        for refused in typed([_row(kind, change)], kind, f"200{number}")
    ]
    assert all(isinstance(refused, Refused) for refused in of_rows)
    return [refused for refused in of_rows if isinstance(refused, Refused)] + [r for r, _ in OF_LISTS.values()]


def shown(rows: list[QuarantinedRecord]) -> dict[int, tuple[str, list[str]]]:
    return {
        row.pk: (
            quarantine.advice(row),
            [line.name for line in quarantine.raw_lines(row, Role.ADMIN) if line.is_wrong],
        )
        for row in rows
    }


def remembered(refused: list[Refused]) -> list[QuarantinedRecord]:
    """The quarantine after a full run that has refused these."""
    run = SyncRun.objects.create(command="sync_codex", status="partial")
    quarantine.remember(run, "partial", refused)
    return list(QuarantinedRecord.objects.order_by("pk"))


def nameless(**changes: Any) -> Refused:
    [refused] = typed([ASSET_ROW | {"id": None} | changes], Asset, "1001")
    assert isinstance(refused, Refused)
    return refused


def test_records_without_an_id_are_counted_and_recognised_in_the_next_run(db: None) -> None:
    first = remembered([nameless(hostname="A"), nameless(hostname="B"), nameless(hostname="C")])
    assert len(first) == 3
    again = remembered([nameless(hostname="A", last_seen="later"), nameless(hostname="C")])
    assert [(row.pk, row.since) for row in again] == [(row.pk, row.since) for row in first[:2]]
    assert ['"C"' in row.raw for row in again] == [False, True]


def test_a_row_of_an_older_version_keeps_its_time_and_learns_its_fault(db: None) -> None:
    long_ago = timezone.now() - timedelta(days=9)
    old = {"command": "sync_codex", "account": "1001", "reason": "“hostname” is missing.", "since": long_ago}
    QuarantinedRecord.objects.create(kind=ASSETS.name, identity="made of the sentence", raw='{"id": null}', **old)
    QuarantinedRecord.objects.create(kind="contacts", identity="of another sentence", **old)
    [record, of_list] = QuarantinedRecord.objects.order_by("pk")
    assert (
        quarantine.advice(record) == "In Codex, correct this asset of the company 1001: see below why it was refused."
    )
    assert not any(line.is_wrong for line in quarantine.raw_lines(record, Role.ADMIN))
    assert "its list of contacts could not be read" in quarantine.advice(of_list)
    unreadable = Refused("contacts", "1001", "", Fault.LIST_UNREADABLE, "Codex answers 500.")
    assert [(row.pk, row.since, row.fault) for row in remembered([nameless(), unreadable])] == [
        (record.pk, long_ago, "empty"),
        (of_list.pk, long_ago, "list_unreadable"),
    ]
    assert remembered([]) == []


def test_all_rows_of_an_older_version_of_one_company_keep_their_times(db: None) -> None:
    times = [timezone.now() - timedelta(days=days) for days in (9, 5)]
    old = {"command": "sync_codex", "kind": ASSETS.name, "account": "1001", "reason": "An older sentence."}
    for number, since in enumerate(times):
        QuarantinedRecord.objects.create(identity=f"of sentence {number}", since=since, **old)
    now = remembered([nameless(hostname=None, id=None), nameless(hostname=7, id=None)])
    assert [row.since for row in now] == times
