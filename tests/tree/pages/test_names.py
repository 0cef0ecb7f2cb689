"""What people read is the thing's name; stored names (``Ticket_7.md``, ``Contact.md``) stand in paths only."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.pages import text_of
from tests.tree.factory import Acme, make, relate
from tree import operations, queries
from tree.vocabulary import LINK_EVIDENCE, ROOT_ID

_PATH = re.compile(r'<span class="path">.*?</button>', re.DOTALL)  # the fact Path, with its button to copy it
_ADDRESS = re.compile(r' (?:href|hx-get|action|accept)="[^"]*"')


def read_by_people(page: str) -> str:
    return _ADDRESS.sub("", _PATH.sub("", page))


def test_no_page_shows_a_stored_name(acme: Acme, technician: Client, subtests: pytest.Subtests) -> None:
    note = operations.create_note(acme.open, "VPN set-up.md", f"[x](/node/{acme.laptop}/)", author="ann")
    deeper = operations.create_note(note, "Routers.md", f"[x](/node/{acme.open}/)", author="ann")
    operations.save(note, author="ann", name="VPN 2.md")
    thrown = operations.create_note(acme.laptop, "Old fan.md", "", author="ann")
    operations.create_note(thrown, "Fans.md", "", author="ann")
    operations.trash(thrown, author="ann")
    nodes = (ROOT_ID, acme.company, acme.assets, acme.tickets, acme.ana, acme.ana_tickets, acme.laptop, acme.open)
    pages = [f"/node/{uid}/" for uid in (*nodes, note, deeper, thrown)]
    pages += [f"/node/{note}/{page}/" for page in ("edit", "rename", "move", "copy", "trash", "new", "history")]
    pages += [f"/node/{note}/history/1/", f"/node/{note}/history/diff/", f"/node/{acme.open}/changes/"]
    pages += [f"/tree/?open={uid}" for uid in (deeper, acme.ana, acme.laptop)]
    pages += [f"/node/{acme.tickets}/children/", f"/node/{acme.tickets}/rows/", "/trash/", f"/node/{thrown}/inside/"]
    pages += ["/", "/search/?q=vpn", "/search/?q=laptop", "/search/quick/?q=vpn", "/places/?q=laptop"]
    pages += [f"/places/?at={acme.open}", "/links/suggest/?q=laptop"]
    for address in pages:
        with subtests.test(address):
            page = read_by_people(text_of(technician, address))
            assert ".md" not in page
            assert "Ticket_" not in page
    for address in (f"/node/{acme.open}/", f"/tree/?open={acme.open}", "/search/?q=vpn", f"/node/{acme.tickets}/"):
        assert "#40007" in text_of(technician, address), address


def test_a_long_subject_is_cut_in_the_title_of_the_page(acme: Acme, technician: Client) -> None:
    uid = make("Ticket", "Ticket_71.md", acme.tickets, ticket_number="71", subject="word " * 100)
    page = text_of(technician, f"/node/{uid}/")
    [title] = re.findall(r"<title>(.*?) · KnowledgeTree</title>", page)
    assert title.startswith("#71 word word")
    assert len(title) == 80


def test_a_name_is_changed_without_its_ending(acme: Acme, technician: Client) -> None:
    uid = operations.create_note(acme.company, "VPN.md", "text", author="ann")
    assert 'name="name" value="VPN"' in text_of(technician, f"/node/{uid}/rename/")
    answer = technician.post(f"/node/{uid}/rename/", {"name": "VPN 2", "version": "1"}, follow=True)
    assert "Renamed “VPN” to “VPN 2”." in answer.content.decode()
    assert queries.get_node(uid).name == "VPN 2.md"
    assert re.search(r'name="name"\s+value="VPN 2"', technician.get(f"/node/{uid}/edit/").content.decode())
    form = {"version": "2", "name": "VPN 3", "content": "text", "message": ""}
    technician.post(f"/node/{uid}/draft/", form)
    assert re.search(r'name="name"\s+value="VPN 3"', technician.get(f"/node/{uid}/edit/").content.decode())
    technician.post(f"/node/{uid}/edit/", form)
    assert queries.get_node(uid).name == "VPN 3.md"
    technician.post(f"/node/{uid}/draft/", form | {"version": "3"})
    assert 'id="draft-note" hidden' in text_of(technician, f"/node/{uid}/edit/")  # the draft says what is stored


class TestCard:
    """A person's card is part of the person's page."""

    def test_it_is_read_on_the_page_of_the_person(self, acme: Acme, technician: Client) -> None:
        answer = technician.get(f"/node/{acme.contact}/")
        assert (answer.status_code, answer["Location"]) == (302, f"/node/{acme.ana}/")
        page = text_of(technician, f"/node/{acme.ana}/")
        assert 'href="mailto:ana@acme.example"' in page  # its facts, which the page does not repeat as a text
        assert "Contact Information for Ana" not in page
        assert acme.contact not in page
        for address in (f"/tree/?open={acme.ana}", f"/node/{acme.ana}/children/", f"/places/?at={acme.ana}"):
            assert acme.contact not in text_of(technician, address), address
        for query in ("Contact", "ana@acme.example"):
            assert acme.contact not in text_of(technician, f"/links/suggest/?q={query}")
            assert acme.contact not in text_of(technician, f"/places/?q={query}")
        assert acme.ana in text_of(technician, "/places/?q=ana@acme.example")

    def test_what_hangs_on_it_is_listed_with_the_person(self, acme: Acme, technician: Client) -> None:
        below = operations.create_note(acme.contact, "Call before nine", "", author="ann")
        beside = operations.create_note(acme.ana, "Likes tea", "", author="ann")
        link = make("Note", "Who is who", acme.company, origin="staff")
        relate("LINKS_TO", link, acme.contact, LINK_EVIDENCE)
        page = text_of(technician, f"/node/{acme.ana}/")
        assert page.index("Call before nine") < page.index("Likes tea") < page.index("Linked from")
        assert "Who is who" in page[page.index("Linked from") :]
        page = text_of(technician, f"/node/{below}/")
        crumbs = page[page.index('class="crumbs"') : page.index('class="title"')]
        assert acme.contact not in crumbs
        assert acme.ana in crumbs
        branch = queries.get_tree_around(below)
        ways = []
        while True:
            ways.append(branch.row.name)
            opened = [b for b in branch.children.branches if b.is_open or b.is_selected] if branch.children else []
            if not opened:
                break
            branch = opened[0]
        assert ways == ["KnowledgeTree", "Companies", "Acme Dental", "Users", "Ana Díaz", "Call before nine"]
        assert branch.is_selected
        assert [b.row.uid for b in queries.get_branches(acme.ana).branches] == [acme.ana_tickets, below, beside]
        assert [b.row.uid for b in queries.get_branches(acme.ana, after=below).branches] == [beside]
        assert [b.row.uid for b in queries.get_branches(acme.ana, before=beside).branches] == [acme.ana_tickets, below]
        assert [row.uid for row in queries.get_children(acme.ana, after=below).rows] == [beside]
        operations.trash(below, author="ann")
        assert acme.contact not in text_of(technician, "/trash/")

    def test_its_files_are_files_of_the_person(self, acme: Acme, technician: Client) -> None:
        technician.post(f"/node/{acme.contact}/files/", {"file": SimpleUploadedFile("badge.txt", b"text")})
        [file] = queries.get_files(acme.contact)
        assert queries.get_files(acme.ana) == ()
        remove = f"/node/{acme.contact}/files/{file.uid}/remove/"
        page = text_of(technician, f"/node/{acme.ana}/")
        assert f'action="{remove}"' in page
        assert "badge.txt" in page
        assert "“badge.txt” was removed" in technician.post(remove, follow=True).content.decode()

    def test_the_json_has_it_as_a_node_of_its_own(self, acme: Acme, technician: Client) -> None:
        listed = technician.get(f"/api/node/{acme.ana}/children").json()
        assert [(each["id"], each["name"]) for each in listed][1:] == [(acme.contact, "Contact.md")]
        assert technician.get(f"/api/node/{acme.contact}").json()["name"] == "Contact.md"

    def test_its_facts_are_those_of_a_person_who_left(self, acme: Acme, technician: Client) -> None:
        ben = make("User", "Ben", acme.users, is_archived=True, email="ben@acme.example")
        make("Note", "Contact.md", ben, is_archived=True, content="# Contact Information for Ben")
        assert "mailto:ben@acme.example" in text_of(technician, f"/node/{ben}/")
