"""A long note: its table of contents, and what is printed of it and of a record."""

import re
from io import BytesIO

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer

from tests.tree.factory import Acme
from tree import operations

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = f"""\
See [the vendor](https://vendor.example/how-to) and https://other.example/page

| Name | Purpose | End of a wide table |
|---|---|---|
| SRV-01 | {"a word " * 40} | LastCell |

```
{"x" * 200} LastOfCode
```

"""
TEXT = FIRST + "\n\n".join(f"## Step {number}\n\n" + "Look at the event log first. " * 60 for number in range(1, 10))


@pytest.fixture
def reader(acme: Acme, live_server: LiveServer, admin_page: Page) -> Page:
    note = operations.create_note(acme.company, "Backup", TEXT, author="tess")
    admin_page.goto(f"{live_server.url}/node/{note}/")
    admin_page.wait_for_selector(".prose")
    return admin_page


def test_contents_lead_to_sections_by_keyboard_and_mark_the_one_that_is_read(reader: Page) -> None:
    beside, folded = reader.locator(".contents.beside"), reader.locator(".contents.folded")
    expect(folded).to_be_hidden()
    beside.locator("a", has_text="Step 4").press("Enter")
    expect(reader.locator(".prose h3", has_text="Step 4")).to_be_in_viewport()
    expect(beside.locator("[aria-current=location]")).to_have_text("Step 4")
    reader.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(beside.locator("[aria-current=location]")).not_to_have_text("Step 4")
    expect(beside).to_be_in_viewport()

    reader.set_viewport_size({"width": 390, "height": 800})
    expect(beside).to_be_hidden()
    reader.evaluate("scrollTo(0, 0)")
    folded.locator("summary").press("Enter")
    folded.locator("a", has_text="Step 2").press("Enter")
    expect(reader.locator(".prose h3", has_text="Step 2")).to_be_in_viewport()
    expect(folded).not_to_have_attribute("open", "")


def printed(page: Page) -> list[str]:
    """The text of each page of paper, in one line each."""
    return [re.sub(r"\s+", " ", sheet.extract_text()) for sheet in PdfReader(BytesIO(page.pdf())).pages]


def test_paper_gets_the_text_and_not_what_is_around_it(reader: Page, live_server: LiveServer, acme: Acme) -> None:
    reader.click("[data-action=theme]")
    assert reader.evaluate("document.documentElement.dataset.theme") == "dark"
    sheets = printed(reader)
    text = " ".join(sheets)
    assert re.search(r"Companies / Acme[^/]* / Backup · changed \d+ \w+ \d{4}, \d\d:\d\d by tess", sheets[0])
    assert f"1 / {len(sheets)}" in sheets[0]
    assert "<https://vendor.example/how-to>" in text
    assert text.count("other.example/page") == 1
    assert text.count("Step 5") == 1  # not in contents, too
    for wanted in ("LastCell", "LastOfCode", "Step 9"):
        assert wanted in text
    for unwanted in ("Edit", "History", "Search", "Log out", "Linked from", "written by", "Add files", "Sample data"):
        assert unwanted not in text, unwanted
    reader.emulate_media(media="print")
    reader.set_viewport_size({"width": 680, "height": 900})
    cut = (
        "[...document.querySelectorAll('pre, table, main')].filter(box => box.scrollWidth > box.clientWidth + 1).length"
    )
    assert reader.evaluate(cut) == 0
    assert reader.evaluate("getComputedStyle(document.body).color") == "rgb(29, 33, 31)"

    reader.goto(f"{live_server.url}/node/{acme.laptop}/")
    [sheet, *_] = printed(reader)
    assert re.search(r"Assets / .* Facts Host", sheet)
    assert "Linked from" not in sheet
