"""The pages of the Django admin in a browser that keeps to their content security policy."""

import re

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.people import person
from tests.tree.factory import Acme

pytestmark = pytest.mark.django_db(transaction=True)

FORMS = (
    "auth/user/add/",
    "auth/user/{user}/change/",
    "auth/user/{user}/password/",
    "auth/user/{user}/delete/",
    "auth/user/{user}/history/",
    "auth/group/{group}/change/",
    "axes/accessattempt/{count}/delete/",
    "tree/notetemplate/add/",
    "tree/guidance/add/",
)


def test_the_admin_is_as_light_or_dark_as_the_other_pages(acme: Acme, admin_page: Page) -> None:
    page, start, html = admin_page, admin_page.url, admin_page.locator("html")
    for chosen, shown in (("dark", r"\bdark\b"), ("light", r"^(?!.*\bdark\b)")):
        page.evaluate("(chosen) => localStorage.setItem('theme', chosen)", chosen)
        page.goto(f"{start}admin/")
        expect(html).to_have_class(re.compile(shown))
        page.goto(start)
        expect(html).to_have_attribute("data-theme", chosen)
    for there, here in (("dark", "dark"), ("auto", None)):
        page.goto(f"{start}admin/")
        page.evaluate(
            "(there) => localStorage.setItem('adminTheme', JSON.stringify(there))", there
        )  # as its switch does
        page.goto(start)
        assert html.get_attribute("data-theme") == here


def test_no_page_of_the_admin_breaks_its_policy(acme: Acme, admin_page: Page) -> None:
    """Violations are errors, which fail every test that uses a page; here they are named with the page, too."""
    page, start = admin_page, admin_page.url
    broken: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            broken.append(f"{page.url}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: broken.append(f"{page.url}: {error}"))
    technician = person("technician")
    count = AccessAttempt.objects.create(username="technician", ip_address="192.0.2.1", failures_since_start=5)
    known = {"user": technician.pk, "group": Group.objects.get(name="billing").pk, "count": count.pk}
    page.goto(f"{start}admin/")
    lists = page.eval_on_selector_all("a[href]", "links => links.map(link => link.pathname)")
    pages = sorted({path for path in lists if path.startswith("/admin/") and path.count("/") == 4})
    assert len(pages) > 15
    for path in [*pages, *("/admin/" + form.format(**known) for form in FORMS)]:
        page.goto(start.rstrip("/") + path)
        expect(page.locator("body")).to_be_visible()
        expect(page.locator("[x-cloak]:visible")).to_have_count(0)  # Alpine runs
    assert broken == []
    page.goto(f"{start}admin/tree/company/")
    page.click("text=Filters")
    expect(page.locator("#changelist-filter")).to_be_visible()
