"""Pages come compressed, and what has a strong ETag or is no page does not."""

import gzip

from django.test import Client

from tests.people import client_of
from tests.tree.factory import Acme


def test_pages_are_compressed_and_nothing_else(acme: Acme, db: None) -> None:
    browser = client_of("technician")
    browser.defaults["HTTP_ACCEPT_ENCODING"] = "gzip, br"
    page = browser.get(f"/node/{acme.company}/")
    assert page.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["Vary"]
    html = gzip.decompress(page.content)
    assert b"Acme Dental" in html
    assert len(page.content) < len(html) / 4
    node = browser.get(f"/api/v1/nodes/{acme.company}")
    assert node.json()["title"] == "Acme Dental"
    assert node.headers["ETag"].startswith('"')
    for address in (f"/api/v1/nodes/{acme.company}", "/list/people/csv/", f"/node/{acme.company}.md"):
        other = browser.get(address)
        assert (other.status_code, "Content-Encoding" in other.headers) == (200, False), address


def test_whoever_takes_no_compressed_page_gets_it_as_it_is(acme: Acme, db: None) -> None:
    page = Client().get("/accounts/login/")
    assert (page.status_code, "Content-Encoding" in page.headers) == (200, False)
    assert b"<!DOCTYPE html>" in page.content
