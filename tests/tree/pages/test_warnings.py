"""Notes that are marked as warnings: where they show, how they are marked, what keeps the mark."""

import json

import pytest
from django.test import Client

from tests.pages import text_of
from tests.tree.factory import Acme, make
from tree import operations, queries
from tree.exceptions import Conflict, ReadOnlyNode, Refused
from tree.vocabulary import COMPANIES_ID

TESS = "tess"


def shown_on(client: Client, uid: str) -> bool:
    return 'class="warnings"' in text_of(client, f"/node/{uid}/")


def test_a_warning_stands_on_what_it_lies_below_and_on_all_that_lies_there(
    acme: Acme, technician: Client, billing: Client, subtests: pytest.Subtests
) -> None:
    text = "# No visits\n\nCall **Mrs. Kim** first,\nhouse rule.\n\n- one\n- two"
    warning = operations.create_note(acme.company, "No visits.md", text, author=TESS, is_warning=True)
    beside = operations.create_note(acme.users, "Beside", author=TESS)
    for place in (acme.company, acme.users, acme.ana, acme.laptop, acme.open, beside):
        with subtests.test(place):
            page = text_of(technician, f"/node/{place}/")
            assert "<bdi>No visits</bdi></strong>" in page
            assert "Call Mrs. Kim first, house rule. one …" in page
            assert f'href="/node/{warning}/"' in page
            assert ("on <bdi>Acme Dental</bdi>" in page) is (place != acme.company)
    with subtests.test("the note itself is no banner of its own"):
        assert not shown_on(technician, warning)
        assert "> warning </span>" in text_of(technician, f"/node/{warning}/")
    with subtests.test("nor is it shown above or beside"):
        other = make("Company", "Brown Law")
        assert not any(shown_on(technician, uid) for uid in (COMPANIES_ID, other))
    with subtests.test("a warning of a person is shown there and below only"):
        operations.set_warning(warning, is_warning=False, author=TESS)
        operations.create_note(acme.ana, "Speaks slowly", author=TESS, is_warning=True)
        assert [shown_on(technician, uid) for uid in (acme.ana, acme.ana_tickets)] == [True, True]
        assert [shown_on(technician, uid) for uid in (acme.company, acme.users, acme.laptop)] == [False] * 3
    with subtests.test("one below the card of a person is one of the person"):
        operations.create_note(acme.contact, "On the card", author=TESS, is_warning=True)
        for place, where in ((acme.ana, ""), (acme.ana_tickets, "on <bdi>Ana Díaz</bdi>")):
            page = text_of(technician, f"/node/{place}/")
            assert page.count("<bdi>On the card</bdi></strong>") == 1
            assert where in page
            assert "on <bdi>Contact" not in page
        assert not shown_on(technician, acme.company)
    with subtests.test("billing reads warnings, but none below a ticket"):
        secret = operations.create_note(acme.open, "Secret", author=TESS, is_warning=True)
        assert shown_on(billing, acme.ana)
        assert billing.get(f"/node/{secret}/").status_code == 404
        assert shown_on(technician, acme.open)
    with subtests.test("none in the trash"):
        operations.trash(secret, author=TESS)
        assert not shown_on(technician, acme.open)


def test_who_marks_a_note_and_what_keeps_the_mark(
    acme: Acme, technician: Client, billing: Client, subtests: pytest.Subtests
) -> None:
    note = operations.create_note(acme.company, "Alarm", "The code", author=TESS)
    address = f"/node/{note}/warning/"
    with subtests.test("by the menu"):
        assert "Mark as a warning" in text_of(technician, f"/node/{note}/")
        assert technician.post(address, {"on": "1"}).status_code == 302
        assert shown_on(technician, acme.company)
        assert "No longer a warning" in text_of(technician, f"/node/{note}/")
    with subtests.test("billing does not"):
        assert billing.post(address, {"on": "0"}).status_code == 403
        assert shown_on(billing, acme.company)
    with subtests.test("the history tells"):
        assert "Marked as a warning" in text_of(technician, f"/node/{note}/history/")
        versions = [(one.message, one.is_warning) for one in queries.get_revisions(note)]
        assert versions == [("Marked as a warning", True), ("", False)]
    with subtests.test("a text that is being edited meets no conflict, and stays a warning"):
        operations.save(note, author="ann", base_version=1, content="The code is new")
        assert queries.get_node(note).content == "The code is new"
        assert shown_on(technician, acme.company)
        with pytest.raises(Conflict):
            operations.save(note, author=TESS, base_version=1, content="The code of another")
    with subtests.test("another save, an earlier text and a copy keep it"):
        operations.save(note, author=TESS, content="The code has changed")
        operations.restore_revision(note, 1, author=TESS)
        copy = operations.copy(note, acme.ana, author=TESS)
        assert [queries.get_node(uid).properties.get("is_warning") for uid in (note, copy)] == [True, True]
    with subtests.test("the JSON routes"):
        assert technician.get(f"/api/node/{note}").json()["is_warning"] is True
        answer = technician.put(f"/api/node/{note}", json.dumps({"is_warning": False}), "application/json")
        assert answer.json()["success"]
        assert technician.get(f"/api/node/{note}").json()["is_warning"] is False
        made = {"parent_id": acme.company, "name": "New", "is_warning": True}
        uid = technician.post("/api/node", json.dumps(made), "application/json").json()["id"]
        assert technician.get(f"/api/node/{uid}").json()["is_warning"] is True
        refused = technician.post("/api/node", json.dumps(made | {"is_folder": True}), "application/json")
        assert (refused.status_code, refused.json()["error"][:21]) == (400, "A folder is no warnin")
    with subtests.test("only what staff wrote, and no folder"):
        folder = operations.create_folder(acme.company, "Folder", author=TESS)
        with pytest.raises(Refused, match="Only a note"):
            operations.set_warning(folder, is_warning=True, author=TESS)
        with pytest.raises(ReadOnlyNode):
            operations.set_warning(acme.contact, is_warning=True, author=TESS)
        assert technician.post(f"/node/{acme.contact}/warning/", {"on": "1"}).status_code == 409
