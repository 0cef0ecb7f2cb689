"""Saved searches: searches and lists under a name, one's own and those that are shared."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.pages import text_of
from tests.people import client_of
from tests.tree.factory import Acme
from tree.models import SavedSearch

HOSTILE = '<img src=x onerror="hit()"> מדפסת'


def _save(client: Client, name: str, query: str, listed: str = "", **more: str) -> tuple[int, str]:
    """The status, and where the answer leads."""
    answer = client.post("/saved/", {"name": name, "query": query, "listed": listed, **more})
    return answer.status_code, answer.headers.get("Location", "")


def _names(client: Client, address: str) -> list[str]:
    return re.findall(r'class="saved-name".*?<bdi>(.*?)</bdi>', text_of(client, address))


def test_searches_and_lists_are_saved(
    acme: Acme, technician: Client, billing: Client, subtests: pytest.Subtests
) -> None:
    with subtests.test("the pages lead to the form, with what they show"):
        page = technician.get("/search/?q=vpn&kind=Ticket&page=1").content.decode()
        link = re.search(r'href="(/saved/\?query=[^"]+)"', page)
        assert link
        form = text_of(technician, unescape(link[1]))
        assert 'value="q=vpn&amp;kind=Ticket"' in form
        page = technician.get(f"/list/tickets/?client={acme.company}&state=open&sort=opened_at").content.decode()
        link = re.search(r'href="(/saved/\?listed=tickets[^"]+)"', page)
        assert link
        assert f'value="client={acme.company}&amp;state=open&amp;sort=opened_at"' in text_of(
            technician, unescape(link[1])
        )
        assert text_of(technician, "/search/").count("/saved/?query=") == 0
    with subtests.test("what is no filter is left out, and what is left leads back"):
        assert _save(technician, "VPN", "q=vpn&kind=Nonsense&page=7&next=//evil.example") == (302, "/search/?q=vpn")
        address = _save(technician, "Open", "state=open&sort=opened_at&nonsense=1&after=x", "tickets")[1]
        assert address == "/list/tickets/?state=open&sort=opened_at"
        assert "VPN is down" in text_of(technician, address)
    with subtests.test("they stand where they are of use, and on the start page"):
        assert _names(technician, "/") == ["Open", "VPN"]
        assert _names(technician, "/search/") == ["VPN"]
        assert _names(technician, "/list/tickets/?state=closed&sort=name") == ["Open"]
        assert _names(technician, "/list/people/?sort=name") == []
        assert "Open" in text_of(technician, "/search/quick/?q=")
        assert 'href="/list/tickets/?state=open' in text_of(technician, "/search/quick/?q=ope")
        assert _names(billing, "/") == []
    with subtests.test("the same name is saved anew; a name is text"):
        _save(technician, "VPN", "q=vpn down")
        assert SavedSearch.objects.get(name="VPN").query == "q=vpn+down"
        _save(technician, HOSTILE, "q=x")
        assert "&lt;img" in _names(technician, "/")[0]
        assert "<img" not in text_of(technician, "/search/quick/?q=") + text_of(technician, "/")
    with subtests.test("what cannot be saved is told"):
        for name, query, listed in (
            ("", "q=x", ""),
            ("a\0b", "q=x", ""),
            ("x" * 101, "q=x", ""),
            ("Nothing", "kind=Ticket", ""),
            ("No list", "state=open", "nonsense"),
            ("Long", "&".join(f"column=c{number}" for number in range(900)), "nonsense"),
        ):
            assert _save(technician, name, query, listed)[0] == 422
        assert SavedSearch.objects.count() == 3
        mine = User.objects.get(username="technician")
        many = [SavedSearch(user=mine, name=f"s{number}", query="q=x") for number in range(SavedSearch.MOST - 3)]
        SavedSearch.objects.bulk_create(many)
        assert "the most there can be" in technician.post("/saved/", {"name": "More", "query": "q=x"}).content.decode()
        assert _save(technician, "VPN", "q=vpn")[0] == 302


def test_saved_searches_are_renamed_shared_and_deleted(
    acme: Acme, technician: Client, billing: Client, admin: Client, subtests: pytest.Subtests
) -> None:
    _save(technician, "Open", "state=open", "tickets")
    _save(technician, "Dentists", "q=dental")
    saved = SavedSearch.objects.get(name="Open")
    with subtests.test("renamed and shared"):
        assert technician.post(f"/saved/{saved.pk}/", {"name": "Dentists"}).status_code == 422
        assert technician.post(f"/saved/{saved.pk}/", {"name": "All open", "is_shared": "on"}).status_code == 302
        assert _names(technician, "/") == ["All open", "Dentists"]
        assert _names(admin, "/") == _names(admin, "/list/tickets/?state=open&sort=name") == ["All open"]
        assert "of <bdi>technician</bdi>" in text_of(admin, "/")
        assert f"/saved/{saved.pk}/" not in text_of(admin, "/")
    with subtests.test("staff share with staff"):
        assert _names(billing, "/") == []
        assert _save(billing, "Mine", "q=dental", is_shared="on")[0] == 302
        assert _names(admin, "/") == ["All open"]
        assert "All staff see it" not in text_of(billing, "/saved/?query=q%3Dx")
    with subtests.test("only its owner changes it"):
        for method in ("get", "post"):
            answer = getattr(admin, method)(f"/saved/{saved.pk}/", {"name": "Taken", "delete": "1"})
            assert answer.status_code == 404
        assert SavedSearch.objects.filter(name="All open").exists()
    with subtests.test("who reads no tickets does not see their lists"):
        mine = User.objects.get(username="technician")
        mine.groups.set(User.objects.get(username="billing").groups.all())
        assert _names(technician, "/") == ["Dentists"]
        assert "All open" not in text_of(technician, "/search/quick/?q=")
    with subtests.test("deleted, and with the person"):
        assert technician.post(f"/saved/{saved.pk}/", {"delete": "1"}).headers["Location"] == "/"
        assert not SavedSearch.objects.filter(pk=saved.pk).exists()
        mine.delete()
        assert [each.name for each in SavedSearch.objects.all()] == ["Mine"]
        assert client_of("none").get("/saved/").status_code == 403
