"""A note with all that Markdown has, as a reader sees it: columns, directions, alerts, anchors."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.tree.factory import Acme
from tree import operations

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = """\
- [Prices](#prices)
- [Notes](#page)

> [!WARNING]
> Do not reboot.

> A quote.

| Name | Price | Note |
|:-:|--:|---|
| Switch | 12 | none |

שלום

- פריט

> [!TIP]
> אזהרה

An old server.[^1]

[^1]: Replaced in March.

""" + "\n\n".join(f"Line {number}" for number in range(80))


@pytest.fixture
def note(acme: Acme) -> str:
    return operations.create_note(acme.ana, "VPN", f"{TEXT}\n\n## Prices\n\n## Page\n", author="tess")


@pytest.fixture
def reader(note: str, live_server: LiveServer, admin_page: Page) -> Page:
    admin_page.goto(f"{live_server.url}/node/{note}/")
    admin_page.wait_for_selector(".prose")
    return admin_page


def test_columns_and_directions_are_seen(reader: Page) -> None:
    for name, side in {"Switch": "center", "12": "right", "none": "start"}.items():
        expect(reader.locator(".prose td", has_text=name).first).to_have_css("text-align", side)
    expect(reader.locator(".prose p", has_text="שלום")).to_have_css("direction", "rtl")
    expect(reader.locator(".prose ul", has_text="פריט")).to_have_css("direction", "rtl")
    expect(reader.locator(".prose .admonition", has_text="אזהרה")).to_have_css("direction", "rtl")
    expect(reader.locator(".prose p", has_text="Line 1").first).to_have_css("direction", "ltr")


def test_an_alert_is_told_from_a_quote(reader: Page) -> None:
    ground = "e => getComputedStyle(e).backgroundColor"
    alert, quote = reader.locator(".prose .admonition.warning"), reader.locator(".prose blockquote")
    expect(alert).to_contain_text("Warning")
    assert alert.evaluate(ground) != quote.evaluate(ground)


def test_anchors_lead_to_headings_and_notes_and_to_nothing_of_the_page(reader: Page) -> None:
    for link, target in {
        "a:text('Prices')": "h3:text('Prices')",
        "a:text('Notes')": "h3:text('Page')",
        ".footnote-ref": ".footnote li",
        ".footnote-backref": "sup",
    }.items():
        reader.evaluate("scrollTo(0, 0)")
        reader.locator(f".prose {link}").click()
        expect(reader.locator(f".prose {target}")).to_be_in_viewport()
    assert reader.evaluate("document.getElementById('page').closest('.prose')") is None
