"""Handing a node to an assistant by keyboard: its Markdown, and its context with ticks."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.tree.factory import Acme, make

pytestmark = pytest.mark.django_db(transaction=True)


def test_by_keyboard_from_a_ticket(acme: Acme, live_server: LiveServer, admin_page: Page) -> None:
    page = admin_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    make("Note", "Door codes.md", acme.company, origin="staff", content="The door opens with 4711.")
    page.goto(f"{live_server.url}/node/{acme.open}/")
    page.keyboard.press("y")
    expect(page.locator("#toast")).to_contain_text("Copied")
    assert "splines" in page.evaluate("navigator.clipboard.readText()")
    page.keyboard.press("c")
    expect(page.locator("#context-text")).to_have_value(re.compile("4711"))
    page.get_by_role("checkbox", name="Door codes").uncheck()
    expect(page.locator("#context-text")).not_to_have_value(re.compile("4711"))
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("#toast")).to_contain_text("Copied # Context")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "splines" in copied
    assert "4711" not in copied


def test_chosen_rows_of_a_list_are_copied(acme: Acme, live_server: LiveServer, admin_page: Page) -> None:
    page = admin_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/list/tickets/?client={acme.company}")
    expect(page.locator("#picked")).to_be_hidden()
    page.get_by_label("Choose #40007").check()
    page.get_by_label("Choose #40008").check()
    expect(page.locator(".picked-number")).to_have_text("2 chosen")
    page.locator("#picked").get_by_role("link", name="Markdown").click()
    expect(page.locator("#toast")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "# #40007 VPN is down" in copied.replace("\\", "")
    assert "# #40008 Printer jams" in copied.replace("\\", "")
    page.locator("#picked").get_by_role("button", name="Choose none").click()
    expect(page.locator("#picked")).to_be_hidden()
