"""The page with the context of a node, and nodes as Markdown to paste elsewhere."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from knowledgetree.audit.actions import Action
from knowledgetree.audit.models import Entry
from tests.pages import text_of
from tests.tree.factory import Acme, make, relate
from tree.models import ContextChoice
from tree.vocabulary import LINK_EVIDENCE


def _form(page: str, *, without: str = "", budget: int = 20_000) -> dict[str, object]:
    """The form of the page as a browser sends it, without one of the ticks."""
    shown = re.search(r'name="shown" value="([^"]*)"', page)
    assert shown
    ticked = [uid for uid in shown[1].split(",") if uid and uid != without]
    return {"shown": shown[1], "in": ticked, "budget": budget, "question": ""}


def test_the_context_of_a_ticket(acme: Acme, technician: Client) -> None:
    page = text_of(technician, f"/node/{acme.open}/context/")
    for words in ("What this is about", "Who and what is concerned", "Ana Díaz", "20,000", "splines"):
        assert words in page
    assert re.search(r"<strong>[\d,]+ tokens</strong>", page)
    assert Entry.objects.filter(action=Action.HANDED_OUT).exists()


def test_what_is_unticked_stays_out(acme: Acme, technician: Client) -> None:
    uid = make("Note", "Secret sauce.md", acme.company, origin="staff", content="Add thyme-77.")
    address = f"/node/{acme.open}/context/"
    page = technician.get(address).content.decode()
    assert "thyme-77" in page
    changed = technician.post(address, _form(page, without=uid, budget=9_000)).content.decode()
    assert "thyme-77" not in changed
    assert "not wanted" in changed
    again = technician.get(address).content.decode()
    assert "thyme-77" not in again
    assert "9,000" in again
    file = technician.get(f"/node/{acme.open}/context.md")
    assert file.headers["Content-Disposition"] == 'attachment; filename="context.md"'
    assert "thyme-77" not in file.content.decode()
    assert "splines" in file.content.decode()
    assert "thyme-77" in technician.get(f"/node/{acme.ana}/context/").content.decode(), "it is a choice for one node"
    technician.post(address, _form(changed))
    assert ContextChoice.objects.get().excluded == []


def test_of_too_many_nodes_those_stay_out_that_were_left_out_last(
    technician: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ContextChoice, "MOST_EXCLUDED", 2)
    person = User.objects.get(username="technician")
    for uid in ("a", "b", "c"):
        ContextChoice.of(person, "node", 8000).keep(8000, [uid], [])
    assert ContextChoice.of(person, "node", 8000).excluded == ["b", "c"]


def test_htmx_gets_the_form_alone(acme: Acme, technician: Client) -> None:
    page = technician.get(f"/node/{acme.open}/context/").content.decode()
    headers = {"HX-Request": "true", "HX-Target": "context"}
    part = technician.post(f"/node/{acme.open}/context/", _form(page), headers=headers).content.decode()
    assert part.lstrip().startswith("<form")


@pytest.mark.parametrize("budget", ["", "x", "0", "-1", "1000000000"])
def test_odd_budgets_are_told(budget: str, acme: Acme, technician: Client) -> None:
    response = technician.post(f"/node/{acme.open}/context/", {"budget": budget, "shown": ""})
    assert response.status_code == 422
    assert "Choose how many tokens the text may have: 500 to " in response.content.decode()
    assert not ContextChoice.objects.exists()


def test_billing_has_no_context_and_clean_copies(acme: Acme, billing: Client) -> None:
    assert billing.get(f"/node/{acme.ana}/context/").status_code == 403
    assert billing.get(f"/markdown/?ids={acme.open}").status_code == 404
    assert "VPN" not in billing.get(f"/markdown/?ids={acme.ana}").content.decode()


def test_a_node_as_markdown(acme: Acme, technician: Client) -> None:
    note = make("Note", "About_it.md", acme.company, origin="staff", content="See *this*.")
    relate("MENTIONS", note, acme.laptop, LINK_EVIDENCE)
    response = technician.get(f"/markdown/?ids={acme.laptop},{note}")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    laptop, about = response.content.decode().split("\n\n---\n\n")
    assert laptop.startswith("# LAPTOP-59\n\nCompanies / Acme Dental / Assets / LAPTOP-59\n<http://testserver/node/")
    assert "- **Internal IP:** 10.0.3.7\n" in laptop
    assert f"- Used by [Ana Díaz](http://testserver/node/{acme.ana}/)" in laptop
    assert f"- Linked from [About_it](http://testserver/node/{note}/)" in laptop
    assert "\n\nSee *this*.\n" in about


def test_what_is_too_much_to_copy_is_told(acme: Acme, technician: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tree.pages.context.MOST_COPIED", 1)
    text = technician.get(f"/markdown/?ids={acme.laptop},{acme.ana},{acme.open}").content.decode()
    assert "VPN" not in text.partition("## Related")[0]
    assert text.startswith("# LAPTOP-59")
    assert text.endswith("2 more were chosen and are left out: 1 are copied at most.\n")


@pytest.mark.parametrize("ids", ["", "nothing", ",", "%00"])
def test_unknown_ids(ids: str, acme: Acme, technician: Client) -> None:
    assert technician.get(f"/markdown/?ids={ids}").status_code == 404
