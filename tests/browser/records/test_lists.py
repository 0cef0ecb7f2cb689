"""Lists in a browser, by keys alone."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.tree.factory import Acme, make

pytestmark = pytest.mark.django_db(transaction=True)
FOCUSED = "document.activeElement.textContent.replace(/\\s+/g, ' ').trim()"
MOST_TABS = 80


@pytest.fixture
def page(acme: Acme, live_server: LiveServer, admin_page: Page) -> Page:
    """On the page of Acme, which has three open tickets."""
    for number, opened in ((1, "2026-03-01T08:00:00Z"), (2, "2026-01-01T08:00:00Z")):
        make(
            "Ticket",
            f"Ticket_{number}.md",
            acme.tickets,
            ticket_number=f"5000{number}",
            subject=f"Ticket {number}",
            status="Open",
            opened_at=opened,
        )
    admin_page.goto(f"{live_server.url}/node/{acme.company}/")
    return admin_page


def tab_to(page: Page, text: str, where: str = "#page") -> None:
    """Press the Tab key until the focus is on what has this text, or on the field of this name."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        inside = page.evaluate(f"!!document.activeElement.closest('{where}')")
        if inside and text in (page.evaluate(FOCUSED), page.evaluate("document.activeElement.name")):
            return
    raise AssertionError(f"No press of the Tab key leads to {text!r}.")


def rows(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("#list-table tbody th").all_inner_texts()]  # behind a box to tick


def test_the_open_tickets_of_a_client_by_age_as_csv_by_keys_alone(page: Page) -> None:
    tab_to(page, "4 tickets")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Tickets of Acme Dental")
    tab_to(page, "state")
    page.keyboard.press("ArrowDown")  # open
    expect(page.locator(".list-sum strong")).to_have_text("3 tickets")
    expect(page).to_have_url(re.compile(r"\?client=[^&]+&state=open&sort=-last_updated_at$"))
    tab_to(page, "Opened", "#list-table")
    page.keyboard.press("Enter")
    expect(page.locator("[aria-sort=descending]")).to_have_text("Opened")
    page.keyboard.press("Enter")  # the focus stays on the heading
    expect(page.locator("[aria-sort=ascending]")).to_have_text("Opened")
    expect(page).to_have_url(re.compile(r"state=open&sort=opened_at$"))
    assert rows(page) == ["#50002 Ticket 2", "#50001 Ticket 1", "#40007 VPN is down"]
    page.keyboard.press("Shift+Tab")
    for _ in range(MOST_TABS):
        if page.evaluate(FOCUSED) == "As CSV":
            break
        page.keyboard.press("Shift+Tab")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [line.partition(",")[0] for line in lines] == ["Name", *rows(page)]
    page.go_back()
    expect(page.locator("[aria-sort=descending]")).to_have_text("Opened")
    page.go_back()
    page.go_back()
    expect(page.locator(".list-sum strong")).to_have_text("4 tickets")


def test_a_list_while_one_types_and_on_a_phone(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/list/tickets/")
    page.focus("#list-words")
    page.keyboard.type("ticket 2", delay=20)
    expect(page.locator(".list-sum strong")).to_have_text("1 ticket")
    assert page.evaluate("document.activeElement.id") == "list-words"
    assert page.input_value("#list-words") == "ticket 2"
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    expect(page.locator("#list-table tbody th")).to_have_text(["#50002 Ticket 2"])
