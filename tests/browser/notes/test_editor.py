"""Writing in a real browser: by mouse, by keys alone, and in two windows at once."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import patient
from tests.people import person
from tests.tree.factory import Acme
from tests.tree.text.clipboards.office import EXCEL
from tree import operations, queries
from tree.models import Draft

pytestmark = pytest.mark.django_db(transaction=True)
SAVE = "#editor button[type=submit]"
PNG = Path(__file__).parents[3] / "docs" / "pictures" / "company.png"


@pytest.fixture
def note(acme: Acme) -> str:
    return operations.create_note(acme.ana, "VPN", "one\ntwo\nthree\n", author="tess")


@pytest.fixture(autouse=True)
def _note_before_server(note: str) -> None:
    """The graph is filled before the first page asks for it."""


@pytest.fixture
def editor(live_server: LiveServer, admin_page: Page, note: str) -> Page:
    """The editor of the note, its script at work."""
    return opened(admin_page, live_server, note)


@pytest.fixture
def second_window(live_server: LiveServer, chromium: Browser) -> Iterator[Page]:
    """A technician called Ann, in a browser of her own."""
    ann = person("technician")
    ann.first_name = "Ann"
    ann.save()
    context = patient(chromium.new_context(viewport={"width": 1360, "height": 860}))
    page = context.new_page()
    page.goto(f"{live_server.url}/")
    page.fill("[name=username]", "technician")
    page.fill("[name=password]", "a-password-of-tests")
    page.click("text=Log in >> nth=-1")
    page.wait_for_selector("[role=tree]")
    yield page
    context.close()


def opened(page: Page, live_server: LiveServer, uid: str) -> Page:
    page.goto(f"{live_server.url}/node/{uid}/edit/")
    ready(page)
    return page


def ready(page: Page) -> None:
    expect(page.locator("#editor[data-ready]")).to_be_visible()


def content_of(uid: str) -> str:
    return queries.get_node(uid).content


def test_the_life_of_a_text_by_keys_alone(live_server: LiveServer, admin_page: Page, note: str) -> None:
    page = admin_page
    page.goto(f"{live_server.url}/node/{note}/")
    expect(page.locator("[data-key=e]")).to_be_visible()
    page.keyboard.press("e")
    ready(page)
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type("- first")
    page.keyboard.press("Enter")
    page.keyboard.type("second")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("and ")
    page.keyboard.press("Control+b")
    page.keyboard.type("this")
    expect(page.locator("#pane-preview strong")).to_have_text("this")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".reading .prose li").nth(1)).to_have_text("second")
    assert content_of(note) == "one\ntwo\nthree\n- first\n- second\n\nand **this**"
    expect(page).to_have_url(f"{live_server.url}/node/{note}/")


def test_the_format_buttons_by_mouse(editor: Page, note: str) -> None:
    page = editor
    page.fill("#text", "one\ntwo")
    page.locator("#text").select_text()
    page.click("[data-format=tasks]")
    expect(page.locator("#text")).to_have_value("- [ ] one\n- [ ] two")
    page.keyboard.press("Control+z")
    expect(page.locator("#text")).to_have_value("one\ntwo")
    for button, text in (
        ("list", "- one\n- two"),
        ("numbers", "1. one\n2. two"),
        ("heading", "## 1. one\n## 2. two"),
    ):
        page.locator("#text").select_text()
        page.click(f"[data-format={button}]")
        expect(page.locator("#text")).to_have_value(text)
    page.fill("#text", "x")
    page.keyboard.press("Control+End")
    page.click("[data-format=table]")
    expect(page.locator("#pane-preview th").first).to_have_text("Column")
    page.click(SAVE)
    expect(page.locator(".reading .prose table")).to_be_visible()
    assert content_of(note) == "x\n\n| Column | Column |\n| --- | --- |\n|  |  |\n"


def test_saving_without_a_change_changes_nothing(editor: Page, note: str) -> None:
    editor.click(SAVE)
    expect(editor.locator(".reading .prose")).to_be_visible()
    assert len(queries.get_revisions(note)) == 1


def test_a_draft_is_told_saved_only_by_the_server_and_survives_a_reload(editor: Page, note: str) -> None:
    page = editor
    page.fill("#text", "half a thought")
    expect(page.locator("#draft-state")).to_have_text("Not saved")
    expect(page.locator("#draft-state")).to_contain_text("Draft saved", timeout=15_000)
    assert Draft.objects.get().text == "half a thought"
    page.reload()
    ready(page)
    expect(page.locator("#text")).to_have_value("half a thought")
    expect(page.locator("#draft-note")).to_contain_text("your draft")
    assert content_of(note) == "one\ntwo\nthree\n"
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("text=Discard draft")
    expect(page.locator("#text")).to_have_value("one\ntwo\nthree\n")
    assert not Draft.objects.exists()


def test_what_never_reached_the_server_is_kept_in_the_browser(
    live_server: LiveServer, chromium: Browser, note: str
) -> None:
    person("admin")
    context = patient(chromium.new_context())
    page = context.new_page()
    page.goto(f"{live_server.url}/node/{note}/edit/")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", "a-password-of-tests")
    page.click("text=Log in >> nth=-1")
    ready(page)
    page.route("**/draft/", lambda route: route.abort())
    page.route("**/edit/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.fill("#text", "typed on a train")
    page.click(SAVE)
    expect(page.locator("#draft-state")).to_contain_text("Not saved: the server does not answer")
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", agree)
    page.reload()
    ready(page)
    assert asked == ["beforeunload"]
    expect(page.locator("#text")).to_have_value("typed on a train")
    page.unroute_all()
    page.click(SAVE)
    expect(page.locator(".reading .prose")).to_have_text("typed on a train")
    opened(page, live_server, note)
    expect(page.locator("#draft-note")).to_be_hidden()
    context.close()


def test_escape_leaves_and_keeps_the_draft(editor: Page, live_server: LiveServer, note: str) -> None:
    editor.fill("#text", "later more")
    editor.keyboard.press("Escape")
    expect(editor).to_have_url(f"{live_server.url}/node/{note}/")
    expect(editor.locator(".reading .message")).to_contain_text("You have an unsaved draft")
    editor.click("text=Continue editing")
    ready(editor)
    expect(editor.locator("#text")).to_have_value("later more")


def test_two_windows_at_once_end_in_one_text(
    editor: Page, second_window: Page, live_server: LiveServer, note: str
) -> None:
    ann = opened(second_window, live_server, note)
    editor.fill("#text", "ONE\ntwo\nthree\n")
    ann.fill("#text", "one\ntwo\nTHREE\n")
    expect(ann.locator("#others")).to_contain_text("admin is editing this, too")
    editor.click(SAVE)
    expect(editor.locator(".reading .prose")).to_contain_text("ONE")
    ann.keyboard.press("Control+Enter")
    expect(ann.locator("h1").first).to_have_text("Two people changed this")
    expect(ann.locator("ins")).to_have_text(["ONE", "THREE"])
    ready(ann)
    expect(ann.locator("#text")).to_have_value("ONE\ntwo\nTHREE\n")
    assert content_of(note) == "ONE\ntwo\nthree\n"
    ann.click("text=Only mine")
    expect(ann.locator("#text")).to_have_value("one\ntwo\nTHREE\n")
    ann.click("text=Both, merged")
    ann.click(SAVE)
    expect(ann.locator(".reading .prose")).to_contain_text("ONE")
    assert content_of(note) == "ONE\ntwo\nTHREE\n"
    assert [r.author for r in queries.get_revisions(note)] == ["technician", "admin", "tess"]


def test_bad_input_stays_in_the_form(editor: Page, note: str) -> None:
    editor.fill("[name=name]", "..")
    editor.fill("#text", "typed for an hour")
    editor.click(SAVE)
    expect(editor.locator("#name-error")).to_contain_text("cannot be a name")
    expect(editor.locator("#text")).to_have_value("typed for an hour")
    ready(editor)
    editor.fill("[name=name]", "VPN")
    editor.click(SAVE)
    expect(editor.locator(".reading .prose")).to_have_text("typed for an hour")


def test_brackets_offer_links_by_keys_and_by_mouse(editor: Page, acme: Acme, note: str) -> None:
    page = editor
    page.fill("#text", "")
    page.focus("#text")
    page.keyboard.type("Ask [[diaz")
    option = page.locator("#suggested [role=option]")
    expect(option.first).to_contain_text("Ana Díaz")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value(f"Ask [Ana Díaz](/node/{acme.ana}/)")
    page.keyboard.type(" on [[LAPTOP-59")
    option.filter(has_text="LAPTOP-59").first.click()
    expect(page.locator("#text")).to_have_value(re.compile(rf"on \[LAPTOP-59\]\(/node/{acme.laptop}/\)$"))
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type(" [[diaz")
    expect(option.first).to_be_visible()
    page.keyboard.press("Escape")  # closes the list, not the editor
    expect(page.locator("#suggested")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    page.click(".reading .prose a >> text=Ana Díaz")
    expect(page.locator("h1")).to_contain_text("Ana Díaz")
    expect(page.locator("aside")).to_contain_text("Linked from")
    expect(page.locator("aside a", has_text="VPN")).to_be_visible()


def test_a_narrow_window_has_the_preview_behind_a_tab(editor: Page) -> None:
    editor.set_viewport_size({"width": 1000, "height": 800})
    expect(editor.locator("#pane-preview")).to_be_visible()
    expect(editor.locator("#text")).to_be_visible()
    editor.set_viewport_size({"width": 390, "height": 800})
    expect(editor.locator("#pane-preview")).to_be_hidden()
    editor.fill("#text", "**strong**")
    editor.click("#tab-preview")
    expect(editor.locator("#pane-preview strong")).to_be_visible()
    expect(editor.locator("#text")).to_be_hidden()
    assert editor.evaluate("document.documentElement.scrollWidth") <= 390
    editor.keyboard.press("ArrowLeft")
    expect(editor.locator("#text")).to_be_visible()


def test_a_picture_that_is_dropped_or_pasted_is_seen(editor: Page, note: str) -> None:
    page = editor
    page.fill("#text", "")
    page.set_input_files("#editor-file", PNG)
    expect(page.locator("#text")).to_have_value(re.compile(r"^!\[company\.png\]\(/files/[^)]+\)\n$"))
    page.evaluate(
        """() => {
          const canvas = document.createElement("canvas");
          canvas.width = canvas.height = 4;
          return new Promise((done) => canvas.toBlob((blob) => {
            const data = new DataTransfer();
            data.items.add(new File([blob], "pasted.png", { type: "image/png" }));
            const text = document.querySelector("#text");
            text.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
            text.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
            done();
          }));
        }"""
    )
    expect(page.locator("#text")).to_have_value(re.compile(r"^(!\[[^\]]+\]\(/files/[^)]+\)\s*){3}$"))  # all uploaded
    expect(page.locator("#pane-preview img")).to_have_count(3)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".reading .prose img").first).to_be_visible()
    page.wait_for_function(
        """() => [...document.querySelectorAll(".reading .prose img")].every((image) => {
          image.scrollIntoView();  // it is loaded when it comes into view
          return image.complete && image.naturalWidth > 0;
        })"""
    )
    assert content_of(note).count("](/files/") == 3


def test_tasks_are_ticked_where_they_are_read(
    live_server: LiveServer, admin_page: Page, context: BrowserContext, note: str
) -> None:
    operations.save(note, author="tess", content="- [ ] a\n- [ ] b\n- [x] c\n")
    page = admin_page
    page.goto(f"{live_server.url}/node/{note}/")
    boxes = page.locator(".reading .prose input[type=checkbox]")
    expect(boxes.nth(1)).to_be_enabled()
    boxes.nth(0).check()
    boxes.nth(2).uncheck()
    expect(page.locator(".reading .prose[data-version='4']")).to_be_visible()
    assert content_of(note) == "- [x] a\n- [ ] b\n- [ ] c\n"
    operations.save(note, author="ann", content="- [ ] new\n- [x] a\n")
    boxes.nth(1).click()
    expect(page.locator("#toast")).to_contain_text("ann saved")
    expect(boxes.nth(1)).not_to_be_checked()
    assert content_of(note) == "- [ ] new\n- [x] a\n"


def test_history_by_mouse(live_server: LiveServer, admin_page: Page, note: str) -> None:
    operations.save(note, author="ann", content="one\ntwo\nfour\n", message="Counted")
    page = admin_page
    page.goto(f"{live_server.url}/node/{note}/")
    page.click("text=History")
    expect(page.locator("table")).to_contain_text("Counted")
    page.click("text=Compare the two chosen")
    expect(page.locator(".difference del")).to_have_text("three")
    expect(page.locator(".difference ins")).to_have_text("four")
    page.click("text=Restore version 1")
    expect(page.locator(".message.success")).to_contain_text("Version 1 is restored")
    assert content_of(note) == "one\ntwo\nthree\n"


def test_what_is_pasted_from_other_programs_is_markdown(editor: Page) -> None:
    """By a real Ctrl+V; plain with Shift, in code, and when the server refuses. Each is one step to undo."""
    page = editor
    text = page.locator("#text")

    def copy(html: str, plain: str) -> None:
        page.evaluate(
            """(types) => document.addEventListener("copy", (event) => {
              for (const [type, words] of Object.entries(types)) event.clipboardData.setData(type, words);
              event.preventDefault();
            }, { once: true })""",
            {"text/html": html, "text/plain": plain},
        )
        text.press("Control+c")

    def paste_into(words: str, keys: str = "Control+v") -> None:
        page.fill("#text", words)
        text.press("Control+End")
        page.keyboard.press(keys)

    copy(EXCEL, "Servers of Acme")
    paste_into("above")
    expect(text).to_have_value(re.compile(r"^above\n\n\*\*Servers of Acme\*\*\n\n\| Name \| IP .*\|\n$", re.DOTALL))
    expect(page.locator("#pane-preview td", has_text="first line").locator("br")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(text).to_have_value("above")
    paste_into("above", "Control+Shift+v")
    expect(text).to_have_value("aboveServers of Acme")
    paste_into("```\n")
    expect(text).to_have_value("```\nServers of Acme")
    copy("<p>plain <span style='font-weight:400'>words</span></p>", "plain *words*")
    paste_into("")
    expect(text).to_have_value("plain *words*")
    copy("<p>some <b>bold</b> words</p><img src='https://elsewhere.example/a.png'>", "some bold words")
    paste_into("in a line: ")
    expect(text).to_have_value("in a line: some **bold** words")
    copy("<b>x</b>" + "<div>" * 5000 + "y", "x\ny")
    paste_into("")
    expect(text).to_have_value("x\ny")
    expect(page.locator("#draft-state")).to_have_text(
        "Pasted as plain text: it has no formatting that a note can show."
    )
    page.route("**/paste/", lambda route: route.fulfill(status=422, content_type="text/html", body="no"))
    copy("<p>some <b>bold</b> words</p>", "some bold words")
    paste_into("")
    expect(text).to_have_value("some bold words")
    expect(page.locator("#draft-state")).to_have_text("Pasted as plain text: the server refused it.")
