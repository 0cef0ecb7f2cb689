"""Takes the pictures of the README from a running ``make run`` with the sample data: ``make pictures``.

It is written to docs/pictures/. The password is read from instance/first-admin.txt, or from the variable PASSWORD
if it was changed.
"""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Error, Page, ViewportSize, sync_playwright

from tests.services.chromium import chromium

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
FIRST_ADMIN = ROOT / "instance" / "first-admin.txt"
SIZE: ViewportSize = {"width": 1280, "height": 800}
URL = os.environ.get("URL", "http://127.0.0.1:8000")
COMPANY = "Timberline Credit Union"


def company(page: Page) -> None:
    """A client: its people, computers and tickets."""
    _open(page, COMPANY)


def switcher(page: Page) -> None:
    """The first digits of an address in the box at the top."""
    page.goto(URL)
    page.wait_for_selector("[role=treeitem]")
    page.keyboard.press("Control+k")
    page.keyboard.type("10.0.3.1", delay=50)
    page.wait_for_selector("#quick mark")


def tickets(page: Page) -> None:
    """The open tickets of all clients, the oldest first."""
    page.goto(f"{URL}/list/tickets/?state=open&sort=opened_at")
    page.wait_for_selector("[aria-sort=ascending]:has-text('Opened')")


def ticket(page: Page) -> None:
    """A ticket: its conversation, who asked and from which computer."""
    page.goto(f"{URL}/list/tickets/?state=open&sort=-last_updated_at")
    page.click("#list-table tbody a >> nth=0")
    page.wait_for_selector("#page .facts")


TAKEN: dict[str, Callable[[Page], None]] = {
    "company": company,
    "switcher": switcher,
    "tickets": tickets,
    "ticket": ticket,
}


def main() -> int:
    """Take the pictures. Returns the exit code."""
    PICTURES.mkdir(exist_ok=True)
    program = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program.program, env=program.environment, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page(viewport=SIZE)
        try:
            _log_in(page)
            for name, show in TAKEN.items():
                show(page)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=PICTURES / f"{name}.png")
                print(f"docs/pictures/{name}.png: {(show.__doc__ or '').strip()}")
        except Error as error:
            print(
                f"{error.message.splitlines()[0]} Is `make run` running at {URL}, with the sample data?",
                file=sys.stderr,
            )
            return 1
        finally:
            browser.close()
    return 0


def _log_in(page: Page) -> None:
    page.goto(URL)
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", _password())
    page.click("button:has-text('Log in')")
    page.wait_for_selector("[role=tree]")


def _password() -> str:
    if given := os.environ.get("PASSWORD"):
        return given
    found = re.search(r"[Pp]assword:?\s+(\S+)", FIRST_ADMIN.read_text()) if FIRST_ADMIN.exists() else None
    if found is None:
        raise SystemExit(f"{FIRST_ADMIN} has no password. Set the variable PASSWORD to that of the user admin.")
    return found[1]


def _open(page: Page, name: str) -> None:
    page.goto(f"{URL}/search/?q={name}")
    page.click(f"main a:has-text('{name}') >> nth=0")


if __name__ == "__main__":
    sys.exit(main())
