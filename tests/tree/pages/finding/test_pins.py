"""Pins: on a node's page, above the tree and on the start page."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.pages import text_of
from tests.tree.factory import Acme, make
from tree import operations
from tree.models import Pin
from tree.vocabulary import ROOT_ID

HOSTILE = '<img src=x onerror="hit()">'


def _pin(client: Client, uid: str, on: str = "1", **headers: str) -> int:
    return client.post(f"/node/{uid}/pin/", {"on": on}, headers=headers).status_code


def _above_tree(client: Client) -> list[str]:
    pane = client.get("/search/").content.decode()
    return re.findall(r'<li data-id="([^"]+)"', pane)


def _on_home(client: Client) -> list[str]:
    page = client.get("/", headers={"HX-Request": "true"}).content.decode()  # without what is above the tree
    return re.findall(r'<li data-id="([^"]+)"', page)


def test_pins(acme: Acme, technician: Client, billing: Client, subtests: pytest.Subtests) -> None:
    folder = operations.create_folder(ROOT_ID, "Runbooks", author="tess")
    note = operations.create_note(acme.open, f"{HOSTILE} מדפסת", "Text.", author="tess")
    pinned = [acme.ana, note, acme.gone, acme.company]
    with subtests.test("a star on the page, with and without JavaScript"):
        assert 'aria-pressed="false"' in text_of(technician, f"/node/{acme.ana}/")
        assert _pin(technician, acme.ana) == 302
        assert 'aria-pressed="true"' in text_of(technician, f"/node/{acme.ana}/")
        answer = technician.post(f"/node/{note}/pin/", {"on": "1"}, headers={"HX-Request": "true"})
        assert answer.headers["HX-Trigger"] == "pins:changed"
        assert 'aria-pressed="true"' in answer.content.decode()
        for uid in (acme.gone, acme.company, acme.company):
            _pin(technician, uid)
    with subtests.test("they stand above the tree and on the start page, as they were pinned"):
        assert _above_tree(technician) == _on_home(technician) == pinned
        with CaptureQueriesContext(connection) as asked:
            whole = technician.get("/").content.decode()
        assert re.findall(r'<li data-id="([^"]+)"', whole) == 2 * pinned
        assert sum("tree_pin" in query["sql"] for query in asked) == 1, "the start page has both of one question"
        assert "&lt;img" in text_of(technician, "/")
        assert "<img" not in text_of(technician, "/pins/")
    with subtests.test("they are a person's own"):
        assert _above_tree(billing) == _on_home(billing) == []
    with subtests.test("their order"):
        for uid, beside, after, order in (
            (acme.company, acme.ana, "0", [3, 0, 1, 2]),
            (acme.ana, acme.gone, "1", [3, 1, 2, 0]),
            (acme.ana, "", "1", [3, 1, 2, 0]),
            (acme.ana, "no-such-node", "1", [3, 1, 2, 0]),
            ("no-such-node", acme.ana, "1", [3, 1, 2, 0]),
        ):
            technician.post("/pins/", {"id": uid, "beside": beside, "after": after})
            assert _on_home(technician) == [pinned[place] for place in order]
    with subtests.test("a pin stays when its node is moved and renamed, and is hidden while that is in the trash"):
        operations.move(note, folder, author="tess")
        operations.rename(note, "Elsewhere", author="tess")
        assert "Elsewhere" in text_of(technician, "/search/")
        operations.trash(note, author="tess")
        assert note not in _on_home(technician) + _above_tree(technician)
        assert "No longer keep it" in text_of(technician, f"/node/{note}/")
        operations.restore(note, author="tess")
        assert _on_home(technician)[1] == note
        assert _pin(technician, note, "0") == 302
        assert note not in _on_home(technician)
    with subtests.test("who loses the right to a node does not see it among the pins"):
        ticket = operations.create_note(acme.open, "Below a ticket", "Text.", author="tess")
        for uid in (acme.open, ticket):
            _pin(technician, uid)
        User.objects.get(username="technician").groups.set(User.objects.get(username="billing").groups.all())
        assert _above_tree(technician) == _on_home(technician) == [acme.company, acme.ana]
        assert "Below a ticket" not in text_of(technician, "/search/") + text_of(technician, "/pins/")
        assert _pin(technician, acme.open) == 404


def test_there_are_never_many_pins(acme: Acme, technician: Client) -> None:
    person = User.objects.get(username="technician")
    many = [Pin(user=person, node_id=f"node-{number}", place=number) for number in range(Pin.MOST)]
    Pin.objects.bulk_create(many)
    assert _pin(technician, acme.ana) == 409
    assert "You have pinned 100 pages" in technician.post(f"/node/{acme.ana}/pin/", {"on": "1"}).content.decode()
    answer = technician.post(f"/node/{acme.ana}/pin/", {"on": "1"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "text/plain; charset=utf-8")
    assert _pin(technician, "node-7", "0") == 404  # there is no such node, and yet it is unpinned
    assert _pin(technician, acme.ana) == 302
    assert _on_home(technician) == [acme.ana]


def test_many_pins_above_the_tree(acme: Acme, technician: Client) -> None:
    for number in range(14):
        _pin(technician, make("Note", f"Note {number}.md", acme.company))
    assert len(_above_tree(technician)) == 12
    assert "All 14" in text_of(technician, "/search/")
