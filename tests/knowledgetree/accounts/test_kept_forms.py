"""What was typed into a form outlives the question for the password."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client

from knowledgetree.accounts.login import fresh_login, kept_forms
from knowledgetree.accounts.models import ApiToken
from knowledgetree.webhooks.models import Endpoint

pytestmark = pytest.mark.django_db
TOKEN = {"name": "Claude", "scopes": ["tickets", "write"], "companies": "1001\n2002", "days": "30"}
WEBHOOK = {"name": "Board", "url": "https://acme.example/in", "events": []}
FORMS = (("/accounts/tokens/", "make/", TOKEN), ("/webhooks/", "add/", WEBHOOK))


def send_too_late(client: Client, page: str, to: str, form: dict[str, Any]) -> dict[str, str]:
    """Send this form with a login that is too old. Returns the query of the page that asks for the password."""
    session = client.session
    session[fresh_login.ENTERED_AT] -= 16 * 60
    session.save()
    confirm, _, query = client.post(page + to, form).headers["Location"].partition("?")
    assert confirm == "/accounts/confirm/"
    return {name: values[0] for name, values in parse_qs(query).items()}


def shown(client: Client, page: str, form: dict[str, Any]) -> dict[str, Any]:
    fields = client.get(page).context["form"]
    return {name: fields[name].value() for name in form}


@pytest.mark.parametrize(("page", "to", "form"), FORMS)
def test_the_form_comes_back_filled_in_after_the_password(
    admin: Client, page: str, to: str, form: dict[str, Any]
) -> None:
    asked = send_too_late(admin, page, to, form)
    back = admin.post("/accounts/confirm/", asked | {"password": "a-password-of-tests"})
    assert back.headers["Location"] == page
    assert shown(admin, page, form) == form
    assert shown(admin, page, form)["name"] is None  # it is kept until it is shown
    assert not ApiToken.objects.exists()
    assert not Endpoint.objects.exists()


def test_what_was_typed_long_ago_is_forgotten(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    send_too_late(admin, "/accounts/tokens/", "make/", TOKEN)
    monkeypatch.setattr(kept_forms, "_KEPT_SECONDS", -1)
    assert shown(admin, "/accounts/tokens/", TOKEN)["name"] is None


def test_no_other_form_is_kept(admin: Client) -> None:
    send_too_late(admin, "/accounts/tokens/", "make/", TOKEN | {"companies": "x" * 100_000})
    admin.post("/exchange/export/", {"password": "secret"})
    assert "kept_form" not in admin.session
