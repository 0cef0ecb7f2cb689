"""The context of a node by the API v1: the same pack as everywhere, with the rights of the caller."""

import pytest
from pytest_django import Settings

from knowledgetree.audit.actions import Action
from knowledgetree.audit.models import Entry
from knowledgetree.basics.rights.reader import EVERYTHING
from knowledgetree.basics.rights.withholding import Part
from tests.tree.api.v1.calling import Caller, caller
from tests.tree.factory import Acme, make
from tree.context.pack import build


@pytest.fixture
def ana(db: None) -> Caller:
    return caller("technician")


def test_the_pack_as_json_and_as_markdown(acme: Acme, ana: Caller) -> None:
    pack = build([acme.open], EVERYTHING, budget=3_000, question="splines")
    found = ana.get(f"/nodes/{acme.open}/context", budget=3000, question="splines")
    assert found == {"text": pack.text, "manifest": pack.manifest()}
    response = ana.send("GET", f"/nodes/{acme.open}/context", budget="3000", question="splines", format="md")
    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert response.content.decode() == pack.text


def test_what_left_stands_in_the_audit_log(acme: Acme, ana: Caller) -> None:
    found = ana.get(f"/nodes/{acme.open}/context")
    entry = Entry.objects.filter(action=Action.HANDED_OUT).first()
    assert entry is not None
    assert set(entry.nodes) == {one["id"] for one in found["manifest"]["candidates"]}


def test_without_the_scope_for_tickets(acme: Acme, db: None) -> None:
    program = caller("admin", "read")
    assert program.get(f"/nodes/{acme.open}/context", 404)["status"] == 404
    found = program.get(f"/nodes/{acme.ana}/context")
    assert found["manifest"]["withheld"] == ["tickets"]
    assert "VPN" not in found["text"]


def test_compliance_levels_withhold_texts_and_contacts(acme: Acme, ana: Caller, settings: Settings) -> None:
    settings.WITHHELD_FROM_TOKENS = True
    settings.WITHHELD = {"hipaa": frozenset({Part.TICKET_TEXTS, Part.CONTACTS}), "standard": frozenset()}
    make("Note", "Plain.md", acme.company, origin="staff", content="Anybody may read this.")
    found = ana.get(f"/nodes/{acme.open}/context")
    assert not any(text in found["text"] for text in ("splines", "555 0100", "ana@acme.example"))
    assert "Anybody may read this." in found["text"]
    assert "[withheld by the client's compliance level: content" in found["text"]
    assert found["manifest"]["withheld"] == ["by compliance level"]
    settings.WITHHELD = {"hipaa": frozenset({Part.TICKETS}), "standard": frozenset()}
    found = ana.get(f"/nodes/{acme.ana}/context")
    assert "VPN" not in str(found)
    assert found["manifest"]["withheld"] == ["by compliance level"]


@pytest.mark.parametrize("budget", ["0", "1", "-1", "1000000000", "x", "5000.5", "١٢٣٤"])
def test_odd_budgets(budget: str, acme: Acme, ana: Caller) -> None:
    problem = ana.get(f"/nodes/{acme.open}/context", 422, budget=budget)
    assert [error["field"] for error in problem["errors"]] == ["budget"]


def test_unknown_nodes(acme: Acme, ana: Caller) -> None:
    assert ana.get("/nodes/nothing/context", 404)["status"] == 404
