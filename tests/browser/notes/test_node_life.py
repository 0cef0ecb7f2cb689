"""The life of notes and folders in a browser: by mouse, by keys alone, by drag and drop, several at once."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.tree.factory import Acme
from tree import operations, queries
from tree.models import NoteTemplate
from tree.vocabulary import COMPANIES_ID, ROOT_ID

pytestmark = pytest.mark.django_db(transaction=True)
TESS = "tess"
SLOW_ANSWERS = """() => {
  const ask = fetch;
  window.fetch = async (...all) => { await new Promise((go) => setTimeout(go, 400)); return ask(...all); };
}"""
SETTLED = """() => document.dispatchEvent(
  new CustomEvent("htmx:afterSettle", { detail: { target: document.querySelector("#page") } })
)"""


@pytest.fixture
def runbooks(acme: Acme) -> str:
    """Runbooks / (VPN, Printer, Deep), beside the companies."""
    folder = operations.create_folder(ROOT_ID, "Runbooks", author=TESS)
    for name in ("VPN", "Printer"):
        operations.create_note(folder, name, author=TESS)
    operations.create_folder(folder, "Deep", author=TESS)
    return folder


@pytest.fixture
def page(runbooks: str, live_server: LiveServer, admin_page: Page) -> Page:
    """On the page of Runbooks; the graph was filled before the first page asked for it."""
    admin_page.goto(f"{live_server.url}/node/{runbooks}/")
    expect(in_tree(admin_page, runbooks)).to_have_attribute("aria-selected", "true")
    return admin_page


def in_tree(page: Page, uid: str) -> Locator:
    return page.locator(f'[role=treeitem][data-id="{uid}"]')


def leaf(page: Page, uid: str) -> Locator:
    return in_tree(page, uid).locator(":scope > .leaf a")


def child(uid: str, name: str) -> str:
    return next(row.uid for row in queries.get_children(uid).rows if row.name == name)


def names_below(uid: str) -> list[str]:
    return [row.name for row in queries.get_children(uid).rows]


def dialog(page: Page) -> Locator:
    return page.locator("#dialog[open]")


def message(page: Page) -> Locator:
    return page.locator("#page .message.tree-changed")


def test_the_life_of_a_folder_and_a_note_by_mouse(page: Page, runbooks: str) -> None:
    page.click("#page .title-actions >> text=Folder")
    dialog(page).locator("[name=name]").fill("printer")
    dialog(page).locator("text=Make folder").click()
    expect(dialog(page).locator(".field-error")).to_contain_text("has “printer” already")
    expect(dialog(page).locator("[name=name]")).to_have_value("printer")
    dialog(page).locator("[name=name]").fill("Switches")
    dialog(page).locator("text=Make folder").click()
    expect(page.locator("#page h1")).to_have_text("Switches")
    expect(dialog(page)).to_have_count(0)
    folder = child(runbooks, "Switches")
    expect(in_tree(page, folder)).to_have_attribute("aria-selected", "true")

    page.click("#page .more-menu summary")
    page.click("#page .more-menu >> text=Rename")
    dialog(page).locator("[name=name]").fill("Routers")
    dialog(page).locator("button.main").click()
    expect(page.locator("#page h1")).to_have_text("Routers")
    expect(leaf(page, folder)).to_have_text("Routers")

    page.click("#page .more-menu summary")
    page.click("#page .more-menu >> text=Move")
    dialog(page).locator("input[type=search]").fill("deep")
    dialog(page).locator(".place >> text=Deep").click()
    dialog(page).locator("text=Move here").click()
    expect(message(page)).to_contain_text("Moved “Routers” to “Deep”.")
    expect(in_tree(page, child(runbooks, "Deep")).locator(f'[data-id="{folder}"]')).to_be_visible()

    page.click("#page .more-menu summary")
    page.click("#page .more-menu >> text=Copy")
    dialog(page).locator(".places-way .step").last.click()
    expect(dialog(page).locator(".place.here")).to_contain_text("Runbooks")
    dialog(page).locator("text=Copy here").click()
    expect(message(page)).to_contain_text("Copied “Routers” to “Runbooks”.")
    copied = child(runbooks, "Routers")

    page.click("#page .more-menu summary")
    page.click("#page .more-menu >> text=Delete")
    dialog(page).locator("button.danger").click()
    expect(message(page)).to_contain_text("Put “Routers” into the trash.")
    expect(in_tree(page, copied)).to_have_count(0)
    page.click("#tree-pane >> text=Trash")
    page.click(".trashed >> text=Restore >> nth=0")
    expect(page.locator("#page h1")).to_have_text("Routers")
    expect(in_tree(page, copied)).to_be_visible()


def test_the_life_of_a_note_by_keys_alone(page: Page, runbooks: str) -> None:
    keys = page.keyboard
    keys.press("n")
    expect(dialog(page).locator("[name=name]")).to_be_focused()
    keys.type("Modem")
    keys.press("Enter")
    expect(page.locator("#editor")).to_be_visible()  # opened for writing
    note = child(runbooks, "Modem")
    expect(in_tree(page, note)).to_have_attribute("aria-selected", "true")
    in_tree(page, note).focus()
    keys.press("Delete")
    expect(page.locator("#toast.shown")).to_have_text("Save or leave what you write first.")
    page.click("[data-editor=leave]")
    expect(page.locator("#page h1")).to_have_text("Modem")
    expect(in_tree(page, note)).to_have_attribute("aria-selected", "true")

    keys.press("F2")
    expect(dialog(page).locator("[name=name]")).to_be_focused()
    keys.type("Modems")  # the old name is selected
    keys.press("Enter")
    expect(page.locator("#page h1")).to_have_text("Modems")

    keys.press("m")
    expect(dialog(page).locator("input[type=search]")).to_be_focused()
    expect(dialog(page).locator(".landing")).to_have_text("“Modems” is there already.")
    keys.type("acme")
    expect(dialog(page).locator(".place").first).to_contain_text("Acme Dental")
    expect(dialog(page).locator(".landing")).to_have_text("Choose a place in the list.")
    keys.press("Enter")
    expect(dialog(page).locator(".landing")).to_have_text("“Modems” moves to Companies / Acme Dental.")
    keys.press("Enter")
    expect(message(page)).to_contain_text("Moved “Modems” to “Acme Dental”.")

    keys.press("Delete")
    expect(dialog(page).locator("button.danger")).to_be_focused()
    keys.press("Escape")
    expect(dialog(page)).to_have_count(0)
    assert queries.get_trash() == ()
    keys.press("Delete")
    expect(dialog(page).locator("button.danger")).to_be_focused()
    keys.press("Enter")
    expect(message(page)).to_contain_text("into the trash")
    expect(in_tree(page, note)).to_have_count(0)
    keys.press("?")
    expect(page.locator("#keys[open]")).to_contain_text("New folder")
    keys.press("Escape")
    keys.press("Shift+N")
    expect(dialog(page).locator("h1")).to_have_text("New folder")


def test_keys_in_the_tree_are_about_the_row_with_the_focus(page: Page, runbooks: str) -> None:
    vpn = child(runbooks, "VPN")
    in_tree(page, vpn).focus()
    page.keyboard.press("F2")
    expect(dialog(page).locator("[name=name]")).to_have_value("VPN")
    dialog(page).locator("[name=name]").fill("VPNs")
    page.keyboard.press("Enter")
    expect(leaf(page, vpn)).to_have_text("VPNs")
    in_tree(page, COMPANIES_ID).focus()
    page.keyboard.press("Delete")
    expect(page.locator("#toast.shown")).to_contain_text("“Companies” was not made by staff")
    page.keyboard.press("Escape")
    expect(page.locator("#page")).to_be_focused()


def test_drag_and_drop_in_the_tree(page: Page, runbooks: str) -> None:
    vpn, deep = child(runbooks, "VPN"), child(runbooks, "Deep")
    source, target = leaf(page, vpn), leaf(page, deep)
    source.hover()
    page.mouse.down()
    target.hover()
    target.hover()
    expect(page.locator("#drop-hint")).to_have_text("Move “VPN” to “Deep”")
    expect(in_tree(page, deep)).to_have_class(re.compile("drop"))
    page.keyboard.press("Escape")
    expect(page.locator("#drop-hint")).to_be_hidden()
    page.mouse.up()
    assert "VPN" in names_below(runbooks)

    source.drag_to(target)
    expect(message(page)).to_contain_text("Moved “VPN” to “Deep”.")
    assert names_below(deep) == ["VPN"]
    expect(in_tree(page, deep)).to_have_attribute("aria-expanded", re.compile("true|false"))
    expect(page.locator("#page h1")).to_have_text("Runbooks")  # the page stays


def test_refused_drops_say_why(page: Page, runbooks: str, acme: Acme) -> None:
    deep, toast = child(runbooks, "Deep"), page.locator("#toast.shown")
    operations.create_note(COMPANIES_ID, "Printer", author=TESS)
    leaf(page, child(runbooks, "Printer")).drag_to(leaf(page, COMPANIES_ID))
    expect(toast).to_contain_text("“Companies” has “Printer” already")
    leaf(page, runbooks).drag_to(leaf(page, deep))
    expect(toast).to_contain_text("cannot be moved into itself or below itself")
    leaf(page, COMPANIES_ID).hover()
    page.mouse.down()
    leaf(page, deep).hover()
    page.mouse.up()
    expect(toast).to_contain_text("“Companies” was not made by staff: it stays where it is")
    assert sorted(names_below(runbooks)) == ["Deep", "Printer", "VPN"]


def test_several_rows_are_moved_and_deleted(page: Page, runbooks: str, acme: Acme) -> None:
    boxes = page.locator(".pick > input")
    expect(boxes).to_have_count(3)
    expect(page.locator("#picked")).to_be_hidden()
    page.locator(".pick", has_text="VPN").hover()
    page.get_by_label("Choose VPN").check()
    page.get_by_label("Choose Printer").focus()
    page.keyboard.press("x")
    expect(page.locator(".picked-number")).to_have_text("2 chosen")
    page.click("#picked >> text=Move")
    expect(dialog(page).locator("h1")).to_have_text("Move 2 notes and folders")
    dialog(page).locator(".place", has_text="Deep").locator("label").click()
    dialog(page).locator("text=Move here").click()
    expect(message(page)).to_contain_text("Moved 2 notes and folders to “Deep”.")
    expect(page.locator("#page h1")).to_have_text("Deep")
    page.get_by_label("Choose Printer").check()
    page.get_by_label("Choose VPN").check(force=True)
    page.keyboard.press("Delete")
    expect(dialog(page).locator("h1")).to_have_text("Delete 2 notes and folders?")
    dialog(page).locator("button.danger").click()
    expect(message(page)).to_contain_text("Put 2 notes and folders into the trash.")
    assert len(queries.get_trash()) == 2


def test_what_was_unfolded_stays_so_after_a_change(page: Page, runbooks: str, acme: Acme) -> None:
    page.keyboard.press("Escape")
    in_tree(page, COMPANIES_ID).focus()
    page.keyboard.press("ArrowRight")
    expect(in_tree(page, acme.company)).to_be_visible()
    in_tree(page, acme.company).focus()
    page.keyboard.press("ArrowRight")
    expect(in_tree(page, acme.users)).to_be_visible()
    page.keyboard.press("Escape")
    page.evaluate(SLOW_ANSWERS)
    page.keyboard.press("Shift+N")
    dialog(page).locator("[name=name]").fill("Another")
    page.keyboard.press("Enter")
    expect(in_tree(page, runbooks).get_by_text("Another")).to_be_visible()  # drawn; the rest is on its way
    page.evaluate(SETTLED)
    expect(in_tree(page, acme.users)).to_be_visible()


def test_a_note_begins_with_a_template(page: Page, acme: Acme, live_server: LiveServer) -> None:
    NoteTemplate.objects.create(name="Site visit", kind="Company", text="# Visit to {{ company.name }}")
    page.goto(f"{live_server.url}/node/{acme.company}/")
    page.click("#page .title-actions >> text=Note")
    dialog(page).locator("[name=name]").fill("Visit in May")
    dialog(page).get_by_label("Begin with").select_option(label="Site visit")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value("# Visit to Acme Dental")
    expect(page.locator(".prose").get_by_role("heading", name="Visit to Acme Dental")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1360])
def test_nothing_is_wider_than_the_window(page: Page, runbooks: str, live_server: LiveServer, width: int) -> None:
    long = operations.create_folder(runbooks, "x" * 200, author=TESS)
    page.set_viewport_size({"width": width, "height": 800})
    operations.trash(child(runbooks, "VPN"), author=TESS)
    for path in (f"node/{runbooks}/", *(f"node/{long}/{form}/" for form in ("rename", "move", "trash")), "trash/"):
        page.goto(f"{live_server.url}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
