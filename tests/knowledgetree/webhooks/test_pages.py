"""The pages of webhooks: add, show a secret once, choose, test, send again, switch off, remove."""

import re

import pytest
from django.conf import LazySettings
from django.test import Client

from knowledgetree.audit.models import Entry
from knowledgetree.webhooks.deliveries import send_due
from knowledgetree.webhooks.models import Delivery, Endpoint
from tests.knowledgetree.webhooks.conftest import Receiver

pytestmark = pytest.mark.django_db


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_life_of_a_webhook(receiver: Receiver, admin: Client) -> None:
    form = {"name": "Board <1>", "url": receiver.url, "events": ["node.moved", "sync.failed"]}
    added = admin.post("/webhooks/add/", form)
    endpoint = Endpoint.objects.get()
    here = f"/webhooks/{endpoint.pk}/"
    assert added.headers["Location"] == here  # so that to load the page again adds no second one
    [secret] = set(re.findall(r"whsec_[A-Za-z0-9+/=]{44}", shown(admin, here)))
    assert secret not in shown(admin, "/webhooks/") + shown(admin, here) + endpoint.secret + str(dict(admin.session))
    assert "Board &lt;1&gt;" in shown(admin, here)
    admin.post(f"{here}test/")
    assert send_due() == 1
    assert "delivered" in shown(admin, here)
    assert "webhook.test" in shown(admin, f"{here}?state=delivered")
    assert "webhook.test" not in shown(admin, f"{here}?state=failed&before=x")
    admin.post(f"{here}again/{Delivery.objects.get().pk}/")
    assert send_due() == 1
    assert receiver.got[0][0]["webhook-id"] == receiver.got[1][0]["webhook-id"]
    assert admin.post(f"{here}secret/").headers["Location"] == here
    [other] = set(re.findall(r"whsec_[A-Za-z0-9+/=]{44}", shown(admin, here)))
    assert other not in shown(admin, here) + secret
    admin.post(f"{here}events/", {"events": ["node.moved", "none"]})
    admin.post(f"{here}events/", {})
    endpoint.refresh_from_db()
    assert endpoint.events == ["node.moved"]
    assert [admin.post(f"{here}switch/", {"on": odd}).status_code for odd in ("", "false", "2")] == [422, 422, 422]
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None
    admin.post(f"{here}switch/", {"on": "0"})
    admin.post(f"{here}test/")
    assert send_due() == 0
    admin.post(f"{here}switch/", {"on": "1"})
    admin.post(f"{here}test/")
    assert send_due() == 1
    admin.post(f"{here}remove/")
    assert Endpoint.objects.count() == 0
    told = Entry.objects.filter(action="webhook_changed").order_by("pk").values_list("detail", flat=True)
    words = ["added", "new secret", "other events", "switched off", "switched on", "removed"]
    assert list(told) == [f"Board <1>: {word}" for word in words]


def test_what_waits_for_its_next_try_can_be_sent_now(receiver: Receiver, admin: Client) -> None:
    here = f"/webhooks/{receiver.endpoint().pk}/"
    admin.post(f"{here}test/")
    assert "Send now" not in shown(admin, here)
    receiver.statuses = [500]
    assert (send_due(), send_due()) == (1, 0)
    assert "Send now" in shown(admin, here)
    receiver.statuses = []
    admin.post(f"{here}again/{Delivery.objects.get().pk}/")
    assert send_due() == 1
    assert "delivered" in shown(admin, here)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://acme.example/", "must begin with https://"),
        ("https://127.0.0.1/", "is not of the internet"),
        ("https://2130706433/", "is not of the internet"),
        ("https://[::1]/", "is not of the internet"),
        ("https://a:b@acme.example/", "neither a name with a password"),
        ("nonsense", "must begin with https://"),
    ],
)
def test_addresses_that_are_refused(settings: LazySettings, admin: Client, url: str, why: str) -> None:
    answer = admin.post("/webhooks/add/", {"name": "x", "url": url, "events": ["node.moved"]})
    assert (answer.status_code, why in answer.content.decode(), Endpoint.objects.count()) == (422, True, 0)


def test_what_is_not_there(admin: Client) -> None:
    for address in ("test", "switch", "secret", "events", "remove", "again/1"):
        assert admin.post(f"/webhooks/7/{address}/").status_code == 404
    assert admin.get("/webhooks/7/").status_code == 404
