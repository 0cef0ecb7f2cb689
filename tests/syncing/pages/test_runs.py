"""The pages of the syncs. Runs are rows made here; what a run does is tested elsewhere."""

import re
import shutil
from datetime import timedelta
from html import unescape
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from syncing.models import RefusedRecord, SyncRun
from syncing.plan.plan_files import Change, plan_folder
from syncing.runs.as_json import with_progress
from syncing.schedules.freshness import STALE_AFTER, sync_state
from tests.pages import text_of
from tests.people import client_of, person
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.postgresql


def run_of(command: str = "sync_codex", status: str = "complete", **fields: Any) -> SyncRun:
    now = timezone.now()
    fields.setdefault("started_at", now - timedelta(seconds=70))
    if status not in ("queued", "running"):
        fields.setdefault("finished_at", now)
    if status == "running":
        fields.setdefault("heartbeat_at", now)
    return SyncRun.objects.create(command=command, status=status, **fields)


def waiting_jobs() -> list[dict[str, Any]]:
    return [SignedPackage.loads(row.payload) for row in OrmQ.objects.filter(key="sync")]


@pytest.mark.parametrize("command", ["sync_codex", "sync_tickets"])
def test_a_button_makes_a_waiting_run_and_one_job_for_the_sync_worker(admin: Client, command: str) -> None:
    answer = admin.post("/sync/start/", {"command": command})
    run = SyncRun.objects.get()
    assert answer.headers["Location"] == f"/sync/runs/{run.pk}/"
    assert (run.command, run.status, run.trigger, run.dry_run) == (command, "queued", "button", False)
    assert run.started_by is not None
    assert run.started_by.username == "admin"
    assert [(job["func"], job["args"]) for job in waiting_jobs()] == [("syncing.jobs.run_sync", (run.pk,))]


def test_a_second_press_gives_the_same_run(admin: Client) -> None:
    addresses = {admin.post("/sync/start/", {"command": "sync_codex"}).headers["Location"] for _ in range(3)}
    assert len(addresses) == 1
    assert len(waiting_jobs()) == 1


def test_a_check_is_a_dry_run_of_both(admin: Client) -> None:
    answer = admin.post("/sync/start/", {"command": ["sync_codex", "sync_tickets"], "dry_run": "1"})
    assert answer.headers["Location"] == "/sync/"
    runs = SyncRun.objects.order_by("pk")
    assert [(run.command, run.dry_run) for run in runs] == [("sync_codex", True), ("sync_tickets", True)]


def test_a_check_leads_to_its_plan(admin: Client, technician: Client) -> None:
    admin.post("/sync/start/", {"command": ["sync_codex", "sync_tickets"], "dry_run": "1"})
    first, second = SyncRun.objects.order_by("pk")
    asked = {"HX-Request": "true"}
    assert "HX-Redirect" not in admin.get("/sync/state/", headers=asked).headers
    for run in (first, second):
        run.status, run.plan_hash, run.counts = "planned", "x", {"Ticket": {"updated": 2}} if run == second else {}
        run.save()
    write_plan(second, rest=[change("update", 5)])
    assert "HX-Redirect" not in technician.get("/sync/state/", headers=asked).headers
    assert admin.get("/sync/state/", headers=asked).headers["HX-Redirect"] == f"/sync/runs/{second.pk}/#plan"
    assert "HX-Redirect" not in admin.get("/sync/state/", headers=asked).headers


def test_a_plan_that_waits_needs_somebody(technician: Client) -> None:
    assert "Nothing." in text_of(technician, "/sync/")
    for number in (1, 2):
        run = run_of(status="planned", dry_run=True, plan_hash="x", counts={"User": {"updated": number, "held": 1}})
        write_plan(run, rest=[change("update", 5)])
    page = text_of(technician, "/sync/")
    assert f"Run {run.pk} has a plan that waits: 3 changes" in page
    assert page.count("has a plan that waits") == 1
    run_of(companies=["1001"])
    assert "has a plan that waits" in text_of(technician, "/sync/")
    run_of()
    assert "has a plan that waits" not in text_of(technician, "/sync/")


def test_the_runs_of_a_check_are_linked_and_names_are_escaped(admin: Client) -> None:
    User.objects.filter(username="admin").update(username="<b>ad</b>")
    form = {"command": ["sync_codex", "sync_tickets"], "dry_run": "1"}
    page = admin.post("/sync/start/", form, follow=True).content.decode()
    first, second = SyncRun.objects.order_by("pk")
    one, two = (f'<a href="/sync/runs/{run.pk}/">run {run.pk}</a>' for run in (first, second))
    assert f"On their way, one after the other: {one} and {two}." in page
    page = admin.post("/sync/start/", form, follow=True).content.decode()
    assert f"{one.replace('run ', 'Run ')}, started by &lt;b&gt;ad&lt;/b&gt;&#x27;s button, is on its way" in page


def test_a_run_may_be_of_some_companies(graph: Graph, admin: Client) -> None:
    admin.post("/sync/start/", {"command": "sync_codex", "company": ["1001", "", "1002"]})
    assert SyncRun.objects.get().companies == ["1001", "1002"]


@pytest.mark.parametrize("form", [{}, {"command": ""}, {"command": "rm"}, {"command": ["sync_codex", "rm"]}])
def test_other_commands_are_refused(admin: Client, form: dict[str, Any]) -> None:
    assert admin.post("/sync/start/", form).status_code == 400
    assert not SyncRun.objects.exists()


def test_only_admins_start_and_a_look_starts_nothing(admin: Client, technician: Client) -> None:
    assert technician.post("/sync/start/", {"command": "sync_codex"}).status_code == 403
    assert admin.get("/sync/start/").status_code == 405
    assert not SyncRun.objects.exists()
    assert "<button" in text_of(admin, "/sync/").split('class="buttons"')[1]
    assert 'class="buttons"' not in text_of(technician, "/sync/")


def test_a_start_needs_the_token_of_its_form(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person("admin"))
    assert strict.post("/sync/start/", {"command": "sync_codex"}).status_code == 403
    assert not SyncRun.objects.exists()


def test_the_list_of_runs(technician: Client) -> None:
    assert "No runs yet" in text_of(technician, "/sync/")
    run_of(counts={"Company": {"created": 12, "updated": 40, "archived": 2}})
    run_of("sync_tickets", "failed", reason="Cannot connect to Codex at http://x.")
    page = text_of(technician, "/sync/")
    for expected in ("+12", "~40", "−2", "1 min 10 s", "Cannot connect to Codex"):
        assert expected in page


def test_the_list_is_paged(technician: Client) -> None:
    for _ in range(31):
        run_of()
    assert text_of(technician, "/sync/").count('class="run"') == 30
    assert text_of(technician, "/sync/?page=2").count('class="run"') == 1


def test_a_running_run_shows_stage_and_progress_and_asks_again(technician: Client) -> None:
    run = run_of(status="running", stage="apply", done=1500, total=6000, log="12:00 reading")
    page = text_of(technician, f"/sync/runs/{run.pk}/")
    for expected in (
        "Writing",
        "<strong>1,500</strong> of 6,000",
        "step 3 of 4",
        'value="25"',
        f'hx-get="/sync/runs/{run.pk}/progress/"',
        "12:00 reading",
    ):
        assert expected in page
    assert "Writing" in text_of(technician, f"/sync/runs/{run.pk}/progress/")


def test_the_list_keeps_itself_up_while_something_waits_or_runs(admin: Client) -> None:
    run = run_of(status="queued")
    asks_again = f'hx-get="/sync/state/?page=1&amp;seen={run.pk}.{run.pk}-queued" hx-trigger="every 4s"'
    assert asks_again in text_of(admin, "/sync/")
    part = text_of(admin, "/sync/state/?page=1")
    assert asks_again in part
    assert "waiting for the worker" in part
    assert '<div id="sync-runs" class="sync-runs" hx-swap-oob="true">' in part
    assert "<form" not in part, "what is typed stays"
    SyncRun.objects.filter(pk=run.pk).update(status="complete", finished_at=timezone.now())
    for address in ("/sync/", "/sync/state/?page=1"):
        assert "/sync/state/" not in text_of(admin, address)
    assert "Nothing is running." in text_of(admin, "/sync/state/")


def test_the_badge_in_the_title_follows_the_progress(technician: Client) -> None:
    run = run_of(status="queued")
    assert 'id="run-status" class="badge status-queued"' in text_of(technician, f"/sync/runs/{run.pk}/")
    SyncRun.objects.filter(pk=run.pk).update(status="running", stage="apply")
    part = text_of(technician, f"/sync/runs/{run.pk}/progress/")
    assert 'id="run-status" class="badge status-running" hx-swap-oob="true">' in part


@pytest.mark.parametrize(
    ("done", "rate", "said"),
    [
        (1, 1.3, None),  # the first of 9,204 after less than a second
        (1, 0.05, None),  # or after 20
        (1000, 500.0, None),  # a batch after 2 seconds
        (150, 5.0, "31 min 0 s"),  # a slow stage
        (500, 100.0, "1 min 30 s"),
        (4602, 100.0, "50 s"),
        (9200, 100.0, "5.0 s"),
        (9204, 100.0, None),
        (500, None, None),
    ],
)
def test_how_long_it_will_take_is_said_when_it_can_be_known(
    technician: Client, done: int, rate: float | None, said: str | None
) -> None:
    run = run_of(status="running", stage="apply", done=done, total=9204, rate=rate)
    page = text_of(technician, f"/sync/runs/{run.pk}/progress/")
    assert ("left in this step" in page) is (said is not None)
    assert said is None or f"about <strong>{said}</strong> left in this step" in page


def test_progress_of_an_ended_run_loads_the_page_anew(technician: Client) -> None:
    run = run_of()
    assert technician.get(f"/sync/runs/{run.pk}/progress/").headers["HX-Refresh"] == "true"
    assert "progress/" not in text_of(technician, f"/sync/runs/{run.pk}/")


def test_a_run_whose_process_died_is_told_as_interrupted(technician: Client) -> None:
    long_ago = timezone.now() - timedelta(minutes=5)
    run = run_of(status="running", host="elsewhere", started_at=long_ago, heartbeat_at=long_ago)
    technician.get(f"/sync/runs/{run.pk}/progress/")
    for address in (f"/sync/runs/{run.pk}/", f"/sync/runs/{run.pk}/records/"):
        assert "interrupted </span>" in text_of(technician, address)


def test_an_ended_run_shows_counts_times_and_refused_records(technician: Client) -> None:
    run = run_of(
        counts={"User": {"created": 3, "unchanged": 7, "quarantined": 1}},
        seconds={"fetch": 2.0, "apply": 6.0, "total": 8.0},
        status="partial",
        reason="1 record was refused.",
        requests=12,
        log="the log <b>",
    )
    RefusedRecord.objects.create(run=run, kind="User", account="1001", codex_id="9", reason="no name <i>")
    RefusedRecord.objects.create(run=run, kind="Ticket", codex_id="8", reason="no company", is_notice=True)
    page = text_of(technician, f"/sync/runs/{run.pk}/")
    for expected in (
        "People",
        "quarantined",
        "1 record was refused.",
        "no name &lt;i&gt;",
        "no company",
        "the log &lt;b&gt;",
        "12 requests",
        "6.0 s",
    ):
        assert expected in page


def test_an_undoing_that_was_undone_is_told(technician: Client) -> None:
    run = run_of()
    undoing = run_of(undoes=run)
    once = f'Undone by <a href="/sync/runs/{undoing.pk}/">run {undoing.pk}</a>'
    assert f"{once}. </p>" in text_of(technician, f"/sync/runs/{run.pk}/")
    twice = run_of(undoes=undoing)
    more = f', which was undone by <a href="/sync/runs/{twice.pk}/">run {twice.pk}</a>. </p>'
    assert once + more in text_of(technician, f"/sync/runs/{run.pk}/")


def write_plan(run: SyncRun, **files: list[Change]) -> None:
    folder = plan_folder(run.pk)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, changes in files.items():
        (folder / f"{name}.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, changes)) + b"\n")


def change(action: str, number: int, **fields: Any) -> Change:
    return Change(
        action,
        "User",
        f"user:1:{number}",
        f"id-{number}",
        f"Person <{number}>",
        "1",
        "/Companies/Acme/Users",
        "p",
        **fields,
    )


def test_the_plan_is_a_table_with_removals_first(technician: Client) -> None:
    run = run_of(status="planned", dry_run=True)
    write_plan(
        run,
        rest=[
            change("create", 1),
            change("update", 2, set={"email": "new@x.example"}, before={"email": "old@x.example"}),
        ],
        archives=[change("archive", 3)],
    )
    page = text_of(technician, f"/sync/runs/{run.pk}/")
    assert page.index("Person &lt;3&gt;") < page.index("Person &lt;1&gt;")
    assert "<del>old@x.example</del> → <ins>new@x.example</ins>" in page
    only = text_of(technician, f"/sync/runs/{run.pk}/?action=update")
    assert "Person &lt;2&gt;" in only
    assert "Person &lt;1&gt;" not in only
    assert "No row fits" in text_of(technician, f"/sync/runs/{run.pk}/?action=move")


def test_a_long_plan_is_paged(technician: Client) -> None:
    run = run_of()
    write_plan(run, rest=[change("create", number) for number in range(101)])
    assert "Person &lt;100&gt;" not in text_of(technician, f"/sync/runs/{run.pk}/")
    assert "Person &lt;100&gt;" in text_of(technician, f"/sync/runs/{run.pk}/?page=2")


@pytest.mark.parametrize("query", ["page=x", "page=²", "page=99999999", "action=rm", "kind=Nothing"])
def test_odd_parameters_do_no_harm(technician: Client, query: str) -> None:
    text_of(technician, f"/sync/runs/{run_of().pk}/?{query}")


def test_a_held_plan_says_how_to_approve_exactly_it(technician: Client) -> None:
    run = run_of(status="needs_approval", held_hash="a1b2c3d4")
    write_plan(run, held=[change("archive", 5)])
    page = text_of(technician, f"/sync/runs/{run.pk}/")
    assert 'data-copy=".venv/bin/python manage.py sync_codex --approve a1b2c3d4"' in page
    assert ">held<" in page
    assert f"Run {run.pk} holds back removals" in text_of(technician, "/sync/")


def test_a_check_says_what_would_be_held_and_offers_no_approval(technician: Client) -> None:
    run = run_of(status="planned", dry_run=True, held_hash="a1b2c3d4", plan_hash="e5f6")
    write_plan(run, held=[change("archive", 5)])
    page = text_of(technician, f"/sync/runs/{run.pk}/")
    assert "1 removal that would wait for an approval of its own" in page
    assert "manage.py sync_codex --apply e5f6" in page
    assert "--approve" not in page


def test_a_run_as_data(technician: Client) -> None:
    run = run_of(status="running", stage="fetch", done=1, total=4)
    answer = technician.get(f"/sync/runs/{run.pk}.json").json()
    assert answer == with_progress(run)
    assert {"run", "status", "stage", "done", "total", "heartbeat_at"} <= set(answer)


@pytest.mark.parametrize("address", ["/sync/runs/77/", "/sync/runs/77/progress/", "/sync/runs/77.json"])
def test_unknown_runs_are_404(technician: Client, address: str) -> None:
    text_of(technician, address, 404)


STATES: list[tuple[str, list[dict[str, Any]]]] = [
    ("never", []),
    ("never", [{"dry_run": True, "status": "planned"}]),
    ("fresh", [{}]),
    ("fresh", [{"status": "failed"}, {}]),
    ("stale", [{"finished_at": timezone.now() - STALE_AFTER - timedelta(hours=1)}]),
    ("failed", [{}, {"status": "failed"}]),
    ("failed", [{}, {"status": "aborted", "command": "sync_tickets"}]),
    ("failed", [{}, {"status": "running", "heartbeat_at": timezone.now() - timedelta(minutes=5)}]),
    ("fresh", [{}, {"status": "failed", "was_blocked": True}]),
    ("fresh", [{}, {"status": "failed", "approve": "deadbeef"}]),
    ("failed", [{"status": "failed"}, {"status": "failed", "was_blocked": True}]),
    ("partial", [{}, {"status": "partial"}]),
    ("approval", [{}, {"status": "needs_approval", "held_hash": "x"}]),
    ("fresh", [{"status": "needs_approval", "held_hash": "x", "held_settled_at": timezone.now()}, {}]),
    ("fresh", [{}, {"status": "planned", "dry_run": True, "held_hash": "x"}]),
    ("waiting", [{}, {"status": "queued"}]),
    ("running", [{"status": "queued"}, {"status": "running", "done": 1, "total": 2}]),
    ("never", [{"companies": ["1001"]}]),
]


@pytest.mark.parametrize(("state", "rows"), STATES)
def test_the_state_of_the_mirror(db: None, state: str, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        run_of(**row)
    assert sync_state().state == state


def test_the_list_comes_with_the_state_only_when_a_row_has_changed(technician: Client) -> None:
    run = run_of(status="running", stage="fetch", done=1, total=4, heartbeat_at=timezone.now())
    again = re.search(r'hx-get="(/sync/state/[^"]*)"', text_of(technician, "/sync/"))
    assert again is not None
    address = unescape(again[1])
    SyncRun.objects.update(done=3)
    moved = text_of(technician, address)
    assert "75 %" in moved
    assert 'id="sync-runs"' not in moved
    SyncRun.objects.filter(pk=run.pk).update(status="complete", finished_at=timezone.now())
    ended = text_of(technician, address)
    assert 'id="sync-runs"' in ended
    assert "hx-get" not in ended.partition("</section>")[0]


def test_the_list_comes_too_when_what_waited_is_settled(admin: Client) -> None:
    held = run_of(status="needs_approval", held_hash="a1b2c3d4", finished_at=timezone.now())
    run_of(status="running", stage="fetch", heartbeat_at=timezone.now())
    again = re.search(r'hx-get="(/sync/state/[^"]*)"', text_of(admin, "/sync/"))
    assert again is not None
    assert 'id="sync-runs"' not in text_of(admin, unescape(again[1]))
    SyncRun.objects.filter(pk=held.pk).update(held_settled_at=timezone.now())
    assert 'id="sync-runs"' in text_of(admin, unescape(again[1]))


def test_the_pill_is_on_every_page_and_leads_to_the_run(technician: Client) -> None:
    run = run_of(status="running", done=42, total=100)
    pill = text_of(technician, "/sync/pill/")
    assert "syncing 42 %" in pill
    assert f'href="/sync/runs/{run.pk}/"' in pill
    assert 'id="sync-pill"' in text_of(technician, "/sync/")


def test_billing_sees_the_state_but_no_link(db: None) -> None:
    run_of()
    pill = text_of(client_of("billing"), "/sync/pill/")
    assert "synced" in pill
    assert "href" not in pill


def test_sample_data_is_named_as_such_on_every_page(technician: Client, settings: Any) -> None:
    assert settings.CODEX.is_sample
    for client, address in ((technician, "/sync/"), (Client(), "/accounts/login/")):
        assert "Sample data:" in text_of(client, address)
    settings.CODEX = type("Real", (), {"is_sample": False})()
    assert "Sample data:" not in text_of(technician, "/sync/")
