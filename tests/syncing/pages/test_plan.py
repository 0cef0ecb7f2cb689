"""The page of a plan: its numbers, order, filters, pages and downloads, and who may decide when."""

import csv
import io
import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from knowledgetree.accounts.login import fresh_login
from syncing.models import SyncRun
from syncing.plan.index import NAME, shown_fields
from syncing.plan.plan_files import Change, PlanFiles, plan_folder
from syncing.plan.reading import Filter, PlanRows, index_of
from syncing.sample_codex.server import SampleCodex
from tests.graph_assertions import by_key, graph_hash
from tests.pages import squeezed
from tests.people import client_of
from tests.syncing.conftest import Sync
from tests.syncing.staff import staff_note
from tests.throwaway_neo4j import Graph

pytestmark = pytest.mark.postgresql


def planned(status: str = "planned", **files: list[Change]) -> SyncRun:
    """A run that waits with this plan."""
    run = SyncRun.objects.create(command="sync_codex", status=status, dry_run=status == "planned")
    plan = PlanFiles(plan_folder(run.pk))
    for name, changes in files.items():
        for change in changes:
            plan.add(name, change)
    plan.close()
    if files:
        index_of(plan.folder)
    run.plan_hash, run.held_hash = plan.hash(), plan.hash("held") if "held" in files else ""
    run.save()
    return run


def change(action: str, number: int, company: str = "Acme", kind: str = "User", **fields: Any) -> Change:
    place = f"{company} / {'Users' if kind == 'User' else 'Tickets'}"
    key = f"{kind.lower()}:{number}"
    account, name = f"no-{company}", f"{kind} {number}"
    return Change(action, kind, key, f"id-{number}", name, account, place, "p", company=company, **fields)


def names(client: Client, run: SyncRun, query: str = "") -> list[str]:
    page = client.get(f"/sync/runs/{run.pk}/?{query}", headers={"HX-Request": "true", "HX-Target": "plan-rows"})
    return [piece.partition("</bdi>")[0] for piece in page.content.decode().split("<bdi>") if "User " in piece[:9]]


def test_a_company_is_called_as_it_is_whatever_is_in_its_name(admin: Client) -> None:
    run = planned(rest=[change("create", 1, "Foo / Tickets"), change("create", 2, "Foo / Users / Bar")])
    page = admin.get(f"/sync/runs/{run.pk}/").content.decode()
    assert "Foo / Tickets (1)" in page
    assert "Foo / Users / Bar (1)" in page


def test_a_plan_of_an_older_version_names_its_companies(admin: Client) -> None:
    """Its rows do not say whose they are: that of a company has its name, another one at least the number."""
    gone = Change("archive", "Company", "company:42", "id-9", "Old Mill", "", "Companies", "p", base="b")
    run = planned(archives=[gone], rest=[change("create", 1, company="")])
    page = admin.get(f"/sync/runs/{run.pk}/").content.decode()
    assert "Old Mill (1)" in page
    assert "no- (1)" in page


def test_removals_come_first_then_company_by_company(admin: Client) -> None:
    run = planned(
        rest=[change("create", 10, "Zeta"), change("create", 2, "Acme"), change("update", 3, "Zeta", base="b")],
        archives=[change("archive", 5, "Mid"), change("archive", 4, "Acme")],
        held=[change("archive", 6, "Zeta")],
    )
    assert names(admin, run) == ["User 6", "User 4", "User 5", "User 2", "User 3", "User 10"]


SEARCHES = [
    ("q=user+3", ["User 3"]),
    ("q=BOSS", ["User 3"]),
    ("q=old+boss", ["User 3"]),
    ("q=boss+nobody", []),
    ("action=create", ["User 1", "User 2"]),
    ("kind=Ticket", []),
    ("company=no-Zeta", ["User 3", "User 2"]),
    ("company=no-Zeta&action=create", ["User 2"]),
    ("held=1", ["User 4"]),
    ("held=0&q=user+4", []),
    ("q=%25", []),
    ("q=printer", ["User 1"]),
    ("action=rm&kind=Nothing&held=x&page=999999&noted=0", ["User 4", "User 1", "User 3", "User 2"]),
]


def test_new_records_are_found_by_their_facts(world_codex: SampleCodex, sync: Sync, admin: Client) -> None:
    """By all that the search of the tree will find them by."""
    account = next(iter(world_codex.world.accounts.values()))
    computer, person = account.assets[0], account.contacts[0]
    computer.hostname, computer.int_ip_address, computer.ext_ip_address = "NEW-PC-1", "10.77.66.55", "203.0.113.77"
    person.name, person.email, person.mobile_phone_number = "Nia Newcomer", "nia@new.example", "+1 555 0177"
    person.secondary_emails = "nia.newcomer@other.example"
    run = sync("sync_codex", "--dry-run").run

    def page_for(text: str) -> str:
        asked = {"HX-Request": "true", "HX-Target": "plan-rows"}
        return admin.get(f"/sync/runs/{run.pk}/", {"q": text, "action": "create"}, headers=asked).content.decode()

    for text in ("new-pc-1", "10.77.66.55", "203.0.113.77"):
        assert "<bdi>NEW-PC-1</bdi>" in page_for(text), text
    for text in ("nia newcomer", "nia@new.example", "555 0177", "nia.newcomer@other.example"):
        assert "<bdi>Nia Newcomer</bdi>" in page_for(text), text
    assert "NEW-PC-1" not in page_for("10.77.66.54")


def test_filters_and_search(admin: Client, subtests: pytest.Subtests) -> None:
    run = planned(
        rest=[
            change("create", 1, set={"title": "Printer keeper"}),
            change("create", 2, "Zeta"),
            change("update", 3, "Zeta", base="b", set={"title": "New Boss"}, before={"title": "Old boss"}),
        ],
        held=[change("archive", 4)],
    )
    for query, expected in SEARCHES:
        with subtests.test(query):
            assert names(admin, run, query) == expected


def test_the_form_keeps_what_was_chosen(admin: Client) -> None:
    run = planned(rest=[change("create", 1), change("create", 2, "Zeta")])
    page = admin.get(f"/sync/runs/{run.pk}/?company=no-Zeta&action=create&q=user+2").content.decode()
    chosen = ('value="no-Zeta" selected', 'value="create" selected', 'value="user 2"')
    for expected in (*chosen, "plan.csv?action=create&amp;company=no-Zeta"):
        assert expected in page


def test_the_numbers_and_the_pages(admin: Client) -> None:
    run = planned(rest=[change("create", n) for n in range(250)], archives=[change("archive", 900, "Zeta")])
    page = admin.get(f"/sync/runs/{run.pk}/?page=3").content.decode()
    for expected in (
        "create (250)",
        "archive (1)",
        "People (251)",
        "Zeta (1)",
        "<strong>251</strong> rows",
        "page 3 of 3",
    ):
        assert expected in page
    assert len(names(admin, run, "page=3")) == 51
    assert len(names(admin, run, "page=1")) == 100
    assert sorted({*names(admin, run), *names(admin, run, "page=2"), *names(admin, run, "page=3")}) == sorted(
        ["User 900", *(f"User {n}" for n in range(250))]
    )


def test_before_and_after_a_long_text_as_lines(admin: Client) -> None:
    before = {"title": "<Old>", "content": "same\nold line\n"}
    run = planned(
        rest=[change("update", 1, base="b", set={"title": "New", "content": "same\nnew line\n"}, before=before)]
    )
    page = squeezed(admin.get(f"/sync/runs/{run.pk}/").content.decode())
    assert "<del>&lt;Old&gt;</del> → <ins>New</ins>" in page
    assert '<span class="remove">-old line</span><span class="add">+new line</span>' in page


def test_the_download_has_all_rows_that_fit(admin: Client) -> None:
    run = planned(
        rest=[change("create", n) for n in range(300)]
        + [
            change(
                "update", 999, base="b", set={"title": "=cmd()", "phone": None}, before={"title": "Öl", "phone": "1"}
            )
        ],
        held=[change("archive", 1000, "Zeta")],
    )
    answer = admin.get(f"/sync/runs/{run.pk}/plan.csv")
    assert answer["Content-Disposition"] == f'attachment; filename="plan-of-run-{run.pk}.csv"'
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert len(rows) == 303
    assert (rows[0]["action"], rows[0]["held"], rows[0]["company"]) == ("archive", "yes", "Zeta")
    fields = [(r["field"], r["before"], r["after"]) for r in rows if r["name"] == "User 999"]
    assert fields == [("title", "Öl", "'=cmd()"), ("phone", "1", "")]
    answer = admin.get(f"/sync/runs/{run.pk}/plan.json?action=update")
    found = json.loads(b"".join(answer))
    assert (found["run"], found["plan"]) == (run.pk, run.held_hash)
    assert [(c["name"], c["fields"]["title"]) for c in found["changes"]] == [
        ("User 999", {"before": "Öl", "after": "=cmd()"})
    ]


def test_a_lost_index_is_made_anew(admin: Client) -> None:
    run = planned(rest=[change("create", 1), change("create", 2)])
    index = plan_folder(run.pk) / NAME
    for damage in (index.unlink, lambda: index.write_bytes(b"no database" * 100), lambda: index.write_bytes(b"")):
        damage()
        assert names(admin, run) == ["User 1", "User 2"]


def test_files_that_are_not_as_they_were_are_told(admin: Client) -> None:
    run = planned(rest=[change("create", 1), change("create", 2)])
    file = plan_folder(run.pk) / "rest.jsonl"
    file.write_bytes(b"#" + file.read_bytes())
    page = squeezed(admin.get(f"/sync/runs/{run.pk}/").content.decode())
    assert "were altered on disk: they can be neither shown nor applied" in page
    file.unlink()
    page = squeezed(admin.get(f"/sync/runs/{run.pk}/").content.decode())
    assert "Apply this plan" not in page


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_plan_that_was_cut_is_not_sent_in_part(admin: Client, ending: str) -> None:
    run = planned(rest=[change("create", n) for n in range(300)], held=[change("archive", 900)])
    file = plan_folder(run.pk) / "rest.jsonl"
    file.write_bytes(file.read_bytes()[:-500])
    answer = admin.get(f"/sync/runs/{run.pk}/plan.{ending}", follow=True)
    assert answer.redirect_chain == [(f"/sync/runs/{run.pk}/", 302)]
    page = answer.content.decode()
    assert "were altered on disk" in page
    assert f'plan.{ending}" hx-boost="false">' in page, "a link that downloads would save this page as the plan"


def test_what_it_shows_is_what_the_files_say(tmp_path: Any) -> None:
    plan = PlanFiles(tmp_path / "plan")
    changes = [change("update", n, base="b", set={"title": f"Ü{n}"}, before={"title": "x"}) for n in range(50)]
    for one in changes:
        plan.add("rest", one)
    plan.close()
    with PlanRows(plan.folder) as rows:
        assert sorted(row.change.key for row in rows.all(Filter())) == sorted(c.key for c in changes)
        assert all(row.change in changes for row in rows.all(Filter()))


def test_staff_notes_and_changes_since_are_shown(mirrored: SampleCodex, sync: Sync, graph: Graph) -> None:
    client = client_of("technician")
    account, listed = next(iter(mirrored.world.accounts.items()))
    gone, other = listed.assets[1], listed.assets[2]
    node = by_key(graph, f"asset:{gone.id}")
    assert node is not None
    staff_note(graph, staff_note(graph, node["id"], "Where.md"), "Deeper.md")
    mirrored.world.remove_asset(gone.id)
    mirrored.world.remove_contact(listed.contacts[1].id, account)
    other.operating_system = "Planned"
    run = sync("sync_codex", "--dry-run").run
    page = squeezed(client.get(f"/sync/runs/{run.pk}/").content.decode())
    assert "1 of 2 to archive has staff notes" in page
    assert "2 staff notes" in page
    assert "> changed since <" not in page
    only = client.get(f"/sync/runs/{run.pk}/?noted=1").content.decode()
    assert "<strong>1</strong> row" in only
    assert 'action="/sync/runs' in only
    assert "Apply this plan" not in only, "a technician looks on"
    other.operating_system = "Newer"
    mirrored.world.add_asset(account, gone.hostname)
    assert sync("sync_codex", "--company", account).code == 0
    page = squeezed(client.get(f"/sync/runs/{run.pk}/").content.decode())
    assert "> changed since <" in page


def test_of_a_held_plan_only_what_waits_is_counted(graph: Graph, admin: Client) -> None:
    run = planned("needs_approval", archives=[change("archive", 1)], held=[change("archive", n) for n in (2, 3, 4)])
    with closing(sqlite3.connect(plan_folder(run.pk) / NAME)) as index:
        index.execute("UPDATE rows SET notes = id IN ('id-1', 'id-3')")
        index.execute("INSERT INTO noted VALUES (2, 4)")
        index.commit()
    page = squeezed(admin.get(f"/sync/runs/{run.pk}/").content.decode())
    assert "1 of 3 to archive has staff notes" in page
    assert names(admin, run, "held=1&noted=1") == ["User 3"]


def make_login_old(client: Client, minutes: int) -> None:
    session = SessionStore(session_key=client.cookies[settings.SESSION_COOKIE_NAME].value)
    session[fresh_login.ENTERED_AT] -= minutes * 60
    session.save()


@pytest.mark.parametrize("decision", ["approve", "apply", "discard"])
@pytest.mark.parametrize(("minutes", "asked"), [(14, False), (16, True)])
def test_a_held_plan_is_decided_with_a_fresh_login_only(
    admin: Client, decision: str, minutes: int, asked: bool
) -> None:
    run = planned("needs_approval", held=[change("archive", 1)])
    make_login_old(admin, minutes)
    answer = admin.post(f"/sync/runs/{run.pk}/{decision}/", {"plan": run.held_hash})
    run.refresh_from_db()
    is_decided = run.held_settled_at is not None or run.applied_by.exists()
    if not asked:
        assert is_decided
        return
    assert not is_decided
    back = f"/sync/runs/{run.pk}/"
    assert answer["Location"].partition("&")[0] == f"/accounts/confirm/?next={back.replace('/', '%2F')}"
    wrong = admin.post("/accounts/confirm/", {"password": "wrong", "next": back})
    assert "The password is not right" in wrong.content.decode()
    right = admin.post("/accounts/confirm/", {"password": "a-password-of-tests", "next": back, "username": "other"})
    assert right["Location"] == back
    admin.post(f"/sync/runs/{run.pk}/{decision}/", {"plan": run.held_hash})
    run.refresh_from_db()
    assert run.held_settled_at is not None or run.applied_by.exists()


def test_the_password_page_leads_nowhere_else(admin: Client) -> None:
    answer = admin.post("/accounts/confirm/", {"password": "a-password-of-tests", "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_a_check_is_applied_without_a_fresh_login(admin: Client) -> None:
    run = planned(rest=[change("create", 1)])
    make_login_old(admin, 60)
    answer = admin.post(f"/sync/runs/{run.pk}/apply/", {"plan": run.plan_hash})
    applying = SyncRun.objects.get(applies=run)
    assert answer["Location"] == f"/sync/runs/{applying.pk}/"
    assert applying.approve == run.plan_hash


@pytest.mark.parametrize(
    ("decision", "status"), [("apply", "planned"), ("approve", "needs_approval"), ("discard", "needs_approval")]
)
@pytest.mark.parametrize("form", [{}, {"plan": ""}, {"plan": "0" * 16}])
def test_a_wrong_hash_is_told_and_asks_for_nothing(
    admin: Client, decision: str, status: str, form: dict[str, str]
) -> None:
    run = planned(status, held=[change("archive", 1)])
    page = admin.post(f"/sync/runs/{run.pk}/{decision}/", form, follow=True).content.decode()
    assert "is not that of the plan which waits" in page
    assert not OrmQ.objects.exists()
    run.refresh_from_db()
    assert run.held_settled_at is None


def test_a_second_admin_is_told_who_was_quicker(admin: Client) -> None:
    run = planned("needs_approval", held=[change("archive", 1)])
    admin.post(f"/sync/runs/{run.pk}/approve/", {"plan": run.held_hash})
    page = client_of("superuser").post(f"/sync/runs/{run.pk}/approve/", {"plan": run.held_hash}, follow=True)
    assert "admin has asked for this plan already" in page.content.decode()
    assert SyncRun.objects.filter(applies=run).count() == 1


def test_what_became_of_a_check_is_said(admin: Client) -> None:
    run = planned(rest=[change("create", 1)])
    SyncRun.objects.create(command="sync_codex", status="failed", applies=run, approve=run.plan_hash, started_as="ana")
    page = admin.post(f"/sync/runs/{run.pk}/discard/", {"plan": run.plan_hash}, follow=True).content.decode()
    page = squeezed(page)
    assert "Discarded: nothing of it will be written." in page
    assert "Discarded by admin, " in page
    assert "pplied by" not in page
    assert "(ana) was to apply it: failed." in page
    assert "Applied, " not in page


def test_who_applied_a_check_is_said(admin: Client) -> None:
    run = planned(rest=[change("create", 1)])
    run.held_settled_at, run.held_outcome = timezone.now(), "approved"
    run.save()
    applying = SyncRun.objects.create(command="sync_codex", status="complete", applies=run, started_as="ana")
    page = squeezed(admin.get(f"/sync/runs/{run.pk}/").content.decode())
    assert "Applied, " in page
    assert f'Applied by <a href="/sync/runs/{applying.pk}/">run {applying.pk}</a> (ana, complete).' in page


def test_only_admins_decide(graph: Graph, db: None) -> None:
    technician = client_of("technician")
    run = planned("needs_approval", held=[change("archive", 1)])
    before = graph_hash(graph, stamps=True)
    for decision in ("apply", "approve", "discard"):
        assert technician.post(f"/sync/runs/{run.pk}/{decision}/", {"plan": run.held_hash}).status_code == 403
    assert "An administrator can approve or discard" in technician.get(f"/sync/runs/{run.pk}/").content.decode()
    assert graph_hash(graph, stamps=True) == before


def test_a_list_is_shown_as_its_entries_and_what_stays_is_not_shown() -> None:
    fields = shown_fields(
        {"domains": ["acme.example", "acme.test"], "support_level": "gold"},
        {"domains": ["acme.example"], "support_level": "gold", "phone_system": None},
    )
    shown = squeezed(render_to_string("syncing/_fields.html", {"moment": {"fields": fields}}))
    assert "<del>acme.example, acme.test</del> → <ins>acme.example</ins>" in shown
    assert "gold" not in shown
    assert "phone" not in shown


def test_all_that_is_archived_is_told(graph: Graph, admin: Client) -> None:
    """Two companies to archive take 11 nodes with them, and six updates empty a field."""
    gone = [
        change("archive", number, kind="Company", below={"User": 4, "Ticket": number}, base="b") for number in (1, 2)
    ]
    emptied = [change("update", n, base="b", set={"title": None}, before={"title": "Boss"}) for n in range(10, 16)]
    run = planned("needs_approval", held=[*gone, *emptied])
    run.held_why = ["2 of 20 in Companies would be archived, 13 records in all", "title would be emptied in 6 of 20"]
    run.holds_removals = run.holds_updates = True
    run.save()
    page = squeezed(admin.get(f"/sync/runs/{run.pk}/").content.decode())
    assert "Removals and updates held back" in page
    assert "2 removals</a>, which archive 11 more nodes below them and" in page
    assert "6 updates that empty fields</a>" in page
    assert "Approve: archive 2 and 11 below, update 6" in page
    assert "11 more nodes would be archived with what they hang below: 8 People, 3 Tickets." in page
    assert '<span class="badge warn">with 6 below</span>' in page
    assert f"Run {run.pk} holds back removals and updates" in squeezed(admin.get("/sync/").content.decode())
    found = json.loads(b"".join(admin.get(f"/sync/runs/{run.pk}/plan.json")))
    assert [row["below"] for row in found["changes"]][:2] == [{"User": 4, "Ticket": 1}, {"User": 4, "Ticket": 2}]


def test_held_updates_alone_are_not_called_removals(graph: Graph, admin: Client) -> None:
    emptied = [change("update", n, base="b", set={"title": None}, before={"title": "Boss"}) for n in range(10, 16)]
    run = planned("needs_approval", held=emptied)
    run.held_why, run.holds_updates = ["title would be emptied in 6 of 20 in Acme / Users"], True
    run.save()
    section = squeezed(admin.get(f"/sync/runs/{run.pk}/").content.decode()).partition('class="held"')[2]
    told = section.partition("</section>")[0]
    assert "Updates held back" in told
    assert "Approve: update 6" in told
    assert "archive" not in told


def test_an_index_of_an_older_version_is_made_anew(graph: Graph, admin: Client) -> None:
    run = planned("needs_approval", held=[change("archive", 1, below={"User": 4})])
    with closing(sqlite3.connect(plan_folder(run.pk) / NAME)) as database:
        database.execute("DROP TABLE below")
        database.commit()
    assert "4 more nodes" in squeezed(admin.get(f"/sync/runs/{run.pk}/").content.decode())


@pytest.mark.parametrize(("minutes", "asked"), [(14, False), (16, True)])
def test_an_undo_that_archives_much_is_applied_with_a_fresh_login_only(
    graph: Graph, admin: Client, minutes: int, asked: bool
) -> None:
    gone = change("archive", 1, kind="Company", below={"User": 40}, base="b")
    run = planned(archives=[gone])
    run.undoes, run.held_why = SyncRun.objects.create(command="sync_codex", status="complete"), ["1 of 1 in Companies"]
    run.save()
    page = squeezed(admin.get(f"/sync/runs/{run.pk}/").content.decode())
    assert 'applying it needs an approval: </p> <ul class="why"> <li>1 of 1 in Companies</li>' in page
    assert "Apply this plan: archive 41 nodes" in page
    assert f"--approve {run.plan_hash}" in page
    make_login_old(admin, minutes)
    answer = admin.post(f"/sync/runs/{run.pk}/apply/", {"plan": run.plan_hash})
    assert run.applied_by.exists() is not asked
    assert ("/accounts/confirm/" in answer.headers["Location"]) is asked


def test_an_undo_that_empties_fields_is_told_as_such(graph: Graph, admin: Client) -> None:
    emptied = [change("update", n, base="b", set={"title": None}, before={"title": "Boss"}) for n in range(10, 16)]
    run = planned(rest=emptied)
    run.undoes = SyncRun.objects.create(command="sync_codex", status="complete")
    run.held_why, run.holds_updates = ["title would be emptied in 6 of 20 in Acme / Users"], True
    run.save()
    page = squeezed(admin.get(f"/sync/runs/{run.pk}/").content.decode())
    assert "It would empty more than a sync may do unasked, so applying it needs an approval:" in page
    assert "Apply this plan </button>" in page


def test_the_page_of_an_undo_says_that_the_tree_is_not_what_codex_has(graph: Graph, admin: Client) -> None:
    run = SyncRun.objects.create(command="sync_codex", status="complete")
    undoing = SyncRun.objects.create(
        command="sync_codex", status="complete", undoes=run, approve="x", counts={"User": {"archived": 3}}
    )
    assert "The tree is not what Codex has" in squeezed(admin.get(f"/sync/runs/{undoing.pk}/").content.decode())
    assert f"not as in Codex: run {undoing.pk} was an undo" in squeezed(admin.get("/sync/").content.decode())
    SyncRun.objects.create(command="sync_codex", status="complete")
    assert "The tree is not what Codex has" not in squeezed(admin.get(f"/sync/runs/{undoing.pk}/").content.decode())
