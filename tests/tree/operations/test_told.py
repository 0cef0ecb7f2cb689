"""What webhooks are told of changes of notes: ids and names, no names where the compliance level withholds them."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from knowledgetree.audit.models import Entry
from knowledgetree.webhooks.event_types import EventType
from knowledgetree.webhooks.models import Delivery
from tests.knowledgetree.webhooks.conftest import Receiver, receiver
from tests.tree.factory import Acme, make
from tree import operations
from tree.exceptions import GraphUnavailable
from tree.operations import structure
from tree.operations.locking import change_tree
from tree.vocabulary import ROOT_ID

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, Any]]:
    found = [json.loads(delivery.body) for delivery in Delivery.objects.order_by("pk")]
    return [(one["type"], one["data"]) for one in found]


def test_each_change_is_one_event(acme: Acme, receiver: Receiver) -> None:
    receiver.endpoint()
    beta = make("Company", "Beta", account_number="1002", compliance_level="standard")
    folder = operations.create_folder(beta, "Docs", author="tess")
    uid = operations.create_note(folder, "VPN", "secret text", author="tess")
    operations.save(uid, author="tess", name="VPNs", content="other secret text")
    operations.save(uid, author="tess", name="VPNs")  # changes nothing
    operations.copy(folder, ROOT_ID, author="tess")
    operations.move(uid, acme.company, author="tess")
    operations.trash(folder, author="tess")
    operations.restore(folder, author="tess")
    operations.trash_all([folder, uid], author="tess")
    operations.purge(folder, after=timedelta())
    assert [
        (kind, data["change"], data["number"], [node["name"] for node in data["nodes"]]) for kind, data in told()
    ] == [
        ("node.created", "created", 1, ["Docs"]),
        ("node.created", "created", 1, ["VPN"]),
        ("node.renamed", "renamed", 1, ["VPNs"]),
        ("node.changed", "edited", 1, ["VPNs"]),
        ("node.created", "copied", 2, ["Docs"]),
        ("node.moved", "moved", 1, [None]),  # Acme has the level hipaa
        ("node.trashed", "trashed", 1, ["Docs"]),
        ("node.restored", "restored", 1, ["Docs"]),
        ("node.trashed", "trashed", 2, ["Docs", None]),
        ("node.purged", "purged", 1, ["Docs"]),
    ]
    [node] = told()[5][1]["nodes"]
    assert node == {"id": uid, "kind": "Note", "name": None, "company_id": acme.company, "compliance_level": "hipaa"}
    assert "secret" not in str(told())


def test_one_entry_of_the_log_for_each_company(acme: Acme) -> None:
    """In whatever order the nodes of several companies come."""
    there, nowhere, beside = (
        operations.create_note(place, name, author="tess")
        for place, name in ((acme.company, "A"), (ROOT_ID, "B"), (acme.users, "C"))
    )
    operations.trash_all([there, nowhere, beside], author="tess")
    entries = Entry.objects.filter(action="trashed").order_by("pk")
    assert [(entry.company, set(entry.nodes)) for entry in entries] == [
        ("1001", {there, nowhere, beside}),  # the first has everything that went along
        ("", {nowhere}),
    ]


def test_what_was_created_though_its_answer_got_lost_is_told_with_the_next_attempt(
    acme: Acme, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.endpoint()
    uid, copied = str(uuid.uuid4()), str(uuid.uuid4())

    def lost(work: Callable[..., object], seconds: float | None = None) -> object:
        change_tree(work, seconds)
        raise GraphUnavailable("The connection broke after the commit.")

    with monkeypatch.context() as patched:
        patched.setattr(structure, "change_tree", lost)
        with pytest.raises(GraphUnavailable):
            operations.create_note(acme.company, "VPN", author="tess", uid=uid)
        with pytest.raises(GraphUnavailable):
            operations.copy(uid, ROOT_ID, author="tess", copy_id=copied)
    assert (told(), Entry.objects.filter(action__in=["created", "copied"]).count()) == ([], 0)
    for author in ("tess", "tess", "bo"):
        assert operations.create_note(acme.company, "VPN", author=author, uid=uid) == uid
        assert [(kind, data["change"]) for kind, data in told()] == [("node.created", "created")]
        assert [entry.nodes for entry in Entry.objects.filter(action="created")] == [[uid]]
    operations.create_note(acme.users, "Users", author="bo", uid=acme.users)
    for _ in range(2):
        assert operations.copy(uid, ROOT_ID, author="tess", copy_id=copied) == copied
        assert [data["nodes"][0]["id"] for _, data in told()] == [uid, copied]
        assert [entry.nodes for entry in Entry.objects.filter(action="copied")] == [[copied]]
    assert len(told()) == 2, "who asks for a node that others have made has not created it"


def test_only_what_was_chosen(acme: Acme, receiver: Receiver) -> None:
    receiver.endpoint(EventType.NODE_MOVED)
    operations.create_note(acme.company, "VPN", author="tess")
    assert told() == []


def test_an_unknown_level_withholds_names(acme: Acme, receiver: Receiver) -> None:
    receiver.endpoint()
    for level in ("", "gold"):
        company = make("Company", f"Company {level}", account_number=f"x{level}", compliance_level=level)
        operations.create_note(company, "VPN", author="tess")
    assert [(data["nodes"][0]["name"], data["nodes"][0]["compliance_level"]) for _, data in told()] == [
        (None, "cjis")
    ] * 2
