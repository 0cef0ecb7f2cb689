"""A long note: its table of contents, and what is printed of it."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.tree.factory import Acme
from tree import operations

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "\n\n".join(f"## Step {number}\n\n" + "Look at the event log first. " * 60 for number in range(1, 10))


@pytest.fixture
def reader(acme: Acme, live_server: LiveServer, admin_page: Page) -> Page:
    note = operations.create_note(acme.company, "Backup", TEXT, author="tess")
    admin_page.goto(f"{live_server.url}/node/{note}/")
    admin_page.wait_for_selector(".prose")
    return admin_page


def test_contents_lead_to_sections_by_keyboard_and_mark_the_one_that_is_read(reader: Page) -> None:
    beside, folded = reader.locator(".contents.beside"), reader.locator(".contents.folded")
    expect(folded).to_be_hidden()
    reader.locator(".contents.beside a", has_text="Step 4").focus()
    reader.keyboard.press("Enter")
    expect(reader.locator(".prose h3", has_text="Step 4")).to_be_in_viewport()
    expect(beside.locator("[aria-current=location]")).to_have_text("Step 4")
    reader.keyboard.press("End")
    expect(beside.locator("[aria-current=location]")).not_to_have_text("Step 4")
    expect(beside).to_be_in_viewport()

    reader.set_viewport_size({"width": 390, "height": 800})
    expect(beside).to_be_hidden()
    reader.evaluate("scrollTo(0, 0)")
    folded.locator("summary").focus()
    reader.keyboard.press("Enter")
    reader.keyboard.press("Tab")
    reader.keyboard.press("Tab")
    reader.keyboard.press("Enter")
    expect(reader.locator(".prose h3", has_text="Step 2")).to_be_in_viewport()
    expect(folded).not_to_have_attribute("open", "")
