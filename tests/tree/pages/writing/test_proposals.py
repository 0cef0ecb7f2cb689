"""The pages of proposals: who sees which, and what accepting and declining do."""

from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledgetree.accounts.acting import Way, acting_as
from knowledgetree.audit.models import Entry
from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tests.pages import squeezed
from tests.people import client_of
from tests.tree.factory import Acme
from tree import operations, proposals, queries
from tree.exceptions import Refused, TreeError
from tree.models import Guidance, Proposal, State
from tree.proposals import Draft, propose
from tree.proposals import seen as seen_proposals
from tree.vocabulary import ROOT_ID

pytestmark = pytest.mark.django_db
BASE = "# VPN\n\nStep one.\n\nStep two.\n\nStep three.\n"


def proposed(uid: str, text: str, **more: Any) -> Proposal:
    with acting_as(Way.TOKEN, "tess", None, "nightly"):
        made, _ = propose(queries.get_node(uid), Draft(text, "Tickets ask for it.", "Claude", **more))
    return made


def page_of(client: Client, made: Proposal) -> str:
    answer = client.get(f"/proposals/{made.pk}/")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def accept(client: Client, made: Proposal, **fields: Any) -> Any:
    return client.post(f"/proposals/{made.pk}/accept/", fields)


@pytest.fixture
def note(acme: Acme) -> str:
    return operations.create_note(acme.company, "VPN", BASE, author="bo")


def test_a_change_is_shown_and_accepted(note: str, technician: Client) -> None:
    made = proposed(note, BASE.replace("two", "2"), base_version=1)
    assert "1 proposal of assistants" in " ".join(technician.get("/").content.decode().split())
    assert "Claude for tess (token nightly)" in technician.get("/proposals/").content.decode()
    page = page_of(technician, made)
    assert "<del>two</del><ins>2</ins>" in page
    assert "Tickets ask for it." in page
    answer = accept(technician, made, text=made.text, version=1)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/node/{note}/")
    kept = queries.get_revision(note, 2)
    assert (kept.content, kept.author, kept.way, kept.through) == (
        made.text, "technician", "draft", "Claude for tess (token nightly)",
    )  # fmt: skip
    assert kept.message == "Proposed by Claude for tess (token nightly), accepted by technician"
    made.refresh_from_db()
    assert (made.state, made.decided_by) == (State.ACCEPTED, "technician")
    entry = Entry.objects.get(action="edited")
    assert (entry.who, entry.way, entry.through) == ("technician", "draft", "Claude for tess (token nightly)")
    assert "technician has accepted it" in " ".join(
        page_of(technician, made).replace("<bdi>", "").replace("</bdi>", "").split()
    )
    again = accept(technician, made, text="other", version=2)
    assert again.status_code == 409
    assert "technician has accepted it already" in again.content.decode()
    assert queries.get_node(note).content == made.text


def test_a_new_note_is_made_with_what_the_person_edited(acme: Acme, technician: Client) -> None:
    made = proposed(acme.company, "# Printer\n\nTurn it off.", name="Printer")
    assert "<p>Turn it off.</p>" in page_of(technician, made)
    answer = accept(technician, made, text="# Printer\r\n\r\nTurn it on.")
    assert answer.headers["Location"] == f"/node/{made.node_id}/"
    created = queries.get_node(made.node_id)
    assert (created.content, created.place) == ("# Printer\n\nTurn it on.", acme.company)
    assert "accepted by technician" in queries.get_revision(made.node_id, 1).message
    assert "accepted" in technician.get("/proposals/").content.decode()


def test_changes_in_other_lines_are_merged(note: str, technician: Client) -> None:
    made = proposed(note, BASE.replace("one", "1"), base_version=1)
    operations.save(note, author="bo", content=BASE.replace("three", "3"))
    page = page_of(technician, made)
    assert "bo</bdi> saved the note meanwhile, in other lines" in page
    assert "<del>one</del><ins>1</ins>" in page
    assert "<del>three" not in page
    both = BASE.replace("one", "1").replace("three", "3")
    assert both in page
    assert accept(technician, made, text=both, version=2).status_code == 302
    assert queries.get_node(note).content == both


def test_changes_of_the_same_lines_are_for_a_person(note: str, technician: Client) -> None:
    made = proposed(note, BASE.replace("one", "1"), base_version=1)
    operations.save(note, author="bo", content=BASE.replace("one", "I"))
    page = page_of(technician, made)
    assert "<<<<<<< the proposal" in page
    assert "Take the proposal" in page
    marked = page.split('name="text"')[1].split(">\n", 1)[1].split("</textarea>")[0]
    refused = accept(technician, made, text=marked, version=2)
    assert refused.status_code == 422
    assert "have to choose" in refused.content.decode()
    assert queries.get_node(note).content == BASE.replace("one", "I")


def test_who_saves_between_display_and_accept_is_not_overwritten(note: str, technician: Client) -> None:
    made = proposed(note, BASE.replace("one", "1"), base_version=1)
    operations.save(note, author="bo", content=BASE.replace("three", "3"))
    answer = accept(technician, made, text=made.text, version=1)
    assert answer.status_code == 409
    page = unescape(answer.content.decode())
    assert "bo saved “VPN” after you opened it." in page
    assert BASE.replace("one", "1").replace("three", "3") in page
    assert 'name="version" value="2"' in page
    assert Proposal.objects.get().is_open


def test_declined_with_a_word(note: str, technician: Client) -> None:
    made = proposed(note, "x", base_version=1)
    assert '<span class="badge">change</span>' in technician.get("/proposals/").content.decode()
    assert technician.post(f"/proposals/{made.pk}/decline/", {"word": " "}).status_code == 422
    assert technician.post(f"/proposals/{made.pk}/decline/", {"word": "Wrong client."}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.word) == (State.DECLINED, "Wrong client.")
    assert Entry.objects.get(action="proposal_declined").nodes == [note]
    assert "Wrong client." in page_of(technician, made)
    assert technician.post(f"/proposals/{made.pk}/decline/", {"word": "Again."}).status_code == 409
    assert accept(technician, made, text="x", version=1).status_code == 409
    assert "There are no open proposals" in technician.get("/proposals/").content.decode()


def test_what_was_declined_meanwhile_is_not_written(note: str, technician: Client) -> None:
    made = proposed(note, "Other.", base_version=1)
    seen_before = Proposal.objects.get(pk=made.pk)
    technician.post(f"/proposals/{made.pk}/decline/", {"word": "No."})
    with pytest.raises(Refused, match="technician has declined it already"):
        proposals.accept(seen_before, "Other.", author="bo", base_version=1)
    assert queries.get_node(note).content == BASE
    assert Proposal.objects.get(pk=made.pk).state == State.DECLINED


def test_what_cannot_be_written_stays_open(note: str) -> None:
    made = proposed(note, "Other.", base_version=1)
    operations.trash(note, author="bo")
    with pytest.raises(TreeError):
        proposals.accept(made, "Other.", author="bo", base_version=1)
    assert Proposal.objects.get(pk=made.pk).is_open


def test_what_was_decided_last_comes_first(
    note: str, acme: Acme, technician: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long ago it was proposed, and however much was decided before."""
    old, between, new = (proposed(acme.company, "x", name=name) for name in ("Old", "Between", "New"))
    assert accept(technician, new, text="x").status_code == 302
    assert technician.post(f"/proposals/{between.pk}/decline/", {"word": "No."}).status_code == 302
    assert accept(technician, old, text="x").status_code == 302
    decided = proposals.list_decided(EVERYTHING, 3)
    assert [seen.proposal.pk for seen in decided] == [old.pk, between.pk, new.pk]
    monkeypatch.setattr(seen_proposals, "MOST", 1)
    assert [seen.proposal.pk for seen in proposals.list_decided(EVERYTHING, 3)] == [old.pk]


def test_the_start_page_counts_what_waits_without_its_texts(acme: Acme, note: str, technician: Client) -> None:
    proposed(note, "x", base_version=1)
    proposed(acme.company, "x", name="Printer")
    gone = proposed(operations.create_note(acme.company, "Gone", "x", author="bo"), "y", base_version=1)
    operations.trash(gone.node_id, author="bo")
    with CaptureQueriesContext(connection) as asked:
        page = squeezed(technician.get("/").content.decode())
    assert "2 proposals of assistants" in page
    [statement] = [query["sql"] for query in asked if "tree_proposal" in query["sql"]]
    assert '"text"' not in statement


def test_a_proposal_for_what_one_may_not_see_is_not_there(acme: Acme, technician: Client) -> None:
    note = operations.create_note(acme.open, "Secret splines", BASE, author="bo")
    made = proposed(note, "x", base_version=1)
    assert page_of(technician, made)
    assert Entry.objects.filter(action="ticket_viewed", nodes=[note]).exists()
    limited = Reader(tickets=False)
    assert proposals.find(made.pk, limited) is None
    assert proposals.list_open(limited) == []
    assert proposals.count_open(limited) == 0
    billing = client_of("billing")
    for path in ("", f"{made.pk}/"):
        assert billing.get(f"/proposals/{path}").status_code == 403
    assert billing.post(f"/proposals/{made.pk}/accept/", {"text": "x"}).status_code == 403
    assert "proposal" not in billing.get("/").content.decode()
    operations.trash(note, author="bo")
    assert technician.get(f"/proposals/{made.pk}/").status_code == 404


def test_odd_requests(note: str, technician: Client) -> None:
    made = proposed(note, "x", base_version=1)
    address = f"/proposals/{made.pk}"
    assert technician.get("/proposals/999/").status_code == 404
    assert technician.get("/proposals/99999999999999999999/").status_code == 404
    assert technician.get(f"{address}/accept/").status_code == 405
    for version in ("", "many", "-1", "9" * 30):
        assert accept(technician, made, text="y", version=version).status_code == 409, version
    assert accept(technician, made, text="\x00", version=1).status_code in (409, 422)
    assert accept(technician, made, text="y" * 300_000, version=1).status_code == 422
    assert queries.get_node(note).content == BASE


def test_purging_takes_the_proposals_with_it(acme: Acme) -> None:
    gone = operations.create_note(ROOT_ID, "Gone", BASE, author="bo")
    proposed(gone, "x", base_version=1)
    kept = proposed(acme.company, "x", name="Kept")
    proposals.forget([gone])
    assert list(Proposal.objects.all()) == [kept]


def test_guidance_is_one_text_of_admins(admin: Client) -> None:
    assert admin.get("/admin/tree/guidance/add/").status_code == 200
    assert admin.post("/admin/tree/guidance/add/", {"text": "Ask Bo."}).status_code == 302
    kept = Guidance.objects.get()
    assert Guidance.present() == "Ask Bo."
    assert admin.get("/admin/tree/guidance/add/").status_code == 403
    assert admin.post(f"/admin/tree/guidance/{kept.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.post(f"/admin/tree/guidance/{kept.pk}/change/", {"text": ""}).status_code == 302
    assert Guidance.present() == ""
    assert client_of("technician").get("/admin/tree/guidance/").status_code in (302, 403)
