"""The quick switcher: what it lists before and while something is typed, and for whom."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.pages import squeezed, text_of
from tests.people import IDENTITIES, client_of
from tests.tree.factory import Acme, make
from tree import commands, operations
from tree.models import Pin

HOSTILE = '<img src=x onerror="hit()">'
SCRIPTS = Path(__file__).parents[3] / "tree" / "static" / "tree"


def _groups(who: Client, **asked: str) -> dict[str, list[str]]:
    """The names in each group of the list, as a person reads them."""
    answer = who.get("/search/quick/", asked)
    assert answer.status_code == 200
    found = {}
    for group in answer.content.decode().split('<div role="group"')[1:]:
        title = re.search(r'role="presentation"><bdi>(.*?)</bdi>', group, re.DOTALL)
        assert title
        names = re.findall(r'<bdi (?:class="gone")?>(.*?)</bdi>|"quick-body"><bdi>(.*?)</bdi>', group)
        found[title[1]] = [re.sub(r"</?mark>", "", name or words) for name, words in names]
    return found


def test_before_a_letter_is_typed(acme: Acme, technician: Client, billing: Client, subtests: pytest.Subtests) -> None:
    for uid in (acme.laptop, acme.open, acme.ana):
        technician.get(f"/node/{uid}/")
    Pin.add(User.objects.get(username="technician"), acme.gone)
    with subtests.test("what was seen last, without the page that is open; then pins and commands"):
        groups = _groups(technician, q="", node=acme.ana)
        assert list(groups) == ["Recently seen", "Pinned", "Commands"]
        assert groups["Recently seen"] == ["#40007 VPN is down", "LAPTOP-59"]
        assert groups["Pinned"] == ["#40009 Old splines"]
        assert {"New note here", "List of tickets", "Syncs", "Trash", "Light or dark", "Log out"} <= {
            *groups["Commands"]
        }
    with subtests.test("only what the person may do"):
        commands_of_billing = _groups(billing, q="")["Commands"]
        assert {"List of people", "Pin or unpin", "History", "Log out"} <= {*commands_of_billing}
        hidden = {"New note here", "List of tickets", "Syncs", "Trash", "Export and import", "Administration"}
        assert not hidden & {*commands_of_billing}
        assert "Administration" not in groups["Commands"]
    with subtests.test("who loses the right to tickets does not see them"):
        User.objects.get(username="technician").groups.set(User.objects.get(username="billing").groups.all())
        assert _groups(technician, q="") | {"Commands": []} == {
            "Recently seen": ["Ana Díaz", "LAPTOP-59"],
            "Commands": [],
        }


def test_while_one_types(acme: Acme, technician: Client, subtests: pytest.Subtests) -> None:
    brown = make("Company", "Brown Law", uid="brown", account_number="2002", codex_key="company:2002")
    make("User", "Ana Brown", brown, account_number="2002", codex_key="user:2002:1")
    with subtests.test("hits, and commands below them"):
        operations.create_note(acme.company, "Move of the office", "In June.", author="tess")
        groups = _groups(technician, q="mov")
        assert list(groups) == ["Found", "Commands"]
        assert groups["Found"][0] == "Move of the office"
        assert groups["Commands"] == ["Move"]
    with subtests.test("the whole name of a command is meant"):
        for typed, command in {
            "move": "Move",
            "new note": "New note here",
            "PIN": "Pin or unpin",
            "tickets": "List of tickets",
            "log out": "Log out",
        }.items():
            assert next(iter(_groups(technician, q=typed).items())) == ("Best match", [command])
        assert next(iter(_groups(technician, q="log"))) != "Best match"
    with subtests.test("after > there are commands only"):
        assert _groups(technician, q=">dark") == {"Commands": ["Light or dark"]}
        assert len(_groups(technician, q=">")["Commands"]) > 15
        assert _groups(technician, q=">zzz") == {}
    with subtests.test("at a client, what it has comes first, unless something else is called so"):
        assert list(_groups(technician, q="ana")) == ["Found"]
        at_acme = _groups(technician, q="ana", client=acme.company)
        assert list(at_acme)[:2] == ["In Acme Dental", "Everywhere"]
        assert at_acme["In Acme Dental"][0] == "Ana Díaz"
        assert "Ana Díaz" not in at_acme["Everywhere"]
        assert _groups(technician, q="ana", client="brown")["In Brown Law"][0] == "Ana Brown"
        operations.create_note(acme.company, "Letters", "From Brown Law.", author="tess")
        assert list(_groups(technician, q="brown law", client=acme.company))[:2] == ["Everywhere", "In Acme Dental"]
        assert list(_groups(technician, q="laptop", client="no-such-node")) == ["Found"]
    with subtests.test("names are text"):
        make("Note", f"{HOSTILE} מדפסת {'x' * 200}.md", acme.company, origin="staff")
        page = technician.get("/search/quick/?q=onerror").content.decode()
        assert "<img" not in page
        assert "&lt;img" in page
    with subtests.test("the list names no id twice"):
        ids = re.findall(r' id="([^"]+)"', technician.get("/search/quick/?q=ana").content.decode())
        assert len(ids) == len({*ids})


def test_every_command_leads_somewhere_or_has_its_place_on_a_page(
    acme: Acme, db: None, subtests: pytest.Subtests
) -> None:
    """And the list of keys is made of the same, for each person as far as they may."""
    clients = {identity: client_of(identity) for identity in IDENTITIES if identity != "anonymous"}
    note = operations.create_note(acme.company, "Door code", "1234", author="tess")
    page = text_of(clients["admin"], f"/node/{note}/")
    for command in commands.all_commands():
        with subtests.test(command.words):
            assert bool(command.leads) != bool(command.presses)
            if command.leads:
                assert clients["admin"].get(reverse(command.leads)).status_code == 200
                continue
            attribute = re.search(r'\[([a-z-]+)(?:[~$]?=)"?([^"\]]+)"?\]', command.presses)
            assert attribute, command.presses
            assert re.search(rf'{attribute[1]}="[^"]*{re.escape(attribute[2])}[^"]*"', page)
    with subtests.test("the list of keys"):
        for identity, words, are_there in (
            ("technician", "New note here", True),
            ("billing", "New note here", False),
            ("billing", "Pin or unpin", True),
            ("none", "Log out", False),
        ):
            answer = squeezed(clients[identity].get("/").content.decode())
            assert (f"<dd>{words}</dd>" in answer) == are_there, (identity, words)
