"""A sync that does not happen is loud: in the pages, for machines, and to whom the settings name."""

import io
import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from django_q.conf import Conf

from syncing.models import SyncSchedule, SyncWorker
from syncing.runs import workers
from syncing.schedules import alarms, due
from tests.isolation import free_ports
from tests.people import client_of
from tests.services.mail_server import MailServer, mail_server
from tests.syncing.schedules.test_schedules import ended, saved

SECRET = "/hook-with-a-secret"


def alive(cluster: str = "sync", seconds_ago: float = 0) -> None:
    SyncWorker.objects.create(
        host="h",
        pid=SyncWorker.objects.count(),
        cluster=cluster,
        beat_at=timezone.now() - timedelta(seconds=seconds_ago),
    )


@pytest.fixture
def both_workers(db: None) -> None:
    alive()
    alive(workers.jobs_cluster())


def overdue(command: str = "sync_codex", **fields: Any) -> SyncSchedule:
    """Every hour, expected for a day, last well three hours ago."""
    ended(command, ago=timedelta(hours=3))
    row = saved(command, **fields)
    SyncSchedule.objects.filter(pk=row.pk).update(since=timezone.now() - timedelta(days=1))
    return row


def what_is_loud() -> list[str]:
    return [one.what for one in alarms.loud()]


@pytest.fixture(autouse=True)
def nothing_shown_before() -> None:
    """Pages show the alarms of some seconds ago, which a test before may have left."""
    cache.clear()


def test_no_worker_is_a_red_banner_with_the_command_that_starts_it(db: None) -> None:
    technician = client_of("technician")
    for address in ("/sync/", "/sync/pill/", "/sync/schedules/"):
        page = technician.get(address).content.decode()
        assert "No sync worker is running" in page
        assert "Q_CLUSTER_NAME=sync .venv/bin/python manage.py qcluster" in page
    assert 'hx-swap-oob="true"' in technician.get("/sync/pill/").content.decode()
    alive()
    cache.clear()  # as some seconds later
    assert "No sync worker is running" not in technician.get("/sync/pill/").content.decode()


def test_pages_look_alarms_up_once_in_some_seconds(db: None, django_assert_num_queries: Any) -> None:
    [shown] = alarms.shown()
    with django_assert_num_queries(0):
        assert alarms.shown() == [shown]
    assert shown == alarms.loud()[0]


def test_billing_is_not_told_of_commands(db: None) -> None:
    assert "qcluster" not in client_of("billing").get("/sync/pill/").content.decode()


@pytest.mark.parametrize(("seconds", "is_missing"), [(0, False), (13, False), (17, True)])
def test_a_worker_is_missing_after_three_beats(seconds: int, is_missing: bool, db: None) -> None:
    alive(seconds_ago=seconds)
    assert (what_is_loud() == ["worker"]) is is_missing


def test_a_worker_of_the_other_cluster_does_not_count(db: None) -> None:
    alive(workers.jobs_cluster())
    assert what_is_loud() == ["worker"]


def test_schedules_need_the_worker_of_the_short_jobs(db: None) -> None:
    alive()
    saved()
    assert what_is_loud() == ["jobs"]
    page = client_of("technician").get("/sync/schedules/").content.decode()
    assert (
        "The worker that starts scheduled syncs is not running: <code>.venv/bin/python manage.py qcluster</code>"
        in page
    )


def test_a_process_that_beats_has_one_row(db: None) -> None:
    for _ in range(2):
        workers.beat_once()
    assert SyncWorker.objects.get().cluster == Conf.CLUSTER_NAME


def test_a_sync_is_overdue_after_two_periods(both_workers: None) -> None:
    row = overdue()
    [one] = alarms.loud()
    assert one.what == "overdue"
    assert "Companies, contacts, locations, assets: no sync has succeeded for 3\xa0hours" in one.text
    assert one.text in client_of("admin").get("/sync/").content.decode()
    ended(ago=timedelta(hours=1, minutes=50), status="partial")
    assert what_is_loud() == []
    ended(status="failed")
    assert due.missed(row, timezone.now() + timedelta(minutes=9)) is None
    SyncSchedule.objects.filter(pk=row.pk).update(since=timezone.now() - timedelta(days=1))
    row.refresh_from_db()
    assert due.missed(row, timezone.now() + timedelta(minutes=11)) is not None


def test_a_schedule_that_never_ran_is_overdue_two_periods_after_it_was_made(both_workers: None) -> None:
    row = saved()
    assert due.missed(row, timezone.now() + timedelta(minutes=119)) is None
    assert due.missed(row, timezone.now() + timedelta(minutes=121)) == row.since


def test_what_is_paused_off_or_under_way_is_not_overdue(both_workers: None) -> None:
    from syncing.models import SyncRun

    row = overdue()
    SyncSchedule.objects.update(is_paused=True)
    assert what_is_loud() == []
    SyncSchedule.objects.update(is_paused=False)
    assert what_is_loud() == ["overdue"]
    run = SyncRun.objects.create(command=row.command, status="running", heartbeat_at=timezone.now())
    assert what_is_loud() == []
    SyncRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    assert what_is_loud() == ["overdue"], "a dead run is none"


def test_tickets_that_follow_have_the_companies_period(both_workers: None) -> None:
    saved()
    overdue("sync_tickets", kind="after")
    ended("sync_codex")
    assert what_is_loud() == ["overdue"]
    assert "Tickets" in alarms.loud()[0].text


def test_monitoring_learns_it_by_exit_code_and_by_health(
    both_workers: None, graph: object, capsys: pytest.CaptureFixture[str]
) -> None:
    ended()
    with pytest.raises(SystemExit) as fine:
        call_command("check_syncs")
    assert fine.value.code == 0
    assert client_of("anonymous").get("/health/ready").json()["syncs"] == {"status": "fine", "wrong": [], "words": []}
    ended("sync_tickets", ago=timedelta(days=3))
    overdue("sync_tickets")
    err, out = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit) as wrong:
        call_command("check_syncs", stderr=err)
    assert wrong.value.code == 1
    assert len(err.getvalue().strip().splitlines()) == 1
    with pytest.raises(SystemExit):
        call_command("check_syncs", "--json", stdout=out)
    assert [one["what"] for one in json.loads(out.getvalue())["wrong"]] == ["overdue"]
    answer = client_of("anonymous").get("/health/ready")
    assert answer.status_code == 200, "pages are served all the same"
    assert answer.json()["status"] == "degraded"
    assert answer.json()["syncs"]["wrong"] == ["overdue"]
    assert answer.json()["syncs"]["words"] == [err.getvalue().strip()]


class Listener(HTTPServer):
    """Keeps what it is asked; answers ``status``."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[tuple[str, str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}{SECRET}"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        server = self.server
        assert isinstance(server, Listener)
        server.asked.append((self.command, self.path, body))
        self.send_response(server.status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_webhook_and_the_mail_are_sent_once_and_once_more_when_it_is_well_again(
    both_workers: None, listener: Listener, settings: Any
) -> None:
    settings.ALARM_WEBHOOK_URL, settings.ALARM_EMAILS = listener.url, ["ops@msp.example"]
    overdue()
    for _ in range(3):
        alarms.watch()
    [(method, path, body)] = listener.asked
    assert (method, path) == ("POST", SECRET)
    assert json.loads(body)["event"] == "sync_overdue"
    assert "no sync has succeeded" in json.loads(body)["text"]
    assert [(m.to, "no sync has succeeded" in m.body) for m in mail.outbox] == [(["ops@msp.example"], True)]
    ended()
    for _ in range(3):
        alarms.watch()
    assert [json.loads(body)["event"] for _, _, body in listener.asked] == ["sync_overdue", "sync_recovered"]
    assert len(mail.outbox) == 2


def deafen(cluster: str) -> None:
    long_ago = timezone.now() - timedelta(minutes=3)
    SyncWorker.objects.filter(cluster=cluster).update(started_at=long_ago, proved_at=long_ago)


@pytest.mark.parametrize(("cluster", "what"), [("sync", "worker"), (workers.jobs_cluster(), "jobs")])
def test_a_deaf_worker_is_loud_everywhere(
    cluster: str, what: str, both_workers: None, listener: Listener, settings: Any
) -> None:
    settings.ALARM_WEBHOOK_URL, settings.ALARM_EMAILS = listener.url, ["ops@msp.example"]
    deafen(cluster)
    text = alarms.loud()[0].text
    assert "is running but has done nothing for two minutes" in text
    technician = client_of("technician")
    assert text in technician.get("/sync/pill/").content.decode()
    health = technician.get("/health").json()
    assert (health["syncs"]["wrong"], health["syncs"]["words"]) == ([what], [text])
    for _ in range(2):
        with pytest.raises(SystemExit) as ended:
            call_command("check_syncs")  # no worker is needed to tell it
        assert ended.value.code == 1
    SyncWorker.objects.update(proved_at=timezone.now())
    for _ in range(2):
        alarms.watch()
    told = [json.loads(body) for _, _, body in listener.asked]
    assert [(one["event"], one["cluster"]) for one in told] == [
        ("worker_silent", cluster),
        ("worker_recovered", cluster),
    ]
    assert [text in message.body for message in mail.outbox] == [True, False]


def test_a_worker_that_is_gone_is_told_after_the_time_of_a_restart(
    both_workers: None, listener: Listener, settings: Any
) -> None:
    settings.ALARM_WEBHOOK_URL = listener.url
    gone = SyncWorker.objects.filter(cluster="sync")
    gone.update(beat_at=timezone.now() - timedelta(minutes=1))
    alarms.watch()
    assert listener.asked == []
    gone.update(beat_at=timezone.now() - timedelta(minutes=3))
    alarms.watch()
    assert [json.loads(body)["event"] for _, _, body in listener.asked] == ["worker_silent"]


@pytest.mark.parametrize("status", [500, 302, None])
def test_an_alarm_that_fails_is_tried_again_and_says_so_without_the_address(
    status: int | None, both_workers: None, listener: Listener, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ALARM_WEBHOOK_URL = listener.url
    if status is None:
        settings.ALARM_WEBHOOK_URL = f"http://127.0.0.1:{free_ports(1)[0]}{SECRET}"
    else:
        listener.status = status
    row = overdue()
    for _ in range(2):
        alarms.watch()
    row.refresh_from_db()
    assert row.alarmed_at is None
    assert "ALARM_WEBHOOK_URL" in row.alarm_problem
    assert row.alarm_problem in client_of("admin").get("/sync/schedules/").content.decode()
    assert SECRET not in row.alarm_problem + caplog.text
    assert len(listener.asked) == (0 if status is None else 2)


@pytest.fixture
def by_mail(settings: Any) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.ALARM_EMAILS = ["ops@msp.example", "boss@msp.example"]
        yield server


def test_a_real_mail_says_what_to_do_next(both_workers: None, by_mail: MailServer) -> None:
    overdue()
    ended(status="failed", reason="Codex answers 500 at https://codex.example/api/companies.")
    alarms.watch()
    [message] = by_mail.mails
    assert message["To"] == "ops@msp.example, boss@msp.example"
    assert (
        message["Subject"]
        .strip()
        .startswith("KnowledgeTree: Companies, contacts, locations, assets: no sync has succeeded")
    )
    text = message.get_content()
    assert "The last one said: Codex answers 500" in text
    assert "run `manage.py check_syncs`" in text
    assert socket.gethostname() in text
    SyncWorker.objects.filter(cluster="sync").update(beat_at=timezone.now() - timedelta(minutes=3))
    alarms.watch()
    assert "Start it" in by_mail.mails[1].get_content()


def test_who_has_got_an_alarm_does_not_get_it_each_minute(
    both_workers: None, by_mail: MailServer, listener: Listener, settings: Any
) -> None:
    """Because another receiver cannot be reached."""
    settings.ALARM_WEBHOOK_URL, listener.status = listener.url, 500
    row = overdue()
    for _ in range(3):
        alarms.watch()
    row.refresh_from_db()
    assert (len(by_mail.mails), len(listener.asked)) == (1, 1)
    assert row.alarm_problem == "The address in ALARM_WEBHOOK_URL answered 500."


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_mail_server_that_refuses_is_told(command: str, both_workers: None, by_mail: MailServer) -> None:
    by_mail.answers[command] = "550 not from you"
    row = overdue()
    alarms.watch()
    row.refresh_from_db()
    assert "ALARM_EMAILS could not be sent (SMTP" in row.alarm_problem
    assert row.alarmed_at is None


def test_mail_that_cannot_be_sent_is_told(both_workers: None, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_ports(1)[0]
    settings.ALARM_EMAILS = ["ops@msp.example"]
    row = overdue()
    alarms.watch()
    row.refresh_from_db()
    assert row.alarm_problem == "The e-mail of ALARM_EMAILS could not be sent (ConnectionRefusedError); see EMAIL_URL."


def test_the_ping_follows_each_good_full_run(both_workers: None, listener: Listener, settings: Any) -> None:
    settings.PING_URL = listener.url
    alarms.watch()
    assert listener.asked == []
    ended()
    ended(status="failed")
    ended(companies=["1001"])
    for _ in range(2):
        alarms.watch()
    assert listener.asked == [("GET", SECRET, "")]
    ended()
    listener.status = 503
    alarms.watch()
    listener.status = 200
    alarms.watch()
    alarms.watch()
    assert len(listener.asked) == 3, "one failed, one made good for it"
