"""Every route × every method × every identity, against the table that test_policy and test_api_tokens write out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.rights import openings
from knowledgetree.basics.rights.scopes import Scope
from syncing.sample_codex.server import SampleCodex
from tests.knowledgetree.accounts.bad_tokens import person_claims, signed
from tests.knowledgetree.accounts.test_api_tokens import OPEN, SCOPES
from tests.knowledgetree.accounts.test_policy import DECIDED, WRITERS
from tests.people import person
from tests.tree.factory import Acme

pytestmark = pytest.mark.django_db
METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
READING = ("get", "head", "options")
# What a person of a client may use besides what everybody may who is logged in, if a company is open to them.
OF_CLIENTS = {
    *("home", "browse-root", "browse", "view", "node", "node-rows", "node-children", "file", "uploads", "tree"),
    *("search", "search-quick", "list", "list-number", "list-csv"),
}
Token = Callable[[SampleCodex], str]


def of_us(*scopes: Scope, companies: tuple[str, ...] = (), ended: bool = False) -> Token:
    ends = timezone.now() - timedelta(seconds=1) if ended else None

    def make(core: SampleCodex) -> str:
        return api_tokens.make(person("admin"), "of a test", scopes, ends, companies)[1]

    return make


TOKENS: dict[str, tuple[Token, set[str]]] = {  # with the scopes that work, "" for those of a token that does not
    "service that reads": (lambda core: core.core.service_token("helm", "knowledgetree"), {"read"}),
    "service that writes": (lambda core: core.core.service_token("brainhair", "knowledgetree"), {"read", "write"}),
    "service for another": (lambda core: core.core.service_token("brainhair", "codex"), {""}),
    "issuer that is not Core": (lambda core: signed(person_claims(iss="evil"), core.core._key), {""}),
    "token that reads": (of_us(Scope.READ), {"read"}),
    "token for all": (of_us(*Scope), {*Scope}),
    "token for one company": (of_us(*Scope, companies=("1001",)), {"read", "write", "tickets"}),
    "token that has ended": (of_us(*Scope, ended=True), {""}),
}


@pytest.fixture
def services(core: SampleCodex, settings: Any) -> SampleCodex:
    """A Core, of whose services helm may read and all others write, too."""
    scopes = {"helm": frozenset({Scope.READ}), "*": frozenset({Scope.READ, Scope.WRITE})}
    settings.CORE = type(settings.CORE)(**{**vars(settings.CORE), "service_scopes": scopes})
    return core


@pytest.mark.parametrize("identity", TOKENS)
def test_every_route_and_method_for_every_token(acme: Acme, services: SampleCodex, identity: str) -> None:
    make, scopes = TOKENS[identity]
    token = make(services)
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    for name, (address, _) in DECIDED.items():
        for method in METHODS:
            needed = "write" if name in WRITERS and method not in READING else SCOPES.get(name)
            may = name in OPEN or (needed is not None and {*needed.split()} <= scopes)
            status = getattr(client, method)(address, headers={"Authorization": f"Bearer {token}"}).status_code
            if identity == "token for one company" and name == "api-upload" and method == "post":
                may = False  # it may write, but not on the root
            wanted = 401 if "" in scopes else None if may else 403
            assert status < 500, (name, method)
            assert wanted in (status, None), (name, method, status)
            assert wanted or status not in (401, 403), (name, method, status)


PEOPLE = ("anonymous", "none", "client", "client of Acme", "billing", "technician", "admin", "superuser")


@pytest.mark.parametrize("identity", PEOPLE)
def test_every_route_and_method_for_every_person(acme: Acme, identity: str) -> None:
    user = None if identity == "anonymous" else person(identity.partition(" ")[0])
    if user and identity == "client of Acme":
        openings.open_company("1001", user, by=None)
    client = Client(raise_request_exception=False)
    for name, (address, allowed) in DECIDED.items():
        for method in METHODS:
            may = allowed if method in READING else WRITERS.get(name, allowed)
            is_allowed = identity in may or (identity == "client of Acme" and ("client" in may or name in OF_CLIENTS))
            if user is not None and not has_session(client):  # one of the routes has logged the person out
                client.force_login(user)
            answer = getattr(client, method)(address)
            assert answer.status_code < 500, (name, method)
            to_login = answer.headers.get("Location", "").startswith("/accounts/login/?next=")
            refused = to_login or answer.status_code == 401 if user is None else answer.status_code == 403
            assert refused != is_allowed, (name, method, answer.status_code)


def has_session(client: Client) -> bool:
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie is not None and bool(cookie.value)
