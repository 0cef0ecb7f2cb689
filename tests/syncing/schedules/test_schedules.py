"""When schedules are due, what they start, and their pages."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_q.signing import SignedPackage
from pytest_django import Settings

from syncing import jobs
from syncing.models import SyncRun, SyncSchedule
from syncing.runs import lifecycle
from syncing.schedules import due
from syncing.schedules.cadence import cron_problem, is_in_window, next_due
from tests.people import client_of, person

pytestmark = pytest.mark.postgresql

NOON = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)  # a Monday


def rule(kind: str = "interval", **fields: Any) -> SyncSchedule:
    return SyncSchedule(command="sync_codex", kind=kind, **fields)


def saved(command: str = "sync_codex", kind: str = "interval", **fields: Any) -> SyncSchedule:
    """A schedule as a page would have left it, due at once unless told otherwise."""
    if kind == "interval":
        fields.setdefault("every_minutes", 60)
    row = next(row for row in due.all_schedules() if row.command == command)
    for name, value in (fields | {"kind": kind}).items():
        setattr(row, name, value)
    due.save(row, None)
    return SyncSchedule.objects.get(pk=row.pk)


def ended(command: str = "sync_codex", status: str = "complete", ago: timedelta = timedelta(), **f: Any) -> SyncRun:
    at = timezone.now() - ago
    return SyncRun.objects.create(command=command, status=status, started_at=at, finished_at=at, **f)


def times(schedule: SyncSchedule, after: datetime, count: int) -> list[str]:
    found = []
    moment: datetime | None = after
    for _ in range(count):
        assert moment is not None
        moment = next_due(schedule, moment)
        assert moment is not None
        found.append(f"{timezone.localtime(moment):%a %H:%M}")
    return found


CADENCES: list[tuple[SyncSchedule, list[str]]] = [
    (rule(every_minutes=360), ["Mon 18:00", "Tue 00:00", "Tue 06:00"]),
    (rule(every_minutes=360, window_from=time(8), window_to=time(17)), ["Tue 08:00", "Tue 14:00", "Wed 08:00"]),
    (rule(every_minutes=120, window_from=time(22), window_to=time(3)), ["Mon 22:00", "Tue 00:00", "Tue 02:00"]),
    (rule("cron", cron="15 */6 * * *"), ["Mon 12:15", "Mon 18:15", "Tue 00:15"]),
    (rule("cron", cron="0 * * * *", window_from=time(13), window_to=time(15)), ["Mon 13:00", "Mon 14:00", "Tue 13:00"]),
    (rule("cron", cron="30 2 * * sat"), ["Sat 02:30", "Sat 02:30", "Sat 02:30"]),
]


@pytest.mark.parametrize(("schedule", "expected"), CADENCES, ids=[due.described(s) for s, _ in CADENCES])
def test_starts(schedule: SyncSchedule, expected: list[str]) -> None:
    assert times(schedule, NOON, 3) == expected


SPRING, AUTUMN = datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)
NIGHTS: list[tuple[str, datetime, list[str]]] = [
    ("30 2 * * *", SPRING, ["03-29 03:00+0200", "03-30 02:30+0200", "03-31 02:30+0200"]),
    ("30 2 * * *", AUTUMN, ["10-25 02:30+0200", "10-26 02:30+0100", "10-27 02:30+0100"]),
    ("0 */2 * * *", AUTUMN, ["10-25 00:00+0200", "10-25 02:00+0200", "10-25 04:00+0100"]),
    ("0 2,3 * * *", SPRING, ["03-29 03:00+0200", "03-30 02:00+0200", "03-30 03:00+0200"]),
    ("0 * * * *", AUTUMN + timedelta(hours=3), ["10-25 02:00+0200", "10-25 02:00+0100", "10-25 03:00+0100"]),
    ("@daily", AUTUMN, ["10-25 00:00+0200", "10-26 00:00+0100", "10-27 00:00+0100"]),
]


@pytest.mark.parametrize(("cron", "after", "expected"), NIGHTS)
def test_the_night_of_the_clock_change_has_one_start(
    cron: str, after: datetime, expected: list[str], settings: Settings
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    found, moment = [], after
    for _ in expected:
        due_at = next_due(rule("cron", cron=cron), moment)
        assert due_at is not None
        assert due_at > moment
        moment = due_at
        found.append(f"{timezone.localtime(moment):%m-%d %H:%M%z}")
    assert found == expected


def test_a_cron_expression_is_not_refused_because_an_hour_comes_twice(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    monkeypatch.setattr(timezone, "now", lambda: AUTUMN)
    assert cron_problem("*/15 * * * *") == ""


@pytest.mark.django_db
@pytest.mark.parametrize("night", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)], ids=str)
def test_a_nightly_schedule_starts_once_in_that_night(
    night: datetime, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    minute = night - timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: minute)
    saved(kind="cron", cron="30 2 * * *")
    while minute < night + timedelta(hours=6):
        for run in due.start_due(minute):
            SyncRun.objects.filter(pk=run.pk).update(status="complete", finished_at=minute)
        minute += timedelta(minutes=10)
    assert SyncRun.objects.count() == 1


@pytest.mark.parametrize("schedule", [rule("off"), rule("after"), rule("cron", cron="0 0 31 2 *")], ids=repr)
def test_no_start_of_its_own(schedule: SyncSchedule) -> None:
    assert next_due(schedule, NOON) is None


def test_windows_and_cron_keep_the_local_time_when_clocks_change() -> None:
    with timezone.override(ZoneInfo("Europe/Berlin")):
        before = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))
        assert times(rule("cron", cron="15 6 * * *"), before, 3) == ["Sun 06:15", "Mon 06:15", "Tue 06:15"]
        window = rule(every_minutes=720, window_from=time(8), window_to=time(9))
        assert times(window, before, 3) == ["Sun 08:00", "Mon 08:00", "Tue 08:00"]


def test_the_end_of_a_window_is_outside() -> None:
    window = rule(every_minutes=60, window_from=time(8), window_to=time(12))
    assert not is_in_window(window, NOON)
    assert is_in_window(window, NOON - timedelta(minutes=1))


WRONG = [
    "",
    "x",
    "* * * *",
    "61 * * * *",
    "* * * * * *",
    "0 0 31 2 *",
    "R * * * *",
    "H 1 * * *",
    "0 0 * * 8",
    "*/0 * * * *",
]


@pytest.mark.parametrize("expression", [*WRONG, "* * * * *", "*/4 * * * *", "0 0 1 1 * 2026", "1;rm * * * *", "²" * 90])
def test_bad_cron_expressions_are_refused_beside_the_field(expression: str, db: None) -> None:
    form = {"kind": "cron", "cron": expression}
    answer = client_of("admin").post("/sync/schedules/sync_codex/", form)
    assert answer.status_code == 422
    assert 'id="error-cron"' in answer.content.decode()
    assert due.schedule_of("sync_codex").kind == "off"


@pytest.mark.parametrize("expression", ["15 */6 * * *", "@daily", "0 8-18/2 * * mon-fri", "0 0 L * *", "*/5 * * * *"])
def test_good_cron_expressions(expression: str) -> None:
    assert cron_problem(expression) == ""


FORMS: list[tuple[dict[str, str], str]] = [
    ({"kind": "interval", "every": "4", "unit": "minutes"}, "From 5 minutes to 31 days."),
    ({"kind": "interval", "every": "32", "unit": "days"}, "From 5 minutes to 31 days."),
    ({"kind": "interval", "every": "", "unit": "hours"}, "Say how often."),
    ({"kind": "interval", "every": "99999999999999999999", "unit": "hours"}, "less than or equal"),
    ({"kind": "interval", "every": "2", "unit": "hours", "window_from": "08:00"}, "A window needs both times"),
    ({"kind": "interval", "every": "2", "unit": "hours", "window_from": "8", "window_to": "9"}, "Enter a valid time"),
    ({"kind": "cron", "cron": "0 3 * * *", "window_from": "08:00", "window_to": "18:00"}, "never starts within"),
    ({"kind": "interval", "every": "2", "unit": "hours", "window_from": "08:00", "window_to": "08:00"}, "is empty"),
    ({"kind": "after"}, "Select a valid choice"),
    ({"kind": "rm -rf"}, "Select a valid choice"),
    ({}, "This field is required"),
]


@pytest.mark.parametrize(("form", "problem"), FORMS, ids=[str(form) for form, _ in FORMS])
def test_a_wrong_form_says_why_and_changes_nothing(form: dict[str, str], problem: str, db: None) -> None:
    answer = client_of("admin").post("/sync/schedules/sync_codex/", form)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert due.schedule_of("sync_codex").kind == "off"


def test_a_schedule_is_set_paused_and_resumed_in_the_pages(db: None) -> None:
    admin = client_of("admin")
    form = {"kind": "interval", "every": "6", "unit": "hours", "window_from": "06:00", "window_to": "22:00"}
    page = admin.post("/sync/schedules/sync_codex/", form, follow=True).content.decode()
    assert "Every 6 hours, from 06:00 until 22:00" in page
    row = SyncSchedule.objects.get(command="sync_codex")
    assert (row.kind, row.every_minutes, row.changed_by and row.changed_by.username) == ("interval", 360, "admin")
    assert row.due_at is not None
    assert 'value="06:00"' in admin.get("/sync/schedules/sync_codex/").content.decode()
    paused = admin.post("/sync/schedules/sync_codex/pause/", {"paused": "1"}, follow=True).content.decode()
    assert "paused" in paused
    SyncSchedule.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert due.start_due() == []
    admin.post("/sync/schedules/sync_codex/pause/", {"paused": "0"})
    assert not SyncSchedule.objects.get(command="sync_codex").is_paused


def test_technicians_see_schedules_and_change_none(db: None) -> None:
    technician = client_of("technician")
    page = technician.get("/sync/schedules/").content.decode()
    assert "Nothing runs by itself here." in page
    assert "<button" not in page.split("<main")[1].split("</main>")[0]
    assert technician.post("/sync/schedules/recommended/").status_code == 403
    assert client_of("admin").get("/sync/schedules/rm/").status_code == 404


def test_the_recommended_schedules_are_made_once_and_change_none_that_is_there(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("install_schedules")
    assert "sync_codex: every 6 hours (new)" in capsys.readouterr().out
    first = list(SyncSchedule.objects.values_list("command", "kind", "every_minutes", "due_at"))
    call_command("install_schedules")
    assert "sync_codex: every 6 hours (kept as it is)" in capsys.readouterr().out
    assert list(SyncSchedule.objects.values_list("command", "kind", "every_minutes", "due_at")) == first
    assert [(command, kind) for command, kind, *_ in first] == [("sync_codex", "interval"), ("sync_tickets", "after")]
    assert Schedule.objects.filter(func="syncing.jobs.minute").count() == 1
    saved(every_minutes=30)
    assert due.install_recommended() == []
    assert SyncSchedule.objects.get(command="sync_codex").every_minutes == 30


def test_the_tick_is_one_row_of_django_q_and_is_mended(db: None) -> None:
    due.install_minute()
    Schedule.objects.filter(name=due.MINUTE).update(func="os.system", args="'rm'", next_run=timezone.now())
    due.install_minute()
    row = Schedule.objects.get(name=due.MINUTE)
    assert (row.func, row.args) == ("syncing.jobs.minute", None)


def test_the_tick_reaches_the_queue_by_django_q(transactional_db: None, settings: Any) -> None:
    due.install_minute()
    Schedule.objects.update(next_run=timezone.now() - timedelta(seconds=1))
    scheduler()
    job = SignedPackage.loads(OrmQ.objects.get().payload)
    assert (job["func"], job["group"], job["cached"]) == ("syncing.jobs.minute", "minute", 1)


def test_a_due_schedule_starts_one_run_and_is_due_again_a_period_later(transactional_db: None) -> None:
    row = saved()
    assert row.due_at is not None
    assert row.due_at <= timezone.now(), "it never ran, so it is due at once"
    [run] = due.start_due()
    assert (run.command, run.trigger, run.status) == ("sync_codex", "schedule", "queued")
    assert due.start_due() == []
    row.refresh_from_db()
    assert row.last_run == run
    assert not row.has_joined
    assert timedelta(minutes=59) < row.due_at - timezone.now() <= timedelta(minutes=60)


def test_missed_starts_do_not_pile_up(transactional_db: None) -> None:
    row = saved()
    SyncSchedule.objects.update(due_at=timezone.now() - timedelta(days=3))
    assert len(due.start_due()) == 1
    row.refresh_from_db()
    assert row.due_at is not None
    assert row.due_at > timezone.now()


def test_a_new_rule_counts_from_the_last_full_run(db: None) -> None:
    ended(ago=timedelta(minutes=40))
    ended(ago=timedelta(minutes=1), companies=["1001"])
    due = saved().due_at
    assert due is not None
    assert timedelta(minutes=19) < due - timezone.now() < timedelta(minutes=21)


def test_a_schedule_joins_the_run_of_a_button(transactional_db: None) -> None:
    asked = lifecycle.enqueue("sync_codex", user=person("billing"))
    saved()
    assert due.start_due() == [asked]
    row = SyncSchedule.objects.get(command="sync_codex")
    assert row.has_joined
    assert "joined: billing&#x27;s button had started it" in client_of("admin").get("/sync/schedules/").content.decode()
    assert SyncRun.objects.count() == 1


def test_who_is_killed_after_claiming_is_followed_a_minute_later(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException): ...

    def killed(*_: object, **__: object) -> None:
        raise Killed

    row = saved()
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(lifecycle, "ask", killed)
        due.start_due()
    row.refresh_from_db()
    assert row.due_at is not None
    assert timezone.now() < row.due_at < timezone.now() + timedelta(minutes=1, seconds=1)
    assert len(due.start_due(timezone.now() + timedelta(minutes=2))) == 1


@pytest.mark.parametrize("command", ["sync_codex", "sync_tickets"])
def test_what_another_process_has_started_meanwhile_is_not_started_again(
    command: str, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two see the same schedule due, and the run of the one is over before the other comes to claim it."""
    saved()
    if command == "sync_tickets":
        saved("sync_tickets", "after")
        _finish(due.start_due())
    look = due.all_schedules
    seen: list[SyncRun] = []

    def overtaken() -> list[SyncSchedule]:
        rows = look()
        monkeypatch.setattr(due, "all_schedules", look)
        seen.extend(due.start_due())
        _finish(seen)
        return rows

    monkeypatch.setattr(due, "all_schedules", overtaken)
    assert due.start_due() == []
    assert [run.command for run in seen] == [command]
    assert SyncRun.objects.filter(command=command).count() == 1


def _finish(started: list[SyncRun]) -> None:
    ids = [run.pk for run in started]
    SyncRun.objects.filter(pk__in=ids).update(status="complete", finished_at=timezone.now())


def test_tickets_follow_each_scheduled_run_of_the_companies_once(transactional_db: None) -> None:
    saved("sync_tickets", "after")
    saved()
    [companies] = due.start_due()
    assert companies.command == "sync_codex"
    SyncRun.objects.filter(pk=companies.pk).update(status="failed", finished_at=timezone.now())
    [tickets] = due.start_due()
    assert tickets.command == "sync_tickets"
    SyncRun.objects.filter(pk=tickets.pk).update(status="complete", finished_at=timezone.now())
    assert due.start_due() == []
    ended()  # by hand: nothing follows
    assert due.start_due() == []


def test_tickets_follow_as_soon_as_the_job_is_done(mirrored: object, transactional_db: None) -> None:
    saved("sync_tickets", "after")
    saved()
    SyncSchedule.objects.filter(command="sync_codex").update(due_at=timezone.now())
    [companies] = due.start_due()
    jobs.run_sync(companies.pk)
    assert SyncRun.objects.filter(command="sync_tickets", trigger="schedule", status="queued").count() == 1


def test_tickets_that_follow_companies_without_a_schedule_never_run(db: None) -> None:
    saved("sync_tickets", "after")
    page = client_of("admin").get("/sync/schedules/").content.decode()
    assert "never: the companies have no schedule that runs" in page
