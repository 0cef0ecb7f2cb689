"""Two people changed the same places of a note: one of them chooses, by keys alone."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.tree.factory import Acme
from tree import operations, queries

pytestmark = pytest.mark.django_db(transaction=True)
BASE = "first\n\nsame\n\nsecond\n\nsame too\n\nthird\n"
THEIRS = "ANN 1\n\nsame\n\nANN 2\n\nsame too\n"
MINE = "MY 1\n\nsame\n\nMY 2\n\nsame too\n\nMY 3\n"


@pytest.fixture
def clash(acme: Acme, live_server: LiveServer, admin_page: Page) -> Page:
    note = operations.create_note(acme.ana, "VPN", BASE, author="tess")
    return _conflict(admin_page, live_server.url, note, THEIRS, MINE)


def _conflict(page: Page, site: str, note: str, theirs: str, mine: str) -> Page:
    """The page that says that ann has saved meanwhile."""
    page.goto(f"{site}/node/{note}/edit/")
    expect(page.locator("#editor[data-ready]")).to_be_visible()
    operations.save(note, author="ann", content=theirs)
    page.fill("#text", mine)
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1").first).to_have_text("Two people changed this")
    return page


def test_each_place_is_chosen_by_keys_alone(clash: Page) -> None:
    page, keys = clash, clash.keyboard
    state, text = page.locator(".clash-state"), page.locator("#text")
    cards = page.locator(".clash")
    expect(state).to_contain_text("3 of 3 places")
    expect(cards.nth(0).locator("section")).to_contain_text(["first", "ANN 1", "MY 1"])
    expect(cards.nth(2).locator("section")).to_contain_text(["third", "Taken out", "MY 3"])
    expect(cards.nth(0).locator("[data-take=theirs]")).to_be_focused()

    keys.press("Enter")  # theirs
    expect(state).to_contain_text("2 of 3 places")
    expect(cards.nth(1).locator("[data-take=theirs]")).to_be_focused()
    page.locator("#text").focus()
    keys.press("Control+Enter")  # not yet
    expect(page.locator("#toast")).to_have_text("Choose in this place first.")
    expect(cards.nth(1).locator("[data-take=theirs]")).to_be_focused()
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")  # both
    expect(cards.nth(2).locator("[data-take=theirs]")).to_be_focused()
    keys.press("Enter")  # theirs: taken out
    expect(state).to_contain_text("All places are chosen")
    expect(page.locator("#editor button[type=submit]")).to_be_focused()
    expect(text).to_have_value("ANN 1\n\nsame\n\nANN 2\nMY 2\n\nsame too\n")

    cards.nth(2).locator("[data-take=theirs]").press("Enter")  # once more
    expect(text).to_have_value("ANN 1\n\nsame\n\nANN 2\nMY 2\n\nsame too\n")
    cards.nth(0).locator("[data-take=mine]").press("Enter")  # another mind
    expect(text).to_have_value("MY 1\n\nsame\n\nANN 2\nMY 2\n\nsame too\n")
    cards.nth(2).locator("[data-take=mine]").press("Enter")
    expect(text).to_have_value("MY 1\n\nsame\n\nANN 2\nMY 2\n\nsame too\n\nMY 3\n")
    text.focus()
    keys.press("Control+z")
    expect(text).to_have_value("MY 1\n\nsame\n\nANN 2\nMY 2\n\nsame too\n")
    uid = str(page.locator("#editor").get_attribute("data-node"))
    keys.press("Control+Enter")
    expect(page.locator("h1")).to_contain_text("VPN")
    assert queries.get_node(uid).content == "MY 1\n\nsame\n\nANN 2\nMY 2\n\nsame too\n"


def test_places_that_read_the_same_are_told_apart(acme: Acme, live_server: LiveServer, admin_page: Page) -> None:
    note = operations.create_note(acme.ana, "Ports", "old\n\nA\n\nold\n\nB\n", author="tess")
    theirs, mine = "ANN\n\nA\n\nANN\n\nB\n", "MINE\n\nA\n\nMINE\n\nB\n"
    page = _conflict(admin_page, live_server.url, note, theirs, mine)
    state, text, cards = page.locator(".clash-state"), page.locator("#text"), page.locator(".clash")
    expect(state).to_contain_text("2 of 2 places")
    marked = text.input_value().partition("\n\nA\n")[0]

    cards.nth(1).locator("[data-take=theirs]").click()
    expect(text).to_have_value(f"{marked}\n\nA\n\nANN\n\nB\n")
    expect(cards.nth(0)).not_to_have_class("clash chosen")
    expect(cards.nth(1)).to_have_class("clash chosen")
    text.press("Control+Home")
    page.keyboard.type("Above.")
    cards.nth(0).locator("[data-take=mine]").click()
    expect(text).to_have_value("Above.MINE\n\nA\n\nANN\n\nB\n")
    cards.nth(1).locator("[data-take=mine]").click()
    expect(text).to_have_value("Above.MINE\n\nA\n\nMINE\n\nB\n")
    text.press("Control+z")
    text.press("Control+z")
    expect(state).to_contain_text("1 of 2 places")
    expect(cards.nth(1)).to_have_class("clash chosen")
    cards.nth(0).locator("[data-take=theirs]").click()
    expect(text).to_have_value("Above.ANN\n\nA\n\nANN\n\nB\n")
