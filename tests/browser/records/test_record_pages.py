"""The pages of records in a browser, by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.tree.factory import Acme

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(acme: Acme, live_server: LiveServer, admin_page: Page) -> Page:
    """On the page of the company; the graph was filled before the first page asked for it."""
    admin_page.goto(f"{live_server.url}/node/{acme.company}/")
    return admin_page


def test_a_warning_is_written_by_keyboard_alone_and_stands_on_the_client(
    acme: Acme, page: Page, live_server: LiveServer
) -> None:
    keys = page.keyboard
    keys.press("n")
    expect(page.locator("#dialog[open] [name=name]")).to_be_focused()
    keys.type("No visits before nine")
    keys.press("Tab")
    expect(page.locator("#dialog[open] [name=is_warning]")).to_be_focused()
    keys.press("Space")
    keys.press("Enter")
    page.wait_for_selector("#editor[data-ready]")
    expect(page.locator("#text")).to_be_focused()
    keys.type("The door is locked until then.")
    keys.press("Control+Enter")
    expect(page.locator("#page h1")).to_have_text("No visits before nine")
    for uid in (acme.company, acme.ana):
        page.goto(f"{live_server.url}/node/{uid}/")
        banner = page.locator(".warning-note")
        expect(banner).to_contain_text("No visits before nine")
        expect(banner).to_contain_text("The door is locked until then.")
    banner.focus()
    keys.press("Enter")
    expect(page.locator("#page h1")).to_have_text("No visits before nine")
    keys.press("w")
    expect(page.locator("#page .message.tree-changed")).to_contain_text("is no longer a warning")
    page.goto(f"{live_server.url}/node/{acme.company}/")
    expect(page.locator(".warning-note")).to_have_count(0)
