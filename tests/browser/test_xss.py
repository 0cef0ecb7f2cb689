"""A corpus of attacks through the real pages in Chromium, without a Content Security Policy: nothing of it runs."""

from collections.abc import Iterator
from urllib.parse import quote

import brs_kb
import pytest
from playwright.sync_api import Browser, Page, Request
from pytest_django.live_server_helper import LiveServer

from knowledgetree.basics.batches import in_batches
from tests.browser.conftest import PASSWORD, patient
from tests.people import person
from tests.throwaway_neo4j import Graph
from tests.tree.factory import make, node, run_together
from tree import operations
from tree.vocabulary import ROOT_ID

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
AT_ONCE = 120
ATTACKS = sorted({str(attack["payload"]) for attack in brs_kb.get_all_payloads().values()})
TEXTS = list(in_batches(ATTACKS, AT_ONCE))
LISTEN = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = () => { window.ran.push(name); };
"""
LOOK = r"""() => {
  const found = [...window.ran];
  const active = /^(script|iframe|frame|object|embed|applet|base|meta|link|style|form|svg|math|video|audio)$/i;
  for (const element of document.querySelectorAll(".prose *")) {
    if (active.test(element.tagName)) found.push(element.outerHTML);
  }
  for (const element of document.querySelectorAll("#page *, #tree-pane *")) {
    for (const { name, value } of element.attributes) {
      const leads = /^(href|src|action|formaction|xlink:href|data|poster)$/i.test(name);
      const runs = leads && /^(javascript|vbscript|data):/.test(URL.parse(value, location.href)?.protocol);
      if (/^on|^srcdoc$/i.test(name) || runs) found.push(`${name}=${value}`);
    }
  }
  return found;
}"""


class Watched:
    """A page on which nothing may run, leave or be fetched from elsewhere."""

    def __init__(self, page: Page, server: str) -> None:
        self.page, self.server = page, server
        self.strangers: list[str] = []
        page.add_init_script(LISTEN)
        page.on("request", self._note)
        page.on("dialog", lambda dialog: dialog.dismiss())

    def open(self, path: str) -> None:
        """Go there, and look at all that was made of it."""
        self.page.goto(f"{self.server}{path}")
        self.page.wait_for_selector("[role=treeitem]")
        assert self.page.url == f"{self.server}{path}"
        assert self.page.evaluate(LOOK) == [], path
        assert self.strangers == [], path

    def _note(self, request: Request) -> None:
        if not request.url.startswith((self.server, "data:", "blob:")):
            self.strangers.append(request.url)


@pytest.fixture
def watched(chromium: Browser, live_server: LiveServer, graph: Graph) -> Iterator[Watched]:
    context = patient(chromium.new_context(bypass_csp=True))
    watched = Watched(context.new_page(), live_server.url)
    person("admin")
    watched.page.goto(live_server.url)
    watched.page.fill("[name=username]", "admin")
    watched.page.fill("[name=password]", PASSWORD)
    watched.page.click("text=Log in >> nth=-1")
    watched.page.wait_for_selector("[role=tree]")
    yield watched
    context.close()


def test_texts_of_notes(watched: Watched) -> None:
    """The page of a note, its editor with the preview, and the difference of two versions."""
    plain = 0
    for number, attacks in enumerate(TEXTS):
        text = "\n\n".join(attack.replace("\0", "") for attack in attacks)
        uid = operations.create_note(ROOT_ID, f"Note {number}", text, author="tess")
        watched.open(f"/node/{uid}/")
        plain += watched.page.locator("pre.plain").count()
        if number % 8 == 0:
            watched.open(f"/node/{uid}/edit/")
            operations.save(uid, author="tess", base_version=1, content="\n\n".join(reversed(text.split("\n\n"))))
            watched.open(f"/node/{uid}/history/diff/?from=1&to=2")
    assert plain <= len(TEXTS) // 20, "what is shown as plain text proves nothing"


def test_names_and_fields_of_records(watched: Watched) -> None:
    """As Codex might send them: in lists, in the tree, as a heading, as facts, and in what a search finds."""
    for number, attacks in enumerate(TEXTS[::3]):
        company = make("Company", f"Company {number}", account_number=attacks[0], support_level=attacks[-1])
        names = [f"{attack[:900]} {place}".replace("\0", "") for place, attack in enumerate(attacks)]
        people = [
            node("User", name, company, email=attack, title=attack) for name, attack in zip(names, attacks, strict=True)
        ]
        run_together(creation for _, creation in people)
        last, _ = people[-1]
        watched.open(f"/node/{company}/")
        watched.open(f"/node/{last}/")


@pytest.mark.parametrize("path", ["/search/?q=", "/node/"])
def test_words_in_addresses(watched: Watched, path: str) -> None:
    for attack in ATTACKS[::150]:
        watched.page.goto(watched.server + path + quoted(attack))
        assert watched.page.evaluate(LOOK) == [], attack
        assert watched.strangers == [], attack


def quoted(text: str) -> str:
    return quote(text[:1000].replace("\0", ""), safe="")
