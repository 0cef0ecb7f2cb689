"""The preview beside the text scrolls with it, both ways."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.syncing.processes import wait_until
from tests.tree.factory import Acme
from tree import operations

pytestmark = pytest.mark.django_db(transaction=True)
# Lines that are one in the text and many in the preview, and the other way round: proportion alone would miss.
TEXT = "\n\n".join(
    f"## Step {number}\n\n"
    + ("| a | b |\n|---|---|\n" + "| x | y |\n" * 30 if number < 6 else "\n".join(["word"] * 4) + "\n" * 40)
    for number in range(1, 12)
)
TOP = """([pane, words]) => {
    const box = document.querySelector(pane).getBoundingClientRect();
    const block = [...document.querySelectorAll(pane + ' h3')].find(one => one.textContent === words);
    return block.getBoundingClientRect().top - box.top;
}"""


@pytest.fixture
def editor(acme: Acme, live_server: LiveServer, admin_page: Page) -> Page:
    note = operations.create_note(acme.ana, "Long", TEXT, author="tess")
    admin_page.goto(f"{live_server.url}/node/{note}/edit/")
    expect(admin_page.locator("#editor[data-ready]")).to_be_visible()
    return admin_page


def scroll_text_to(page: Page, words: str) -> None:
    """Scroll the text, as a wheel does, until the line with these words is the first."""
    page.locator("#text").dispatch_event("wheel")
    page.evaluate(
        """words => {
            const text = document.querySelector('#text');
            const line = text.value.slice(0, text.value.indexOf(words)).split('\\n').length - 1;
            text.scrollTop = 10 + line * parseFloat(getComputedStyle(text).lineHeight);
        }""",
        words,
    )


def offset(page: Page, pane: str, words: str) -> float:
    """How far the heading is from the top of the pane, in pixels."""
    return abs(float(page.evaluate(TOP, [pane, words])))


def test_the_heading_at_the_top_is_the_same_on_both_sides(editor: Page) -> None:
    page, preview = editor, "#pane-preview"
    for step in ("Step 4", "Step 8"):
        scroll_text_to(page, f"## {step}\n")
        wait_until(lambda step=step: offset(page, preview, step) < 60)  # type: ignore[misc]
    page.locator(preview).dispatch_event("wheel")
    page.evaluate("document.querySelector('#pane-preview').scrollTop = 0")
    wait_until(lambda: page.evaluate("document.querySelector('#text').scrollTop") == 0)
    page.evaluate(
        """() => {
            const pane = document.querySelector('#pane-preview');
            pane.scrollTop += [...pane.querySelectorAll('h3')].find(one => one.textContent === 'Step 5')
                .getBoundingClientRect().top - pane.getBoundingClientRect().top;
        }"""
    )
    lines_off = """() => {
        const text = document.querySelector('#text');
        const first = Math.round((text.scrollTop - 10) / parseFloat(getComputedStyle(text).lineHeight));
        return Math.abs(first - text.value.slice(0, text.value.indexOf('## Step 5')).split('\\n').length + 1);
    }"""
    wait_until(lambda: page.evaluate(lines_off) < 4)

    page.evaluate("document.querySelector('#text').setSelectionRange(0, 0)")
    with page.expect_response("**/preview/"):
        page.locator("#text").press("Enter")
    scroll_text_to(page, "## Step 8\n")
    wait_until(lambda: offset(page, preview, "Step 8") < 60)
