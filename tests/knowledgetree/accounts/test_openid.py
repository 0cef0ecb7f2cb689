"""Signing in with OpenID Connect, against a provider that signs real tokens over real HTTP."""

import time
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import requests
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.models import OpenIdPerson
from knowledgetree.audit.models import Entry
from knowledgetree.basics.marks import marks
from knowledgetree.basics.rights.scopes import Scope
from knowledgetree.configuration.openid import openid_settings
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, new_key, openid_provider
from tests.pages import text_of
from tests.people import person

pytestmark = pytest.mark.django_db
SECONDS = 60
OWN_PAGE = "/accounts/password/done/"  # needs no graph


def environment(url: str, **more: str) -> dict[str, str]:
    return {
        "OIDC_ISSUER": url,
        "OIDC_NAME": "Keycloak",
        "OIDC_RP_CLIENT_ID": CLIENT_ID,
        "OIDC_RP_CLIENT_SECRET": CLIENT_SECRET,
        "OIDC_OP_AUTHORIZATION_ENDPOINT": f"{url}/authorize",
        "OIDC_OP_TOKEN_ENDPOINT": f"{url}/token",
        "OIDC_OP_JWKS_ENDPOINT": f"{url}/jwks",
        "OIDC_GROUPS": "admin=kt-admins; technician=helpdesk, field; billing=office; client=guests",
        **more,
    }


@pytest.fixture
def provider(settings: LazySettings) -> Iterator[OpenIdProvider]:
    with openid_provider() as server:
        settings.OPENID = openid_settings(environment(server.url))
        yield server


def to_provider(client: Client, query: str = "", **more: Any) -> str:
    """Follow the link of the login page to the provider. Returns the address that leads back."""
    begun = client.get(f"/accounts/openid/{query}", **more)
    assert begun.status_code == 302, begun.content[:300]
    answer = requests.get(begun.headers["Location"], timeout=SECONDS, allow_redirects=False)
    return answer.headers["Location"]


def sign_in(client: Client, query: str = "") -> Any:
    return client.get(to_provider(client, query))


def name_of(client: Client) -> str | None:
    uid = client.session.get("_auth_user_id")
    return User.objects.get(pk=uid).username if uid else None


def why(answer: Any) -> str:
    page = answer.content.decode()
    assert "You are not signed in" in page
    return str(page.partition('role="alert">')[2].partition("</p>")[0])


def test_the_login_page_offers_it_only_where_it_is_set(provider: OpenIdProvider, settings: LazySettings) -> None:
    page = text_of(Client(), "/accounts/login/?next=/search/")
    assert "Sign in with Keycloak" in page
    assert 'href="/accounts/openid/?next=/search/"' in page
    settings.OPENID = None
    assert "Sign in with" not in Client().get("/accounts/login/").content.decode()
    for address in ("/accounts/openid/", "/accounts/openid/callback/?code=a&state=b"):
        assert Client().get(address).status_code == 404


def test_a_person_signs_in_with_code_pkce_and_nonce(provider: OpenIdProvider) -> None:
    provider.person |= {"name": "Tess Ito", "email": "tess@msp.example", "groups": ["/helpdesk", "office"]}
    client = Client()
    answer = sign_in(client, "?next=/search/%3Fq=vpn")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/search/?q=vpn")
    [asked] = provider.asked
    assert (asked["response_type"], asked["client_id"], asked["scope"]) == (
        *("code", CLIENT_ID),
        "openid email profile",
    )
    assert asked["redirect_uri"] == "http://testserver/accounts/openid/callback/"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["nonce"]) == len(asked["state"]) == 32
    tess = OpenIdPerson.objects.get(subject="s-1").user
    assert (tess.username, tess.first_name, tess.last_name, tess.email) == ("tess", "Tess", "Ito", "tess@msp.example")
    assert [group.name for group in tess.groups.all()] == ["technician"]
    assert not tess.has_usable_password()
    assert client.get(OWN_PAGE).status_code == 200
    assert 11 * 3600 < client.session.get_expiry_age() <= 12 * 3600


@pytest.mark.parametrize(
    ("groups", "ours"),
    [
        (["kt-admins", "office"], "admin"),
        ("field", "technician"),
        (["office"], "billing"),
        (["guests", "office"], "billing"),
        (["guests"], "client"),
        (["other", 7, None], None),
        ([], None),
        (..., None),
        ({"helpdesk": True}, None),
    ],
)
def test_the_group_follows_the_provider(provider: OpenIdProvider, groups: Any, ours: str | None) -> None:
    client = Client()
    provider.person["groups"] = ["kt-admins"]
    sign_in(client)
    user = User.objects.get(username="tess")
    User.objects.update(is_superuser=True, is_staff=True)
    provider.person["groups"] = groups
    sign_in(Client())
    user.refresh_from_db()
    assert [group.name for group in user.groups.all()] == ([ours] if ours else [])
    assert (user.is_superuser, user.is_staff) == (False, False)
    assert client.get("/sync/start/").status_code == (405 if ours == "admin" else 403)


def test_groups_within_another_claim_and_of_userinfo(provider: OpenIdProvider, settings: LazySettings) -> None:
    url = provider.url
    more = {"OIDC_GROUPS_CLAIM": "realm_access.roles", "OIDC_OP_USER_ENDPOINT": f"{url}/userinfo"}
    settings.OPENID = openid_settings(environment(url, **more))
    provider.userinfo = {"sub": "s-1", "realm_access": {"roles": ["helpdesk"]}, "email": "t@msp.example"}
    sign_in(Client())
    tess = User.objects.get(username="tess")
    assert [group.name for group in tess.groups.all()] == ["technician"]
    assert tess.email == "t@msp.example"
    provider.userinfo["sub"] = "s-2"
    assert why(sign_in(Client())) == "Keycloak says of somebody else who they are (sub)."


def test_no_account_is_taken_over(provider: OpenIdProvider) -> None:
    local = person("admin")
    local.email = "tess@msp.example"
    local.save()
    provider.person |= {"preferred_username": "Admin", "email": "tess@msp.example"}
    client = Client()
    sign_in(client)
    assert name_of(client) == "Admin@openid"
    provider.person |= {"sub": "s-2"}
    other = Client()
    sign_in(other)
    assert name_of(other) == "Admin@openid-2"
    local.refresh_from_db()
    assert local.has_usable_password()


def test_a_closed_account_stays_closed(provider: OpenIdProvider) -> None:
    sign_in(Client())
    User.objects.update(is_active=False)
    client = Client()
    answer = sign_in(client)
    assert (answer.status_code, name_of(client)) == (403, None)
    assert why(answer) == "Your account is closed here. An administrator can open it."


FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("nonce", {"change": {"nonce": "other"}}, "The token belongs to another sign-in (nonce)."),
    ("no nonce", {"change": {"nonce": ...}}, "The token belongs to another sign-in (nonce)."),
    ("nonce list", {"change": {"nonce": ["x"]}}, "The token belongs to another sign-in (nonce)."),
    ("audience", {"change": {"aud": "other"}}, "The token is for another application (OIDC_RP_CLIENT_ID)."),
    ("no audience", {"change": {"aud": ...}}, "The token lacks the claim aud."),
    ("audiences", {"change": {"aud": [CLIENT_ID, "b"], "azp": "b"}}, "The token is for another application (azp)."),
    ("issuer", {"change": {"iss": "https://evil.example"}}, "The token is of another issuer (OIDC_ISSUER)."),
    ("expired", {"change": {"exp": 1}}, "The token has expired."),
    ("no exp", {"change": {"exp": ...}}, "The token lacks the claim exp."),
    ("exp text", {"change": {"exp": "x"}}, "The token cannot be read."),
    ("future", {"change": {"iat": 9e9, "exp": 9.1e9}}, "The token is not good yet: is a clock wrong?"),
    ("no sub", {"change": {"sub": ...}}, "The token lacks the claim sub."),
    ("long sub", {"change": {"sub": "s" * 300}}, "The token&#x27;s subject cannot be used (sub)."),
    ("huge", {"change": {"x": "y" * 20_000}}, "The token is too long."),
    ("signature", {"key": new_key(1)}, "The token&#x27;s signature is wrong."),
    ("HS256", {"key": "s" * 64, "algorithm": "HS256"}, "The token is not signed with RS256."),
    ("none", {"key": None, "algorithm": "none"}, "The token is not signed with RS256."),
    ("RS512", {"algorithm": "RS512"}, "The token is not signed with RS256."),
    ("other kid", {"headers": {"kid": "k2"}}, "The token is signed with a key that Keycloak does not have."),
    ("no kid", {"headers": {}}, "The token is signed with a key that Keycloak does not have."),
    ("token endpoint", {"broken": {"/token": 400}}, "Keycloak gave no token for this sign-in (status 400)."),
    ("keys", {"broken": {"/jwks": 500}}, "Keycloak gives no keys to check its token with."),
]


def test_what_is_wrong_is_refused_in_words(provider: OpenIdProvider, subtests: pytest.Subtests) -> None:
    for name, fault, word in FAULTS:
        with subtests.test(name):
            right = {field: getattr(provider, field) for field in fault}
            vars(provider).update(fault)
            client = Client()
            answer = sign_in(client)
            vars(provider).update(right)
            assert why(answer) == word
            assert answer.status_code in (400, 403, 503)
            assert name_of(client) is None
    assert not User.objects.exists()
    assert sign_in(Client()).status_code == 302


def test_only_the_browser_that_began_comes_back_and_once(provider: OpenIdProvider) -> None:
    client, stranger = Client(), Client()
    back = to_provider(client)
    begun = "This sign-in was not begun in this browser, or too long ago."
    answer = stranger.get(back)
    assert (answer.status_code, why(answer), name_of(stranger)) == (400, begun, None)
    assert why(client.get(back.replace("state=", "state=x"))) == begun
    for query in ("", "?code=a", "?state=", "?state=a&error=access_denied"):
        assert why(client.get(f"/accounts/openid/callback/{query}")) == begun
    assert client.get(back).status_code == 302
    assert why(client.get(back)) == begun
    late = Client()
    back = to_provider(late)
    session = late.session
    for state in session["oidc_states"].values():
        state["added_on"] -= 16 * 60
    session.save()
    assert why(late.get(back)) == begun


def test_what_the_provider_refuses_is_told_and_its_words_are_not_html(provider: OpenIdProvider) -> None:
    for error, told in (("access_denied", "access_denied"), ("<script>", "an error")):
        client = Client()
        to_provider(client)
        state = provider.asked[-1]["state"]
        answer = client.get("/accounts/openid/callback/", {"state": state, "error": error})
        assert why(answer) == f"Keycloak did not sign you in: {told}."
    client = Client()
    code = to_provider(client).replace("code=", "nothing=")
    assert why(client.get(code)) == "Keycloak sent you back without a code."


def test_the_audit_log_has_who_signed_in_and_why_somebody_could_not(provider: OpenIdProvider) -> None:
    marks.clear()
    provider.change = {"aud": "other"}
    for _ in range(2):
        sign_in(Client())
    provider.change = {}
    sign_in(Client())
    entries = Entry.objects.filter(action__in=("sign_in_failed", "signed_in")).order_by("pk")
    assert list(entries.values_list("action", "who", "detail")) == [
        ("sign_in_failed", "", "The token is for another application (OIDC_RP_CLIENT_ID)."),
        ("signed_in", "tess", ""),
    ]


def test_a_verifier_of_somebody_else_gets_no_token(provider: OpenIdProvider) -> None:
    client = Client()
    back = to_provider(client)
    session = client.session
    next(iter(session["oidc_states"].values()))["code_verifier"] = "v" * 64
    session.save()
    assert "gave no token" in why(client.get(back))


def test_a_silent_provider_is_told(provider: OpenIdProvider, settings: LazySettings) -> None:
    client = Client()
    back = to_provider(client)
    settings.OPENID = openid_settings(environment(provider.url, OIDC_OP_TOKEN_ENDPOINT="http://127.0.0.1:9/token"))
    answer = client.get(back)
    assert (answer.status_code, why(answer)) == (503, "Keycloak does not answer. Try again in a minute.")


def test_next_leads_to_no_other_site(provider: OpenIdProvider) -> None:
    for wanted in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        assert sign_in(Client(), f"?next={wanted}").headers["Location"] == "/"


def test_behind_a_proxy_everything_lies_below_its_prefix(provider: OpenIdProvider, settings: LazySettings) -> None:
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    client = Client()
    headers = {"X-Forwarded-Prefix": "/knowledgetree", "X-Forwarded-Host": "hub.example", "X-Forwarded-Proto": "https"}
    settings.ALLOWED_HOSTS = ["hub.example", "testserver"]
    page = client.get("/accounts/login/", headers=headers).content.decode()
    assert 'href="/knowledgetree/accounts/openid/"' in page
    back = to_provider(client, headers=headers)
    assert back.startswith("https://hub.example/knowledgetree/accounts/openid/callback/?")
    for cookie in client.cookies.values():  # the test client knows nothing of the prefix
        cookie["path"] = "/"
    answer = client.get(back.replace("https://hub.example/knowledgetree", ""), headers=headers)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/knowledgetree/")


def test_a_fresh_login_is_one_at_the_provider(provider: OpenIdProvider) -> None:
    provider.person["groups"] = ["kt-admins"]
    provider.change = {"auth_time": time.time() - 3600}
    client = Client()
    sign_in(client)
    asked = client.get("/exchange/")
    assert asked.headers["Location"] == "/accounts/openid/?next=%2Fexchange%2F&fresh=1"
    answer = sign_in(client, "?next=/exchange/&fresh=1")
    assert "does not say that you entered your password just now" in why(answer)
    assert provider.asked[-1]["prompt"] == "login"
    assert provider.asked[-1]["max_age"] == "0"
    provider.change = {"auth_time": ...}
    assert "auth_time" in why(sign_in(client, "?next=/exchange/&fresh=1"))
    sign_in(client)
    assert client.get("/exchange/").status_code == 302  # who does not say when is never fresh
    provider.change = {}
    assert sign_in(client, "?next=/exchange/&fresh=1").headers["Location"] == "/exchange/"
    assert client.get("/exchange/").status_code == 200
    assert "Change password" not in client.get("/exchange/").content.decode()


def test_a_session_ends_at_its_time_however_often_it_is_used(provider: OpenIdProvider) -> None:
    client = Client()
    sign_in(client)
    began, ends = timezone.now(), client.session.get_expiry_date()
    assert timedelta(hours=11, minutes=59) < ends - began <= timedelta(hours=12)
    session = client.session
    session["used"] = "again"
    session.save()
    assert Session.objects.get(pk=session.session_key).expire_date == ends
    assert client.get(OWN_PAGE).status_code == 200
    session.set_expiry(began - timedelta(seconds=1))
    session.save()
    assert client.get(OWN_PAGE).status_code == 302


def test_their_api_tokens_end_when_they_stay_away(provider: OpenIdProvider) -> None:
    sign_in(Client())
    _, token = api_tokens.make(User.objects.get(username="tess"), "nightly", {Scope.READ})
    health = {"headers": {"Authorization": f"Bearer {token}"}}
    assert Client().get("/health/live", **health).status_code == 200  # type: ignore[arg-type]
    OpenIdPerson.objects.update(seen_at=timezone.now() - timedelta(days=31))
    answer = Client().get("/health/live", **health)  # type: ignore[arg-type]
    assert "has not signed in for 30 days" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"OIDC_RP_CLIENT_ID": ""}, "OIDC_RP_CLIENT_ID must be"),
        ({"OIDC_OP_JWKS_ENDPOINT": ""}, "OIDC_OP_JWKS_ENDPOINT must be"),
        ({"OIDC_GROUPS": ""}, "OIDC_GROUPS must be"),
        ({"OIDC_GROUPS": "root=x"}, "OIDC_GROUPS has"),
        ({"OIDC_GROUPS": "admin="}, "OIDC_GROUPS has"),
        ({"OIDC_OP_TOKEN_ENDPOINT": "http://idp.example/token"}, "OIDC_OP_TOKEN_ENDPOINT is"),
        ({"OIDC_ISSUER": "idp"}, "OIDC_ISSUER is"),
        ({"OIDC_RP_SCOPES": "email"}, "must have openid"),
    ],
)
def test_wrong_settings_are_named(changed: dict[str, str], word: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=word):
        openid_settings(environment("https://idp.example", **changed))


def test_without_an_issuer_there_is_no_provider_and_the_secret_is_shown_nowhere() -> None:
    assert openid_settings({}) is None
    found = openid_settings(environment("https://idp.example", OIDC_NAME=""))
    assert found is not None
    assert found.name == "idp.example"
    assert CLIENT_SECRET not in repr(found)
