"""The quarantine: what is refused now, since when, with the record itself, each value for those who may see it."""

import json
from typing import Any

import pytest
from django.test import Client

from knowledgetree.accounts.rights.policy import Role
from syncing.decisions import quarantine
from syncing.models import QuarantinedRecord, RefusedRecord, SyncRun
from syncing.refusals import Fault
from syncing.sample_codex import faults
from syncing.sample_codex.faults import ALWAYS
from syncing.sample_codex.server import SampleCodex
from syncing.schedules.freshness import sync_state
from tests.people import client_of
from tests.syncing.conftest import Sync

pytestmark = pytest.mark.postgresql

BULK = "/api/companies/bulk"


@pytest.fixture
def spoiled(mirrored: SampleCodex) -> SampleCodex:
    """One asset without a host name, and with a password that nobody asked for."""

    def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for row in rows:
            for asset in row.get("assets", [])[:1]:
                if row["company"]["account_number"] == account_of(mirrored):
                    asset |= {"hostname": None, "admin_password": "hunter2", "operating_system": "System 9"}
        return rows

    mirrored.faults.add(faults.edit(spoil), BULK, times=ALWAYS)
    return mirrored


def account_of(codex: SampleCodex) -> str:
    return next(iter(codex.world.accounts))


def test_a_record_stays_until_it_is_taken_and_remembers_since_when(spoiled: SampleCodex, sync: Sync) -> None:
    first = sync("sync_codex")
    assert first.run.status == "partial"
    [record] = QuarantinedRecord.objects.all()
    assert (record.kind, record.account, record.first_run, record.last_run) == (
        *("Asset", account_of(spoiled)),
        *(first.run, first.run),
    )
    assert json.loads(record.raw)["operating_system"] == "System 9"
    second = sync("sync_codex")
    [again] = QuarantinedRecord.objects.all()
    assert (again.since, again.first_run, again.last_run) == (record.since, first.run, second.run)
    assert sync("sync_codex", "--dry-run").run.tone == "partial"
    assert sync("sync_tickets").code == 0
    assert QuarantinedRecord.objects.count() == 1
    spoiled.faults.clear()
    other = list(spoiled.world.accounts)[1]
    assert sync("sync_codex", "--company", other).code == 0
    assert QuarantinedRecord.objects.count() == 1
    assert sync_state().state == "partial"
    assert sync("sync_codex", "--company", account_of(spoiled)).code == 0
    assert not QuarantinedRecord.objects.exists()
    assert sync_state().state == "fresh"


def test_a_failed_run_heals_nothing(spoiled: SampleCodex, sync: Sync) -> None:
    sync("sync_codex")
    spoiled.faults.clear()
    spoiled.faults.add(faults.status(500), "*", times=ALWAYS)
    assert sync("sync_codex").code == 1
    assert QuarantinedRecord.objects.count() == 1


def test_the_page_for_admins_and_technicians(spoiled: SampleCodex, sync: Sync) -> None:
    run = sync("sync_codex").run
    admin, technician = (client_of(who).get("/sync/quarantine/").content.decode() for who in ("admin", "technician"))
    for page in (admin, technician):
        assert "In Codex, fill “hostname” of the asset" in page
        assert "System 9" in page
        assert f"/sync/runs/{run.pk}/" in page
        assert "what the tree has" in page
    assert "hunter2" in admin
    assert "hunter2" not in technician
    assert "•••••• (7 characters)" in technician
    assert "Sync this company again" in admin
    assert "Sync this company again" not in technician


def test_an_empty_page_says_so_and_filters_work(db: None) -> None:
    client = client_of("technician")
    assert "Nothing in quarantine" in client.get("/sync/quarantine/").content.decode()
    for number, kind in enumerate(("Asset", "Ticket")):
        QuarantinedRecord.objects.create(
            command="sync_codex", identity=str(number), kind=kind, account="1001", codex_id=str(number), reason="x"
        )
    page = client.get("/sync/quarantine/?kind=Asset").content.decode()
    assert "Asset 0 of 1001" in page
    assert "Ticket 1 of 1001" not in page
    assert "Ticket 1 of 1001" in client.get("/sync/quarantine/?company=1001").content.decode()


TICKET = {
    "ticket_id": None,
    "subject": "Payroll",
    "description": "The body",
    "conversations": [{"body": "A mail", "from_email": "a@x.example"}],
    "api_key": "k-123",
    "custom": {"recovery_key": "r-456", "colour": "blue"},
}


@pytest.mark.parametrize(
    ("role", "seen", "hidden"),
    [
        (Role.ADMIN, ("Payroll", "The body", "A mail", "k-123", "r-456", "blue"), ()),
        (Role.TECHNICIAN, ("Payroll", "The body", "A mail", "blue"), ("k-123", "r-456")),
        (Role.BILLING, ("blue",), ("Payroll", "The body", "A mail", "k-123", "r-456")),
        (Role.NONE, ("blue",), ("Payroll", "The body", "A mail", "k-123", "r-456")),
    ],
)
def test_values_by_right(role: Role, seen: tuple[str, ...], hidden: tuple[str, ...]) -> None:
    record = QuarantinedRecord(
        kind="Ticket", raw=quarantine.kept(TICKET), fault=Fault.EMPTY, field="ticket_id", reason="x"
    )
    lines = quarantine.raw_lines(record, role)
    text = " ".join(line.text for line in lines)
    assert all(value in text for value in seen)
    assert not any(value in text for value in hidden)
    assert lines[0].name == "ticket_id"
    assert lines[0].is_wrong


@pytest.mark.parametrize("raw", ["a text", 7, [1, 2]])
def test_a_record_that_is_no_object_is_for_admins(raw: Any) -> None:
    record = QuarantinedRecord(kind="Asset", raw=quarantine.kept(raw), fault=Fault.NOT_AN_OBJECT, reason="x")
    assert [line.is_masked for line in quarantine.raw_lines(record, Role.TECHNICIAN)] == [True]
    assert [line.text for line in quarantine.raw_lines(record, Role.ADMIN)] == [str(raw)]


def test_long_deep_and_broken_records_are_kept_in_bounds() -> None:
    deep: Any = "end"
    for _ in range(10_000):
        deep = [deep]
    raw = {"text": "x" * 100_000, "list": list(range(1000)), "deep": deep, "half": "\ud800", "nul": "a\0b"}
    kept = quarantine.kept(raw)
    assert len(kept) < 10_000
    assert kept.isascii()
    assert "\0" not in kept
    record = QuarantinedRecord(kind="Asset", raw=kept, reason="x")
    assert {line.name for line in quarantine.raw_lines(record, Role.ADMIN)} == set(raw)


def refused(client: Client, *accounts: str, **fields: Any) -> tuple[SyncRun, str]:
    run = SyncRun.objects.create(command="sync_tickets", status="partial")
    for account in accounts:
        RefusedRecord.objects.create(run=run, kind="Ticket", account=account, codex_id="1", reason="x", **fields)
    return run, client.post(f"/sync/runs/{run.pk}/retry/").headers["Location"]


def test_the_failed_ones_are_tried_again(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = client_of("admin")
    _, address = refused(admin, "1002", "1001", "1002")
    run = SyncRun.objects.first()
    assert run is not None
    assert address == f"/sync/runs/{run.pk}/"
    assert (run.command, run.companies, run.status) == ("sync_tickets", ["1001", "1002"], "queued")
    SyncRun.objects.all().delete()
    refused(admin, "1001", "")
    assert SyncRun.objects.filter(status="queued").get().companies == []
    SyncRun.objects.all().delete()
    monkeypatch.setattr("syncing.decisions.record_retries.RETRY_AT_MOST", 1)
    refused(admin, "1001", "1002")
    assert SyncRun.objects.filter(status="queued").get().companies == []
    SyncRun.objects.all().delete()
    run, address = refused(admin, "1001", is_notice=True)
    assert address == f"/sync/runs/{run.pk}/"
    assert not SyncRun.objects.filter(status="queued").exists()


def test_a_mistyped_company_is_not_in_quarantine(mirrored: SampleCodex, sync: Sync) -> None:
    typo = sync("sync_codex", "--company", "nosuch")
    assert (typo.code, typo.counts) == (3, {"Company": {"skipped": 1}})
    assert "Is the account number right?" in typo.run.reason
    assert not QuarantinedRecord.objects.exists()
    assert sync_state().state == "fresh"
