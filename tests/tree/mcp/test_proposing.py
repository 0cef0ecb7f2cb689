"""``propose_note``: it makes proposals, and changes nothing in the tree."""

from typing import Any

import pytest

from knowledgetree.audit.models import Entry
from tests.tree.factory import Acme
from tests.tree.mcp.assistant import Assistant
from tree import operations, queries
from tree.models import Proposal
from tree.proposals import making
from tree.vocabulary import ROOT_ID

pytestmark = pytest.mark.django_db
SAID: dict[str, Any] = {"reason": "Two tickets ask for it.", "assistant": "Claude"}


def test_a_new_note_is_only_a_proposal(acme: Acme) -> None:
    assistant = Assistant()
    made = assistant.call("propose_note", id=acme.company, name="VPN", text="Restart it.", **SAID)
    assert (made["state"], made["repeated"], made["base_version"]) == ("open", False, None)
    assert made["url"] == f"http://testserver/proposals/{made['proposal']}/"
    assert (made["node"]["id"], made["node"]["compliance_level"]) == (acme.company, "hipaa")
    assert "VPN" not in [row.title for row in queries.get_children(acme.company).rows]
    kept = Proposal.objects.get()
    assert (kept.parent_id, kept.name, kept.text, kept.made_by, kept.through, kept.way) == (
        acme.company, "VPN", "Restart it.", "technician", "assistant", "token",
    )  # fmt: skip
    entry = Entry.objects.get(action="proposed")
    assert (entry.nodes, entry.company, entry.detail) == ([acme.company], "1001", f"proposal {kept.pk}")


def test_a_new_text_says_what_it_is_based_on(acme: Acme) -> None:
    note = operations.create_note(acme.company, "VPN", "one", author="tess")
    assistant = Assistant()
    base = assistant.call("fetch", id=note)["base_version"]
    operations.save(note, author="tess", content="two")
    made = assistant.call("propose_note", id=note, text="three", base_version=base, **SAID)
    assert (made["base_version"], made["current_version"]) == (1, 2)
    assert "merged" in made["message"]
    assert queries.get_node(note).content == "two"


def test_a_repeated_call_makes_no_second_proposal(acme: Acme) -> None:
    assistant = Assistant()
    asked: dict[str, Any] = {"id": acme.company, "name": "VPN", "text": "x", "idempotency_key": "k1", **SAID}
    first, again = (assistant.call("propose_note", **asked) for _ in range(2))
    assert (again["proposal"], again["repeated"]) == (first["proposal"], True)
    assert "idempotency_key" in assistant.refused("propose_note", **asked | {"text": "y"})
    assert Assistant("admin").call("propose_note", **asked)["repeated"] is False, "keys are each token's own"
    assert Proposal.objects.count() == 2


def test_what_could_not_be_accepted_is_refused_at_once(acme: Acme) -> None:
    note = operations.create_note(acme.company, "VPN", "one", author="tess")
    folder = operations.create_folder(acme.company, "Network", author="tess")
    assistant = Assistant()
    for arguments, said in (
        ({"id": note, "text": "x"}, "base_version: give the version"),
        ({"id": note, "text": "x", "base_version": 9}, "base_version: “VPN” has no version 9"),
        ({"id": note, "text": "one", "base_version": 1}, "text: "),
        ({"id": note, "text": " ", "base_version": 1}, "text: "),
        ({"id": folder, "text": "x", "base_version": 1}, "id: “Network” is no note"),
        ({"id": acme.open, "text": "x", "base_version": 1}, "id: “#40007 VPN is down” comes from Codex"),
        ({"id": acme.company, "name": "vpn", "text": "x"}, f"name: “vpn” is there already (id {note})"),
        ({"id": acme.company, "name": "a\u202eb", "text": "x"}, "name"),
        ({"id": acme.company, "name": "new", "text": "x", "base_version": 1}, "base_version: a new note has none"),
        ({"id": "nothing", "name": "new", "text": "x"}, "is no node"),
        ({"id": acme.company, "name": "new", "text": "x\x00"}, ""),
        ({"id": acme.company, "name": "new", "text": "x", "reason": " "}, "reason"),
    ):
        refusal = assistant.refused("propose_note", **SAID | arguments)
        assert said in refusal, (arguments, refusal)
    assert not Proposal.objects.exists()


def test_a_token_cannot_flood_people(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST_OPEN", 2)
    assistant = Assistant()
    for number in range(2):
        assistant.call("propose_note", id=ROOT_ID, name=f"N{number}", text="x", **SAID)
    assert "2 proposals of yours are open" in assistant.refused("propose_note", id=ROOT_ID, name="N3", text="x", **SAID)
