"""A file by mouse and by keyboard: dropped, seen, downloaded, removed, restored; refusals in words."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.tree import made_up_files as files
from tests.tree.factory import Acme

pytestmark = pytest.mark.django_db(transaction=True)

DROP = """([selector, parts]) => {
  const transfer = new DataTransfer();
  for (const [name, bytes] of parts) transfer.items.add(new File([new Uint8Array(bytes)], name));
  const target = document.querySelector(selector);
  for (const type of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""


@pytest.fixture(autouse=True)
def _graph_before_server(acme: Acme) -> None:
    """The graph is filled before the first page asks for it."""


@pytest.fixture
def company(admin_page: Page, live_server: LiveServer, acme: Acme) -> Page:
    admin_page.goto(f"{live_server.url}/node/{acme.company}/")
    expect(admin_page.locator("#files")).to_contain_text("Drop some on this page")
    return admin_page


def drop(page: Page, *parts: tuple[str, bytes], onto: str = "#page h1") -> None:
    page.evaluate(DROP, [onto, [[name, list(content)] for name, content in parts]])


def test_a_dropped_file_is_listed_downloaded_removed_and_restored(company: Page, tmp_path: Path) -> None:
    page = company
    drop(page, ("Plan.txt", b"seven VLANs"), ("Rack.png", files.image()))
    rows = page.locator(".file")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Plan.txt")
    expect(rows.first).to_contain_text("TXT, 11 bytes")
    expect(rows.first).to_contain_text("admin")
    expect(page.locator(".upload")).to_have_count(0)
    expect(rows.nth(1)).to_contain_text("40 × 30")
    picture = rows.nth(1).locator("img")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 40)
    with page.expect_download() as download:
        page.click("text=Plan.txt")
    assert download.value.suggested_filename == "Plan.txt"
    download.value.save_as(tmp_path / "Plan.txt")
    assert (tmp_path / "Plan.txt").read_bytes() == b"seven VLANs"
    page.click("[aria-label='Remove Plan.txt']")
    expect(rows.locator("a")).to_have_count(1)
    page.click("summary:has-text('Removed (1)')")
    page.click("[aria-label='Restore Plan.txt']")
    expect(rows.locator("a")).to_have_count(2)
    page.reload()
    expect(rows.locator("a")).to_have_count(2)


def test_a_file_by_keyboard(company: Page) -> None:
    page = company
    page.locator("#files-input").focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files({"name": "Plan.txt", "mimeType": "text/plain", "buffer": b"seven VLANs"})
    expect(page.locator(".file")).to_contain_text("Plan.txt")
    expect(page.locator(".upload")).to_have_count(0)  # the list comes anew with it, and the focus would be lost
    page.locator("[aria-label='Remove Plan.txt']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".file a")).to_have_count(0)


def test_refusals_are_told_in_words_and_the_others_are_stored(company: Page) -> None:
    page = company
    page.evaluate("document.querySelector('#files').dataset.limit = 1000")
    drop(page, ("page.png", b"x" * 2000), ("a.txt", b"text"))
    expect(page.locator(".upload[role=alert]")).to_contain_text("too large")
    expect(page.locator(".file")).to_have_count(1)
    page.click("text=Dismiss")
    expect(page.locator(".upload")).to_have_count(0)


def test_what_the_server_refuses_is_told(company: Page) -> None:
    page = company.context.new_page()  # its console notes the answer's status, which would fail the other one
    page.goto(company.url)
    drop(page, ("drawing.png", files.SVG), ("a.txt", b"text"))
    expect(page.locator(".upload[role=alert]")).to_contain_text("not what its ending says")
    expect(page.locator(".file")).to_have_count(1)
    expect(page.locator(".upload")).to_have_count(1)  # it stays until it was read


def test_a_file_dropped_elsewhere_does_not_open_in_the_browser(company: Page) -> None:
    page = company
    drop(page, ("a.txt", b"text"), onto="#tree-pane")
    expect(page).to_have_url(re.compile("/node/"))
    expect(page.locator(".file, .upload")).to_have_count(0)
