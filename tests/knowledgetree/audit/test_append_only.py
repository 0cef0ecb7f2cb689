"""Nobody changes or deletes an entry: neither the model nor the database lets them, but for retention."""

from datetime import timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from knowledgetree.audit import log, retention
from knowledgetree.audit.actions import Action
from knowledgetree.audit.models import AppendOnly, Entry
from syncing import jobs

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture(autouse=True)
def _as_installed() -> None:
    """With the trigger that the tests' own ``flush`` takes away."""
    make = import_module("knowledgetree.audit.migrations.0002_append_only").make_triggers
    with connection.schema_editor(atomic=False) if connection.vendor == "postgresql" else _Plain() as editor:
        make(None, editor)


class _Plain:
    """SQLite's schema editor wants to begin a transaction of its own."""

    connection = connection

    def __enter__(self) -> "_Plain":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)


def entry(days: float = 0.0) -> Entry:
    made = Entry(action=Action.SIGNED_IN, who="tess", way="page", at=timezone.now() - timedelta(days=days))
    made.save()
    return made


def refused(statement: str) -> str:
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(error.value)


def test_the_model_refuses() -> None:
    made = entry()
    with pytest.raises(AppendOnly):
        made.save()
    with pytest.raises(AppendOnly):
        made.delete()
    for rows in (Entry.objects.all(), Entry.objects.filter(pk=made.pk)):
        with pytest.raises(AppendOnly):
            rows.delete()
        with pytest.raises(AppendOnly):
            rows.update(who="somebody else")
        with pytest.raises(AppendOnly):
            rows.bulk_update([made], ["who"])
    assert Entry.objects.get().who == "tess"


def test_the_database_refuses() -> None:
    entry()
    entry(days=29.9)
    assert "cannot be changed" in refused("UPDATE audit_entry SET who = 'somebody else'")
    assert "30 days" in refused("DELETE FROM audit_entry")
    assert Entry.objects.filter(who="tess").count() == 2


def test_entries_are_found_by_each_of_their_nodes() -> None:
    for nodes in (["a"], ["b", 'a"'], ["ab", "a"], []):
        Entry(action=Action.HANDED_OUT, way="token", nodes=nodes).save()
    assert [row.nodes for row in Entry.objects.about_node("a")] == [["ab", "a"], ["a"]]
    assert [row.nodes for row in Entry.objects.about_node('a"')] == [["b", 'a"']]


def test_retention_deletes_what_is_old(settings: object) -> None:
    kept, _, _ = entry(days=399), entry(days=401), entry(days=500)
    out = StringIO()
    call_command("drop_old_audit", "--dry-run", stdout=out)
    call_command("drop_old_audit", stdout=out)
    assert out.getvalue() == "2 entries would go.\n2 entries are gone.\n"
    assert list(Entry.objects.all()) == [kept]
    with pytest.raises(CommandError, match="30 days at least"):
        call_command("drop_old_audit", "--days", "3")


def test_the_job_of_every_minute_deletes_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROWS_A_BATCH", 2)
    for days in (401, 402, 403):
        entry(days=days)
    jobs.minute()
    assert Entry.objects.filter(at__lt=timezone.now() - timedelta(days=400)).count() == 1


@pytest.mark.parametrize("nodes", [1, log.NODES_AN_ENTRY + 1])
def test_a_failure_to_write_is_told_and_disturbs_nothing(nodes: int, caplog: pytest.LogCaptureFixture) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry RENAME TO elsewhere")
    with transaction.atomic():
        Group.objects.create(name="before")
        log.record(Action.TRASHED, nodes=[f"node-{number}" for number in range(nodes)], detail="VPN")
        Group.objects.create(name="after")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE elsewhere RENAME TO audit_entry")
    lines = [record.getMessage() for record in caplog.records if record.name == log.__name__]
    assert lines[0].startswith("Not written to the audit log")
    assert '"node-0"' in lines[0]
    assert Group.objects.filter(name__in=("before", "after")).count() == 2
    assert Entry.objects.count() == 0
