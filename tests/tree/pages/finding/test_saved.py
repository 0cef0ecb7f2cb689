"""Saved searches: searches and lists under a name, one's own and those that are shared."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.pages import text_of
from tests.people import client_of
from tests.tree.factory import Acme
from tree.models import SavedSearch
from tree.pages.finding.saved import saved_named

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
    with subtests.test("a name that is taken is told, and replaced only when that is asked for; a name is text"):
        taken = SavedSearch.objects.get(name="VPN")
        again = {"name": "VPN", "query": "q=vpn down"}
        for replace in ("", str(SavedSearch.objects.get(name="Open").pk), "x"):
            answer = technician.post("/saved/", {**again, "replace": replace})
            assert (answer.status_code, SavedSearch.objects.get(name="VPN").query) == (422, "q=vpn")
            page = answer.content.decode()
            assert "You have one of this name." in page
            assert re.search(rf'name="replace" value="{taken.pk}">Replace it<', page)
            assert "shared with all staff" not in page
        SavedSearch.objects.filter(pk=taken.pk).update(is_shared=True)
        assert "It is shared with all staff." in technician.post("/saved/", again).content.decode()
        assert technician.post("/saved/", {**again, "replace": str(taken.pk)}).status_code == 302
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
        assert _save(technician, "VPN", "q=vpn", replace=str(taken.pk))[0] == 302
    with subtests.test("the switcher asks for what has the typed words, and folds letters that the database does not"):
        SavedSearch.objects.filter(pk=taken.pk).update(name="Élan NAÏVE 7")
        with CaptureQueriesContext(connection) as asked:
            assert "Élan NAÏVE 7" in text_of(technician, "/search/quick/?q=elan naive")
        [read] = [query["sql"] for query in asked if "tree_savedsearch" in query["sql"]]
        assert "LIMIT 200" in read
        assert "JOIN" not in read
        assert "naive" in read
        expected = SavedSearch.objects.filter(Q(name__startswith="s9") | Q(name=HOSTILE) | Q(pk=taken.pk))
        assert saved_named(mine, "s9") == [*expected]


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
        assert "shared by <bdi>technician</bdi>" in text_of(admin, "/")
        assert f"/saved/{saved.pk}/" not in text_of(admin, "/")
    with subtests.test("staff share with staff"):
        assert _names(billing, "/") == []
        assert _save(billing, "Mine", "q=dental", is_shared="on")[0] == 302
        assert _names(admin, "/") == ["All open"]
        assert "Share with all staff" not in text_of(billing, "/saved/?query=q%3Dx")
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
    with subtests.test("deleting leads back to the page that led there, and to no other site"):
        page = text_of(technician, "/search/?q=x")
        form = unescape(re.findall(r'href="(/saved/\d+/\?back=[^"]+)"', page)[0])
        number = form.split("/")[2]
        assert 'name="back" value="/search/?q=x"' in text_of(technician, form)
        for back in ("//evil.example/", "https://evil.example/", "javascript:alert(1)"):
            assert 'name="back"' not in text_of(technician, f"/saved/{number}/?back={back}")
        gone = technician.post(f"/saved/{number}/", {"delete": "1", "back": "/search/?q=x"})
        assert gone.headers["Location"] == "/search/?q=x"
    with subtests.test("deleted, and with the person"):
        assert technician.post(f"/saved/{saved.pk}/", {"delete": "1"}).headers["Location"] == "/"
        assert not SavedSearch.objects.filter(pk=saved.pk).exists()
        mine.delete()
        assert [each.name for each in SavedSearch.objects.all()] == ["Mine"]
        assert client_of("none").get("/saved/").status_code == 403
