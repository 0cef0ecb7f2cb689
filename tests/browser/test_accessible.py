"""Every kind of page, for people who need it large, narrow, dark, by touch, by keyboard or read aloud.

axe finds nothing serious on any; buttons are large enough to be touched; nothing scrolls sideways from 320 pixels on
(400 % of a usual window), and lines of text stay readable on the widest screens.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from knowledgetree.webhooks.models import Delivery, Endpoint
from syncing.models import QuarantinedRecord
from tests.browser.conftest import PASSWORD
from tests.browser.syncs.test_sync_pages import run_with_long_names
from tests.pages import PAGES
from tests.people import person
from tests.tree.factory import Acme
from tree import operations, queries
from tree.models import SavedSearch, TreeImport
from tree.proposals import Draft, propose

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = """# Set-up

A [link](/node/root/) in a **line** that goes on for so long that it would be as wide as any screen if nobody stopped
it, which a page has to do, because nobody reads lines of three hundred characters to their end without
losing the place.

## Steps

- [ ] one
- [x] two

| a | b |
| --- | --- |
| 1 | 2 |

```python
x = 1  # comment
```

> [!WARNING]
> Careful[^1]

[^1]: A footnote.
"""
SERIOUS = ("serious", "critical")
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
CONTRAST = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
ADMIN_LISTS = ("/admin/", "/admin/tree/company/", "/admin/syncing/syncrun/", "/admin/auth/user/")
PLAIN_RULES = {"resultTypes": ["violations"]}
# Where a page of this width scrolls sideways, what sticks out of it.
STICKS_OUT = """(width) => document.documentElement.scrollWidth <= width ? [] : [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > width + 1 && !one.closest(".scroll, .unseen, pre"))
  .slice(0, 4).map((one) => one.outerHTML.slice(0, 160))"""
# Texts of more than 50 em, which are about a hundred characters, in a line.
LONG_LINES = """() => [...document.querySelectorAll("#page p, #page .prose li")]
  .filter((one) => one.textContent.length > 120 && one.checkVisibility())
  .filter((one) => one.getBoundingClientRect().width > 50 * parseFloat(getComputedStyle(one).fontSize))
  .slice(0, 4).map((one) => one.outerHTML.slice(0, 160))"""
MOVES = """() => [...document.querySelectorAll("*")].filter((one) => {
  const style = getComputedStyle(one);
  return `${style.transitionDuration}, ${style.animationDuration}`.split(", ").some((time) => parseFloat(time) > 0.001);
}).slice(0, 3).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def world(acme: Acme) -> dict[str, Any]:
    """The ids of a world with something on every page."""
    note = operations.create_note(acme.company, "Set-up", "old", author="tess", is_warning=True)
    operations.save(note, author="tess", content=TEXT)
    proposed = {
        "clash": propose(queries.get_node(note), Draft("new", "A ticket asks for it.", "Claude", base_version=1))[0].pk,
        "change": propose(queries.get_node(note), Draft(TEXT + "End.", "x", "Claude", base_version=2))[0].pk,
        "new": propose(queries.get_node(acme.company), Draft(TEXT, "x", "Claude", name="A new note"))[0].pk,
    }
    trashed = operations.create_note(acme.company, "Thrown away", "x", author="tess")
    operations.trash(trashed, author="tess")
    QuarantinedRecord.objects.create(command="sync_codex", identity="x", kind="Company", account="1001", reason="bad")
    runs = {status: run_with_long_names(status).pk for status in ("planned", "needs_approval")}
    log.record(
        Action.HANDED_OUT, nodes=["0123456789abcdef01234567"] * 2 + [note], company=log.Client("1001", "Acme" * 9)
    )
    names = ("company", "ana", "laptop", "open", "tickets")
    ids = {name: getattr(acme, name) for name in names}
    return (
        ids
        | proposed
        | {"note": note, "trashed": trashed, "planned": runs["planned"], "held": runs["needs_approval"]}
        | {"webhook": webhook_that_fails()}
        | imports()
    )


def imports() -> dict[str, int]:
    """One that was compared, one that was refused."""
    counts, lines = {"created": 7, "kept": 1}, ["/IT Docs/VPN: it is here with another text, which is kept."] * 3
    more = {"counts": counts, "lines": lines, "checked_at": timezone.now()}
    compared = TreeImport.objects.create(file="a.json", shown_as="an_export.json", status="compared", **more)
    refused = TreeImport.objects.create(
        file="b.zip", shown_as="b.zip", status="refused", reason=f"b.zip is no export: {'x' * 200}"
    )
    return {"compared": compared.pk, "refused": refused.pk}


def webhook_that_fails() -> int:
    """One whose deliveries arrived, failed and wait."""
    address = f"https://hooks.acme.example/services/{'a' * 60}"
    webhook = Endpoint.objects.create(
        name="Board of the night shift", url=address, events=["node.moved"], secret="x", failing_since=timezone.now()
    )
    tries = [
        {"at": timezone.now().isoformat(), "status": 0, "ms": 10_003, "problem": "No response within 10 seconds."}
    ] * 3
    for state in Delivery.State.values:
        body = json.dumps({"type": "node.moved", "data": {"nodes": [{"id": "a" * 40, "name": None}] * 3}})
        webhook.deliveries.create(event_id=f"msg_{state * 4}", event="node.moved", body=body, state=state, tries=tries)
    return webhook.pk


def test_every_page_is_for_everybody(
    world: dict[str, Any], live_server: LiveServer, admin_page: Page, subtests: pytest.Subtests
) -> None:
    page = admin_page
    saved = SavedSearch.objects.create(user=User.objects.get(username="admin"), name="Mine", query="q=acme")
    world["saved"] = saved.pk
    for path in (path.format(**world) for paths in PAGES.values() for path in paths):
        with subtests.test(path):
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(live_server.url + path)
            assert faults(page, RULES) == []
            page.emulate_media(color_scheme="dark")
            assert faults(page, CONTRAST) == []
            page.emulate_media(color_scheme="light")
            for width in (640, 320):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate(STICKS_OUT, width) == [], width
            page.set_viewport_size({"width": 3840, "height": 1600})
            assert page.evaluate(LONG_LINES) == []


def test_what_lies_over_a_page_is_for_everybody(
    world: dict[str, Any], live_server: LiveServer, admin_page: Page, subtests: pytest.Subtests
) -> None:
    page = admin_page
    page.set_viewport_size({"width": 1280, "height": 900})
    overlays: tuple[tuple[str, Callable[[], None], str], ...] = (
        ("the switcher before anything is typed", lambda: page.keyboard.press("Control+k"), "#quick [role=option]"),
        ("the switcher with hits", lambda: page.fill("#jump", "acme"), "#quick-all"),
        ("the menu", lambda: page.click(".menu > summary"), ".menu-list"),
        ("the list of keys", lambda: page.keyboard.press("?"), "dialog[open]"),
        ("the dialog of moving", lambda: page.keyboard.press("m"), "dialog[open] #dialog-title"),
        ("the dialog of a new note", lambda: page.keyboard.press("n"), "dialog[open] #dialog-title"),
    )
    for name, opens, shown in overlays:
        with subtests.test(name):
            page.goto(live_server.url + f"/node/{world['note']}/")
            opens()
            page.wait_for_selector(shown)
            assert faults(page, PLAIN_RULES) == []  # what lies below is covered, and so too small to touch
            page.emulate_media(color_scheme="dark")
            assert faults(page, CONTRAST) == []
            page.emulate_media(color_scheme="light")
            page.set_viewport_size({"width": 320, "height": 800})
            assert page.evaluate(STICKS_OUT, 320) == []
            page.set_viewport_size({"width": 1280, "height": 900})


def test_the_lists_of_the_administration(
    world: dict[str, Any], live_server: LiveServer, admin_page: Page, subtests: pytest.Subtests
) -> None:
    """The Django admin has forms and tables of its own, whose sizes are not ours to choose."""
    page = admin_page
    for path in ADMIN_LISTS:
        with subtests.test(path):
            page.goto(live_server.url + path)
            assert faults(page, PLAIN_RULES) == []


def test_a_technician_s_pages_and_reduced_motion(
    world: dict[str, Any], live_server: LiveServer, page: Page, subtests: pytest.Subtests
) -> None:
    person("technician")
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{live_server.url}/")
    assert faults(page, RULES) == []
    page.fill("[name=username]", "technician")
    page.fill("[name=password]", PASSWORD)
    page.click("text=Log in >> nth=-1")
    page.wait_for_selector("[role=tree]")
    for path in ("/", "/node/{company}/", "/node/{note}/", "/sync/", "/sync/runs/{held}/"):
        with subtests.test(path):
            page.goto(live_server.url + path.format(**world))
            assert faults(page, RULES) == []
            assert page.evaluate(MOVES) == []


def faults(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe finds that is serious."""
    if not page.evaluate("() => 'axe' in window"):  # once for each page, for it is half a megabyte
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("(options) => axe.run(options)", rules)["violations"]
    return [
        f"{fault['id']}: {json.dumps([node['html'][:160] for node in fault['nodes'][:4]])}"
        for fault in found
        if fault["impact"] in SERIOUS
    ]
