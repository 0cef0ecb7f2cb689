"""The start page: what a person was at, what needs them, what changed lately, and the clients by open tickets."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from syncing.models import QuarantinedRecord, SyncRun
from tests.pages import squeezed, text_of
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make
from tree import operations
from tree.models import Draft, SeenNode

HOSTILE = '<img src=x onerror="hit()">'
RIGHT_TO_LEFT = "מדפסת \u202e"


def _block(client: Client, title: str) -> str:
    """The part of the start page below this heading; empty if there is none."""
    page = client.get("/").content.decode()
    sections = re.findall(r"<section.*?</section>", page, re.DOTALL)
    return next((squeezed(section) for section in sections if title in section.partition("</h2>")[0]), "")


def _listed(client: Client, title: str) -> list[str]:
    """The ids of the nodes in this block, in order."""
    return re.findall(r'class="line-name" href="/node/([^/]+)/', _block(client, title))


def _see(client: Client, *ids: str) -> None:
    for uid in ids:
        assert client.get(f"/node/{uid}/").status_code == 200


def test_a_person_finds_back_to_what_they_saw(
    acme: Acme, technician: Client, billing: Client, subtests: pytest.Subtests
) -> None:
    with subtests.test("who is new is told what to do next"):
        assert _listed(technician, "Recently seen") == []
        assert "Ctrl K" in _block(technician, "Start here")
        assert "to write a note" in _block(technician, "Start here")
        assert "to write a note" not in _block(billing, "Start here")
        assert "a ticket number" in _block(technician, "Start here")
        assert "ticket" not in _block(billing, "Start here")
    with subtests.test("the last one comes first, each stands once, and other people see nothing of it"):
        _see(technician, acme.ana, acme.open, acme.gone, acme.ana)
        technician.get("/node/root/")
        assert _listed(technician, "Recently seen") == [acme.ana, acme.gone, acme.open]
        assert _listed(billing, "Recently seen") == []
        assert _block(technician, "Start here") == ""
    with subtests.test("what is archived says so, and each says where it is"):
        assert "archived" in _block(technician, "Recently seen")
        assert "Acme Dental" in _block(technician, "Recently seen")
    with subtests.test("names are text"):
        hostile = make("Note", f"{HOSTILE}.md", acme.company, origin="staff")
        long = make("Note", f"{'x' * 296}.md", acme.company, origin="staff")
        hebrew = make("Note", RIGHT_TO_LEFT, acme.company, origin="staff")
        _see(technician, hostile, long, hebrew)
        block = _block(technician, "Recently seen")
        assert "<img" not in block
        assert "&lt;img" in block
        assert f"<bdi >{RIGHT_TO_LEFT}</bdi>" in block
        for note in (hostile, long, hebrew):
            operations.trash(note, author="tess")
    with subtests.test("what was deleted or is gone is not there"):
        assert _listed(technician, "Recently seen") == [acme.ana, acme.gone, acme.open]
        SeenNode.note(User.objects.get(username="technician"), "no-such-node")
        assert _listed(technician, "Recently seen") == [acme.ana, acme.gone, acme.open]
    with subtests.test("who loses the right to tickets sees neither them nor what is below them"):
        note = operations.create_note(acme.open, "Workaround", "Reticulated.", author="technician")
        operations.save(note, author="ann", base_version=1, content="Splined.")
        assert _listed(technician, "Notes changed lately") == [note]
        person = User.objects.get(username="technician")
        person.groups.set(User.objects.get(username="billing").groups.all())
        _see(technician, acme.company)
        assert _listed(technician, "Recently seen") == [acme.company, acme.ana]
        assert _block(technician, "Notes changed lately") == ""
        assert _block(technician, "Needs you") == ""
        assert "open" not in _block(technician, "Clients")


def test_what_was_seen_is_written_seldom_and_does_not_grow(
    acme: Acme, technician: Client, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = User.objects.get(username="technician")
    with subtests.test("one statement writes, and none the second time"):
        for writes in (1, 0):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                _see(technician, acme.ana)
            assert sum("INSERT" in query["sql"] for query in asked) == writes
    with subtests.test("after a while the same page is written again"):
        before = timezone.now() - timedelta(hours=1)
        SeenNode.objects.update(seen_at=before)
        _see(technician, acme.ana)
        assert SeenNode.objects.get().seen_at > before
    with subtests.test("there are never many"):
        for number in range(3 * SeenNode.MOST):
            SeenNode.note(person, f"node-{number}")
        assert SeenNode.MOST <= SeenNode.objects.count() <= SeenNode.MOST + 11
        assert next(iter(SeenNode.last(person))) == f"node-{3 * SeenNode.MOST - 1}"
    with subtests.test("a full disk does not cost the page"):

        def fail(*_: object) -> None:
            raise DatabaseError("database or disk is full")

        monkeypatch.setattr(SeenNode, "note", fail)
        _see(technician, acme.ana)


def test_drafts_and_what_needs_somebody(
    acme: Acme, graph: Graph, technician: Client, billing: Client, admin: Client, subtests: pytest.Subtests
) -> None:
    mine = operations.create_note(acme.company, "Door code", "1234", author="technician")
    person = User.objects.get(username="technician")
    with subtests.test("a draft leads to the editor"):
        Draft.objects.create(user=person, node_id=mine, base_version=1, text="12", saved_at=timezone.now())
        Draft.objects.create(user=person, node_id="gone", base_version=1, text="12", saved_at=timezone.now())
        assert f'href="/node/{mine}/edit/"' in _block(technician, "My drafts")
        assert _block(technician, "My drafts").count("<li>") == 1
        assert _block(admin, "My drafts") == ""
        assert _block(technician, "Needs you") == ""
    with subtests.test("a draft of yesterday needs its writer"):
        Draft.objects.update(saved_at=timezone.now() - timedelta(days=2))
        assert "You did not save what you wrote" in _block(technician, "Needs you")
        Draft.objects.all().delete()
    with subtests.test("a note that somebody else changed needs its writer, until they have seen it"):
        theirs = operations.create_note(acme.company, "Alarm", "off", author="ann")
        operations.save(theirs, author="ann", base_version=1, content="on")
        operations.save(mine, author="ann", base_version=1, content="4321")
        graph.rows("MATCH (n {id: $id}) SET n.updated_at = '2026-01-01T08:00:00+00:00'", id=theirs)
        assert _listed(technician, "Needs you") == [mine]
        assert "ann changed it" in _block(technician, "Needs you")
        assert _listed(technician, "Notes changed lately") == [mine, theirs]
        _see(technician, mine)
        SeenNode.objects.update(seen_at=timezone.now() + timedelta(seconds=2))
        assert _block(technician, "Needs you") == ""
    with subtests.test("what waits for an admin"):
        held = SyncRun.objects.create(command="sync_tickets", status="needs_approval", finished_at=timezone.now())
        failed = SyncRun.objects.create(
            command="sync_codex", status="failed", reason="Codex is away.", finished_at=timezone.now()
        )
        QuarantinedRecord.objects.create(kind="Ticket", first_run=held, last_run=failed)
        needs = _block(admin, "Needs you")
        for text in (f"Run {held.pk} holds back", "Codex is away.", "1 record in quarantine"):
            assert text in needs
        assert _block(technician, "Needs you") == _block(billing, "Needs you") == ""


def test_clients_by_open_tickets(acme: Acme, technician: Client, billing: Client, subtests: pytest.Subtests) -> None:
    other = make("Company", "Zebra", account_number="2002", codex_key="company:2002")
    make("Company", "Beta", account_number="3003", codex_key="company:3003")
    folder = make("Folder", "Tickets", other, codex_key="company:2002:tickets")
    for number in (1, 2):
        make("Ticket", f"T{number}.md", folder, account_number="2002", status="open", subject=f"Ticket {number}")
    cache.clear()  # keeps the numbers for a while

    def order(page: str) -> list[str]:
        return re.findall(r'class="tile-name".*?<bdi>([^<]*)</bdi>', page)

    with subtests.test("those with most open tickets come first, with a link to them"):
        assert order(text_of(technician, "/")) == ["Zebra", "Acme Dental", "Beta"]
        assert f'href="/list/tickets/?client={other}&amp;state=open' in text_of(technician, "/")
    with subtests.test("who reads no tickets sees the order of names"):
        assert order(text_of(billing, "/")) == ["Acme Dental", "Beta", "Zebra"]
    with subtests.test("while one filters, only they are sent"):
        asked = {"HX-Request": "true", "HX-Target": "companies"}
        part = technician.get("/?company=b", headers=asked).content.decode()
        assert order(squeezed(part)) == ["Zebra", "Beta"]
        assert "<h1>" not in part
