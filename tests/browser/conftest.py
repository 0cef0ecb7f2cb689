"""A real Chromium on a real server of the application."""

import asyncio
import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.people import person
from tests.services.chromium import Chromium

PASSWORD = "a-password-of-tests"
# No faults: how Chromium tells of a response that a page asked for and shows, and what htmx says of requests that are
# under way when a page is left.
EXPECTED = re.compile(r"status of (409|422) |^htmx:(sendAbort|afterRequest)\b")
PATIENCE_MS = 120_000  # for a busy machine; what goes well waits no longer than before
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser on a busy machine: what fails is tried once more and listed as RERUN. Each such line is a bug."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


class _Loop:
    """Playwright's event loop, which goes on in the thread of a worker after its first test with a browser.

    For all other tests it does not exist: MCP could run no loop of its own, and Django has other connections to
    the SQL database while a loop runs, so that a test would wait for the transaction that its own fixture has begun.
    """

    def __init__(self) -> None:
        self._running: asyncio.AbstractEventLoop | None = None

    def show(self) -> None:
        if self._running:
            asyncio._set_running_loop(self._running)

    def hide(self) -> None:
        self._running = asyncio._get_running_loop()
        asyncio._set_running_loop(None)


loop = _Loop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Called for the tests of all folders, once a test of this one was collected."""
    if HERE not in item.path.parents:
        return (yield)
    loop.show()
    try:
        return (yield)
    finally:
        loop.hide()


@pytest.fixture(scope="session")
def chromium(chromium_program: Chromium) -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright has an event loop in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_program.program,
            env=chromium_program.environment,
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        loop.show()  # the last test of this worker may be another one
        browser.close()


def patient(context: BrowserContext) -> BrowserContext:
    """The same, and its pages may take their time."""
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = patient(chromium.new_context(viewport={"width": 1360, "height": 860}))
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page; errors in its console (scripts, CSP) fail the test."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            errors.append(message.text)

    page = context.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


@pytest.fixture
def admin_page(live_server: LiveServer, page: Page) -> Page:
    """Logged in as an admin through the login form, on the start page."""
    person("admin")
    page.goto(f"{live_server.url}/")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.click("text=Log in >> nth=-1")
    page.wait_for_selector("[role=tree]")
    return page
