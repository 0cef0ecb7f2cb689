"""Our own API tokens: made on a page and by command, never stronger than their owner, revoked at once."""

import io
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from knowledgetree.access.companies import accounts_of
from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.models import ApiToken
from knowledgetree.accounts.rights import openings, policy
from knowledgetree.basics.rights.scopes import Scope
from tests.knowledgetree.accounts.test_policy import DECIDED, WRITERS
from tests.people import client_of, person
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme, make
from tree import operations
from tree.files.serving import file_url
from tree.graph.connection import read
from tree.queries.records import clients

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r"kt_[0-9A-Za-z]{49}")
# The scope that each route needs; no other route is for tokens, but for those that anyone may use.
SCOPES = {
    "api-search": "read",
    "api-browse": "read",
    "api-node": "read",
    "api-children": "read",
    "api-browse-node": "read",
    "api-folders": "read",
    "api-context": "read",
    "api-context-tree": "read",
    "api-create": "write",
    "api-move": "write",
    "api-upload": "write",
    "file": "read",
    "uploads": "read",
    "node-markdown": "read",
    "node-record": "read",
    "list-csv": "read",
    "mcp": "read",
    "sync-run-json": "sync",
    "sync-plan-csv": "sync tickets",
    "sync-plan-json": "sync tickets",
    "export": "export tickets",
    "legacy-export": "export tickets",
    "legacy-sync-status": "sync",
}
OPEN = {
    *("health", "health-live", "health-ready", "login", "openid-login", "openid-callback"),
    *("legacy-docs", "legacy-apispec", "mcp-resource"),
}


def made(identity: str, *scopes: str) -> str:
    _, text = api_tokens.make(person(identity), "of a test", {Scope(scope) for scope in scopes})
    return text


def sent(token: str, address: str, method: str = "get", **more: Any) -> Any:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    return getattr(client, method)(address, headers={"Authorization": f"Bearer {token}"}, **more)


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_token_is_printed_alone_and_kept_only_as_a_digest() -> None:
    person("technician")
    text = printed("create_token", "technician", "--scope", "read", "--scope", "write", "--days", "7", "--name", "cron")
    assert TOKEN.fullmatch(text.strip())
    row = ApiToken.objects.get()
    assert (row.name, row.scopes, row.prefix) == ("cron", ["read", "write"], text[:11])
    assert row.expires_at is not None
    assert timedelta(days=6.9) < row.expires_at - timezone.now() < timedelta(days=7.1)
    secret = text.strip()[11:]
    assert not any(secret in str(value) for value in vars(row).values())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody", "--scope", "read"), "There is no open account 'nobody'"),
        (("technician", "--scope", "all"), "(choose from 'read', 'tickets', "),
        (("technician",), "--scope"),
        (("technician", "--scope", "read", "--days", "0"), "--days is 0"),
        (("client", "--scope", "read"), "'client' is in the group client"),
        (("none", "--scope", "read"), "'none' is in no group"),
    ],
)
def test_a_command_that_makes_no_token_says_why(arguments: tuple[str, ...], words: str) -> None:
    for identity in ("technician", "client", "none"):
        person(identity)
    with pytest.raises(CommandError, match=re.escape(words)):
        printed("create_token", *arguments)
    assert not ApiToken.objects.exists()


def test_revoking_by_command(acme: Acme) -> None:
    token = made("technician", "read")
    assert sent(token, "/api/node/root").status_code == 200
    assert token[:11] in printed("revoke_token", token[:11])
    answer = sent(token, "/api/node/root")
    assert (answer.status_code, answer.json()["detail"]) == (401, "The API token was revoked.")
    with pytest.raises(CommandError, match="No API token that works"):
        printed("revoke_token", token[:11])


def test_bad_tokens_say_what_is_wrong_and_nothing_else() -> None:
    token = made("technician", "read")
    row = ApiToken.objects.get()
    other = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]
    _, gone = api_tokens.make(row.owner, "gone", {Scope.READ}, timezone.now() - timedelta(seconds=1))
    _, unknown = api_tokens.make(row.owner, "unknown", {Scope.READ})
    ApiToken.objects.filter(name="unknown").delete()
    for text, words in (
        (other, "typing error"),
        (token[:-1], "typing error"),
        (token + "x", "typing error"),
        ("kt_", "typing error"),
        (token.lower(), "typing error"),
        (gone, "expired"),
        (unknown, "no such API token"),
    ):
        answer = sent(text, "/api/node/root")
        assert answer.status_code == 401
        assert words in answer.json()["detail"]
    row.owner.is_active = False
    row.owner.save()
    assert "closed" in sent(token, "/api/node/root").json()["detail"]


def test_a_token_is_never_stronger_than_its_owner_is_now(acme: Acme) -> None:
    token = made("technician", *Scope)
    address = f"/api/node/{acme.open}"
    assert sent(token, address).status_code == 200
    owner = ApiToken.objects.get().owner
    owner.groups.set(Group.objects.filter(name="billing"))
    assert sent(token, address).status_code == 404
    assert sent(token, "/api/node/root").status_code == 200
    assert sent(token, "/api/node", "post", data={}, content_type="application/json").status_code == 403
    owner.groups.clear()
    assert sent(token, "/api/node/root").status_code == 403


def test_without_the_scope_tickets_there_are_none(acme: Acme) -> None:
    token = made("admin", "read", "write")
    assert sent(token, f"/api/node/{acme.open}").status_code == 404
    assert sent(token, f"/api/node/{acme.company}").status_code == 200
    both = api_tokens.make(ApiToken.objects.get().owner, "both", {Scope.READ, Scope.TICKETS})[1]
    assert sent(both, f"/api/node/{acme.open}").status_code == 200


def test_a_program_writes_without_a_cookie_and_is_named_as_its_owner(acme: Acme) -> None:
    token = made("technician", "read", "write")
    new = {"parent_id": acme.company, "name": "By a program", "content": "text"}
    answer = sent(token, "/api/node", "post", data=new, content_type="application/json")
    assert answer.json()["success"]
    assert sent(token, f"/api/node/{answer.json()['id']}").json()["content"] == "text"


@pytest.mark.parametrize("scopes", [*Scope, "", "sync tickets", "export tickets"])
def test_every_route_for_every_scope(graph: Graph, scopes: str) -> None:
    assert {name: " ".join(sorted(value)) for name, value in policy.SCOPES.items()} == SCOPES
    token = api_tokens.make(person("admin"), "of a test", {Scope(scope) for scope in scopes.split()})[1]
    for name, (address, _) in DECIDED.items():
        for method in ("get", "post", "put", "delete"):
            needed = "write" if name in WRITERS and method != "get" else SCOPES.get(name)
            answer = sent(token, address, method)
            assert answer.status_code < 500, (name, method)
            assert answer.status_code != 401, (name, method)
            if answer.status_code == 405:
                continue
            may = needed is not None and {*needed.split()} <= {*scopes.split()}
            assert (answer.status_code == 403) == (name not in OPEN and not may), (name, method)


def test_people_make_and_revoke_tokens_on_a_page() -> None:
    client = client_of("technician")
    form = {"name": "<b>backup</b>", "scopes": ["read"], "days": "90"}
    answer = client.post("/accounts/tokens/make/", form, follow=True)
    assert answer.redirect_chain == [("/accounts/tokens/", 302)]  # so that to load it again makes no second one
    text = TOKEN.search(answer.content.decode())
    assert text is not None
    assert "&lt;b&gt;backup" in answer.content.decode()
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    page = client.get("/accounts/tokens/").content.decode()
    assert text[0][:11] in page
    assert text[0] not in page
    assert text[0] not in str(dict(client.session))
    row = ApiToken.objects.get()
    assert client_of("billing").post(f"/accounts/tokens/{row.pk}/revoke/").status_code == 404
    assert client.post(f"/accounts/tokens/{row.pk}/revoke/").status_code == 302
    assert sent(text[0], "/api/browse").status_code == 401
    for wrong in ({}, {"name": "x", "days": "90"}, {"name": "x", "scopes": ["all"], "days": "1"}):
        assert client.post("/accounts/tokens/make/", wrong).status_code == 422
    assert ApiToken.objects.count() == 1


def test_a_token_for_some_companies_is_made_by_their_numbers_or_names(acme: Acme) -> None:
    make("Company", "Acme Dental Lab", account_number="2002", codex_key="company:2002")
    client, form = client_of("technician"), {"name": "x", "scopes": ["read"], "days": "90"}
    for typed, words in (
        ("Nobody", "No company has the account number or the name “Nobody”."),
        ("1001\nNobody", "“Nobody”"),
        ("acme", "may be several companies: Acme Dental (1001), Acme Dental Lab (2002)"),
        ("\n".join(str(number) for number in range(300)), "at most 200 companies"),
    ):
        answer = client.post("/accounts/tokens/make/", form | {"companies": typed})
        assert (answer.status_code, words in answer.content.decode()) == (422, True), typed
    answer = client.post("/accounts/tokens/make/", form | {"companies": "Acme Dental\n\n 1001 \n2002"}, follow=True)
    row = ApiToken.objects.get()
    assert row.companies == ["1001", "2002"]
    assert "Acme Dental (1001)" in answer.content.decode()


def test_companies_by_their_numbers_are_asked_for_together(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    make("Company", "Brown Law", account_number="2002", codex_key="company:2002")
    asked: list[str] = []

    def counted(cypher: str, /, **parameters: object) -> Any:
        asked.append(cypher)
        return read(cypher, **parameters)

    monkeypatch.setattr(clients, "read", counted)
    assert accounts_of(["2002", " 1001", "", "2002"]) == ["2002", "1001"]
    assert len(asked) == 1


def test_a_token_for_one_company_by_command(acme: Acme) -> None:
    make("Company", "Brown Law", account_number="2002", codex_key="company:2002")
    person("technician")
    arguments = ("create_token", "technician", "--scope", "read", "--company")
    token = printed(*arguments, "2002").strip()
    assert sent(token, f"/api/node/{acme.company}").status_code == 404
    assert sent(token, "/api/browse?path=/Companies/Brown Law").status_code == 200
    with pytest.raises(CommandError, match="No company has the account number or the name “77”"):
        printed(*arguments, "1001", "--company", "77")
    assert ApiToken.objects.count() == 1
    printed(*arguments, "Brown Law")
    assert [row.companies for row in ApiToken.objects.order_by("pk")] == [["2002"], ["2002"]]


def test_the_companies_of_a_client_and_of_their_token_are_both_limits(acme: Acme) -> None:
    """Nobody of a client can make a token, but somebody with one may become a client."""
    other = make("Company", "Brown Law", account_number="2002", codex_key="company:2002")
    user = person("client")
    for account in ("1001", "2002"):
        openings.open_company(account, user, by=None)
    file = operations.add_file(acme.company, "a.txt", io.BytesIO(b"text"), author="tess")
    theirs = operations.add_file(other, "b.txt", io.BytesIO(b"text"), author="tess")
    _, token = api_tokens.make(user, "of a client", {Scope.READ}, companies=["1001"])
    assert [sent(token, file_url(one)).status_code for one in (file, theirs)] == [200, 404]
    assert sent(token, "/api/node/root").status_code == 403


def test_admins_see_and_revoke_the_tokens_of_all() -> None:
    token = made("technician", "read")
    admin = client_of("admin")
    assert token[:11] in admin.get("/accounts/tokens/").content.decode()
    admin.post(f"/accounts/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert sent(token, "/api/browse").status_code == 401


def test_no_session_comes_of_a_token(acme: Acme) -> None:
    answer = sent(made("admin", "read"), "/api/node/root")
    assert settings.SESSION_COOKIE_NAME not in answer.cookies
    assert "Authorization" in answer.headers["Vary"]
