"""A technician on the phone, by keyboard alone: from the digits on the display to a warning for the colleagues."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.records.test_lists import FOCUSED, MOST_TABS
from tests.browser.records.test_switcher import switcher
from tests.tree.factory import Acme, make, relate

pytestmark = pytest.mark.django_db(transaction=True)
NEIGHBOURS = (1, 18, 19, 20, 119, 190, 191, 199)


@pytest.fixture
def page(acme: Acme, live_server: LiveServer, admin_page: Page) -> Page:
    """On the start page, while a network of computers and an older open ticket of Ana are in the tree."""
    for last in NEIGHBOURS:
        address = f"10.0.3.{last}"
        make(
            "Asset", f"PC-{last}.md", acme.assets, hostname=f"PC-{last}", int_ip_address=address, account_number="1001"
        )
    older = make(
        "Ticket",
        "Ticket_5.md",
        acme.tickets,
        account_number="1001",
        ticket_number="40005",
        subject="Mouse wheel",
        status="open",
        last_updated_at="2026-09-01T09:00:00Z",
    )
    relate("REQUESTED_BY", older, acme.ana)
    relate("MENTIONS", acme.open, acme.laptop, "hostname in the text")
    admin_page.goto(live_server.url)
    expect(admin_page.locator("[role=treeitem]").first).to_be_visible()
    return admin_page


def tab_to(page: Page, words: str) -> None:
    """Press the Tab key until the focus is on a link of the page that contains these words."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("!!document.activeElement.closest('#page a')") and words in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"No press of the Tab key leads to {words!r}.")


def test_from_a_call_to_a_warning_on_the_client(page: Page) -> None:
    keys, heading = page.keyboard, page.locator("#page h1")
    switcher(page, "5550100")
    expect(page.locator("#quick [aria-selected=true]")).to_contain_text("Ana Díaz")
    keys.press("Enter")
    expect(heading).to_have_text("Ana Díaz")
    expect(page.locator("#page table tbody tr").first).to_contain_text("VPN is down")  # open, and the latest
    tab_to(page, "VPN is down")
    keys.press("Enter")
    expect(heading).to_contain_text("VPN is down")
    tab_to(page, "LAPTOP-59")
    keys.press("Enter")
    expect(heading).to_have_text("LAPTOP-59")
    expect(page.locator(".facts")).to_contain_text("10.0.3.7")
    switcher(page, "Acme")
    keys.press("Enter")
    expect(heading).to_have_text("Acme Dental")
    keys.press("n")
    expect(page.locator("#dialog[open] [name=name]")).to_be_focused()
    keys.type("VPN maintenance until noon")
    keys.press("Tab")
    keys.press("Space")
    keys.press("Enter")
    expect(page.locator("#editor[data-ready]")).to_be_visible()
    expect(page.locator("#text")).to_be_focused()
    keys.type("Tell callers to use the web mail.")
    keys.press("Control+Enter")
    expect(heading).to_have_text("VPN maintenance until noon")
    for place in ("Acme", "5550100"):
        switcher(page, place)
        keys.press("Enter")
        expect(page.locator(".warning-note")).to_contain_text("Tell callers to use the web mail.")


def test_one_device_among_those_of_its_network(page: Page) -> None:
    keys = page.keyboard
    switcher(page, "10.0.3.0/24")
    keys.press("End")
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=10\.0\.3\.0/24"))
    expect(page.locator(".hit")).to_have_count(len(NEIGHBOURS) + 1)
    tab_to(page, "PC-19 ")
    keys.press("Enter")
    expect(page.locator("#page h1")).to_have_text("PC-19")
    switcher(page, "10.0.3.19")
    expect(page.locator("#quick [aria-selected=true]")).to_contain_text("PC-19 ")
    keys.press("Enter")
    expect(page.locator("#page h1")).to_have_text("PC-19")
