"""Behind proxies: whose headers count, and that everything lies below the prefix."""

import re
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import set_script_prefix

from knowledgetree.configuration.environment import networks
from knowledgetree.middleware.proxies import TrustedProxyMiddleware
from tests.people import client_of, person
from tests.tree.factory import Acme
from tree import operations

NEXUS = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Host": "testserver",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Prefix": "/knowledgetree",
}
ADDRESS = re.compile(r'(?:href|src|action|hx-(?:get|post)|data-(?!copy)[\w-]+)="(/[^"]*)"')


@pytest.fixture(autouse=True)
def _trusted(settings: LazySettings) -> None:
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/24")]


def seen(peer: str = "127.0.0.1", **headers: str) -> HttpRequest:
    """The request as the views see it."""
    kept: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        kept.append(request)
        return HttpResponse()

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    TrustedProxyMiddleware(view)(RequestFactory().get("/node/a%20b/", headers=named, REMOTE_ADDR=peer))
    return kept[0]


def test_the_headers_of_a_trusted_proxy_count() -> None:
    request = seen(X_Forwarded_For="203.0.113.7", X_Forwarded_Proto="https", X_Forwarded_Prefix="/knowledgetree/")
    assert (request.META["REMOTE_ADDR"], request.scheme, request.is_secure()) == ("203.0.113.7", "https", True)
    assert (request.path, request.path_info) == ("/knowledgetree/node/a b/", "/node/a b/")


def test_the_headers_of_others_do_not_count() -> None:
    sent = {"X_Forwarded_For": "10.0.0.1", "X_Forwarded_Host": "evil.example", "X_Forwarded_Prefix": "/x"}
    request = seen(peer="192.0.2.1", X_Forwarded_Proto="https", **sent)
    assert (request.META["REMOTE_ADDR"], request.scheme, request.path) == ("192.0.2.1", "http", "/node/a b/")
    assert not [name for name in request.META if name.startswith("HTTP_X_FORWARDED")]


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.0.0.9", "203.0.113.7"),
        ("10.0.0.9", "10.0.0.9"),
        ("nonsense", "127.0.0.1"),
        ("203.0.113.7, 1.2.3.4:5678", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_is_the_persons(forwarded: str, address: str) -> None:
    assert seen(X_Forwarded_For=forwarded).META["REMOTE_ADDR"] == address


@pytest.mark.parametrize("prefix", ["", "/", "//a.example", "knowledgetree", "/a b", "/a?b", "/a\r\nb", "/" + "a" * 99])
def test_a_prefix_that_is_none_is_ignored(prefix: str) -> None:
    assert seen(X_Forwarded_Prefix=prefix).path == "/node/a b/"


@pytest.mark.parametrize("text", ["nexus", "10.0.0.1/24", "10.0.0.300"])
def test_a_wrong_setting_is_named(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES is wrong"):
        networks({"TRUSTED_PROXIES": text}, "TRUSTED_PROXIES")


def test_everything_lies_below_the_prefix(acme: Acme, db: None) -> None:
    uid = operations.create_note(
        acme.company, "Links", f'[Ana](/node/{acme.ana}/) `href="/x"` [web](//a.example/)', author="t"
    )
    client = Client()
    client.force_login(person("admin"))
    for page in (
        "/",
        f"/node/{acme.company}/",
        f"/node/{uid}/",
        "/search/?q=ana",
        "/list/tickets/",
        "/sync/",
        "/nothing",
    ):
        answer = client.get(page, headers=NEXUS)
        html = answer.content.decode()
        odd = [a for a in ADDRESS.findall(html) if not a.startswith(("/knowledgetree/", "//a.example/", "/x"))]
        assert not odd, page
    html = client.get(f"/node/{uid}/", headers=NEXUS).content.decode()
    assert f'href="/knowledgetree/node/{acme.ana}/"' in html
    assert 'href="/x"' in html.replace("&quot;", '"')
    plain = client.get(f"/node/{uid}/").content.decode()
    assert f'href="/node/{acme.ana}/"' in plain
    assert "/knowledgetree/" not in plain


def test_redirects_and_cookies_lie_below_the_prefix(acme: Acme, db: None, settings: LazySettings) -> None:
    client = Client()
    refused = client.get(f"/node/{acme.company}/", headers=NEXUS)
    assert refused.headers["Location"].startswith("/knowledgetree/accounts/login/?next=/knowledgetree/node/")
    person("technician")
    form = {"username": "technician", "password": "a-password-of-tests"}
    answer = client.post("/accounts/login/", form, headers=NEXUS)
    assert answer.headers["Location"] == "/knowledgetree/"
    assert {cookie.key: cookie["path"] for cookie in answer.cookies.values()} == {
        settings.SESSION_COOKIE_NAME: "/knowledgetree/",
        settings.CSRF_COOKIE_NAME: "/knowledgetree/",
    }
    assert settings.SESSION_COOKIE_NAME != "sessionid"


def test_what_notes_keep_has_no_prefix(acme: Acme, db: None) -> None:
    client = Client()
    client.force_login(person("technician"))
    [found, *_] = client.get("/links/suggest/?q=Ana", headers=NEXUS).json()["found"]
    assert found["url"].startswith("/knowledgetree/node/")
    assert "](/node/" in found["markdown"]


def test_a_pasted_link_to_a_page_is_kept_without_host_and_prefix(acme: Acme, db: None) -> None:
    client = client_of("technician")
    ours, other = f"http://testserver/knowledgetree/node/{acme.ana}/", "http://testserver/codex/x"
    html = f'<a href="{ours}">Ana</a> <a href="{other}">Codex</a>'
    kept = client.post("/paste/", {"html": html}, headers=NEXUS).json()["markdown"]
    assert kept.strip() == f"[Ana](/node/{acme.ana}/) [Codex]({other})"


def test_scripts_within_pages_are_allowed_behind_a_prefix_only(db: None) -> None:
    def policy(**more: Any) -> str:
        return Client().get("/accounts/login/", **more).headers["Content-Security-Policy"]

    assert "'unsafe-inline'" not in policy()
    assert "script-src 'self' 'unsafe-inline'" in policy(headers=NEXUS)
    assert "'unsafe-inline'" not in policy(headers=NEXUS, REMOTE_ADDR="192.0.2.1")


def test_the_administration_behind_a_prefix_keeps_what_it_needs(db: None) -> None:
    client = client_of("admin")
    answer = client.get("/admin/", headers=NEXUS)
    assert "script-src 'self' 'unsafe-eval' 'unsafe-inline'" in answer.headers["Content-Security-Policy"]
    assert 'href="/"' not in answer.content.decode()


def test_static_files_follow_each_request() -> None:
    storage = staticfiles_storage
    set_script_prefix("/knowledgetree/")
    try:
        behind = storage.url("tree/tree.css")
    finally:
        set_script_prefix("/")
    assert behind == "/knowledgetree" + storage.url("tree/tree.css")
    assert storage.url("tree/tree.css").startswith("/static/")
