"""After a test that commits, the SQL database is as a fresh one: the tests' own ``flush`` leaves out nothing."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command, get_commands
from django_q.models import Schedule

from syncing.models import RefusedRecord, SyncRun
from tests.people import person

pytestmark = pytest.mark.postgresql


def flush() -> None:
    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)


def test_what_tests_made_is_gone_and_what_they_changed_is_back(
    transactional_db: None, subtests: pytest.Subtests
) -> None:
    assert get_commands()["flush"] == "tests"
    flush()
    groups, rights = set(Group.objects.values_list("name", flat=True)), Permission.objects.count()
    assert groups
    assert rights

    with subtests.test("rows that depend on each other"):
        person("admin").groups.add(Group.objects.all()[0])
        run = SyncRun.objects.create()
        RefusedRecord.objects.create(run=run)
        flush()
        assert not User.objects.exists()
        assert not SyncRun.objects.exists()
        assert not RefusedRecord.objects.exists()

    with subtests.test("what a fresh database has"):
        Group.objects.all().delete()
        Permission.objects.filter(codename="add_user").delete()
        Schedule.objects.update(name="another")
        flush()
        assert set(Group.objects.values_list("name", flat=True)) == groups
        assert Permission.objects.count() == rights
        assert not Schedule.objects.filter(name="another").exists()
