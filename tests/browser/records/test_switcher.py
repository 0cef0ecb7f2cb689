"""Pins and the quick switcher in a browser, by keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.tree.factory import Acme, make
from tree import operations

pytestmark = pytest.mark.django_db(transaction=True)
HOSTILE = '<img src=x onerror="window.hit=1">'


@pytest.fixture
def page(acme: Acme, live_server: LiveServer, admin_page: Page) -> Page:
    """On the page of Ana; the graph was filled before the first page asked for it."""
    admin_page.goto(f"{live_server.url}/node/{acme.ana}/")
    expect(admin_page.locator("[role=treeitem][aria-selected=true]")).to_be_visible()
    return admin_page


def switcher(page: Page, typed: str = "") -> None:
    """Open the quick switcher, and wait until it lists what is for these words."""
    page.keyboard.press("Control+k")
    expect(page.locator("#quick [role=option]:not([hidden])").first).to_be_visible()
    if typed:
        page.keyboard.type(typed, delay=10)
        expect(page.locator("#quick-all")).to_contain_text(f"“{typed}”")


def test_a_page_is_pinned_and_opened_again_by_keyboard_alone(acme: Acme, page: Page, live_server: LiveServer) -> None:
    keys, favourites = page.keyboard, page.locator("#favourites li")
    expect(favourites).to_have_count(0)
    keys.press("p")
    expect(page.locator("#pin")).to_have_attribute("aria-pressed", "true")
    expect(favourites).to_have_text(["Ana Díaz"])
    switcher(page, "laptop")
    keys.press("Enter")
    expect(page.locator("h1")).to_contain_text("LAPTOP-59")
    keys.press("p")
    expect(favourites).to_have_text(["Ana Díaz", "LAPTOP-59"])
    switcher(page)  # the page before this one comes first
    expect(page.locator("#quick [aria-selected=true]")).to_contain_text("Ana Díaz")
    keys.press("Enter")
    expect(page.locator("h1")).to_contain_text("Ana Díaz")
    expect(page.locator("#quick")).to_be_hidden()
    switcher(page)
    keys.type(">home")
    expect(page.locator("#quick [aria-selected=true]")).to_have_text(re.compile("Home"))
    keys.press("Enter")
    expect(page.locator("#pins li")).to_have_count(2)
    page.focus(f"#i-down-{acme.ana}")
    keys.press("Enter")
    expect(page.locator("#pins .line-name")).to_have_text([re.compile("LAPTOP"), re.compile("Ana")])
    expect(page.locator(f"#i-down-{acme.ana}")).to_be_focused()
    expect(favourites).to_have_text(["LAPTOP-59", "Ana Díaz"])
    page.drag_and_drop(f'#favourites [data-id="{acme.laptop}"]', f'#favourites [data-id="{acme.ana}"]',
                       target_position={"x": 40, "y": 26})  # fmt: skip
    expect(favourites).to_have_text(["Ana Díaz", "LAPTOP-59"])
    expect(page.locator("#pins .line-name")).to_have_text([re.compile("Ana"), re.compile("LAPTOP")])
    page.focus(f'#pins [data-id="{acme.laptop}"] [title=Unpin]')
    keys.press("Enter")
    expect(page.locator("#pins li")).to_have_count(1)
    expect(page.locator(f'#pins [data-id="{acme.ana}"] [title=Unpin]')).to_be_focused()
    favourites.first.locator("a").click()
    expect(page.locator("h1")).to_contain_text("Ana Díaz")


def test_commands_by_name_and_the_keys_of_the_list(acme: Acme, page: Page) -> None:
    keys, list_, chosen = page.keyboard, page.locator("#quick"), page.locator("#quick [aria-selected=true]")
    hostile = make("Note", f"{HOSTILE} {'x' * 250}.md", acme.company, origin="staff")
    switcher(page)
    expect(list_.locator("text=Edit")).to_be_hidden()  # the page has nothing to edit
    keys.press("End")
    expect(chosen).to_have_text("Log out")
    keys.press("ArrowDown")
    keys.press("ArrowUp")
    expect(chosen).to_have_text("Log out")
    keys.press("Home")
    expect(page.locator("#jump")).to_have_attribute("aria-activedescendant", str(chosen.get_attribute("id")))
    keys.press("Escape")
    expect(list_).to_be_hidden()
    expect(page.locator("#jump")).to_be_focused()
    keys.type("new note")
    expect(chosen).to_contain_text("New note here")
    keys.press("Enter")
    expect(page.locator("#dialog[open] h1")).to_contain_text("New note")
    keys.press("Escape")
    switcher(page)
    keys.type("onerror")
    keys.press("Enter")  # before the answer comes
    expect(page).to_have_url(re.compile(f"/node/{hostile}/$"))
    assert page.evaluate("window.hit") is None
    switcher(page)
    keys.type("keys")
    expect(chosen).to_contain_text("Keys")
    keys.press("Enter")
    expect(page.locator("#keys[open]")).to_contain_text("Shift n")
    keys.press("Escape")
    switcher(page)
    keys.type("splines")
    keys.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=splines"))
    page.keyboard.press("/")
    expect(page.locator("#jump")).to_be_focused()
    keys.type("log out")
    expect(chosen).to_contain_text("Log out")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/accounts/login/"))


def test_at_a_client_what_it_has_comes_first(acme: Acme, page: Page) -> None:
    brown = make("Company", "Brown Law", account_number="2002", codex_key="company:2002")
    make("User", "Ana Brown", brown, account_number="2002")
    operations.create_note(acme.company, "Ana is away", "Until May.", author="tess")
    switcher(page, "ana")
    expect(page.locator("#quick .quick-title").first).to_have_text("In Acme Dental")
    expect(page.locator("#quick [role=group]").nth(1)).to_contain_text("Ana Brown")


def test_a_list_is_saved_and_opened_by_its_name_by_keyboard_alone(
    acme: Acme, page: Page, live_server: LiveServer
) -> None:
    keys = page.keyboard
    page.goto(f"{live_server.url}/list/tickets/?state=closed&sort=opened_at")
    page.focus("text=Save this list…")
    keys.press("Enter")
    expect(page.locator("#dialog[open] [name=name]")).to_be_focused()
    keys.type("Done lately")
    keys.press("Enter")
    expect(page.locator("#page .message.success")).to_contain_text("Saved as “Done lately”")
    expect(page).to_have_url(re.compile(r"/list/tickets/\?state=closed&sort=opened_at$"))
    page.goto(f"{live_server.url}/node/{acme.ana}/")
    switcher(page, "done la")
    expect(page.locator("#quick .quick-title").last).to_have_text("Saved searches")
    keys.type("tely")
    expect(page.locator("#quick .quick-title").first).to_have_text("Best match")
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"/list/tickets/\?state=closed&sort=opened_at$"))
    page.focus(".saved-change")
    keys.press("Enter")
    page.focus("#dialog[open] [name=delete]")
    keys.press("Enter")
    expect(page.locator("#page .message.success")).to_contain_text("Deleted the saved search “Done lately”")
