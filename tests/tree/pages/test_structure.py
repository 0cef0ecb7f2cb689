"""The pages that make, rename, move, copy, delete and restore: each refusal, each role, whole page and dialog."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from tests.graph_assertions import graph_hash
from tests.pages import squeezed
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme
from tree import operations, queries
from tree.integrity import check_graph
from tree.models import ContextChoice, Draft, Pin
from tree.vocabulary import COMPANIES_ID, ROOT_ID

TESS = "tess"
IN_DIALOG = {"HX-Request": "true", "HX-Target": "dialog-body"}


@pytest.fixture
def runbooks(acme: Acme) -> str:
    """Runbooks / (VPN, Deep / Printer), beside the company."""
    folder = operations.create_folder(ROOT_ID, "Runbooks", author=TESS)
    operations.create_note(folder, "VPN", "splines", author=TESS)
    deep = operations.create_folder(folder, "Deep", author=TESS)
    operations.create_note(deep, "Printer", author=TESS)
    return folder


def child(uid: str, name: str) -> str:
    return next(row.uid for row in queries.get_children(uid).rows if row.name == name)


def names_below(uid: str) -> list[str]:
    return [row.name for row in queries.get_children(uid).rows]


def text(answer: Any) -> str:
    return squeezed(unescape(str(answer.content.decode())))


def told(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def old_trash(graph: Graph, uid: str) -> None:
    """As if the node had been deleted 31 days ago."""
    then = (datetime.now(UTC) - timedelta(days=31)).isoformat(timespec="seconds")
    graph.driver.execute_query("MATCH (n:ContextItem {id: $id}) SET n.trashed_at = $then", id=uid, then=then)


@pytest.mark.parametrize("kind", ["note", "folder"])
def test_new_below_any_node(acme: Acme, technician: Client, kind: str) -> None:
    for place in (ROOT_ID, COMPANIES_ID, acme.company, acme.users, acme.ana, acme.laptop, acme.open, acme.contact):
        form = technician.get(f"/node/{place}/new/?kind={kind}")
        assert f'value="{kind}"' in text(form)
        answer = technician.post(f"/node/{place}/new/", {"kind": kind, "name": " VPN "})
        made = child(place, "VPN")
        assert (answer.status_code, answer.headers["Location"].split("/")[2]) == (302, made)
        assert answer.headers["Location"].endswith("/edit/") == (kind == "note")  # opened for writing
        assert told(answer) == f"Made the {kind} “VPN”."
        node = queries.get_node(made)
        assert (node.kind, node.properties["created_by"]) == (kind.capitalize(), "technician")


def test_a_form_that_is_sent_twice_makes_one_note(acme: Acme, technician: Client) -> None:
    found = re.search(r'name="uid" value="([^"]+)"', text(technician.get(f"/node/{acme.ana}/new/")))
    assert found
    typed = {"kind": "note", "name": "VPN", "uid": found[1]}
    answers = [technician.post(f"/node/{acme.ana}/new/", typed) for _ in range(2)]
    assert {answer.headers["Location"].split("/")[2] for answer in answers} == {found[1]}
    assert names_below(acme.ana).count("VPN") == 1


REFUSED_NAMES = (
    ("", 422, "Give it a name."),
    ("   ", 422, "Give it a name."),
    ("..", 422, "another folder"),
    ("pass\u200bword", 422, "U+200B"),
    ("x" * 300, 422, "300 characters"),
    ("a\0b", 422, "Null characters"),
    ("runbooks", 409, "“KnowledgeTree” has “runbooks” already"),
    ("Runbоoks", 409, "looks like “Runbooks”"),
)


@pytest.mark.parametrize("headers", [{}, IN_DIALOG], ids=["page", "dialog"])
def test_a_refused_name_stays_typed_beside_its_reason(
    runbooks: str, technician: Client, graph: Graph, headers: dict[str, str], subtests: pytest.Subtests
) -> None:
    other = operations.create_folder(ROOT_ID, "Other", author=TESS)
    before = graph_hash(graph)
    new, rename = (f"/node/{ROOT_ID}/new/", {"kind": "folder"}), (f"/node/{other}/rename/", {"version": "1"})
    for (typed, status, reason), (address, form) in product(REFUSED_NAMES, (new, rename)):
        with subtests.test(address, typed=typed):
            answer = technician.post(address, form | {"name": typed}, headers=headers)
            assert answer.status_code == status
            page = unescape(answer.content.decode())
            after = page.partition(f'value="{typed}"' if typed else 'name="name"')[2]
            assert after
            assert reason in after.partition("</form>")[0]
            assert ("<html" in page) == (not headers)
            assert graph_hash(graph) == before


def test_rename(runbooks: str, technician: Client) -> None:
    page = text(technician.get(f"/node/{runbooks}/rename/"))
    assert 'value="Runbooks"' in page
    answer = technician.post(f"/node/{runbooks}/rename/", {"name": "Guides", "version": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/node/{runbooks}/")
    assert told(answer) == "Renamed “Runbooks” to “Guides”."
    assert queries.get_node(runbooks).name == "Guides"


def test_a_rename_after_somebody_else_saved_is_asked_about(runbooks: str, technician: Client) -> None:
    operations.rename(runbooks, "Guides", author="ann")
    answer = technician.post(f"/node/{runbooks}/rename/", {"name": "Manuals", "version": "1"})
    page = text(answer)
    assert answer.status_code == 409
    assert "ann saved “Guides” after you opened it" in page
    assert 'value="Manuals"' in page
    assert 'name="version" value="2"' in page  # sent again, it is meant
    technician.post(f"/node/{runbooks}/rename/", {"name": "Manuals", "version": "2"})
    assert queries.get_node(runbooks).name == "Manuals"


def test_move_by_page_and_by_dialog(runbooks: str, acme: Acme, technician: Client) -> None:
    page = text(technician.get(f"/node/{runbooks}/move/"))
    assert f'value="{ROOT_ID}" checked' in page  # begins where it hangs
    answer = technician.post(f"/node/{runbooks}/move/", {"parent": acme.company})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/node/{runbooks}/")
    assert told(answer) == "Moved “Runbooks” to “Acme Dental”."
    assert queries.get_node(runbooks).path[-2].uid == acme.company
    [way] = re.findall(r'<p class="places-way">.*?</p>', text(technician.get(f"/node/{runbooks}/move/")), re.DOTALL)
    assert re.findall(r"<bdi>(.*?)</bdi>", way) == ["KnowledgeTree", "Companies"]  # where one may go up to
    answer = technician.post(f"/node/{runbooks}/move/", {"parent": ROOT_ID}, headers=IN_DIALOG)
    assert answer.status_code == 200
    assert json.loads(answer.headers["HX-Location"])["path"] == f"/node/{runbooks}/"
    assert [b for b in check_graph()[1] if b.check not in ("synced fields", "links")] == []


def test_moves_that_are_refused(runbooks: str, acme: Acme, technician: Client, graph: Graph) -> None:
    deep = child(runbooks, "Deep")
    operations.create_note(acme.company, "Runbooks", author=TESS)
    before = graph_hash(graph)
    for parent, status, reason in (
        (deep, 422, "into itself or below itself"),
        (runbooks, 422, "into itself or below itself"),
        ("no-such-id", 422, "The place is gone"),
        ("", 422, "Choose a place"),
        (acme.company, 409, "“Acme Dental” has “Runbooks” already"),
    ):
        answer = technician.post(f"/node/{runbooks}/move/", {"parent": parent})
        assert answer.status_code == status, parent
        assert reason in text(answer)
        dropped = technician.post("/tree/move/", {"id": runbooks, "parent": parent, "dragged": "1"}, headers=IN_DIALOG)
        assert dropped.status_code == status
        assert reason in text(dropped) or not parent
    assert graph_hash(graph) == before


def test_copy(runbooks: str, acme: Acme, technician: Client) -> None:
    assert "Copy to" in text(technician.get(f"/node/{runbooks}/copy/"))
    answer = technician.post(f"/node/{runbooks}/copy/", {"parent": ROOT_ID})
    copied = child(ROOT_ID, "Runbooks (copy)")
    assert answer.headers["Location"] == f"/node/{copied}/"
    assert names_below(copied) == ["Deep", "VPN"]
    for parent, reason in ((child(runbooks, "Deep"), ""), ("no-such-id", "The place is gone"), ("", "Choose a place")):
        answer = technician.post(f"/node/{runbooks}/copy/", {"parent": parent})
        assert answer.status_code == (422 if reason else 302)
        assert not reason or reason in text(answer)


def test_delete_shows_what_is_inside_before_it_asks(runbooks: str, acme: Acme, technician: Client) -> None:
    operations.create_note(acme.ana, "Hint", f"[see](/node/{child(runbooks, 'VPN')}/)", author=TESS)
    page = re.sub(r"<[^>]+>", "", text(technician.get(f"/node/{runbooks}/trash/")))
    assert "Delete “Runbooks”?" in page
    assert "1 folder, 2 notes" in page
    assert "Printer" in page
    assert "1 note elsewhere links to this" in page
    assert "Runbooks" in names_below(ROOT_ID)
    answer = technician.post(f"/node/{runbooks}/trash/")
    assert answer.headers["Location"] == f"/node/{ROOT_ID}/"
    assert told(answer) == "Put “Runbooks” and 3 below it into the trash."
    assert names_below(ROOT_ID) == ["Companies"]
    assert queries.get_trash()[0].by == "technician"


@pytest.mark.parametrize("headers", [{}, IN_DIALOG], ids=["page", "dialog"])
def test_what_staff_did_not_make_cannot_be_changed(
    acme: Acme, technician: Client, graph: Graph, headers: dict[str, str]
) -> None:
    before = graph_hash(graph)
    synced = (acme.company, acme.users, acme.ana, acme.contact, acme.laptop, acme.open)
    for uid in (ROOT_ID, COMPANIES_ID, *synced):
        reason = "part of the tree's frame" if uid in (ROOT_ID, COMPANIES_ID) else "comes from Codex"
        for action, form in (
            ("rename", {"name": "Mine"}),
            ("move", {"parent": acme.ana}),
            ("copy", {"parent": acme.ana}),
            ("trash", {}),
        ):
            shown = technician.get(f"/node/{uid}/{action}/", headers=headers)
            assert (shown.status_code, '<form class="stacked"' in text(shown)) == (409, False)
            assert reason in text(shown)
            answer = technician.post(f"/node/{uid}/{action}/", form, headers=headers)
            assert answer.status_code == 409, (uid, action)
            assert reason in text(answer)
        page = text(technician.get(f"/node/{uid}/", follow=True))
        shown_on = acme.ana if uid == acme.contact else uid  # a card stands on the page of its person
        assert f"/node/{shown_on}/new/?kind=note" in page
        assert f"/node/{uid}/rename/" not in page
    assert graph_hash(graph) == before


def test_several_at_once_all_or_none(runbooks: str, acme: Acme, technician: Client, graph: Graph) -> None:
    both = [child(runbooks, "VPN"), child(runbooks, "Deep")]
    asked = text(technician.post("/tree/move/", {"id": both, "from": runbooks}))
    assert "Move 2 notes and folders" in asked
    assert names_below(runbooks) == ["Deep", "VPN"]
    before = graph_hash(graph)
    for bad in ("no-such-id", acme.ana):
        for action in ("move", "trash"):
            form = {"id": [*both, bad], "parent": acme.company, "asked": "1"}
            assert technician.post(f"/tree/{action}/", form).status_code == 409
    assert graph_hash(graph) == before
    answer = technician.post("/tree/move/", {"id": both, "parent": acme.company, "asked": "1"})
    assert answer.headers["Location"] == f"/node/{acme.company}/"
    assert told(answer) == "Moved 2 notes and folders to “Acme Dental”."
    asked = re.sub(r"<[^>]+>", "", text(technician.post("/tree/trash/", {"id": both})))
    assert "Delete 2 notes and folders?" in asked
    assert "1 note" in asked
    answer = technician.post("/tree/trash/", {"id": both, "asked": "1"})
    assert answer.headers["Location"] == f"/node/{acme.company}/"
    assert {entry.row.name for entry in queries.get_trash()} == {"VPN", "Deep"}
    for action in ("move", "trash"):
        assert technician.post(f"/tree/{action}/", {"parent": ROOT_ID}).status_code == 400
        assert technician.get(f"/tree/{action}/").status_code == 405


def test_places_are_found_by_walking_and_by_name(runbooks: str, acme: Acme, technician: Client) -> None:
    level = text(technician.get(f"/places/?at={runbooks}&not={child(runbooks, 'Deep')}"))
    assert re.findall(r'value="([^"]+)" checked', level) == [runbooks]
    assert re.findall(r'value="([^"]+)" disabled', level) == [child(runbooks, "Deep")]
    found = text(technician.get("/places/?q=acme"))
    assert f'value="{acme.company}"' in found
    assert "Nothing is called “zzzz”" in text(technician.get("/places/?q=zzzz"))
    for odd in ("at=nobody", "at=", "q=%00", "at=%00", "at=" + "x" * 900):
        assert technician.get(f"/places/?{odd}").status_code == 200


def test_the_trash_page_and_back(runbooks: str, acme: Acme, technician: Client) -> None:
    assert "The trash is empty" in text(technician.get("/trash/"))
    technician.post(f"/node/{runbooks}/trash/")
    page = text(technician.get("/trash/"))
    assert "technician," in page
    assert f'href="/node/{ROOT_ID}/"><bdi>KnowledgeTree</bdi>' in page
    assert "3 inside" in page
    assert "Printer" in text(technician.get(f"/node/{runbooks}/inside/"))
    answer = technician.post(f"/node/{runbooks}/restore/")
    assert answer.headers["Location"] == f"/node/{runbooks}/"
    assert told(answer).endswith("Restored “Runbooks”.")
    assert names_below(runbooks) == ["Deep", "VPN"]
    assert technician.post(f"/node/{runbooks}/restore/").status_code == 409
    technician.post(f"/node/{runbooks}/trash/")
    operations.create_folder(acme.company, "Runbooks", author=TESS)
    assert "Restore to" in text(technician.get(f"/node/{runbooks}/restore/"))
    answer = technician.post(f"/node/{runbooks}/restore/", {"parent": acme.company, "asked": "1"})
    assert "as “Runbooks (restored)”" in told(answer)
    assert queries.get_node(runbooks).path[-2].uid == acme.company


def test_restores_that_are_refused(runbooks: str, technician: Client) -> None:
    deep = child(runbooks, "Deep")
    printer = child(deep, "Printer")
    technician.post(f"/node/{printer}/trash/")
    technician.post(f"/node/{runbooks}/trash/")
    answer = technician.post(f"/node/{printer}/restore/")
    assert (answer.status_code, "Choose a place to restore it to" in text(answer)) == (422, True)
    answer = technician.post(f"/node/{deep}/restore/")
    assert (answer.status_code, "went into the trash with “Runbooks”" in text(answer)) == (409, True)
    answer = technician.post(f"/node/{runbooks}/restore/", {"parent": deep, "asked": "1"})
    assert (answer.status_code, "lies in the trash" in text(answer) or "is gone" in text(answer)) == (422, True)
    answer = technician.post(f"/node/{runbooks}/restore/", {"parent": "", "asked": "1"})
    assert (answer.status_code, "Choose a place" in text(answer)) == (422, True)
    assert technician.post(f"/node/{printer}/restore/", {"parent": ROOT_ID, "asked": "1"}).status_code == 302


def test_a_trashed_node_says_so_and_is_not_changed(runbooks: str, technician: Client, billing: Client) -> None:
    vpn = child(runbooks, "VPN")
    technician.post(f"/node/{runbooks}/trash/")
    page = text(technician.get(f"/node/{runbooks}/"))
    assert "In the trash: deleted by technician" in page
    assert f'action="/node/{runbooks}/restore/"' in page
    assert "Printer" in page
    inner = text(technician.get(f"/node/{vpn}/"))
    assert f'with <a href="/node/{runbooks}/">' in inner
    assert "/restore/" not in inner
    assert "/restore/" not in text(billing.get(f"/node/{runbooks}/"))
    to_root = {"parent": ROOT_ID}
    for action, form in (("rename", {"name": "x"}), ("move", to_root), ("copy", to_root), ("trash", {})):
        for answer in (technician.get(f"/node/{vpn}/{action}/"), technician.post(f"/node/{vpn}/{action}/", form)):
            assert (answer.status_code, "lies in the trash" in text(answer)) == (409, True), action
    answer = technician.post(f"/node/{vpn}/new/", {"kind": "note", "name": "x"})
    assert (answer.status_code, "lies in the trash" in text(answer)) == (409, True)
    assert runbooks not in text(technician.get(f"/tree/?open={ROOT_ID}"))
    assert runbooks not in text(technician.get(f"/node/{ROOT_ID}/rows/"))


def test_purge_is_for_admins_after_thirty_days(runbooks: str, technician: Client, admin: Client, graph: Graph) -> None:
    address = f"/node/{runbooks}/purge/"
    assert admin.post(address).status_code == 409  # not in the trash
    technician.post(f"/node/{runbooks}/trash/")
    assert [technician.get(address).status_code, technician.post(address).status_code] == [403, 403]
    answer = admin.post(address)
    assert (answer.status_code, "may be purged from" in text(answer)) == (409, True)
    assert "for good from" in text(admin.get("/trash/"))
    old_trash(graph, runbooks)
    person = User.objects.get(username="technician")
    Pin.objects.create(user=person, node_id=runbooks, place=0)
    Draft.objects.create(user=person, node_id=runbooks, base_version=1, text="12", saved_at=timezone.now())
    ContextChoice.objects.create(user=person, node_id=runbooks, budget=8000)
    assert address in text(admin.get("/trash/"))
    assert address not in text(technician.get("/trash/"))
    assert "1 folder" in re.sub(r"<[^>]+>", "", text(admin.get(address)))
    answer = admin.post(address)
    assert (answer.headers["Location"], told(answer)) == ("/trash/", "Deleted “Runbooks” and 3 below it for good.")
    assert admin.get(f"/node/{runbooks}/").status_code == 404
    assert not Pin.objects.exists()
    assert not Draft.objects.exists()
    assert not ContextChoice.objects.exists()


def test_billing_reads_and_changes_nothing(runbooks: str, billing: Client, graph: Graph) -> None:
    before = graph_hash(graph)
    for action in ("new", "rename", "move", "copy", "trash", "restore", "purge"):
        assert billing.get(f"/node/{runbooks}/{action}/").status_code == 403
        assert billing.post(f"/node/{runbooks}/{action}/", {"name": "x", "parent": ROOT_ID}).status_code == 403
    for action in ("move", "trash"):
        assert billing.post(f"/tree/{action}/", {"id": runbooks, "asked": "1", "parent": ROOT_ID}).status_code == 403
    page = text(billing.get(f"/node/{runbooks}/"))
    for link in ("/new/", "/rename/", 'href="/trash/"', 'type="checkbox"', "drag.js"):
        assert link not in page
    assert graph_hash(graph) == before


def test_without_the_token_nothing_is_changed(runbooks: str, technician: Client, graph: Graph) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = technician.cookies
    before = graph_hash(graph)
    for address in (
        *(f"/node/{runbooks}/{action}/" for action in ("new", "rename", "move", "copy", "trash", "restore", "purge")),
        "/tree/move/",
        "/tree/trash/",
    ):
        form = {"name": "x", "kind": "note", "parent": COMPANIES_ID, "id": runbooks, "asked": "1"}
        assert strict.post(address, form).status_code == 403
    assert graph_hash(graph) == before


def test_asking_changes_nothing(runbooks: str, technician: Client, graph: Graph) -> None:
    before = graph_hash(graph)
    for action in ("new", "rename", "move", "copy", "trash", "restore", "inside"):
        technician.get(f"/node/{runbooks}/{action}/?name=x&parent={COMPANIES_ID}&asked=1")
    for address in ("/trash/", "/trash/?page=7", "/trash/?page=x", "/places/?q=x"):
        assert technician.get(address).status_code == 200
    assert graph_hash(graph) == before


def test_unknown_nodes_are_404(graph: Graph, admin: Client) -> None:
    for action in ("new", "rename", "move", "copy", "trash", "restore", "inside", "purge"):
        assert admin.get(f"/node/nobody/{action}/").status_code == 404


def test_who_wrote_it_and_when(runbooks: str, acme: Acme, technician: Client) -> None:
    vpn = child(runbooks, "VPN")
    operations.save(vpn, author="ann", content="more splines")
    page = re.sub(r"<[^>]+>", "", text(technician.get(f"/node/{vpn}/")))
    assert re.search(r"written by tess, (now|.* ago)", page)
    assert re.search(r"changed by ann, (now|.* ago)", page)
    operations.create_note(acme.ana, "VPN set-up", author=TESS)
    page = text(technician.get(f"/node/{acme.ana}/"))
    assert page.index("notes-title") < page.index("VPN set-up") < page.index("Below this")
    assert "tess · " in re.sub(r"<[^>]+>", "", page)


def test_names_are_text_in_every_form(acme: Acme, admin: Client, graph: Graph) -> None:
    name = "<img src=x onerror=alert(1)>\"'"
    folder = operations.create_folder(acme.company, name, author=name)
    operations.create_note(folder, name, author=name)
    for action in ("new", "rename", "move", "copy", "trash"):
        assert "<img" not in admin.get(f"/node/{folder}/{action}/").content.decode()
    assert "<img" not in admin.get(f"/places/?at={folder}").content.decode()
    assert "<img" not in admin.post("/tree/trash/", {"id": folder}).content.decode()
    assert "<img" not in admin.post(f"/node/{folder}/trash/", follow=True).content.decode()
    old_trash(graph, folder)
    for address in ("/trash/", f"/node/{folder}/restore/", f"/node/{folder}/purge/", f"/node/{folder}/inside/"):
        assert "<img" not in admin.get(address).content.decode()
