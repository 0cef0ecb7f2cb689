"""Our pages behind a proxy that changes them, as HiveMatrix's Nexus does."""

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from knowledgetree.accounts.sso.core import claims, keys
from knowledgetree.basics.marks import marks
from tests.browser.nexus import nexus
from tests.fake_codex import MakeCodex, make_codex
from tests.tree.factory import Acme

__all__ = ["make_codex"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address(
    acme: Acme,
    live_server: LiveServer,
    make_codex: MakeCodex,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """Where Nexus serves our pages to a technician of Core."""
    core = make_codex(companies=1, contacts=0, assets=0, tickets=0)
    settings.CORE = replace(settings.CORE, url=core.url)
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    monkeypatch.setattr(claims, "KEYS", keys.CoreKeys())
    marks.clear()
    with nexus(live_server.url, core.core.user_token("technician", name="Tess Ito")) as at:
        yield f"{at}/knowledgetree"
    marks.clear()


def test_a_technician_works_behind_nexus(address: str, acme: Acme, page: Page) -> None:
    page.goto(f"{address}/node/{acme.company}/")
    expect(page.locator("h1")).to_have_text("Acme Dental")
    assert page.evaluate("window.nexusRan")
    page.click("#tree-pane >> text=Users")
    expect(page.locator("#page h1")).to_have_text("Users")
    expect(page).to_have_url(re.compile(rf"^{re.escape(address)}/node/"))
    page.click("#page >> text=Ana Díaz")
    expect(page.locator("#page h1")).to_have_text("Ana Díaz")
    page.keyboard.press("n")
    page.fill("#dialog[open] [name=name]", "Written behind Nexus")
    page.keyboard.press("Enter")
    expect(page.locator("#editor[data-ready]")).to_be_visible()
    page.fill("#text", "The door code is in the safe.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#page h1")).to_have_text("Written behind Nexus")
    expect(page.locator(".prose")).to_contain_text("The door code")
    expect(page).to_have_url(re.compile(rf"^{re.escape(address)}/node/"))


def test_links_of_nexus_stay_links(address: str, acme: Acme, page: Page) -> None:
    page.goto(f"{address}/node/{acme.company}/")
    page.click("#to-codex")
    expect(page.locator("h1")).to_have_text("Codex itself")
    expect(page).to_have_title("Codex")


def test_the_theme_of_nexus_is_ours(address: str, acme: Acme, page: Page) -> None:
    page.goto(f"{address}/node/{acme.company}/")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
