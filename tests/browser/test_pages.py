import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from syncing.models import SyncRun
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make
from tree.vocabulary import COMPANIES_ID

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _graph_before_server(acme: Acme) -> None:
    """The graph is filled before the first page asks for it."""


def row(page: Page, uid: str) -> str:
    return f'[role=treeitem][data-id="{uid}"]'


def focused(page: Page) -> str | None:
    return str(page.evaluate("document.activeElement.dataset.id"))


def test_browsing_by_mouse_keeps_the_tree_and_changes_the_page(admin_page: Page, acme: Acme) -> None:
    page = admin_page
    page.evaluate("document.querySelector('#tree-pane').dataset.kept = 'yes'")
    page.click(f"{row(page, acme.company)} >> a >> nth=0")
    expect(page.locator("h1")).to_contain_text("Acme Dental")
    expect(page).to_have_url(re.compile(f"/node/{acme.company}/$"))
    expect(page).to_have_title("Acme Dental · KnowledgeTree")
    page.click(f"{row(page, acme.users)} >> a >> nth=0")
    page.click(f"{row(page, acme.ana)} >> a >> nth=0")
    expect(page.locator("h1")).to_contain_text("Ana Díaz")
    expect(page.locator(row(page, acme.ana))).to_have_attribute("aria-selected", "true")
    assert page.evaluate("document.querySelector('#tree-pane').dataset.kept") == "yes"
    page.go_back()
    expect(page.locator("h1")).to_contain_text("Users")
    expect(page.locator(row(page, acme.users))).to_have_attribute("aria-selected", "true")


def test_a_deep_link_shows_its_node_in_the_tree(live_server: LiveServer, admin_page: Page, acme: Acme) -> None:
    admin_page.goto(f"{live_server.url}/node/{acme.ana_tickets}/")
    selected = admin_page.locator(row(admin_page, acme.ana_tickets))
    expect(selected).to_have_attribute("aria-selected", "true")
    expect(selected).to_be_in_viewport()


def test_browsing_by_keys(admin_page: Page, acme: Acme) -> None:
    page = admin_page
    page.focus(row(page, COMPANIES_ID))
    page.keyboard.press("ArrowDown")
    assert focused(page) == acme.company
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(row(page, acme.users))
    page.keyboard.press("ArrowRight")
    assert focused(page) == acme.assets
    page.keyboard.press("End")
    assert focused(page) == acme.users
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(row(page, acme.ana))
    page.keyboard.press("a")
    assert focused(page) == acme.ana
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Ana Díaz")
    expect(page.locator(row(page, acme.ana))).to_have_attribute("aria-expanded", "true")
    page.wait_for_load_state("networkidle")  # what hangs below the opened node has come, too
    assert focused(page) == acme.ana  # the place in the tree is kept
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert focused(page) == acme.users
    page.keyboard.press("ArrowLeft")
    expect(page.locator(row(page, acme.users))).to_have_attribute("aria-expanded", "false")
    expect(page.locator(row(page, acme.ana))).to_be_hidden()
    page.keyboard.press("Home")
    assert focused(page) == "root"
    page.focus(row(page, acme.assets))
    page.keyboard.press("*")
    expect(page.locator(row(page, acme.laptop))).to_be_visible()
    assert page.locator("[role=treeitem][tabindex='0']").count() == 1


def test_ten_thousand_children_load_as_one_scrolls(admin_page: Page, graph: Graph, live_server: LiveServer) -> None:
    folder = make("Folder", "Many")
    graph.driver.execute_query(
        "MATCH (f:ContextItem {id: $f}) UNWIND range(0, 9999) AS i "
        "CREATE (f)-[:PARENT_OF]->(:ContextItem:Note {id: 'many-' + i, name: 'Note ' + i, parent_id: $f, "
        "origin: 'codex', sort_key: '1note ' + right('00000' + i, 5), sibling_key: $f + 'n' + i, "
        "content: '', is_folder: false})",
        f=folder,
    )
    graph.plan_again()
    page = admin_page
    page.goto(f"{live_server.url}/node/{folder}/")
    page.wait_for_selector(row(page, "many-0"))
    assert page.locator('[data-id^="many-"]').count() <= 400
    page.eval_on_selector(".pane-scroll", "pane => pane.scrollTo(0, pane.scrollHeight)")
    page.wait_for_selector(row(page, "many-250"), state="attached")
    assert page.locator(".rows > .row").count() == 100
    page.eval_on_selector(".rows > .more", "more => more.scrollIntoView()")
    page.wait_for_selector(".rows > .row >> nth=199", state="attached")
    page.goto(f"{live_server.url}/node/many-7000/")
    expect(page.locator(row(page, "many-7000"))).to_be_in_viewport()
    page.eval_on_selector(row(page, "many-6960"), "row => row.scrollIntoView()")
    page.wait_for_selector(row(page, "many-6900"), state="attached")


def test_the_page_of_the_api_is_as_dark_as_the_others(admin_page: Page, live_server: LiveServer) -> None:
    page, html = admin_page, admin_page.locator("html.dark-mode")
    page.emulate_media(color_scheme="dark")
    page.goto(f"{live_server.url}/api/v1/docs")
    expect(html).to_have_count(1)
    page.evaluate("localStorage.setItem('theme', 'light')")
    page.reload()
    expect(html).to_have_count(0)


def test_the_search_box_by_keys(admin_page: Page, acme: Acme) -> None:
    page = admin_page
    page.keyboard.press("Control+k")
    page.keyboard.type("diaz", delay=20)
    page.wait_for_selector("#quick [role=option] >> text=Ana")
    expect(page.locator("#jump")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#quick")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Ana Díaz")
    page.keyboard.press("/")
    page.keyboard.type("splines")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".hits mark").first).to_have_text("splines")
    expect(page).to_have_url(re.compile(r"/search/\?q=splines"))


def test_copying_a_fact(live_server: LiveServer, context: BrowserContext, admin_page: Page, acme: Acme) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    admin_page.goto(f"{live_server.url}/node/{acme.ana}/")
    admin_page.click('[data-copy="ana@acme.example"]')
    assert admin_page.evaluate("navigator.clipboard.readText()") == "ana@acme.example"


def test_light_and_dark_are_remembered(admin_page: Page) -> None:
    def ground() -> str:
        return str(admin_page.evaluate("getComputedStyle(document.body).backgroundColor"))

    light = ground()
    admin_page.click("[data-action=theme]")
    dark = ground()
    assert dark != light
    admin_page.reload()
    assert ground() == dark


def test_the_width_of_the_tree_is_remembered(admin_page: Page) -> None:
    admin_page.focus(".resizer")
    for _ in range(4):
        admin_page.keyboard.press("ArrowRight")
    admin_page.reload()
    box = admin_page.locator("#tree-pane").bounding_box()
    assert box is not None
    assert box["width"] == 360


@pytest.mark.parametrize("width", [390, 900, 1360])
def test_nothing_is_wider_than_the_window(live_server: LiveServer, admin_page: Page, acme: Acme, width: int) -> None:
    wide = "a" * 500 + "\n\n| " + "b" * 400 + " |\n|---|\n| c |"
    make("Ticket", "Ticket_99.md", acme.tickets, subject="x" * 300, content=wide)
    admin_page.set_viewport_size({"width": width, "height": 800})
    nodes = [f"/node/{uid}/" for uid in (acme.company, acme.ana, acme.open, acme.tickets)]
    for address in ("/", *nodes, "/search/?q=acme", "/sync/"):
        admin_page.goto(f"{live_server.url}{address}")
        assert admin_page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_on_a_phone_the_tree_is_a_drawer(live_server: LiveServer, admin_page: Page, acme: Acme) -> None:
    page = admin_page
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{live_server.url}/node/{acme.company}/")
    expect(page.locator("#tree-pane")).not_to_be_in_viewport()
    page.click("button[data-action=drawer]")
    expect(page.locator("#tree-pane")).to_be_in_viewport()
    page.click(f"{row(page, acme.users)} >> a >> nth=0")
    expect(page.locator("h1")).to_contain_text("Users")
    expect(page.locator("#tree-pane")).not_to_be_in_viewport()


def test_a_sync_is_asked_for_and_followed(admin_page: Page) -> None:
    page = admin_page
    page.click("#sync-pill a")
    page.click("button:has-text('Sync companies, contacts, locations, assets')")
    expect(page.locator("#progress")).to_contain_text("Waiting for the sync worker")
    run = SyncRun.objects.get()
    expect(page.locator("#sync-pill")).to_contain_text("sync waiting")
    SyncRun.objects.filter(pk=run.pk).update(status="running", stage="apply", done=3, total=10)
    expect(page.locator("#progress")).to_contain_text("3 of 10")
    SyncRun.objects.filter(pk=run.pk).update(status="failed", reason="Codex is away.", stage="done")
    expect(page.locator("#page")).to_contain_text("Codex is away.")
    expect(page.locator("#progress")).to_have_count(0)


def test_hostile_names_and_texts_run_nothing(live_server: LiveServer, admin_page: Page, acme: Acme) -> None:
    hostile = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\'"><svg onload=window.hit=1>'
    company = make("Company", hostile, content=f"# {hostile}\n\n[x](javascript:window.hit=1)", account_number=hostile)
    for address in ("/", f"/node/{company}/", "/search/?q=onerror"):
        admin_page.goto(f"{live_server.url}{address}")
        admin_page.wait_for_selector(row(admin_page, company))
    admin_page.fill("#jump", "onerror")
    admin_page.wait_for_selector("#quick [role=option]")
    assert admin_page.evaluate("window.hit") is None
    assert admin_page.locator("#page img, #tree-pane img").count() == 0


def test_logging_out_and_a_session_that_ended(admin_page: Page, context: BrowserContext, acme: Acme) -> None:
    context.clear_cookies()
    admin_page.click(f"{row(admin_page, acme.company)} >> a >> nth=0")
    admin_page.wait_for_url(re.compile(r"/accounts/login/\?next="))


def test_the_django_admin_works_in_a_browser(live_server: LiveServer, admin_page: Page, acme: Acme) -> None:
    admin_page.goto(f"{live_server.url}/admin/tree/company/")
    admin_page.click("text=Acme Dental")
    expect(admin_page.locator("body")).to_contain_text("1001")
