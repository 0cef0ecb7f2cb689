"""Every route × every identity, against the table of design and issue, written out here once more."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from knowledgetree.accounts.login import fresh_login
from knowledgetree.accounts.rights import api_policy, policy
from tests.pages import PAGES, WITHOUT_PAGE
from tests.people import IDENTITIES, client_of, person
from tests.throwaway_neo4j import Graph

EVERYONE, READERS = set(IDENTITIES), {"billing", "technician", "admin", "superuser"}
TECHNICIANS, ADMINS = {"technician", "admin", "superuser"}, {"admin", "superuser"}
DECIDED: dict[str, tuple[str, set[str]]] = {
    "health": ("/health", EVERYONE),
    "health-live": ("/health/live", EVERYONE),
    "health-ready": ("/health/ready", EVERYONE),
    "login": ("/accounts/login/", EVERYONE),
    "openid-login": ("/accounts/openid/", EVERYONE),
    "openid-callback": ("/accounts/openid/callback/", EVERYONE),
    "logout": ("/accounts/logout/", EVERYONE - {"anonymous"}),
    "password_confirm": ("/accounts/confirm/", EVERYONE - {"anonymous"}),
    "password_change": ("/accounts/password/", EVERYONE - {"anonymous"}),
    "password_change_done": ("/accounts/password/done/", EVERYONE - {"anonymous"}),
    "tokens": ("/accounts/tokens/", READERS),
    "token-make": ("/accounts/tokens/make/", READERS),
    "token-revoke": ("/accounts/tokens/1/revoke/", READERS),
    "audit": ("/audit/", TECHNICIANS),
    "audit-csv": ("/audit/csv/", ADMINS),
    "webhooks": ("/webhooks/", ADMINS),
    "webhook-add": ("/webhooks/add/", ADMINS),
    "webhook": ("/webhooks/1/", ADMINS),
    "webhook-secret": ("/webhooks/1/secret/", ADMINS),
    "webhook-choose": ("/webhooks/1/events/", ADMINS),
    "webhook-switch": ("/webhooks/1/switch/", ADMINS),
    "webhook-remove": ("/webhooks/1/remove/", ADMINS),
    "webhook-test": ("/webhooks/1/test/", ADMINS),
    "webhook-again": ("/webhooks/1/again/1/", ADMINS),
    "view-as": ("/accounts/view-as/", ADMINS),
    "view-as-stop": ("/accounts/view-as/stop/", EVERYONE - {"anonymous"}),
    "company-readers": ("/node/root/readers/", ADMINS),
    "company-open": ("/node/root/readers/change/", ADMINS),
    "home": ("/", READERS),
    "browse-root": ("/browse/", READERS),
    "browse": ("/browse/Companies", READERS),
    "view": ("/view/root", READERS),
    "node": ("/node/root/", READERS),
    "node-markdown": ("/node/root.md", READERS),
    "node-record": ("/node/root.json", READERS),
    "node-rows": ("/node/root/rows/", READERS),
    "node-children": ("/node/root/children/", READERS),
    "node-files": ("/node/root/files/", TECHNICIANS),
    "file-remove": ("/node/root/files/none/remove/", TECHNICIANS),
    "file-restore": ("/node/root/files/none/restore/", TECHNICIANS),
    "file": ("/files/none/none.txt", READERS),
    "uploads": ("/uploads/none.txt", READERS),
    "node-edit": ("/node/root/edit/", TECHNICIANS),
    "node-draft": ("/node/root/draft/", TECHNICIANS),
    "node-tick": ("/node/root/tick/", TECHNICIANS),
    "node-history": ("/node/root/history/", READERS),
    "node-context": ("/node/root/context/", TECHNICIANS),
    "node-context-file": ("/node/root/context.md", TECHNICIANS),
    "node-from-tickets": ("/node/root/from-tickets/", TECHNICIANS),
    "copied": ("/markdown/?ids=root", READERS),
    "node-difference": ("/node/root/history/diff/", READERS),
    "node-version": ("/node/root/history/1/", READERS),
    "node-restore-version": ("/node/root/history/1/restore/", TECHNICIANS),
    "preview": ("/preview/", TECHNICIANS),
    "paste": ("/paste/", TECHNICIANS),
    "links-suggest": ("/links/suggest/", TECHNICIANS),
    "tree": ("/tree/", READERS),
    "node-new": ("/node/root/new/", TECHNICIANS),
    "node-rename": ("/node/root/rename/", TECHNICIANS),
    "node-warning": ("/node/root/warning/", TECHNICIANS),
    "node-pin": ("/node/root/pin/", READERS),
    "pins": ("/pins/", READERS),
    "node-move": ("/node/root/move/", TECHNICIANS),
    "node-copy": ("/node/root/copy/", TECHNICIANS),
    "node-trash": ("/node/root/trash/", TECHNICIANS),
    "node-restore": ("/node/root/restore/", TECHNICIANS),
    "node-inside": ("/node/root/inside/", TECHNICIANS),
    "node-purge": ("/node/root/purge/", ADMINS),
    "tree-move": ("/tree/move/", TECHNICIANS),
    "tree-trash": ("/tree/trash/", TECHNICIANS),
    "places": ("/places/", TECHNICIANS),
    "proposals": ("/proposals/", TECHNICIANS),
    "proposal": ("/proposals/1/", TECHNICIANS),
    "proposal-accept": ("/proposals/1/accept/", TECHNICIANS),
    "proposal-decline": ("/proposals/1/decline/", TECHNICIANS),
    "mcp": ("/mcp", READERS),
    "mcp-resource": ("/.well-known/oauth-protected-resource/mcp", EVERYONE),
    "trash": ("/trash/", TECHNICIANS),
    "search": ("/search/", READERS),
    "search-quick": ("/search/quick/", READERS),
    "saved": ("/saved/", READERS),
    "saved-change": ("/saved/1/", READERS),
    "list": ("/list/people/", READERS),
    "list-number": ("/list/people/number/", READERS),
    "list-csv": ("/list/people/csv/", READERS),
    "exchange": ("/exchange/", ADMINS),
    "export": ("/exchange/export/", ADMINS),
    "import": ("/exchange/import/", ADMINS),
    "import-page": ("/exchange/import/1/", ADMINS),
    "import-progress": ("/exchange/import/1/progress/", ADMINS),
    "import-apply": ("/exchange/import/1/apply/", ADMINS),
    "api-search": ("/api/search", READERS),
    "api-browse": ("/api/browse", READERS),
    "api-folders": ("/api/folders/tree", READERS),
    "api-create": ("/api/node", TECHNICIANS),
    "api-node": ("/api/node/root", READERS),
    "api-children": ("/api/node/root/children", READERS),
    "api-browse-node": ("/api/node/root/browse", READERS),
    "api-upload": ("/api/upload/root", TECHNICIANS),
    "api-move": ("/api/node/root/move", TECHNICIANS),
    "sync": ("/sync/", TECHNICIANS),
    "sync-run": ("/sync/runs/1/", TECHNICIANS),
    "sync-state": ("/sync/state/", TECHNICIANS),
    "sync-run-progress": ("/sync/runs/1/progress/", TECHNICIANS),
    "sync-run-json": ("/sync/runs/1.json", TECHNICIANS),
    "sync-run-records": ("/sync/runs/1/records/", TECHNICIANS),
    "sync-run-retry": ("/sync/runs/1/retry/", ADMINS),
    "sync-run-undo": ("/sync/runs/1/undo/", ADMINS),
    "legacy-export": ("/admin/export", ADMINS),
    "legacy-import": ("/admin/import", ADMINS),
    "legacy-wipe": ("/admin/wipe", ADMINS),
    "legacy-settings": ("/admin/settings", ADMINS),
    "legacy-docs": ("/docs", EVERYONE),
    "legacy-apispec": ("/apispec.json", EVERYONE),
    "legacy-sync-status": ("/admin/sync/status", TECHNICIANS),
    "api-context": ("/api/context/root", TECHNICIANS),
    "api-context-tree": ("/api/context/tree/root", TECHNICIANS),
    "sync-quarantine": ("/sync/quarantine/", TECHNICIANS),
    "node-changes": ("/node/root/changes/", READERS),
    "sync-start": ("/sync/start/", ADMINS),
    "sync-cancel": ("/sync/runs/1/cancel/", ADMINS),
    "sync-companies": ("/sync/companies/", ADMINS),
    "sync-pause": ("/sync/pause/", ADMINS),
    "sync-schedules": ("/sync/schedules/", TECHNICIANS),
    "sync-schedule": ("/sync/schedules/sync_codex/", ADMINS),
    "sync-schedule-pause": ("/sync/schedules/sync_codex/pause/", ADMINS),
    "sync-schedules-recommended": ("/sync/schedules/recommended/", ADMINS),
    "sync-plan-csv": ("/sync/runs/1/plan.csv", TECHNICIANS),
    "sync-plan-json": ("/sync/runs/1/plan.json", TECHNICIANS),
    "sync-apply": ("/sync/runs/1/apply/", ADMINS),
    "sync-approve": ("/sync/runs/1/approve/", ADMINS),
    "sync-discard": ("/sync/runs/1/discard/", ADMINS),
    "sync-pill": ("/sync/pill/", READERS),
    # they start a run, so they come after those that ask for run 1
    "legacy-sync-codex": ("/admin/sync/codex", ADMINS),
    "legacy-sync-tickets": ("/admin/sync/tickets", ADMINS),
    "admin:index": ("/admin/", ADMINS),
}
# Where a password of the last 15 minutes is asked for, and the page to which that leads back.
FRESH = {
    "exchange": "/exchange/",
    "export": "/exchange/",
    "import": "/exchange/",
    "import-apply": "/exchange/import/1/",
    "sync-approve": "/sync/runs/1/",
    "sync-run-undo": "/sync/runs/1/",
    "node-purge": "/node/root/purge/",
    "token-make": "/accounts/tokens/",
    "webhook-add": "/webhooks/",
    "webhook-secret": "/webhooks/1/",
    "company-open": "/node/root/readers/",
}
FRESH_FOR_PROGRAMS = {"legacy-export", "legacy-import"}  # which are told so, and led nowhere
FRESH_IN_ADMIN = [  # with the methods that do not ask
    ("/admin/auth/user/add/", ()),
    ("/admin/auth/user/1/change/", ()),
    ("/admin/auth/user/1/delete/", ()),
    ("/admin/auth/user/1/password/", ()),
    ("/admin/auth/group/add/", ()),
    ("/admin/auth/group/1/change/", ()),
    ("/admin/axes/accessattempt/1/delete/", ()),
    ("/admin/auth/user/", ("get",)),
    ("/admin/auth/group/", ("get",)),
    ("/admin/axes/accessattempt/", ("get",)),
    ("/admin/auth/user/1/history/", ("get",)),
    ("/admin/", ("get", "post")),
    ("/admin/tree/notetemplate/add/", ("get", "post")),
]
WRITERS = {"api-node": TECHNICIANS}  # who may post, put and delete, where that is not all who may read


def routes(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"
        else:
            below = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from routes(pattern, namespace + below)


def test_every_route_has_a_line() -> None:
    own = {name for name in routes(get_resolver()) if ":" not in name}
    assert own == set(policy.ROUTES)
    assert {name.partition(":")[0] for name in routes(get_resolver()) if ":" in name} == {
        *policy.NAMESPACES,
        api_policy.NAMESPACE,
    }
    assert own | {"admin:index"} == set(DECIDED)


def test_every_route_has_a_page_or_a_reason_why_not() -> None:
    assert set(PAGES) | set(WITHOUT_PAGE) == set(policy.ROUTES)
    assert not set(PAGES) & set(WITHOUT_PAGE)


def test_a_route_without_a_line_is_refused_to_all(graph: Graph, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = client_of("admin")
    assert [admin.get(address).status_code for address in ("/search/", "/admin/")] == [200, 200]
    monkeypatch.delitem(policy.ROUTES, "search")
    monkeypatch.delitem(policy.NAMESPACES, "admin")
    for client in (admin, client_of("superuser")):
        assert [client.get(address).status_code for address in ("/search/", "/admin/")] == [403, 403]


@pytest.mark.parametrize("identity", ["none", "billing", "technician"])
def test_the_refusal_says_who_can_give_the_right(graph: Graph, db: None, identity: str) -> None:
    answer = client_of(identity).get("/admin/")
    assert answer.status_code == 403
    assert "An administrator can give you the right" in answer.content.decode()


def test_every_page_of_the_django_admin_is_for_admins(graph: Graph, db: None) -> None:
    technician = client_of("technician")
    for address in (
        "/admin/tree/ticket/",
        "/admin/auth/user/",
        "/admin/login/",
        "/admin/logout/",
        "/admin/jsi18n/",
        "/admin/nothing/",
    ):
        assert technician.get(address).status_code == 403


def test_is_staff_alone_opens_nothing(graph: Graph, db: None) -> None:
    user = person("none")
    user.is_staff = True
    user.save()
    client = client_of("anonymous")
    client.force_login(user)
    assert client.get("/admin/").status_code == 403


def test_the_strongest_group_counts(db: None) -> None:
    user = person("billing")
    assert policy.role_of(user) is policy.Role.BILLING
    user.groups.add(*person("technician").groups.all())
    assert policy.role_of(User.objects.get(pk=user.pk)) is policy.Role.TECHNICIAN


def test_an_inactive_person_has_no_rights(db: None) -> None:
    user = person("admin")
    user.is_active = False
    assert policy.role_of(user) is policy.Role.ANONYMOUS


def with_login_of(minutes: float) -> Client:
    """An admin who entered the password that long ago."""
    client = client_of("admin")
    session = client.session
    session[fresh_login.ENTERED_AT] -= minutes * 60
    session.save()
    return client


def confirms(answer: Any) -> str:
    """Where the page that asks for the password leads back; empty if the answer does not lead to it."""
    page, _, query = answer.headers.get("Location", "").partition("?")
    return parse_qs(query)["next"][0] if page == "/accounts/confirm/" else ""


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_password_is_asked_for_again_where_it_matters_and_nowhere_else(graph: Graph, db: None, method: str) -> None:
    assert set(policy.FRESH) == set(FRESH) | FRESH_FOR_PROGRAMS
    client = with_login_of(minutes=16)
    for name, (address, _) in DECIDED.items():
        if name == "logout":
            continue
        answer = getattr(client, method)(address)
        assert confirms(answer) == FRESH.get(name, ""), name
        assert (answer.status_code == 403) == (name in FRESH_FOR_PROGRAMS), name
    for address, free in FRESH_IN_ADMIN:
        assert confirms(getattr(client, method)(address)) == ("" if method in free else address), address


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_is_asked_twice_within_15_minutes(graph: Graph, db: None, method: str) -> None:
    client = with_login_of(minutes=9 if method == "get" else 14)
    addresses = [DECIDED[name][0] for name in FRESH] + [address for address, _ in FRESH_IN_ADMIN]
    assert {confirms(getattr(client, method)(address)) for address in addresses} == {""}


def test_a_form_is_opened_with_time_to_fill_it_in(graph: Graph, db: None) -> None:
    assert confirms(with_login_of(minutes=11).get("/admin/auth/user/add/?_popup=1")) == "/admin/auth/user/add/?_popup=1"


def test_after_the_password_the_page_says_that_nothing_was_done_yet(graph: Graph, db: None) -> None:
    client = with_login_of(minutes=16)
    form = {"username": "mallory", "group": "billing", "password": "Kf82-mmm-x1"}
    confirm = client.post("/admin/auth/user/add/", form).headers["Location"]
    assert 'href="/"' in client.get(confirm).content.decode()  # for who does not want to: a page that does not ask
    refused = {"next": "/admin/auth/user/add/", "refused": "1"}
    assert 'name="refused" value="1"' in client.post(confirm, {"password": "wrong", **refused}).content.decode()
    page = client.post("/accounts/confirm/", {"password": "a-password-of-tests", **refused}, follow=True)
    assert page.request["PATH_INFO"] == "/admin/auth/user/add/"
    assert "Nothing was done yet" in page.content.decode()
    assert not User.objects.filter(username="mallory").exists()
    assert client.post("/admin/auth/user/add/", form).status_code == 302
    assert User.objects.filter(username="mallory").exists()


def test_programs_and_fragments_are_told_in_their_way(graph: Graph, db: None) -> None:
    client = with_login_of(minutes=16)
    answer = client.post("/exchange/export/", headers={"Accept": "application/json"})
    assert (answer.status_code, "log in again" in answer.json()["error"]) == (403, True)
    answer = client.get("/node/root/purge/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/accounts/confirm/?next=%2Fnode%2Froot%2Fpurge%2F"


def test_the_admins_own_page_for_passwords_is_not_used(db: None) -> None:
    assert client_of("admin").post("/admin/password_change/").headers["Location"] == "/accounts/password/"


def test_fragments_send_people_to_the_login_page_and_back(graph: Graph, db: None) -> None:
    answer = client_of("anonymous").get(
        "/tree/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/node/root/?archived=1"}
    )
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/node/root/%3Farchived%3D1"


def test_data_answers_401_and_403_as_data(graph: Graph, db: None) -> None:
    assert client_of("anonymous").get("/sync/runs/1.json").json() == {"error": "Log in first."}
    answer = client_of("billing").get("/sync/runs/1.json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/json")


def test_login_leads_to_the_page_that_was_asked_for_but_to_no_other_site(graph: Graph, db: None) -> None:
    person("technician")
    form = {"username": "technician", "password": "a-password-of-tests"}
    for wanted, reached in (("/node/root/", "/node/root/"), ("https://evil.example/", "/"), ("//evil.example", "/")):
        answer = client_of("anonymous").post("/accounts/login/", form | {"next": wanted})
        assert answer.headers["Location"] == reached


def test_a_wrong_password_is_told_kindly(db: None) -> None:
    answer = client_of("anonymous").post("/accounts/login/", {"username": "x", "password": "y"})
    assert answer.status_code == 200
    assert "not right" in answer.content.decode()
