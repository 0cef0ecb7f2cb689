"""Services of the platform: what SERVICE_SCOPES allows them, as Brainhair calls us."""

from dataclasses import replace
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from knowledgetree.basics.rights.scopes import Scope
from knowledgetree.configuration.services import core_settings
from syncing.sample_codex.server import SampleCodex
from tests.people import client_of
from tests.tree.factory import Acme

pytestmark = pytest.mark.django_db


def sent(core: SampleCodex, address: str, method: str = "get", caller: str = "brainhair", **more: Any) -> Any:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    token = core.core.service_token(caller, "knowledgetree")
    return getattr(client, method)(address, headers={"Authorization": f"Bearer {token}"}, **more)


def test_a_service_reads_and_writes_notes_and_sees_no_ticket(acme: Acme, core: SampleCodex) -> None:
    assert sent(core, f"/api/node/{acme.company}").status_code == 200
    assert sent(core, f"/api/node/{acme.open}").status_code == 404
    new = {"parent_id": acme.company, "name": "By a service", "content": "text"}
    answer = sent(core, "/api/node", "post", data=new, content_type="application/json")
    assert answer.json()["success"]
    page = client_of("technician").get(f"/node/{answer.json()['id']}/history/").content.decode()
    assert "service brainhair" in page


def test_a_service_uses_no_page_and_no_route_of_admins(acme: Acme, core: SampleCodex) -> None:
    for address in ("/", f"/node/{acme.company}/", "/search/", "/sync/", "/admin/", "/exchange/", "/accounts/tokens/"):
        assert sent(core, address).status_code == 403, address
    assert sent(core, "/health/live").status_code == 200


def test_the_setting_says_what_each_service_may_do(acme: Acme, core: SampleCodex, settings: LazySettings) -> None:
    scopes = core_settings(
        {"SERVICE_SCOPES": "brainhair = read, tickets; *="}, settings.BASE_DIR / "none"
    ).service_scopes
    settings.CORE = replace(settings.CORE, service_scopes=scopes)
    assert sent(core, f"/api/node/{acme.open}").status_code == 200
    assert sent(core, "/api/node", "post", data={}, content_type="application/json").status_code == 403
    assert sent(core, f"/api/node/{acme.company}", caller="helm").status_code == 403


@pytest.mark.parametrize("text", ["brainhair", "brainhair=all", "=read", "a=read;b=admin"])
def test_a_wrong_setting_is_named(settings: LazySettings, text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SERVICE_SCOPES has"):
        core_settings({"SERVICE_SCOPES": text}, settings.BASE_DIR / "none")


def test_what_services_may_do_unless_the_setting_says_otherwise(settings: LazySettings) -> None:
    assert core_settings({}, settings.BASE_DIR / "none").service_scopes == {"*": {Scope.READ, Scope.WRITE}}


def test_a_person_of_core_in_a_browser_needs_the_token_against_forged_requests(acme: Acme, core: SampleCodex) -> None:
    token = core.core.user_token("technician")
    client = Client(enforce_csrf_checks=True)
    bearer = {"Authorization": f"Bearer {token}"}
    new = {"parent_id": acme.company, "name": "From a program"}
    whole: dict[str, Any] = {"data": new, "content_type": "application/json"}
    assert client.post("/api/node", headers=bearer, **whole).status_code == 200
    for browser in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"Cookie": "a=b"}):
        assert client.post("/api/node", headers={**bearer, **browser}, **whole).status_code == 403, browser
